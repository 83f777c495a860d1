"""Fixtures for every test: the emulator in-process on a still clock, and one real server for the whole run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from driving import Emulator
from screentest.server import Running, running

# Generated examples take as long as they take: two busy cores are no reason to fail.
settings.register_profile("patient", deadline=None, max_examples=40)
settings.load_profile("patient")


def pytest_xdist_auto_num_workers() -> int:
    """What ``-n auto`` means: a worker more than there are cores, since many tests wait for a browser or a process."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def emulator() -> Emulator:
    """A fresh emulator in memory; its clock stands until the test moves it."""
    return Emulator()


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    """A real server on a free port of loopback. Tests that need their own time use their own bearer token."""
    with running() as up:
        yield up


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where nothing may be skipped, as in CI, a skipped test is a failed run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("SCREENTEST_NOTHING_SKIPPED") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

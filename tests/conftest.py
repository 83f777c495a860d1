"""Fixtures for every test: the emulator in-process on a still clock, and one real server for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from driving import Emulator
from screentest.server import Running, running


@pytest.fixture
def emulator() -> Emulator:
    """A fresh emulator in memory; its clock stands until the test moves it."""
    return Emulator()


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    """A real server on a free port of loopback. Tests that need their own time use their own bearer token."""
    with running() as up:
        yield up

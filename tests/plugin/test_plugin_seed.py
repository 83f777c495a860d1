"""A seed in the settings: the same test sees the same in every run; without one, keys are new each time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugin.inner import PLUGIN, PRODUCT, run
from screentest.server import Running
from screentest.testing.keys import Keys

pytest_plugins = "pytester"

CHANCES = """
from pathlib import Path
from screentest.settings import Settings


@pytest.fixture(scope="session")
def screentest_settings():
    return Settings(pace="instant", seed={seed!r}, db={db!r})


@pytest.mark.screentest(clock="frozen")
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in "ab"])
def test_it(screentest, name):
    screentest.scenario("fail", chance=0.5)
    screentest.fault("status: 503", operation="create", chance=0.25)
    statuses = [submit(screentest).status_code for _ in range(8)]
    screentest.clock.advance(60)
    states = [job["state"] for job in screentest.jobs()]
    assert len(states) == statuses.count(200)
    Path(f"{{name}}.saw").write_text(f"{{screentest.key}} {{statuses}} {{states}}")
"""


def saw(pytester: pytest.Pytester, *args: str, seed: str | None = "always", db: str = ":memory:") -> list[str]:
    """What two tests saw in one run: key, statuses, states."""
    ran = run(pytester, CHANCES.format(seed=seed, db=db), *args)

    ran.assert_outcomes(passed=2)
    return [(pytester.path / f"{name}.saw").read_text() for name in "ab"]


def test_chances_repeat(pytester: pytest.Pytester, tmp_path: Path) -> None:
    """Two runs with one seed show a test the same, and two tests different things; another seed shows others.

    Where jobs are kept in a file, a test of the next run has the same key and still an account of its own.
    """
    kept = str(tmp_path / "jobs.sqlite3")
    first = saw(pytester, db=kept)

    assert saw(pytester, db=kept) == first
    assert first[0].partition(" ")[2] != first[1].partition(" ")[2]
    assert not {*saw(pytester, seed="another")} & {*first}


def test_without_a_seed_each_run_has_its_own_keys(pytester: pytest.Pytester) -> None:
    """Nobody meets the jobs of a run before."""
    assert not {*saw(pytester, seed=None)} & {*saw(pytester, seed=None)}


def test_the_seed_is_that_of_a_server_of_our_own(pytester: pytest.Pytester, server: Running) -> None:
    """With --screentest-url nobody knows the seed, nor who else has used the server: keys are new."""
    there = f"--screentest-url={server.url}"

    assert not {*saw(pytester, there)} & {*saw(pytester, there)}


@pytest.mark.slow
def test_workers_see_the_same(pytester: pytest.Pytester) -> None:
    """Under pytest-xdist, also where a group is written behind the ids of tests."""
    alone = saw(pytester)
    for name in "ab":
        (pytester.path / f"{name}.saw").unlink()
    pytester.makepyfile(test_product=PRODUCT + CHANCES.format(seed="always", db=":memory:"))

    ran = pytester.runpytest_subprocess("-n", "2", "--dist=loadgroup", "-p", "xdist", *PLUGIN)

    ran.assert_outcomes(passed=2)
    assert [(pytester.path / f"{name}.saw").read_text() for name in "ab"] == alone


def test_a_test_that_runs_again_has_its_second_key() -> None:
    """It differs from the first, and is the same in every run; other tests do not count."""
    one, other = Keys(), Keys()
    first = [one.new("test_it", "s"), one.new("test_it", "s"), one.new("test_that", "s")]

    assert len({*first}) == 3
    assert [other.new("test_that", "s"), other.new("test_it", "s"), other.new("test_it", "s")] == [
        first[2],
        *first[:2],
    ]
    assert all(re.fullmatch("rf_live_[0-9a-f]{12}_[0-9a-f]{12}", key) for key in first)

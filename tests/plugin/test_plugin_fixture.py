"""The fixture `screentest`: what a test gets, and what its marker changes."""

from __future__ import annotations

import pytest

from plugin.inner import run
from screentest.server import Running

pytest_plugins = "pytester"


@pytest.fixture
def there(server: Running) -> str:
    """The option that makes a run use the server of this one, so that it need not start its own."""
    return f"--screentest-url={server.url}"


def test_a_job_ends_by_itself(pytester: pytest.Pytester) -> None:
    """On the clock of a newcomer time passes, and jobs take next to none."""
    ran = run(
        pytester,
        """
def test_it(screentest):
    assert submit(screentest).status_code == 200
    assert not screentest.clock.frozen
    (job,) = screentest.jobs(state="success", wait=10)
    assert job["ends"] - job["submitted"] < 1
""",
    )

    ran.assert_outcomes(passed=1)


def test_a_frozen_clock_is_moved_by_the_test(pytester: pytest.Pytester, there: str) -> None:
    """With clock="frozen" nothing happens until the test advances time: to the next event, or by seconds."""
    ran = run(
        pytester,
        """
@pytest.mark.screentest(clock="frozen", scenario="slow: 90s")
def test_it(screentest):
    begun = screentest.clock.now
    submit(screentest)
    assert [event["to"] for event in screentest.clock.next()] == ["handling"]
    assert screentest.clock.advance(60) == []
    screentest.sleep(60)
    assert [job["state"] for job in screentest.jobs()] == ["success"]
    assert 120 < screentest.clock.now - begun < 122
    screentest.clock.rate(60)
    assert not screentest.clock.frozen
    screentest.clock.freeze()
    assert screentest.clock.frozen
""",
    )

    ran.assert_outcomes(passed=1)


def test_each_test_has_an_account_of_its_own(pytester: pytest.Pytester, there: str) -> None:
    """No test sees another's jobs or requests, and keys are made of lower-case letters, digits and underscores."""
    ran = run(
        pytester,
        """
import re

keys = set()


@pytest.mark.parametrize("number", range(3))
def test_it(screentest, number):
    submit(screentest)
    assert len(screentest.jobs()) == len(screentest.requests()) == 1
    assert re.fullmatch("[a-z0-9_]+", screentest.key)
    keys.add(screentest.key)
    assert len(keys) == number + 1
""",
    )

    ran.assert_outcomes(passed=3)


def test_the_client_sleeps_on_the_accounts_clock(pytester: pytest.Pytester, there: str) -> None:
    """Clients that are given `sleep`, or `asleep` in an event loop, wait for ten minutes in no time."""
    ran = run(
        pytester,
        """
import asyncio
from screentest_client import AsyncRunComfy, RunComfy

MODEL, INPUT = "happyhorse/happyhorse-1.0/text-to-video", {"prompt": "a fox"}
pytestmark = pytest.mark.screentest(clock="frozen", scenario="slow")


def test_sync(screentest):
    with RunComfy(screentest.runcomfy, screentest.key, sleep=screentest.sleep) as client:
        assert client.run(MODEL, INPUT, timeout=900, poll=60).outputs


def test_async(screentest):
    async def film():
        async with AsyncRunComfy(screentest.runcomfy, screentest.key, sleep=screentest.asleep) as client:
            return await client.run(MODEL, INPUT, timeout=900, poll=60)

    assert asyncio.run(film()).outputs
""",
    )

    ran.assert_outcomes(passed=2)


def test_rules_are_armed(pytester: pytest.Pytester, there: str) -> None:
    """`scenario` and `fault` make jobs and HTTP go wrong, as often as asked; a wish that means nothing is an error."""
    ran = run(
        pytester,
        """
from screentest.testing import ControlError


@pytest.mark.screentest(clock="frozen")
def test_it(screentest):
    assert screentest.fault("status: 503", provider="hiapi", times=1).startswith("fault-")
    screentest.scenario("fail: nsfw", times=1)
    assert [submit(screentest).status_code for _ in range(3)] == [503, 200, 200]
    screentest.clock.advance(60)
    assert [job["state"] for job in screentest.jobs()] == ["success", "fail"]
    with pytest.raises(ControlError, match="no scenario 'fial'"):
        screentest.scenario("fial")
    with pytest.raises(ValueError, match="no provider 'hiap'"):
        screentest.base_url("hiap")
""",
    )

    ran.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "statuses"),
    [
        pytest.param('key_state="bad"', [401, 401], id="bad key"),
        pytest.param("requests_per_minute=1", [200, 429], id="rate limit"),
        pytest.param('key_state="empty"', [402, 402], id="no balance"),
    ],
)
def test_the_marker_sets_up_the_account(
    pytester: pytest.Pytester, there: str, marker: str, statuses: list[int]
) -> None:
    """Settings of the account are arguments of the marker; the fixture need not be named."""
    ran = run(
        pytester,
        f"""
@pytest.mark.screentest({marker})
def test_it(request):
    screentest = request.getfixturevalue("screentest")
    assert [submit(screentest).status_code for _ in range(2)] == {statuses}
    screentest.configure(key_state=None, requests_per_minute=None)
    assert submit(screentest).status_code == 200
""",
    )

    ran.assert_outcomes(passed=1)


def test_markers_add_up(pytester: pytest.Pytester, there: str) -> None:
    """A test's marker goes over its class's, and that over its module's, argument by argument."""
    ran = run(
        pytester,
        """
pytestmark = pytest.mark.screentest(clock="frozen", scenario="fail")


@pytest.mark.screentest(scenario="slow: 1h")
class TestIt:
    @pytest.mark.screentest(clock=100_000)
    def test_it(self, screentest):
        submit(screentest)
        (job,) = screentest.jobs(state="success", wait=10)
        assert job["ends"] - job["submitted"] > 3600
""",
        there,
    )

    ran.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        pytest.param('clok="frozen"', "has no argument 'clok'; there are clock, scenario, env", id="unknown"),
        pytest.param('"frozen"', "takes arguments by name only", id="by position"),
        pytest.param('clock="fast"', 'clock is "real", "frozen", or a number', id="value"),
        pytest.param("assume={}", "takes no 'assume', the whole server has one", id="assumptions"),
        pytest.param('pace="quick"', "takes no 'pace', the whole server has one", id="pace"),
        pytest.param('balance="much"', "balance is US dollars", id="refused by the server"),
        pytest.param('scenario="fial"', "no scenario 'fial'", id="unknown scenario"),
    ],
)
def test_a_marker_that_means_nothing_is_an_error(pytester: pytest.Pytester, there: str, marker: str, told: str) -> None:
    """The error is one line that names the test, what is wrong, and what there is."""
    ran = run(pytester, f"@pytest.mark.screentest({marker})\ndef test_it(): pass\n", there)

    ran.assert_outcomes(errors=1)
    (line,) = [line for line in ran.outlines if line.startswith("test_product.py::test_it: ")]
    assert told in line
    ran.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize("how", ["@pytest.mark.screentest(env=True)", '@pytest.mark.usefixtures("screentest_env")'])
def test_the_environment_is_set_on_request(pytester: pytest.Pytester, there: str, how: str) -> None:
    """Clients find addresses and key in their variables, for this test only."""
    ran = run(
        pytester,
        f"""
import os
from screentest_client import HiAPI


{how}
def test_with(screentest):
    with HiAPI() as client:
        assert client.base_url == screentest.hiapi
    assert os.environ["RUNCOMFY_TOKEN"] == screentest.key
    assert os.environ["RUNFLOW_BASE_URL"] == screentest.runflow


def test_without(screentest):
    assert "HIAPI_BASE_URL" not in os.environ
""",
    )

    ran.assert_outcomes(passed=2)


def test_what_was_not_spent_is_told(pytester: pytest.Pytester, there: str) -> None:
    """`spend` tells the test, and the last lines tell the run."""
    ran = run(
        pytester,
        """
@pytest.mark.screentest(clock="frozen")
@pytest.mark.parametrize("number", range(2))
def test_it(screentest, number):
    headers = {"authorization": f"Bearer {screentest.key}"}
    runs = f"{screentest.runflow}/v1/models/alibaba/happy-horse/reference-to-video/runs"
    body = {"input": {"prompt": "a fox", "image_urls": ["https://example.com/fox.jpg"]}}
    httpx2.post(runs, json=body, headers=headers).raise_for_status()
    submit(screentest, callback={"url": screentest.receiver.url})
    screentest.clock.advance(60)
    assert screentest.spend()["jobs"] == 2
    assert screentest.deliveries(state="delivered")
""",
    )

    ran.assert_outcomes(passed=2)
    ran.stdout.re_match_lines(
        [r"screentest: 4 jobs, 2 callbacks, would have cost \$\d+\.\d\d \(2 jobs of unknown price\)"]
    )


def test_a_run_without_the_fixture_says_nothing(pytester: pytest.Pytester) -> None:
    """No server, no summary."""
    ran = run(pytester, "def test_it(): pass\n")

    ran.assert_outcomes(passed=1)
    ran.stdout.no_fnmatch_line("screentest:*")

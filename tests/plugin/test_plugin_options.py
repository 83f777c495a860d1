"""Options of the run: another server, another pace, settings of one's own; and that the plugin costs others nothing."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from plugin.inner import PLUGIN, run
from screentest.server import Running

pytest_plugins = "pytester"

ROOT = Path(__file__).parents[2]
WHERE = "def test_it(screentest): print(f'at {screentest.url}'); submit(screentest)\n"
LASTS = """
@pytest.mark.screentest(clock="frozen")
def test_it(screentest):
    submit(screentest)
    (job,) = screentest.jobs()
    assert {least} <= job["ends"] - job["submitted"] <= {most}
"""
OWN_PACE = """
from screentest.settings import Settings


@pytest.fixture(scope="session")
def screentest_settings():
    return Settings(pace="quick")


"""


def test_a_server_that_runs_is_used(pytester: pytest.Pytester, server: Running) -> None:
    """--screentest-url names it; no other one is started."""
    ran = run(pytester, WHERE, "-s", f"--screentest-url={server.url}")

    ran.assert_outcomes(passed=1)
    ran.stdout.fnmatch_lines([f"*at {server.url}", "screentest: 1 job, 0 callbacks, *"])


def test_a_slash_at_the_end_is_no_part_of_the_origin(pytester: pytest.Pytester, server: Running) -> None:
    """The fixture `screentest_url` can be put before a path."""
    ran = run(
        pytester,
        f"def test_it(screentest_url): assert screentest_url == {server.url!r}\n",
        f"--screentest-url={server.url}/",
    )

    ran.assert_outcomes(passed=1)


def test_a_base_url_is_no_origin(pytester: pytest.Pytester, server: Running) -> None:
    """One line says what is expected."""
    ran = run(pytester, WHERE, f"--screentest-url={server.url}/hiapi")

    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines([f"--screentest-url: expected scheme, host and port, such as *, got '{server.url}/hiapi'"])


def test_options_can_be_written_down(pytester: pytest.Pytester, server: Running) -> None:
    """The configuration file knows the same names."""
    pytester.makeini(f"[pytest]\nscreentest_url = {server.url}\n")

    ran = run(pytester, WHERE, "-s")

    ran.assert_outcomes(passed=1)
    ran.stdout.fnmatch_lines([f"*at {server.url}"])


@pytest.mark.parametrize("text", ["http://127.0.0.1:9", "127.0.0.1:8790", "http://[", "ftp://127.0.0.1:9"])
def test_a_server_that_does_not_answer_is_told(pytester: pytest.Pytester, text: str) -> None:
    """One line says which server was asked for and what to look at."""
    ran = run(pytester, WHERE, f"--screentest-url={text}")

    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["--screentest-url: *"])
    ran.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize(
    ("pace", "least", "most"), [("instant", 0, 1), ("quick", 2, 6), ("realistic", 90, 300)], ids=str
)
def test_the_pace_is_that_of_the_run(pytester: pytest.Pytester, pace: str, least: int, most: int) -> None:
    """--screentest-pace says how long jobs usually take."""
    ran = run(pytester, LASTS.format(least=least, most=most), f"--screentest-pace={pace}")

    ran.assert_outcomes(passed=1)


@pytest.mark.parametrize("written", [True, False], ids=["configuration file", "command line"])
def test_a_pace_that_is_none_is_told(pytester: pytest.Pytester, written: bool) -> None:
    """One line names those that there are, before any test and whatever settings the tests bring."""
    if written:
        pytester.makeini("[pytest]\nscreentest_pace = slow\n")

    ran = run(pytester, OWN_PACE + WHERE, *(() if written else ("--screentest-pace=slow",)))

    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["ERROR: --screentest-pace is instant, quick, realistic, not 'slow'"])


@pytest.mark.parametrize(("option", "least", "most"), [("", 2, 6), ("realistic", 90, 300)], ids=["none", "realistic"])
def test_the_pace_goes_over_that_of_overridden_settings(
    pytester: pytest.Pytester, option: str, least: int, most: int
) -> None:
    """Settings of the tests' own have a pace, and the option, where it is given, is meant."""
    ran = run(pytester, OWN_PACE + LASTS.format(least=least, most=most), f"--screentest-pace={option}")

    ran.assert_outcomes(passed=1)


def test_a_server_that_runs_has_its_own_pace(pytester: pytest.Pytester) -> None:
    """Both options together are refused before any test."""
    ran = run(pytester, WHERE, "--screentest-pace=quick", "--screentest-url=http://127.0.0.1:9")

    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["ERROR: --screentest-pace is for *"])


def test_the_settings_can_be_overridden(pytester: pytest.Pytester) -> None:
    """A fixture of the same name shapes the server: here an assumption is switched."""
    ran = run(
        pytester,
        """
from screentest.settings import Settings


@pytest.fixture(scope="session")
def screentest_settings():
    return Settings(switches={"runcomfy.bad-token": "400"})


@pytest.mark.screentest(key_state="bad")
def test_it(screentest):
    headers = {"authorization": f"Bearer {screentest.key}"}
    url = f"{screentest.runcomfy}/v1/models/happyhorse/happyhorse-1.0/text-to-video"
    assert httpx2.post(url, json={"prompt": "a fox"}, headers=headers).status_code == 400
""",
    )

    ran.assert_outcomes(passed=1)


def test_help_and_markers_tell_of_the_plugin(pytester: pytest.Pytester) -> None:
    """`pytest --help` shows the options, `pytest --markers` the marker with its arguments."""
    shown = pytester.runpytest_inprocess(*PLUGIN, "--help")
    markers = pytester.runpytest_inprocess(*PLUGIN, "--markers")

    shown.stdout.fnmatch_lines(["*--screentest-url=URL*", "*--screentest-pace=PACE*", "*screentest_guard (bool)*"])
    markers.stdout.fnmatch_lines(["@pytest.mark.screentest(clock=*"])


def test_the_plugin_imports_nothing() -> None:
    """A run of pytest that does not use it pays for two small modules of ours."""
    code = (
        "import pytest, sys; before = set(sys.modules); import screentest.pytest_plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert printed.stdout.split() == ["screentest", "screentest.pytest_plugin"]


def test_pytest_finds_the_plugin() -> None:
    """The distribution names it under pytest11, and the name leads to a module with our fixtures."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ((name, value),) = project["entry-points"]["pytest11"].items()

    # Not in this process, where a plugin that is imported already could not be loaded by runs within tests.
    code = (
        f"from importlib.metadata import EntryPoint; print(*vars(EntryPoint({name!r}, {value!r}, 'pytest11').load()))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert {"screentest", "screentest_env", "assert_no_spend_on_real_hosts"} <= set(printed.stdout.split())

"""`screentest verify` on the command line: wrong use, strangers, cassettes, reports, exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from screentest.cli import main
from screentest.in_process import in_process
from screentest.journal import Entry
from screentest.server import Running, running
from screentest.verify.around import Around
from screentest.verify.concluding import Memory, conclude
from screentest.verify.over_http import OverHttp
from screentest.verify.record import Recorder
from screentest.verify.reports import FORMATS as RENDERED
from screentest.verify.runner import verify as run_engines
from screentest.verify.side import Ask, UnreachableError
from screentest_contracts.cassette import dumps
from screentest_contracts.cassette import load as load_cassette
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import load
from verify.planting import tampered
from verify_live import servers

KEY = "empty-secret-key-0123456789"
PROBES = ("--engine", "probes")


def call(*args: str, env: dict[str, str] | None = None) -> Result:
    """Run the command, without keys of whoever runs the tests."""
    clean = {"HIAPI_API_KEY": "", "HIAPI_SECOND_API_KEY": "", "SCREENTEST_STOP": ""}
    return CliRunner().invoke(main, ["verify", *args], env={**clean, **(env or {})})


def test_the_emulator_in_this_process_keeps_the_contract() -> None:
    """Without --base-url nothing but the provider's name is needed."""
    result = call("hiapi", *PROBES)

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].startswith("hiapi at http://127.0.0.1:8790/hiapi: kept, in ")


def test_a_run_leaves_nothing_in_the_folder(tmp_path: Path) -> None:
    """Neither a database of examples nor anything else."""
    command = [sys.executable, "-m", "screentest", "verify", "hiapi", "--depth", "quick", "--engine", "machine"]
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    (tmp_path / "here").mkdir()
    done = subprocess.run(command, cwd=tmp_path / "here", env=os.environ | cache, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list((tmp_path / "here").iterdir()) == []


LIVE = "https://api.hiapi.ai"


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (["--base-url", LIVE, "--key", KEY], "pass --live"),
        (["--base-url", LIVE, "--live", "--tier", "free"], "needs a key"),
        (["--base-url", "http://api.hiapi.ai", "--live", "--key", KEY], "only https"),
        (["--base-url", "https://example.com", "--live", "--key", KEY], "--allow-host example.com"),
        (["--base-url", "ftp://127.0.0.1", "--key", KEY], "expected a URL"),
        (["--base-url", f"https://me:{KEY}@api.hiapi.ai", "--live"], "expected a URL"),
        (["--live"], "--live goes with a server at a URL: pass --base-url"),
        (["--key", KEY], "--key goes with a server"),
        (["--second-key", KEY], "--second-key goes with a server"),
        (["--max-spend", "1"], "--max-spend goes with a server"),
        (["--tier", "free"], "--tier goes with a server"),
        (["--max-spend", "-1"], "amount of US dollars"),
        (["--max-spend", "NaN"], "amount of US dollars"),
        (["--report", "yaml=x"], "FORMAT=PATH"),
        (["--report", "json"], "FORMAT=PATH"),
        (["--engine", "none"], "no engine 'none'"),
        (["--assume", "x=y"], "no assumption"),
        (["--waivers", "missing.toml"], "cannot be read"),
        (["--replay", "missing.jsonl"], "cannot be read"),
        (["--record", f"{__file__}/x.jsonl", *PROBES], "cannot be written"),
        (["--record", "/dev/full", *PROBES], "--record /dev/full: cannot be written: No space left"),
        (["--state", f"{__file__}/x.json", *PROBES], "cannot be"),
        (["--state", "/proc/none/x.json", *PROBES], "--state /proc/none/x.json: cannot be written"),
        (["--key", "a b"], "printable ASCII"),
        (["--replay", "x.jsonl", "--base-url", LIVE], "--base-url says how a server is asked"),
        (["--replay", "x.jsonl", "--live"], "--live says how"),
        (["--replay", "x.jsonl", "--record", "y.jsonl"], "--record says how"),
        (["--replay", "x.jsonl", *PROBES], "--engine says how"),
        (["--replay", "x.jsonl", "--depth", "default"], "--depth says how"),
        (["--replay", "x.jsonl", "--seed", "0"], "--seed says how"),
        (["--replay", "x.jsonl", "--tier", "paid"], "--tier says how"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_wrong_use_is_one_line_and_exit_code_2(args: list[str], why: str) -> None:
    """What, and what to do; never the key."""
    result = call("hiapi", *args)

    assert result.exit_code == 2, result.output
    assert why in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert KEY not in result.output


STRANGERS: dict[str, Callable[[], contextlib.AbstractContextManager[str]]] = {
    "files": servers.files,
    "echo": servers.echo,
    "closed": servers.closed,
    "garbage": lambda: servers.saying(b"\x00\xff garbage\r\n\r\n"),
    "hangs-up": lambda: servers.saying(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"),
    "deep": lambda: servers.saying(servers.DEEP),
    "empty": lambda: servers.saying(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
}


@pytest.mark.parametrize("live", [False, True], ids=["plain", "live"])
@pytest.mark.parametrize("stranger", STRANGERS)
def test_what_is_not_the_provider_at_all_is_one_line(stranger: str, live: bool) -> None:
    """Exit code 2, with the URL, and no traceback."""
    with STRANGERS[stranger]() as url:
        result = call("hiapi", "--base-url", url, "--key", KEY, *(["--live"] if live else []))

    assert result.exit_code == 2, result.output
    assert url in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert KEY not in result.output


def test_a_server_that_never_answers_is_given_up() -> None:
    """After the time that one answer may take."""
    with servers.saying(b"") as url, pytest.raises(UnreachableError, match=r"no answer within 0\.2 s"):
        OverHttp(url, "hiapi", callbacks=False, sleep=lambda _: None, clock=lambda: 0.0, timeout=0.2)


@pytest.mark.parametrize("data", [b"x", b"x: y\r\n", b"\r\n\r\nx"], ids=["a header", "headers", "a body"])
def test_an_answer_that_drips_is_given_up(data: bytes) -> None:
    """Each byte comes in time, and the end never: the whole answer has its time too."""
    with servers.dripping(data, 0.02) as url, pytest.raises(UnreachableError, match=r"had not ended after 0\.3 s"):
        OverHttp(url, "hiapi", callbacks=False, sleep=lambda _: None, clock=lambda: 0.0, longest=0.3)


@pytest.mark.parametrize("way", ["nonsense", "refuses"])
def test_what_an_emulator_says_instead_of_the_time_cannot_steer_the_terminal(way: str) -> None:
    """It is quoted, without its control characters."""
    with servers.fading(way, times=0) as url:
        result = call("hiapi", "--base-url", url, *PROBES)

    assert result.exit_code == 2, result.output
    assert all(one.isprintable() or one == "\n" for one in result.output)
    assert "2J" in result.output


def test_a_cassette_is_recorded_and_judged_offline(tmp_path: Path) -> None:
    """The replay sees every request, and finds nothing that the run did not."""
    path = tmp_path / "run.jsonl"
    recorded = call("hiapi", *PROBES, "--record", str(path), "--report", f"json={tmp_path / 'a.json'}")
    replayed = call("hiapi", "--replay", str(path), "--report", f"json={tmp_path / 'b.json'}")
    run, again = (json.loads((tmp_path / name).read_text()) for name in ("a.json", "b.json"))

    assert (recorded.exit_code, replayed.exit_code) == (0, 0), replayed.output
    assert run["requests"] <= again["requests"]
    assert run["coverage"] == again["coverage"]
    assert len(load_cassette(path)[1]) == again["requests"]
    assert call("runflow", "--replay", str(path)).exit_code == 2


def test_a_cassette_with_a_contradiction_is_broken(tmp_path: Path) -> None:
    """A recorded answer that is altered is found, in every report that was asked for."""
    path = tmp_path / "run.jsonl"
    call("hiapi", *PROBES, "--record", str(path))
    path.write_text(path.read_text().replace('"status": 401', '"status": 418'))
    reports = {form: tmp_path / f"report.{form}" for form in ("text", "json", "junit", "sarif", "markdown", "github")}

    result = call("hiapi", "--replay", str(path), *(f"--report={form}={at}" for form, at in reports.items()))

    assert result.exit_code == 1
    assert "status.undocumented" in result.stdout
    assert all("status.undocumented" in at.read_text() for at in reports.values())


def test_a_cassette_with_a_url_that_is_none_is_one_line(tmp_path: Path) -> None:
    """It names the file and the URL."""
    path = tmp_path / "run.jsonl"
    path.write_text(dumps("hiapi", [Exchange(method="GET", url="http://[::1:2/v1/tasks", status=200)]))

    result = call("hiapi", "--replay", str(path))

    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.output
    assert f"--replay {path}: 'http://[::1:2/v1/tasks' is no URL" in result.stderr


def test_a_report_on_standard_output_has_it_for_itself() -> None:
    result = call("hiapi", *PROBES, "--report", "json=-")

    assert json.loads(result.stdout)["exit_code"] == 0
    assert "kept" in result.stderr


@pytest.mark.slow
def test_a_live_run_behind_the_guard(server: Running, tmp_path: Path) -> None:
    """Tier public against a real server: nothing billable is sent, and no file or output has the key. An engine of
    nothing but submits has judged nothing then."""
    path = tmp_path / "live.jsonl"
    base = server.base_url("hiapi")
    reports = [f"--report={form}={tmp_path / form}" for form in ("json", "junit", "sarif", "markdown", "github")]
    args = ["--live", "--tier", "public", "--engine", "enumerated", "--state", str(tmp_path / "state"), *reports]

    result = call("hiapi", "--base-url", base, *args, "--record", str(path), env={"HIAPI_API_KEY": KEY})

    assert result.exit_code == 2, result.output
    assert "billable, in tier public" in result.stdout
    assert result.stdout.endswith(": not finished: not one request was made, so that nothing was judged\n")
    assert all(KEY[:-1] not in file.read_text() for file in tmp_path.iterdir())
    assert KEY[:-1] not in result.output


def test_a_live_run_stops_at_the_first_job_and_says_so(server: Running, tmp_path: Path) -> None:
    """An account that is said to be empty and is not: exit code 3, one job, and no file or output has the key."""
    key = "sk-rich-secret-0123456789"
    path = tmp_path / "live.jsonl"
    args = ["--live", "--account-is-empty", "--key", key, "--record", str(path), "--verbose"]

    result = call("hiapi", "--base-url", server.base_url("hiapi"), *args, "--report", f"json={tmp_path / 'r.json'}")

    assert result.exit_code == 3, result.output
    assert "stopped by the guard: create accepted a job" in result.stdout
    assert "worst case $" in result.stdout
    assert all(key[:-1] not in file.read_text() for file in tmp_path.iterdir())
    assert key[:-1] not in result.output


def test_the_kill_switch_stops_a_live_run_at_once(server: Running) -> None:
    """SCREENTEST_STOP=1 in the environment: exit code 3, and not one request."""
    args = ["--live", "--tier", "public", "--base-url", server.base_url("hiapi")]

    result = call("hiapi", *args, env={"SCREENTEST_STOP": "1"})

    assert result.exit_code == 3, result.output
    assert "0 requests" in result.stdout
    assert result.stdout.endswith("stopped by the guard: stopped from outside (SCREENTEST_STOP)\n")


def test_a_verdict_says_what_was_not_tried_where_time_passes_by_itself(server: Running) -> None:
    """Only of lives of jobs, and not where the clock can be moved."""
    args = ["--tier", "public", "--base-url", server.base_url("hiapi"), "--engine"]
    said = "not tried, as time passes by itself on this server"

    for engine in ("machine", "probes"):
        result = call("hiapi", "--live", *args, engine, env={"SCREENTEST_STOP": "1"})
        assert (said in result.stdout) is (engine == "machine")
    assert said not in call("hiapi", "--depth", "quick", "--engine", "machine").stdout


_INTERRUPTIBLE = """
import signal
from screentest.cli import main
from screentest.in_process import in_process
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have it ignored
main()
"""


@pytest.mark.parametrize("told_to_end", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_cancels_its_jobs(told_to_end: signal.Signals) -> None:
    """Ctrl-C at the first look at a job that was paid for: it is cancelled, and the report says so."""
    key = "sk-rich-secret-0123456789"
    at = ("--live", "--tier", "paid", "--max-spend", "1", "--key", key, "--engine", "paid")
    with running() as server:
        command = [sys.executable, "-c", _INTERRUPTIBLE, "verify", "runcomfy", *at]
        command += ["--base-url", server.base_url("runcomfy")]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        entries: list[str] = []

        def interrupt(entry: Entry) -> None:
            entries.append(entry.target)
            if entry.seen.job and entry.method == "GET":
                run.send_signal(told_to_end)

        server.engine.journal.on_entry.append(interrupt)
        said, told = run.communicate(timeout=60)

    assert run.returncode == 130, told
    assert "a job had not ended: cancelling " in said
    assert "was answered with HTTP 202" in said
    assert said.endswith(": not finished: interrupted\n")
    assert any(one.endswith("/cancel") for one in entries)
    assert key not in said + told


def test_what_a_run_found_until_it_is_interrupted_is_told(tmp_path: Path) -> None:
    """In every report and in the state; the cassette says in its replay that it is not whole."""
    events: list[Ask] = []

    class Interrupted(Around):
        def send(self, ask: Ask) -> Exchange:
            events.append(ask)
            if len(events) == 250:
                raise KeyboardInterrupt
            return super().send(ask)

    contract, memory = load("hiapi"), Memory(now=datetime(2027, 1, 15, tzinfo=UTC))
    recorder = Recorder(tampered("hiapi", unexplained), "hiapi", tmp_path / "run.jsonl")
    outcome = run_engines(contract, Interrupted(recorder), ["probes", "machine", "enumerated"])
    verdict, seen = conclude(contract, outcome, memory, where="x")

    assert (outcome.interrupted, len(events), list(outcome.seconds)) == (True, 250, ["probes", "machine"])
    assert (verdict.exit_code, bool(verdict.broken), len(seen["hiapi"])) == (130, True, len(verdict.entries))
    assert verdict.summary.endswith(", until it was interrupted")
    assert all("interrupted" in RENDERED[form](verdict) for form in RENDERED)
    recorder.close()
    assert "the cassette has no end line" in call("hiapi", "--replay", str(tmp_path / "run.jsonl")).stdout


def unexplained(method: str, path: str, status: int, body: Any) -> Any:
    """A refusal says nothing."""
    return {} if status == 401 else body


def test_a_cassette_that_cannot_be_written_any_more_ends_there(tmp_path: Path) -> None:
    """The run goes on; why the file is not whole is known, once."""
    recorder = Recorder(in_process("hiapi"), "hiapi", tmp_path / "run.jsonl")
    recorder.send(Ask(method="GET", path="/v1/models"))
    recorder.send(Ask(method="GET", path="/v1/models"))
    os.dup2(os.open("/dev/full", os.O_WRONLY), recorder._file.fileno())
    for _ in range(2):
        assert recorder.send(Ask(method="GET", path="/v1/models")).status == 200
    recorder.finish()
    recorder.close()

    assert recorder.problem == f"--record {tmp_path / 'run.jsonl'}: cannot be written: No space left on device"
    assert len(load_cassette(tmp_path / "run.jsonl")[1]) == 2


@pytest.mark.parametrize("events", [[], [Exchange(method="GET", url="https://x.example/y", status=200)]], ids=len)
def test_where_nothing_was_judged_nothing_is_kept(events: list[Exchange], tmp_path: Path) -> None:
    """A cassette without an exchange of the provider's: one line, and exit code 2."""
    path = tmp_path / "run.jsonl"
    path.write_text(dumps("hiapi", events))

    result = call("hiapi", "--replay", str(path))

    assert result.exit_code == 2
    assert result.stdout.splitlines()[-1].endswith("so that nothing was judged")


def test_what_cannot_be_written_is_told_after_the_verdict(tmp_path: Path) -> None:
    """A line each on standard error; every other report is written, and the finding decides the exit code."""
    path = tmp_path / "run.jsonl"
    (tmp_path / "file").write_text("")
    call("hiapi", *PROBES, "--record", str(path))
    for altered, code in ((path.read_text(), 2), (path.read_text().replace('"status": 401', '"status": 418'), 1)):
        path.write_text(altered)
        bad = [f"json={tmp_path / 'file' / 'a'}", f"junit={tmp_path / 'file' / 'b'}"]
        reports = [f"--report={one}" for one in (*bad, f"sarif={tmp_path / 'made' / str(code)}")]

        result = call("hiapi", "--replay", str(path), *reports, "--state", str(tmp_path / "new" / "state.json"))

        assert result.exit_code == code
        assert ("kept" if code == 2 else "broken") in result.stdout.splitlines()[-1]
        assert [line.partition(": cannot be written")[0] for line in result.stderr.splitlines()] == [
            f"screentest: --report {one}" for one in bad
        ]
        assert json.loads((tmp_path / "made" / str(code)).read_text())["version"] == "2.1.0"
        assert (tmp_path / "new" / "state.json").exists()


@pytest.mark.parametrize("module", ["hypothesis", "schemathesis"])
def test_a_missing_library_is_one_line(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(__import__("sys").modules, module, None)

    result = call("hiapi")

    assert result.exit_code == 2
    assert result.stderr == f"screentest: verify needs {module}: pip install 'screentest[verify]'\n"

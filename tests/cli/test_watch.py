"""`screentest watch` as a person runs it: a process, its streams, a terminal, Ctrl-C, and a server that goes away."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from screentest.server import Running, running

KEY = "sk-watched-account"
LABEL = "sk-watch...unt"
MODEL = "happyhorse-1.1/reference-to-video"
INPUT = {"prompt": "a fox", "reference_image": ["https://example.com/fox.jpg"]}
MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"


@pytest.fixture(scope="module")
def fresh() -> Iterator[Running]:
    """A server of this module's own."""
    with running() as up:
        yield up


def clean(more: Mapping[str, str]) -> dict[str, str]:
    """An environment with the import path of this test run and without settings of the person who runs it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SCREENTEST_", "NO_COLOR"))}
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUNBUFFERED": "1", **more}


@contextmanager
def watching(
    url: str, *args: str, stdout: int = subprocess.PIPE, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A process that watches; it has said so, and is killed at the end if it still does."""
    command = [sys.executable, "-m", "screentest", "watch", "--url", url, *args]
    process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, text=True, env=clean(environment or {}))
    late = threading.Timer(30, process.kill)
    late.start()
    try:
        assert process.stderr
        assert process.stderr.readline() == f"watching {url}, Ctrl-C stops\n"
        yield process
    finally:
        late.cancel()
        process.kill()
        process.wait(timeout=10)
        for stream in filter(None, (process.stdout, process.stderr)):
            stream.close()


def submit(url: str, key: str = KEY, **changes: Any) -> str:
    """Ask for a video on a frozen clock; the job's id, "" when it was refused."""
    headers = {"authorization": f"Bearer {key}"}
    httpx2.post(f"{url}/_control/clock", json={"freeze": True}, headers=headers)
    body = {"model": MODEL, "input": INPUT | changes}
    answer = httpx2.post(f"{url}/hiapi/v1/tasks", json=body, headers=headers).json()
    return str((answer["data"] or {}).get("taskId", ""))


def advance(url: str, seconds: float) -> None:
    httpx2.post(f"{url}/_control/clock", json={"advance": seconds}, headers={"authorization": f"Bearer {KEY}"})


def until(process: subprocess.Popen[str], text: str) -> list[str]:
    """The lines that are printed, up to the one that contains `text`."""
    assert process.stdout
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if text in line:
            return lines
    raise AssertionError(f"{text!r} was not printed: {lines}")


def test_lines_for_people(fresh: Running) -> None:
    """A line an event: time and label of the account, provider, job, and what happened; plain in a pipe."""
    with watching(fresh.url) as process:
        job = submit(fresh.url)
        submit(fresh.url, duration=99)
        advance(fresh.url, 60)
        lines = until(process, "-> success")

    assert all(re.match(rf"{MOMENT}  {LABEL}  hiapi     ", line) for line in lines)
    assert [re.sub(rf"{MOMENT}  {LABEL}  hiapi     ", "", line) for line in lines] == [
        f"{job}  POST /hiapi/v1/tasks 200",
        "-  POST /hiapi/v1/tasks 400 (invalid-input)",
        f"{job}  queued -> handling",
        f"{job}  handling -> archiving",
        f"{job}  archiving -> success",
    ]


def test_a_job_from_before(fresh: Running) -> None:
    """The account is told for a job whose submit was not watched, and --key follows one account only."""
    job = submit(fresh.url)
    with watching(fresh.url, "--key", KEY) as process:
        submit(fresh.url, key="sk-somebody-else")
        advance(fresh.url, 60)
        (first, *_) = until(process, "-> success")

    assert f"  {LABEL}  hiapi     {job}  queued -> handling" in first


def test_lines_for_programs_until_ctrl_c(fresh: Running) -> None:
    """--json prints an object a line as the server sends it, with its kind; Ctrl-C ends it quietly with 130."""
    with watching(fresh.url, "--json") as process:
        job = submit(fresh.url)
        advance(fresh.url, 1.5)
        requested, changed = (json.loads(line) for line in until(process, "handling"))
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=10)
        assert process.stderr
        said = process.stderr.read()

    assert (requested["kind"], requested["status"], requested["job"]) == ("request", 200, job)
    assert (changed["kind"], changed["from"], changed["to"], changed["job"]) == ("status", "queued", "handling", job)
    assert (code, said.strip()) == (130, "")


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}], ids=["colours", "NO_COLOR"])
def test_a_terminal(fresh: Running, environment: dict[str, str]) -> None:
    """On a terminal lines are styled, unless NO_COLOR says otherwise."""
    ours, theirs = pty.openpty()
    try:
        with watching(fresh.url, stdout=theirs, environment=environment):
            submit(fresh.url)
            printed = b""
            while b"\n" not in printed:
                printed += os.read(ours, 4096)
    finally:
        os.close(ours)
        os.close(theirs)

    assert b"POST /hiapi/v1/tasks" in printed
    assert (b"\x1b[" in printed) is not bool(environment)


@pytest.mark.slow
def test_the_server_goes_away(tmp_path: Path) -> None:
    """A last line says so, and the exit code is 0: there is nothing more to watch."""
    command = [sys.executable, "-m", "screentest", "serve", "--port", "0", "--db", ":memory:"]
    with subprocess.Popen(command, cwd=tmp_path, env=clean({}), stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            lines = (re.search(r"hiapi +(http://[\d.:]+)/hiapi", line) for line in server.stdout)
            url = next(found[1] for found in lines if found)
            with watching(url) as process:
                server.kill()
                code = process.wait(timeout=10)
                assert process.stderr
                said = process.stderr.read()
        finally:
            server.kill()

    assert (code, said) == (0, f"the server at {url} went away\n")

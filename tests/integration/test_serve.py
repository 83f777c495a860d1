"""`screentest serve` as a person starts it: a process, a port, a database, Ctrl-C, and the bad day."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

KEY = {"authorization": "Bearer sk-serve"}
TASK = {
    "model": "happyhorse-1.1/reference-to-video",
    "input": {"prompt": "a fox", "reference_image": ["https://example.com/fox.jpg"]},
}


@contextmanager
def serving(*args: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and its origin, read from what it prints."""
    command = [sys.executable, "-m", "screentest", "serve", "--port", "0", *args]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment()
    )
    assert process.stdout
    try:
        printed = ""
        while not (found := re.search(r"hiapi\s+(http://[\d.:]+)/hiapi", printed)):
            line = process.stdout.readline()
            assert line, f"the server ended: {printed}"
            printed += line
        yield process, found[1]
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=10)
        process.stdout.close()


def environment() -> dict[str, str]:
    """Ours, with the import path of this test run and without settings of the person who runs it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCREENTEST_")}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUNBUFFERED": "1"}


def run(*args: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "screentest", *args]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=30, env=environment(), check=False
    )


def test_what_was_accepted_survives_kill_9(tmp_path: Path) -> None:
    """A task that was answered 200 is there after the death of the process, with its state and its picture."""
    with serving("--db", "jobs.sqlite3", folder=tmp_path) as (process, url):
        task = httpx2.post(f"{url}/hiapi/v1/tasks", json=TASK, headers=KEY).json()["data"]["taskId"]
        httpx2.post(f"{url}/_control/clock", json={"freeze": True}, headers=KEY)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)

    with serving("--db", "jobs.sqlite3", folder=tmp_path) as (_, url):
        before = httpx2.get(f"{url}/hiapi/v1/tasks/{task}", headers=KEY).json()["data"]
        httpx2.post(f"{url}/_control/clock", json={"advance": 60}, headers=KEY)
        after = httpx2.get(f"{url}/hiapi/v1/tasks/{task}", headers=KEY).json()["data"]

    assert before["status"] == "queued"
    assert after["status"] == "success"


def test_ctrl_c_stops_quietly(tmp_path: Path) -> None:
    """SIGINT ends the server at once, without a traceback."""
    with serving("--db", ":memory:", folder=tmp_path) as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) in (0, 130)
        assert process.stdout
        printed = process.stdout.read()

    assert "Traceback" not in printed
    assert "stopped" in printed


def test_ctrl_c_twice(tmp_path: Path) -> None:
    """Whoever cannot wait gets no traceback either."""
    with serving("--db", ":memory:", folder=tmp_path) as (process, url):
        with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0)) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\n")
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=10)
        assert process.stdout
        assert "Traceback" not in process.stdout.read()


def test_who_takes_nothing_holds_nobody_up(tmp_path: Path) -> None:
    """A download that its client does not read is broken off some seconds after SIGTERM; the tally is told."""
    with serving("--db", ":memory:", folder=tmp_path) as (process, url):
        httpx2.post(f"{url}/hiapi/v1/tasks", json=TASK, headers=KEY)
        with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0)) as stalled:
            stalled.sendall(b"GET /inputs/640x480.png?bytes=20000000 HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert stalled.recv(1000).startswith(b"HTTP/1.1 200")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == -signal.SIGTERM
        assert process.stdout
        printed = process.stdout.read()

    assert "stopped" in printed
    assert "happyhorse-1.1/reference-to-video" in printed.partition("stopped")[2]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("command", ["serve", "models"])
def test_what_cannot_be_printed_is_told(command: str, tmp_path: Path) -> None:
    """One line, and no success."""
    with Path("/dev/full").open("w") as full:
        line = [sys.executable, "-m", "screentest", *([command, "--port", "0"] if command == "serve" else [command])]
        done = subprocess.run(
            line, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, env=environment(), check=False
        )
    assert (done.returncode, done.stderr) == (1, "screentest: [Errno 28] No space left on device\n")


def test_ctrl_c_ends_who_waits(tmp_path: Path) -> None:
    """A page that follows events, and a caller that waits for a job, hold nobody up and are no error."""
    slow = KEY | {"screentest-scenario": "slow: 900s"}
    with (
        serving("--db", ":memory:", folder=tmp_path) as (process, url),
        ThreadPoolExecutor() as threads,
        httpx2.stream("GET", f"{url}/_control/events", headers=KEY, timeout=30) as following,
    ):
        lines = following.iter_lines()
        assert next(lines) == ": listening"
        run = f"{url}/runflow/v1/run/alibaba/wan/v2.7/text-to-video"
        waiting = threads.submit(httpx2.post, run, json={"prompt": "a fox"}, headers=slow, timeout=30)
        assert "event: status" in lines  # the job has been accepted
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) in (0, 130)
        assert process.stdout
        printed = process.stdout.read()
        with pytest.raises(httpx2.TransportError):
            waiting.result(timeout=10)

    assert "ERROR" not in printed
    assert "stopped" in printed


def test_an_occupied_port_is_one_line(tmp_path: Path) -> None:
    """The line names the port and the way out; the exit code is 2."""
    with serving("--db", ":memory:", folder=tmp_path) as (_, url):
        port = url.rpartition(":")[2]

        second = run("serve", "--db", ":memory:", "--port", port, folder=tmp_path)

        third = run("serve", "--db", ":memory:", "--port", "0", "--https-port", port, folder=tmp_path)

    for refused, option in ((second, "--port"), (third, "--https-port")):
        assert refused.returncode == 2
        assert len(refused.stderr.splitlines()) == 1
        assert port in refused.stderr
        assert f"pass {option} " in refused.stderr


def test_a_database_serves_one_server(tmp_path: Path) -> None:
    """A second server on the same file is refused in one line that says so."""
    with serving("--db", "jobs.sqlite3", folder=tmp_path):
        second = run("serve", "--db", "jobs.sqlite3", "--port", "0", folder=tmp_path)

    assert second.returncode == 2
    assert "another screentest uses this database" in second.stderr
    assert len(second.stderr.splitlines()) == 1


def test_settings_come_from_file_environment_and_flags(tmp_path: Path) -> None:
    """screentest.toml sets the speed, and a flag beats it."""
    (tmp_path / "screentest.toml").write_text('[serve]\nspeed = 50.0\ndb = ":memory:"\n')
    with serving(folder=tmp_path) as (_, url):
        from_file = httpx2.get(f"{url}/_control/clock", headers=KEY).json()["rate"]
    with serving("--speed", "7", folder=tmp_path) as (_, url):
        from_flag = httpx2.get(f"{url}/_control/clock", headers=KEY).json()["rate"]

    assert from_file == 50
    assert from_flag == 7


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    """A name in screentest.toml that is no option is refused, with the file and the name."""
    (tmp_path / "screentest.toml").write_text("[serve]\nspede = 50.0\n")

    refused = run("serve", folder=tmp_path)

    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "screentest.toml" in refused.stderr
    assert "spede" in refused.stderr


def test_the_first_answer_needs_no_heavy_library(tmp_path: Path) -> None:
    """Serving imports no Pillow, Jinja2, httpx2 or hypothesis before its first answer."""
    code = (
        "import sys, driving; e = driving.Emulator(); e.get('/hiapi/v1/tasks'); import screentest.server;"
        "print(sorted({'PIL', 'jinja2', 'httpx2', 'hypothesis', 'rich', 'imageio_ffmpeg'} & set(sys.modules)))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env=environment(), check=True
    )

    assert printed.stdout == "[]\n"


def test_answers_are_not_held_back() -> None:
    """Head and body of an answer leave at once on the standard event loop, too: no 40 ms between them."""
    program = (
        "import asyncio, socket, sys; sys.modules['uvloop'] = None\n"
        "from screentest.server import running\n"
        "import httpx2, time\n"
        "with running() as up, httpx2.Client(base_url=up.url) as http:\n"
        "    http.get('/_control/health')\n"
        "    begun = time.monotonic()\n"
        "    for _ in range(50): http.get('/_control/health')\n"
        "    print(time.monotonic() - begun)\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert float(told.stdout) < 50 * 0.02

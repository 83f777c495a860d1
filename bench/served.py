"""A server process to be measured: started, pinned to a core, looked at, stopped."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.load import Load

HERE = Path(__file__).parent
ROOTS = [str(HERE.parent / name) for name in ("emulator", "contracts", "client", "tests")] + [str(HERE.parent)]
_TICK = os.sysconf("SC_CLK_TCK")
_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = {_CORES[0]}, {_CORES[-1]}


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers. `began` is when its process was started, on time.perf_counter."""

    process: subprocess.Popen[str]
    port: int
    began: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def megabytes(self) -> float:
        """Resident memory now."""
        return _status(self.process.pid, "VmRSS") / 1024

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def call(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> bytes:
        """The answer's body; raises what urllib raises."""
        data = json.dumps(body).encode() if body is not None else None
        sent = {"content-type": "application/json", **(headers or {})}
        request = urllib.request.Request(self.url + path, data, sent, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())

    def loaded(self, shape: Mapping[str, object], *, connections: int = 32, seconds: float = 3) -> tuple[Load, float]:
        """What a load came to, and the microseconds of the server's processor time that a request took."""
        before = self.cpu()
        command = [sys.executable, str(HERE / "load.py"), "--port", str(self.port)]
        command += ["--connections", str(connections), "--seconds", str(seconds)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        ) as it:
            os.sched_setaffinity(it.pid, CLIENT_CORE)
            printed, _ = it.communicate(json.dumps(shape), timeout=seconds + 60)
        found = Load(**json.loads(printed))
        return found, (self.cpu() - before) / found.requests * 1e6


def environment(**more: str) -> dict[str, str]:
    """Ours, with the import paths of this checkout and no settings of the person who runs it.

    Python may keep the bytecode, as `pip install` does for users: without it a server compiles itself at every start.
    """
    settings = ("SCREENTEST_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    return kept | {"PYTHONPATH": os.pathsep.join(ROOTS), "PYTHONUNBUFFERED": "1", **more}


@contextlib.contextmanager
def screentest(*args: str, pinned: bool = True, db: str | None = None) -> Iterator[Served]:
    """`screentest serve` with a database file of its own, on a free port."""
    with tempfile.TemporaryDirectory() as folder:
        file = db or str(Path(folder) / "jobs.sqlite3")
        command = [sys.executable, "-m", "screentest", "serve", "--port", "0", "--db", file, *args]
        with process(command, r"hiapi\s+http://[\d.]+:(\d+)/hiapi", folder, pinned=pinned) as one:
            yield one


@contextlib.contextmanager
def bare(app: str) -> Iterator[Served]:
    """One of the apps of `floor`."""
    with process([sys.executable, str(HERE / "floor.py"), app], r"(\d+)", str(HERE)) as one:
        one.call("GET", "/v1/requests/6f1c2f7a-0b52-4b36-9f1e-3f2a9b9d1c01/status")
        yield one


@contextlib.contextmanager
def process(command: Sequence[str], says: str, folder: str, *, pinned: bool = True) -> Iterator[Served]:
    """A process that prints its port, as the first group of `says`."""
    began = time.perf_counter()
    with _started(command, folder, pinned=pinned) as one:
        yield Served(one, _port(one, says), began)


@contextlib.contextmanager
def process_on(port: int, command: Sequence[str], folder: Path) -> Iterator[Served]:
    """A process that was told its port."""
    began = time.perf_counter()
    with _started(command, str(folder), pinned=True) as one:
        yield Served(one, port, began)


@contextlib.contextmanager
def _started(command: Sequence[str], folder: str, *, pinned: bool) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment()) as one:
        try:
            if pinned:
                os.sched_setaffinity(one.pid, SERVER_CORE)
            yield one
        finally:
            one.kill()


def _port(started: subprocess.Popen[str], says: str) -> int:
    assert started.stdout
    printed = ""
    while not (found := re.search(says, printed)):
        line = started.stdout.readline()
        if not line:
            raise SystemExit(f"the server ended: {printed}")
        printed += line
    return int(found[1])


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

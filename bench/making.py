"""Whole lifecycles, clips, callbacks, and the requests of `verify`."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench import lifecycle
from bench.over_http import CLIP, KEY
from bench.served import environment, screentest
from bench.tables import Table

from driving import Emulator

_PROVIDERS = ("runcomfy", "runflow", "hiapi")
_PATIENCE = 120.0


def lifecycles(rounds: int) -> Table:
    """Submit, queued, running, done and download in-process, beside the bare app and a naive render."""
    emulator, app = Emulator(), lifecycle.bare_app()
    lifecycle.ours(emulator, -1)
    mine = lifecycle.median_ms(lambda number: lifecycle.ours(emulator, number), rounds)
    bare = lifecycle.median_ms(lambda number: lifecycle.floor(app), rounds)
    with tempfile.TemporaryDirectory() as folder:
        naive = lifecycle.median_ms(lambda number: lifecycle.naive(Path(folder)), max(3, rounds // 10))
    rows = [
        ["screentest, with a clip of its own", mine, 1.0],
        ["bare Starlette, the same 8 requests", bare, bare / mine],
        ["naive ffmpeg render of such a clip", naive, naive / mine],
    ]
    note = f"Submit to download, 1080p, 5 s, sound; in-process on a clock that is moved; medians of {rounds}."
    return Table("A whole lifecycle", note, ["who", "ms", "ratio"], rows)


def clips(rounds: int) -> Table:
    """Downloads of clips over the whole range of sizes, the first time and the second."""
    emulator = Emulator()
    cold: list[float] = []
    warm: list[float] = []
    for number in range(rounds):
        inputs = CLIP | {"prompt": f"take {number}", "duration": 3 + number % 13}
        inputs["resolution"] = ("720p", "1080p")[number % 2]
        body = {"model": "happyhorse-1.1/reference-to-video", "input": inputs}
        task = emulator.post("/hiapi/v1/tasks", body).json()["data"]["taskId"]
        emulator.advance(60)
        url = emulator.get(f"/hiapi/v1/tasks/{task}").json()["data"]["output"][0]["url"]
        for times in (cold, warm):
            begun = time.perf_counter()
            assert emulator.get(url).status == 200
            times.append((time.perf_counter() - begun) * 1000)
    with tempfile.TemporaryDirectory() as folder:
        naive = lifecycle.median_ms(lambda number: lifecycle.naive(Path(folder)), max(3, rounds // 10))
    rows = [
        ["cold", median(cold), max(cold), median(cold) / naive],
        ["warm", median(warm), max(warm), median(warm) / naive],
        ["naive ffmpeg render, 1080p 5 s", naive, naive, 1.0],
    ]
    note = f"{rounds} clips of 3 to 15 s in 720p and 1080p with sound, downloaded in-process, twice."
    return Table("An MP4", note, ["which", "median ms", "worst ms", "ratio to ffmpeg"], rows)


def delivered(count: int) -> Table:
    """Callbacks that arrive, all of them due at the same moment."""
    with screentest(pinned=False) as served:
        seconds = asyncio.run(_received(served.port, count))
        lines = served.call("GET", "/_control/metrics").decode().splitlines()
        attempts = [line for line in lines if line.startswith("screentest_callback_attempts_total{")]
    rows = [[count, seconds, count / seconds, sum(int(line.rpartition(" ")[2]) for line in attempts)]]
    note = "Until each of so many callbacks, due at once, has arrived at a receiver that answers at once."
    return Table("Callbacks", note, ["callbacks", "seconds", "a second", "attempts"], rows)


async def _received(port: int, count: int) -> float:
    """Seconds from the moment that all are due until the last has come."""
    left = count
    last = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal left
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        left -= 1
        if not left:
            last.set()

    receiver = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=2048)
    async with receiver:
        url = f"http://127.0.0.1:{receiver.sockets[0].getsockname()[1]}/"
        body = {"model": "happyhorse-1.1/reference-to-video", "input": CLIP, "callback": {"url": url}}
        await asyncio.to_thread(_ask, port, "/_control/clock", {"freeze": True})
        for _ in range(count):
            await asyncio.to_thread(_ask, port, "/hiapi/v1/tasks", body)
        begun = time.perf_counter()
        await asyncio.to_thread(_ask, port, "/_control/clock", {"rate": 1_000_000})
        await asyncio.wait_for(last.wait(), _PATIENCE)
        return time.perf_counter() - begun


def _ask(port: int, path: str, body: object) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", path, json.dumps(body), KEY)
    answer = connection.getresponse()
    said = answer.read()
    assert answer.status == 200, said
    connection.close()


def verified(depth: str) -> Table:
    """What `screentest verify` sends in-process, and how fast."""
    rows: list[list[object]] = []
    for provider in _PROVIDERS:
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            command = [sys.executable, "-m", "screentest", "verify", provider, "--depth", depth]
            command += ["--report", f"json={report.name}"]
            subprocess.run(command, env=environment(), check=True, stdout=subprocess.DEVNULL)
            told = json.loads(Path(report.name).read_text())
        seconds = sum(told["seconds"].values())
        rows.append([provider, told["requests"], told["accepted"], seconds, told["requests"] / seconds])
    note = f"`screentest verify PROVIDER --depth {depth}`, every engine, in-process."
    return Table("verify", note, ["provider", "requests", "jobs", "seconds", "requests/s"], rows)

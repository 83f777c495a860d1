"""A load generator: some connections, each with one request under way at a time, over raw sockets.

It writes ready bytes and looks for little more in an answer than where it ends, so that one core of it keeps one core
of a Python server busy. `run.py` starts it as a process of its own; ``wrk`` would say the same where it is installed.

    echo '{"method": "GET", "path": "/", "headers": {}, "body": ""}' | python bench/load.py --port 8790 --seconds 3

"{n}" in the body becomes a running number. Prints one line of JSON: requests, seconds, and p50, p99, worst in ms.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import Any, cast

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Load:
    """What one run came to. Latencies are milliseconds; `statuses` counts answers by HTTP status."""

    requests: int
    seconds: float
    p50: float
    p99: float
    worst: float
    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class Connection(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes], until: float, latencies: list[float], statuses: Counter[str]) -> None:
        self._requests, self._until = requests, until
        self._latencies, self._statuses = latencies, statuses
        self._buffer = b""
        self._sent = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by class
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(_END)
        if end < 0:
            return
        at = self._buffer.lower().find(_LENGTH, 0, end)
        length = int(self._buffer[at + len(_LENGTH) : self._buffer.find(b"\r", at)]) if at >= 0 else 0
        if len(self._buffer) < end + len(_END) + length:
            return
        self._latencies.append(time.perf_counter() - self._sent)
        self._statuses[self._buffer[9:12].decode()] += 1
        self._buffer = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed a connection"))

    def _send(self) -> None:
        self._sent = time.perf_counter()
        if self._sent >= self._until:
            self.done.set_result(None)
            self._transport.close()
        else:
            self._transport.write(next(self._requests))


def request_bytes(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """One request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + _END + body


def requests_of(shape: dict[str, Any]) -> Iterator[bytes]:
    """Requests for ever, over the paths in turn; with "{n}" in the body, each with a number of its own."""
    paths, body, headers = shape.get("paths") or [shape["path"]], shape.get("body", ""), shape.get("headers", {})
    if "{n}" not in body:
        return itertools.cycle([request_bytes(shape["method"], path, headers, body.encode()) for path in paths])
    return (
        request_bytes(shape["method"], path, headers, body.replace("{n}", str(number)).encode())
        for number, path in enumerate(itertools.cycle(paths), shape.get("first", 0))
    )


async def load(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> Load:
    """Keep `connections` busy for so long."""
    latencies: list[float] = []
    statuses: Counter[str] = Counter()
    begun = time.perf_counter()
    loop = asyncio.get_running_loop()

    def connection() -> Connection:
        return Connection(requests, begun + seconds, latencies, statuses)

    opened = [await loop.create_connection(connection, "127.0.0.1", port) for _ in range(connections)]
    await asyncio.gather(*(one.done for _, one in opened))
    taken = time.perf_counter() - begun
    ordered = sorted(one * 1000 for one in latencies)
    return Load(
        requests=len(ordered),
        seconds=taken,
        p50=ordered[len(ordered) // 2],
        p99=ordered[int(len(ordered) * 0.99)],
        worst=ordered[-1],
        statuses=dict(statuses),
    )


def fastest_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    """uvloop's where it is installed, as uvicorn takes it."""
    try:
        made: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    except ImportError:
        return asyncio.new_event_loop
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    requests = requests_of(json.load(sys.stdin))
    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        found = runner.run(load(options.port, requests, connections=options.connections, seconds=options.seconds))
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()

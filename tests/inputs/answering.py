"""Servers for the tests: the sample route under uvicorn, and one that says whatever a test wants said."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.applications import Starlette

from screentest.sample_inputs import Sleep, route


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@contextlib.contextmanager
def samples_served(sleep: Sleep = asyncio.sleep) -> Iterator[str]:
    """The origin of a real server with the route of samples and nothing else."""
    app = Starlette(routes=[route(sleep=sleep)])
    server = _Server(uvicorn.Config(app, lifespan="off", ws="none", log_level="warning", access_log=False))
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        assert server.up.wait(10)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


class Talker:
    """A raw server on 127.0.0.1 that keeps what it was asked and answers with the same bytes each time."""

    def __init__(self, answer: bytes, *, endless: bytes = b"", hangs: bool = False) -> None:
        """`endless` is sent again and again after the answer; `hangs`: nothing more comes, and no end either."""
        self.asked: list[bytes] = []
        self.sent = 0
        self._answer = answer
        self._endless = endless
        self._hangs = hangs
        self._talks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def up(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        """The server's origin while it runs. At the end it waits until every caller has hung up."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=tls)
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            await asyncio.gather(*self._talks)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._talks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self._answer)
            await writer.drain()
            while self._endless:
                writer.write(self._endless)
                self.sent += len(self._endless)
                await writer.drain()
            if self._hangs:
                await reader.read()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def http(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """An answer with a Content-Length, true unless it is given."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

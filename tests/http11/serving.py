"""An ASGI app behind connections of ours, on a free port, and a client that counts every byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from screentest.http11.connection import Connection

PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Client:
    """One raw connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def until(self, end: bytes) -> bytes:
        """What comes up to this."""
        return await asyncio.wait_for(self.reader.readuntil(end), PATIENCE)

    async def exactly(self, size: int) -> bytes:
        return await asyncio.wait_for(self.reader.readexactly(size), PATIENCE)

    async def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        return await asyncio.wait_for(self.reader.read(), PATIENCE)


@asynccontextmanager
async def connected(app: ASGIApp, kind: type[Connection] = Connection) -> AsyncIterator[Client]:
    """A client of a server of this app, which has no usual headers."""
    config = uvicorn.Config(app, lifespan="off", log_level="critical")
    config.load()
    state = uvicorn.Server(config).server_state
    loop = asyncio.get_running_loop()
    serving = await loop.create_server(lambda: kind(config=config, server_state=state, app_state={}), "127.0.0.1", 0)
    async with serving:
        reader, writer = await asyncio.open_connection(*serving.sockets[0].getsockname())
        yield Client(reader, writer)
        writer.close()
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=PATIENCE)

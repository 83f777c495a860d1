"""A small HTTP client on one raw connection, which is opened again when it broke."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.load import request_bytes


class LostError(Exception):
    """The connection broke before the answer was whole."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers with lower-case names, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: object = None, key: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to one request. Raises LostError."""
        sent = {"content-type": "application/json", **(headers or {})}
        sent |= {"authorization": f"Bearer {key}"} if key else {}
        content = b"" if body is None else json.dumps(body).encode()
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(request_bytes(method, path, sent, content))
            return await self._answer(reader)
        except (OSError, EOFError, asyncio.IncompleteReadError):
            await self.close()
            raise LostError(f"{method} {path}") from None

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        lines = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in lines}
        status = int(head[0].split(" ")[1])
        body = b""
        if "content-length" in headers:
            body = await reader.readexactly(int(headers["content-length"]))
        elif status not in (204, 304):
            while size := int((await reader.readline()).strip() or b"0", 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readline()
        if headers.get("connection") == "close":
            await self.close()
        return Answer(status, headers, body)

    async def close(self) -> None:
        """Let go of the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

"""One request and its answer, between an ASGI app and the connection that they go over."""

from __future__ import annotations

import asyncio
import logging
import re
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple, Protocol

from starlette.types import ASGIApp, Message, Scope

from screentest.journal import Pairs

_UNREAD = 2**16
"""Bytes of a body that may wait for the app before no more is read."""
_SHORT = 2**13
"""Bytes of a body that are copied to go out together with the head."""
_BODILESS = (204, 304)
_BAD_NAME = re.compile(rb'[\x00-\x20\x7f()<>@,;:\\\[\]={}"]')
_BAD_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_BROKEN = "Internal Server Error"

_log = logging.getLogger("screentest")


class Line(Protocol):
    """What an answer asks of its connection."""

    loop: asyncio.AbstractEventLoop
    crowded: bool
    """Whether more was written than the client takes at present."""

    def usual_headers(self) -> list[tuple[bytes, bytes]]:
        """Those of every answer."""

    def write(self, data: bytes) -> None:
        """Send it, in order."""

    def close(self) -> None:
        """Close once everything is sent."""

    def abort(self) -> None:
        """Reset."""

    def pause(self) -> None:
        """Read no more for now."""

    def go_on(self) -> None:
        """Read again."""

    def answered(self, *, keep_alive: bool) -> None:
        """The answer is complete."""

    async def room(self) -> None:
        """Wait until the client has taken some."""


class Answering:
    """`receive` and `send` of one request. `bodiless`: only the head of an answer goes out, as for HEAD."""

    __slots__ = (
        "_arrived",
        "_bodiless",
        "_body",
        "_chunked",
        "_chunks",
        "_expecting",
        "_gone",
        "_head",
        "_left",
        "_line",
        "_more",
        "_started",
        "_until_close",
        "_waiter",
        "keep_alive",
        "over",
    )

    def __init__(self, line: Line, *, bodiless: bool, keep_alive: bool, expecting: bool, chunks: bool) -> None:
        """`expecting`: the client sends the body when it is told to go on. `chunks`: it knows them, as of HTTP/1.1."""
        self._line = line
        self._chunks = chunks
        self._bodiless = bodiless
        self.keep_alive = keep_alive
        self._expecting = expecting
        # The request's body, as far as the app has not taken it.
        self._body = b""
        self._more = True
        self._arrived = False
        self._waiter: asyncio.Future[None] | None = None
        # The answer.
        self._started = self._gone = False
        self.over = False  # nothing more is sent: the answer is complete, or nobody is there
        self._head = b""  # not yet written: it goes out together with the first of the body
        self._chunked = self._until_close = False
        self._left = 0  # bytes of the body that are promised

    @property
    def heard(self) -> bool:
        """The request is complete."""
        return not self._more

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Have the app answer; when it fails to, say so."""
        try:
            await app(scope, self.receive, self.send)
            failed = not self.over
        except asyncio.CancelledError:  # the server ends
            self.break_off(reset=False)
            raise
        except Exception:
            _log.exception("%s %s: the app failed", scope["method"], scope["path"])
            failed = not self.over
        if failed and self._started:
            self.break_off(reset=False)
        elif failed:
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(_BROKEN))]
            self.keep_alive = False
            await self.send({"type": "http.response.start", "status": 500, "headers": headers})
            await self.send({"type": "http.response.body", "body": _BROKEN.encode()})

    # What the connection tells.

    def came(self, data: bytes) -> None:
        """A piece of the request's body."""
        if not self.over:
            self._body = self._body + data if self._body else data
            self._arrived = True
            if len(self._body) > _UNREAD:
                self._line.pause()
            self._wake()

    def ended(self) -> None:
        """The request's body is complete."""
        self._more = False
        self._arrived = True
        self._wake()

    def lost(self) -> None:
        """The client is gone."""
        self._gone = self.over = True
        self._wake()

    def break_off(self, reset: bool) -> None:
        """End the connection in the midst of the answer, with a reset or after what was sent so far."""
        self._write_head()
        self._gone = self.over = True
        if reset:
            self._line.abort()
        else:
            self._line.close()

    # What the app calls.

    async def receive(self) -> Message:
        """The request's body as it comes; then, when it is of no use any more, that the client is gone."""
        if self._expecting and not self.over:
            self._expecting = False
            self._line.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not (self.over or self._arrived):
            self._line.go_on()
            self._waiter = self._line.loop.create_future()
            await self._waiter
        if self.over:
            return {"type": "http.disconnect"}
        body, self._body, self._arrived = self._body, b"", False
        return {"type": "http.request", "body": body, "more_body": self._more}

    async def send(self, message: Message) -> None:
        """The answer's head, then its body."""
        if self._line.crowded and not self._gone:
            await self._line.room()
        if self._gone:
            return
        expected = "http.response.body" if self._started else "http.response.start"
        if message["type"] != expected or self.over:
            raise RuntimeError(f"{message['type']} was sent where {expected} was expected, or nothing")
        if not self._started:
            self._begin(message)
        else:
            self._go_on(message.get("body", b""), more=message.get("more_body", False))

    def _begin(self, message: Message) -> None:
        status = message["status"]
        head = _head(status, (*self._line.usual_headers(), *message.get("headers", ())))
        more = b""
        self._bodiless = self._bodiless or status in _BODILESS
        self._chunked = head.chunked
        if head.length is None and not head.chunked and not self._bodiless:  # the length is not known
            if self._chunks:
                self._chunked, more = True, b"transfer-encoding: chunked\r\n"
            else:
                self._until_close, self.keep_alive = True, False
        if not self.keep_alive and not head.closes:
            more += b"connection: close\r\n"
        self.keep_alive = self.keep_alive and not head.closes
        self._left = 0 if self._chunked else head.length or 0
        self._head = head.lines + more + b"\r\n"
        self._started, self._expecting = True, False

    def _write_head(self) -> None:
        if self._head and not self._gone:
            self._line.write(self._head)
        self._head = b""

    def _go_on(self, body: bytes, *, more: bool) -> None:
        if self._bodiless:
            body = b""
        elif self._chunked:
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (b"" if more else b"0\r\n\r\n")
        elif not self._until_close:
            self._left -= len(body)
            if self._left < 0 or (self._left and not more):
                raise RuntimeError("the body is longer or shorter than its content-length says")
        if len(body) > _SHORT:
            self._write_head()
        data, self._head = self._head + body, b""
        if data:
            self._line.write(data)
        if not more:
            self.over = True
            self._wake()
            self._line.answered(keep_alive=self.keep_alive)

    def _wake(self) -> None:
        if self._waiter is None:
            return
        waiter, self._waiter = self._waiter, None
        if not waiter.done():
            waiter.set_result(None)


class _Head(NamedTuple):
    """The head of an answer but for its end, and what it says of the body: how long it is, whether it comes in chunks,
    and whether the connection closes behind it."""

    lines: bytes
    length: int | None
    chunked: bool
    closes: bool


@lru_cache(maxsize=512)
def _head(status: int, headers: Pairs) -> _Head:
    """Kept, since one answer is much like another. RuntimeError for a header that would say more than itself."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {status} {phrase}\r\n".encode()]
    length: int | None = None
    chunked = closes = False
    for name, value in headers:
        if _BAD_NAME.search(name) or _BAD_VALUE.search(value):
            raise RuntimeError(f"no header: {name!r}: {value!r}")
        name = name.lower()
        lines.append(name + b": " + value + b"\r\n")
        if name == b"content-length":
            length = int(value)
        elif name == b"transfer-encoding":
            chunked = value.lower() == b"chunked"
        elif name == b"connection" and b"close" in value.lower():
            closes = True
    return _Head(b"".join(lines), length, chunked, closes)

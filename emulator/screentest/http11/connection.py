"""One client's connection: its requests as the parser tells them, each given to the app once its head is complete.

uvicorn runs it in place of its own. It differs in these: head and body of an answer go out together; an app can break a
connection on purpose, by ``scope["extensions"]["screentest.abort"]["abort"]``, to be called with whether to reset it or
to close it after what was sent; a head that never ends, in bytes or in time, ends the connection; and an offer of
another protocol is declined as RFC 9110 §7.8 lets a server decline it, by answering as usual. There are no WebSockets.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections import deque
from typing import Any, cast

import httptools
from starlette.types import Scope
from uvicorn import Config
from uvicorn.server import ServerState

from screentest.faults import ABORT
from screentest.http11.answering import Answering
from screentest.http11.declining import Declining
from screentest.http11.heads import Heads

LONGEST_HEAD = 256 * 2**10
"""Bytes of request line and headers, or of trailers; what comes in one piece may be longer by that piece."""
PATIENCE = 60.0
"""Seconds in which something of a head has to become complete, at most twice as many."""

_PIECE = 2**14
"""Bytes that are read at once."""
_INVALID = "Invalid HTTP request received."

_log = logging.getLogger("screentest")


class Connection(asyncio.BufferedProtocol):
    """A `Line` for its answers, made by uvicorn, which keeps it among `server_state.connections`."""

    patience = PATIENCE

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        if not config.loaded:
            config.load()
        self.loop = _loop or asyncio.get_running_loop()
        self._app: Any = config.loaded_app
        self._state, self._app_state = server_state, app_state
        self._parser = _parser(self)
        self._answering: Answering | None = None
        self._next: tuple[Answering, Scope] | None = None  # the same one, until the app has begun with it
        self._serving: asyncio.Task[None] | None = None
        self._called: asyncio.Future[None] | None = None  # for that task to go on with the next, or to end
        self._lost = False
        self._latest: Answering | None = None  # whose body comes
        self._waiting: deque[tuple[Answering, Scope]] = deque()  # behind the one that is being answered
        self._apart = 0  # bytes since the last of a body: of a head that is not complete, or of trailers
        self._in_message = False
        self._suspect = False  # nothing was under way the last time that somebody looked, and no head complete since
        self.crowded = False
        self._space = asyncio.Event()  # for what is written: not crowded
        self._space.set()
        self._paused = False
        self._buffer = memoryview(bytearray(_PIECE))

    # What asyncio tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by class
        self._state.connections.add(cast(Any, self))
        self._heads = Heads(
            {
                "server": _address(transport, "sockname"),
                "client": _address(transport, "peername"),
                "scheme": "https" if transport.get_extra_info("sslcontext") else "http",
            }
        )
        self._watch = self.loop.call_later(self.patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._state.connections.discard(cast(Any, self))
        self._watch.cancel()
        self._lost = True
        self._call()
        self.crowded = False
        self._space.set()
        for answering in (self._answering, *(one for one, _ in self._waiting)):
            if answering is not None and not answering.over:
                answering.lost()
        self._waiting.clear()
        # Each of these knows us: whoever is gone would stay until somebody looks for garbage in cycles.
        self._parser = self._answering = self._latest = None

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer  # one for all that comes: asyncio would make a new one of 256 KiB each time

    def buffer_updated(self, nbytes: int) -> None:
        self._hear(self._buffer[:nbytes])

    def eof_received(self) -> None:
        """The client is gone, as far as one can tell."""

    def _hear(self, data: memoryview) -> None:
        try:
            self._parser.feed_data(data)
            if self._in_message:
                self._more_apart(len(data))
        except httptools.HttpParserUpgrade as upgrade:
            self._decline(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(_INVALID)

    def pause_writing(self) -> None:
        self.crowded = True
        self._space.clear()

    def resume_writing(self) -> None:
        self.crowded = False
        self._space.set()

    # What uvicorn tells.

    def shutdown(self) -> None:
        """Answer what is under way, then close."""
        if self._answering is None or self._answering.over:
            self.close()
        else:
            self._answering.keep_alive = False

    # What the parser tells.

    def on_message_begin(self) -> None:
        self._in_message, self._apart = True, 0
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._suspect = False
        parser = self._parser
        scope = self._heads.read(parser.get_method(), self._url, parser.get_http_version(), tuple(self._headers))
        modern = scope["http_version"] != "1.0"
        answering = Answering(
            self,
            bodiless=scope["method"] == "HEAD",
            keep_alive=modern and parser.should_keep_alive(),
            expecting=self._heads.expecting,
            chunks=modern,
        )
        scope["state"] = self._app_state.copy()
        scope["extensions"] = {ABORT: {"abort": answering.break_off}}
        if self._answering is None or self._answering.over:
            self._begin(answering, scope)
        else:
            self.pause()
            self._waiting.append((answering, scope))
        self._latest = answering

    def on_body(self, body: bytes) -> None:
        self._apart = 0
        if self._latest:
            self._latest.came(body)

    def on_message_complete(self) -> None:
        # With an upgrade the parser calls a message complete before its body.
        if not self._parser.should_upgrade():
            self._in_message = False
            if self._latest:
                self._latest.ended()

    # What an answer asks for.

    def usual_headers(self) -> list[tuple[bytes, bytes]]:
        return self._state.default_headers

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def close(self) -> None:
        if not self._transport.is_closing():  # asyncio lets go of TLS that is closed twice: nobody could abort it
            self._transport.close()

    def abort(self) -> None:
        connection = self._transport.get_extra_info("socket")
        if connection is not None and not self._lost:  # TLS forgets it somewhat before it says that it is lost
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def pause(self) -> None:
        self._paused = True
        self._transport.pause_reading()

    def go_on(self) -> None:
        if self._paused and not self._waiting:
            self._paused = False
            self._transport.resume_reading()

    async def room(self) -> None:
        await self._space.wait()

    def answered(self, *, keep_alive: bool) -> None:
        self._state.total_requests += 1
        if not keep_alive:
            self.close()
        elif self._waiting and not self._transport.is_closing():
            self._begin(*self._waiting.popleft())
        if not self._transport.is_closing():
            self.go_on()

    def _begin(self, answering: Answering, scope: Scope) -> None:
        self._answering, self._next = answering, (answering, scope)
        if self._serving is None:
            self._serving = self.loop.create_task(self._serve())
            self._state.tasks.add(self._serving)
            self._serving.add_done_callback(self._state.tasks.discard)
        self._call()

    def _call(self) -> None:
        called, self._called = self._called, None
        if called is not None and not called.done():
            called.set_result(None)

    async def _serve(self) -> None:
        """Have the app answer one request after the other while the connection lasts: a task for each costs more than
        what many an app does."""
        while self._next is not None or not self._lost:
            if self._next is None:
                self._called = self.loop.create_future()
                await self._called
            else:
                (answering, scope), self._next = self._next, None
                await answering.run(self._app, scope)
                if self._next is not None:
                    await asyncio.sleep(0)  # it waited behind this one: other connections have waited, too

    def _look(self) -> None:
        """Close a connection on which no head, or only a part of one, has come since the last look."""
        idle = self._answering is None or self._answering.over
        if idle and self._suspect:
            self.close()
            return
        self._suspect = idle
        self._watch = self.loop.call_later(self.patience, self._look)

    def _more_apart(self, size: int) -> None:
        """Bound what is kept of a head before anybody can judge it, and what nobody wants of trailers."""
        self._apart += size
        if self._apart > LONGEST_HEAD and not self._transport.is_closing():
            self._refuse(f"The request line and headers, or the trailers, are longer than {LONGEST_HEAD} bytes.")

    def _decline(self, rest: memoryview) -> None:
        """Go on as if nobody had offered another protocol: the parser would take what follows for that protocol's."""
        declining = Declining(self)
        self._parser = _parser(declining)
        try:
            declining.repeat(self._parser, self._heads.headers)
        except httptools.HttpParserError:  # it looks more closely at what the body is said to be
            self._refuse(_INVALID)
            return
        if rest:
            self._hear(rest)

    def _refuse(self, why: str) -> None:
        """The answer to what cannot be understood, after which nothing can be."""
        _log.warning(why)
        self._parser, self._in_message = _Deaf(), False
        if self._waiting and not self._waiting[-1][0].heard:
            self._waiting.pop()
        last = self._waiting[-1][0] if self._waiting else self._answering
        if last and last.heard and not last.over:
            last.keep_alive = False  # it was understood, and is answered before the connection closes
            return
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: {len(why)}\r\n"
        self._transport.write(f"{head}connection: close\r\n\r\n{why}".encode())
        self.close()


class _Deaf:
    """The parser of a connection on which nothing more can be understood."""

    def feed_data(self, data: memoryview) -> None:
        """Forget it."""


def _parser(listener: object) -> Any:
    """A parser that takes what follows a request for the next one, even where the first asked for a close."""
    parser = httptools.HttpRequestParser(listener)
    parser.set_dangerous_leniencies(lenient_data_after_close=True)
    return parser


def _address(transport: asyncio.BaseTransport, which: str) -> tuple[str, int] | None:
    found = transport.get_extra_info(which)
    return (str(found[0]), int(found[1])) if isinstance(found, tuple) else None

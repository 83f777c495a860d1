"""uvicorn's fast HTTP protocol, mended in three places.

It closes connections on which a head never ends, in bytes or in time.

It can break a connection on purpose: apps find ``scope["extensions"]["screentest.abort"]["abort"]``, to be called with
whether to reset it or to close it after what was sent.

And it takes clients that offer HTTP/2 by upgrade on plain http. The JDK's HttpClient sends ``Upgrade: h2c`` with every
first request. RFC 9110 §7.8 lets a server ignore the offer and answer as usual, but httptools stops parsing after the
headers of any request with an upgrade, so the body is lost. Here the rest of such a request is parsed by a fresh parser
that was told the same framing without the upgrade.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import weakref
from functools import partial
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from screentest.faults import ABORT

LONGEST_HEAD = 256 * 2**10
"""Bytes of request line and headers; a head that comes in one piece may be longer by that piece."""
PATIENCE = 60.0
"""Seconds in which something of a head has to become complete, at most twice as many."""

_FRAMING = (b"content-length", b"transfer-encoding", b"connection")


class PatientProtocol(HttpToolsProtocol):
    """Takes an upgrade other than WebSocket as what it is: an offer that may be declined."""

    patience = PATIENCE
    _muted = False  # while a parser is told headers that the app has already seen
    _in_head = False
    _head = 0  # bytes of a head that has begun and is not complete
    _suspect = False  # no head was complete the last time that somebody looked
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch = self.loop.call_later(self.patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._watch:
            self._watch.cancel()

    def _look(self) -> None:
        """Close a connection on which no head, or only a part of one, has come since the last look."""
        waiting = self._in_head or self.cycle is None
        if waiting and self._suspect:
            self.transport.close()
            return
        self._suspect = waiting
        self._watch = self.loop.call_later(self.patience, self._look)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
            if self._in_head:
                self._more_head(len(data))
        except httptools.HttpParserUpgrade as upgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
            else:
                self._go_on_without_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            message = "Invalid HTTP request received."
            self.logger.warning(message)
            self.send_400_response(message)

    def _more_head(self, size: int) -> None:
        """Bound what is kept of a head before anybody can judge it."""
        self._head += size
        if self._head > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response(f"The request line and headers are longer than {LONGEST_HEAD} bytes.")

    def _go_on_without_upgrade(self, rest: bytes) -> None:
        framing = [(name, value) for name, value in self.headers if name in _FRAMING]
        keep = b"close" not in b",".join(value for name, value in framing if name == b"connection").lower()
        head = b"POST / HTTP/1.1\r\nconnection: " + (b"keep-alive" if keep else b"close") + b"\r\n"
        for name, value in framing:
            if name != b"connection":
                head += name + b": " + value + b"\r\n"
        self.parser = httptools.HttpRequestParser(self)
        self._muted = True
        self.parser.feed_data(head + b"\r\n")
        self._muted = False
        if rest:
            self.data_received(rest)

    def on_message_begin(self) -> None:
        if not self._muted:
            self._in_head, self._head = True, 0
            super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self._muted:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._muted:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._muted:
            return
        self._in_head = self._suspect = False
        super().on_headers_complete()
        if self.cycle.scope is self.scope:
            # Weakly, or every request would be a cycle that only the garbage collector can take apart.
            extensions: dict[str, Any] = {ABORT: {"abort": partial(self._abort, weakref.ref(self.cycle))}}
            self.cycle.scope["extensions"] = extensions

    def _abort(self, answering: weakref.ref[RequestResponseCycle], reset: bool) -> None:
        cycle = answering()
        if cycle is not None:
            cycle.disconnected = True  # nothing more of this answer is sent, and nobody complains about it
        if reset:
            connection = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            self.transport.close()

    def on_message_complete(self) -> None:
        # With an upgrade the parser calls the message complete before its body: the second parser will say when.
        if self.parser.should_upgrade() and not self._should_upgrade():
            return
        super().on_message_complete()

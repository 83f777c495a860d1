"""Decline an upgrade by ignoring it.

The JDK's HttpClient sends ``Upgrade: h2c`` with every first request on plain http. httptools stops parsing after the
headers of any request with an upgrade, so that its body would be lost. Here the rest of such a request goes to a fresh
parser that was told the same framing without the upgrade; what that parser says of the head is kept from the
connection, which has heard it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

_FRAMING = (b"content-length", b"transfer-encoding", b"connection")


class Listener(Protocol):
    """What a parser talks to."""

    def on_message_begin(self) -> None: ...
    def on_url(self, url: bytes) -> None: ...
    def on_header(self, name: bytes, value: bytes) -> None: ...
    def on_headers_complete(self) -> None: ...
    def on_body(self, body: bytes) -> None: ...
    def on_message_complete(self) -> None: ...


class Declining:
    """Stands between a parser and `listener`; passes on everything but the head that it repeats."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._muted = False
        self.on_body = listener.on_body
        self.on_message_complete = listener.on_message_complete

    def repeat(self, parser: Any, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Tell the parser how the body of a request with these headers is framed."""
        framing = [(name, value) for name, value in headers if name in _FRAMING]
        keep = b"close" not in b",".join(value for name, value in framing if name == b"connection").lower()
        head = b"POST / HTTP/1.1\r\nconnection: " + (b"keep-alive" if keep else b"close") + b"\r\n"
        for name, value in framing:
            if name != b"connection":
                head += name + b": " + value + b"\r\n"
        self._muted = True
        parser.feed_data(head + b"\r\n")
        self._muted = False

    def on_message_begin(self) -> None:
        if not self._muted:
            self._listener.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self._muted:
            self._listener.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._muted:
            self._listener.on_header(name, value)

    def on_headers_complete(self) -> None:
        if not self._muted:
            self._listener.on_headers_complete()

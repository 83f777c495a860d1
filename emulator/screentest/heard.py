"""A request whose headers are looked up at once, since every request is asked for half a dozen of them, and whose body
is read within a bound.

A client sends the same headers with almost every request, so what was read of them is kept.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope

from screentest.journal import Pairs
from screentest.usual import KEPT


class FirstHeaders(Headers):
    """Headers; of several with one name the first counts, as in Starlette. `said` has them by their names in lower
    case."""

    def __init__(self, pairs: Pairs) -> None:
        super().__init__(raw=list(pairs))
        self.said = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(pairs)}

    def __getitem__(self, key: str) -> str:
        return self.said[key.lower()]

    def get(self, key: str, default: Any = None) -> Any:
        """The value under this name, or `default`."""
        return self.said.get(key.lower(), default)


class HeardRequest(Request):
    """A Starlette request with those headers."""

    headers: FirstHeaders = FirstHeaders(())  # an attribute, where Starlette has a property

    def __init__(self, scope: Scope, receive: Receive) -> None:
        super().__init__(scope, receive)
        self.headers = _read(tuple(scope["headers"]))
        self.said = self.headers.said
        self._taken: tuple[bytes | None] | None = None

    async def body_within(self, limit: int) -> bytes | None:
        """The body as it came; None when it is longer. Raises ClientDisconnect when the rest will not come."""
        if self._taken is None:  # what comes can be taken only once
            self._taken = (await self._take(limit),)
        return self._taken[0]

    async def _take(self, limit: int) -> bytes | None:
        declared = self.said.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            return None
        pieces, size = list[bytes](), 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            piece = message.get("body", b"")
            size += len(piece)
            if size > limit:
                return None
            pieces.append(piece)
            if not message.get("more_body", False):
                return b"".join(pieces)


_read = lru_cache(maxsize=KEPT)(FirstHeaders)

"""A request whose headers are looked up at once, since every request is asked for half a dozen of them.

A client sends the same headers with almost every request, so what was read of them is kept.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope

from screentest.journal import KEPT, Pairs


class FirstHeaders(Headers):
    """Headers; of several with one name the first counts, as in Starlette."""

    def __init__(self, pairs: Pairs) -> None:
        super().__init__(raw=list(pairs))
        self._first = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(pairs)}

    def __getitem__(self, key: str) -> str:
        return self._first[key.lower()]

    def get(self, key: str, default: Any = None) -> Any:
        """The value under this name, or `default`."""
        return self._first.get(key.lower(), default)


class HeardRequest(Request):
    """A Starlette request with those headers."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        super().__init__(scope, receive)
        self._headers = _read(tuple(scope["headers"]))


_read = lru_cache(maxsize=KEPT)(FirstHeaders)

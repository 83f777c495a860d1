"""JSON as it is written everywhere: compact, UTF-8.

orjson writes it, but for what that cannot: integers beyond 64 bits, and infinity, which only we read again.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def json_bytes(value: Any) -> bytes:
    """A finite value as every answer, callback and row says it."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return _PLAIN.encode(value).encode()


def with_infinity(value: Any) -> bytes:
    """A value that may hold infinity, as Python's own reader takes it."""
    return _PLAIN.encode(value).encode()

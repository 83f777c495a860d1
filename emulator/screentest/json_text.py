"""JSON as it is written everywhere: compact, UTF-8.

orjson writes it, but for what that cannot: integers beyond 64 bits, and infinity, which only we read again.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

_SORTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_FLOAT = re.compile(r"(?:^|[:,\[])-?[0-9]+[.e]")  # or what looks like one in a text
_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def json_bytes(value: Any) -> bytes:
    """A finite value as every answer, callback and row says it."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return _PLAIN.encode(value).encode()


def canonical(value: Any) -> bytes:
    """A finite value in one spelling for ever, which is that of Python: sorted, ASCII only."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        text = ""
    same = text.isascii() and text.isprintable() and not _FLOAT.search(text)
    return (text if text and same else _SORTED.encode(value)).encode()


def with_infinity(value: Any) -> bytes:
    """A value that may hold infinity, as Python's own reader takes it."""
    return _PLAIN.encode(value).encode()

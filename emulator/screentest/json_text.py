"""JSON as it is written everywhere: compact, UTF-8, by msgspec; but infinity, which only we read again, by Python."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

_SORTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_FLOAT = re.compile(r"[:,\[]-?[0-9]+[.e]")  # or what looks like one in a text
_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_WRITER = msgspec.json.Encoder()
_SORTING_WRITER = msgspec.json.Encoder(order="deterministic")


def json_bytes(value: Any) -> bytes:
    """A finite value as every answer, callback and row says it."""
    return _WRITER.encode(value)


def canonical(value: Any) -> bytes:
    """A finite value in one spelling for ever, which is that of Python: sorted, ASCII only."""
    text = _SORTING_WRITER.encode(value).decode()
    same = text.isascii() and text.isprintable() and not _FLOAT.search(f":{text}")
    return (text if same else _SORTED.encode(value)).encode()


def with_infinity(value: Any) -> bytes:
    """A value that may hold infinity, as Python's own reader takes it."""
    return _PLAIN.encode(value).encode()

"""JSON as it is written everywhere: compact, UTF-8, by msgspec; but infinity, which only we read again, by Python."""

from __future__ import annotations

import json
from typing import Any

import msgspec

_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_WRITER = msgspec.json.Encoder()
_SORTING_WRITER = msgspec.json.Encoder(order="deterministic")


def json_bytes(value: Any) -> bytes:
    """A finite value as every answer, callback and row says it."""
    return _WRITER.encode(value)


def canonical(value: Any) -> bytes:
    """A finite value with its keys in order, so that the same value has the same bytes."""
    return _SORTING_WRITER.encode(value)


def with_infinity(value: Any) -> bytes:
    """A value that may hold infinity, as Python's own reader takes it."""
    return _PLAIN.encode(value).encode()

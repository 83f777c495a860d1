"""Read one key of an answer: the value if it has the expected type, else None. Extra keys are never looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]

LONGEST_NUMBER = 18


def parse(content: bytes) -> Any:
    """The JSON of an answer, or its text when it is not JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):  # the latter when it is nested deeper than Python's stack
        return content.decode("utf-8", "replace")


def start(said: str, most: int) -> str:
    """A text, or its beginning, cut between words: half of a word may be half of a key, which nobody would know."""
    return said if len(said) <= most else f"{said[: most + 1].rpartition(' ')[0]} ...".lstrip()


def digits(value: str) -> int | None:
    """The number that a few ASCII digits are: `isdigit` knows "²" too, and int() refuses thousands of them."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= LONGEST_NUMBER else None


def text(document: Document, key: str) -> str | None:
    value = document.get(key)
    return value if isinstance(value, str) and value else None


def whole(document: Document, key: str) -> int | None:
    value = document.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(document: Document, key: str) -> float | None:
    value = document.get(key)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def nested(document: Document, key: str) -> Document:
    """The object under `key`, empty when there is none."""
    value = document.get(key)
    return value if isinstance(value, dict) else {}

"""One edit of a page, and the tools to make it on text alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Finding = tuple[str, str]
"""A class and a pointer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The page `page` with one thing changed, and all that this has to be recognised as; nothing for nothing."""

    name: str
    page: str
    text: str
    expected: tuple[Finding, ...]


def replaced(text: str, old: str, new: str) -> str:
    """`text` with every `old` as `new`; it has to be there."""
    assert old in text, old
    return text.replace(old, new)


def with_json(text: str, marker: str, change: Callable[[dict[str, Any]], None]) -> str:
    """`text` with the JSON block that holds `marker` changed and written anew, in its place."""
    at = text.index(marker)
    start = max(found.start() for found in re.finditer(r"(?<![^\n}])\{(?=\n)", text[:at]))
    value, end = json.JSONDecoder().raw_decode(text, start)
    change(value)
    return text[:start] + json.dumps(value, indent=2, ensure_ascii=False) + text[end:]

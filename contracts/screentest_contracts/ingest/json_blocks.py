"""JSON documents inside the text of a page, also those whose quotes a text processor has curled."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from screentest_contracts.json_values import DEEPEST, deeper
from screentest_contracts.reading import Json

MOST_STARTS = 200
"""How many places of a page are tried; a page has a handful of blocks."""

_START = re.compile(r"[{\[]\s*[\"“”„{\[}\]]")
_CURLED = "“”„‟″"
_OPENING = re.compile(rf"(?<=[{{\[,:])(\s*)[{_CURLED}]")
_CLOSING = re.compile(rf"[{_CURLED}](?=\s*[,:}}\]])")
_PYTHON = {"True": "true", "False": "false", "None": "null"}
_PYTHON_WORD = re.compile(r"(?<=[:\[,])(\s*)(True|False|None)(?=\s*[,\]}])")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")


class NestedTooDeeplyError(ValueError):
    """JSON that is nested more deeply than we follow."""


class Block(Struct, frozen=True, kw_only=True):
    """A JSON value on a page, and where it stands in the text: from `start` up to `end`."""

    value: Json
    start: int
    end: int


def strict_json(text: str) -> Json:
    """The JSON document `text`; raises ValueError. Numbers are finite, as JSON wants them."""
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise NestedTooDeeplyError("nested too deeply") from None
    if deeper(value, DEEPEST):
        raise NestedTooDeeplyError("nested too deeply")
    return value


def blocks(text: str) -> Iterator[Block]:
    """Every JSON object or list of `text`, in order, outermost only."""
    readings = tuple(dict.fromkeys((text, straightened(text))))
    position, failures = 0, 0
    while failures < MOST_STARTS and (start := _START.search(text, position)):
        found = next(_decoded(readings, start.start()), None)
        if found is None:
            failures += 1
            position = start.start() + 1
            continue
        yield found
        position = found.end


def straightened(text: str) -> str:
    """`text`, of the same length, with the curled quotes straight that delimit a string of JSON; others stay."""
    return _CLOSING.sub('"', _OPENING.sub(r'\1"', text))


def loose_json(text: str) -> Json | None:
    """The JSON object that `text` begins with, also as Python writes it or with a comma too many; None if none."""
    straight = straightened(text)
    found = next(_decoded((text, straight, _unpythoned(straight)), 0), None)
    return found.value if found else None


def _unpythoned(text: str) -> str:
    text = _PYTHON_WORD.sub(lambda found: found[1] + _PYTHON[found[2]], text)
    return _TRAILING_COMMA.sub("", text)


def _decoded(readings: Iterable[str], start: int) -> Iterator[Block]:
    """The value that begins at `start`, in each reading that makes sense."""
    for reading in readings:
        try:
            value, end = _DECODER.raw_decode(reading, start)
        except (ValueError, RecursionError):
            continue
        if not deeper(value, DEEPEST):
            yield Block(value=value, start=start, end=end)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number")
    return number


_DECODER = json.JSONDecoder(parse_constant=_finite, parse_float=_finite)

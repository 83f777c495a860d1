"""Change a JSON text in place: what stays keeps its layout, so that a difference shows what has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from screentest_contracts.reading import Json

_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder()


class _Edit(NamedTuple):
    """What takes the place of the characters from start to end."""

    start: int
    end: int
    text: str


class _Part(Struct, frozen=True):
    """A member of an object or an item of a list: where it begins, with its name, and where its value is."""

    name: str | None
    begin: int
    start: int
    end: int


def rewritten(text: str, new: Json) -> str:
    """The JSON text `text` with the value `new`."""
    start = _skipped(text, 0)
    old, end = _DECODER.raw_decode(text, start)
    for edit in sorted(_edits(text, start, end, old, new), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _edits(text: str, start: int, end: int, old: Json, new: Json) -> Iterator[_Edit]:
    if json.dumps(old) == json.dumps(new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and old and old.keys() & new.keys():
        parts = _parts(text, start)
        yield from _cuts([one.name in new for one in parts], parts)
        for one in parts:
            if one.name in new:
                yield from _edits(text, one.start, one.end, old[one.name], new[one.name])
        yield from _additions(text, parts, [f"{_dumped(key)}: {_dumped(new[key])}" for key in new if key not in old])
    elif isinstance(old, list) and isinstance(new, list) and old and len(new) >= len(old):
        parts = _parts(text, start)
        for one, was, now in zip(parts, old, new, strict=False):
            yield from _edits(text, one.start, one.end, was, now)
        yield from _additions(text, parts, [_dumped(one) for one in new[len(old) :]])
    else:
        yield _Edit(start, end, _dumped(new))


def _cuts(kept: Sequence[bool], parts: Sequence[_Part]) -> Iterator[_Edit]:
    """Takes members away with the comma before them, and the first ones with the comma behind."""
    first = kept.index(True)
    if first:
        yield _Edit(parts[0].begin, parts[first].begin, "")
    for place in range(first + 1, len(parts)):
        if not kept[place]:
            yield _Edit(parts[place - 1].end, parts[place].end, "")


def _additions(text: str, parts: Sequence[_Part], added: Sequence[str]) -> Iterator[_Edit]:
    """Puts more behind the last one, in lines of their own where that has one."""
    last = parts[-1]
    before = text[: last.begin].rpartition("\n")[2]
    comma = f",\n{before}" if not before.strip() else ", "
    if added:
        yield _Edit(last.end, last.end, "".join(comma + one for one in added))


def _parts(text: str, start: int) -> list[_Part]:
    """The members of the object, or the items of the list, that begins at `start`."""
    named, at, parts = text[start] == "{", _skipped(text, start + 1), list[_Part]()
    while text[at] not in "}]":
        begin, name = at, None
        if named:
            name, at = _DECODER.raw_decode(text, at)
            at = _skipped(text, _skipped(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        parts.append(_Part(name, begin, at, end))
        at = _skipped(text, end)
        at = _skipped(text, at + 1) if text[at] == "," else at
    return parts


def _skipped(text: str, at: int) -> int:
    """The next place that is no blank."""
    while text[at] in _SPACE:
        at += 1
    return at


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)

"""JSON pointers, with ``*`` for every item of a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from screentest_contracts.reading import Json, pointer_token

GONE = object()
"""What a pointer finds where there is nothing."""


@cache
def tokens(pointer: str) -> tuple[str, ...]:
    """The reference tokens of a pointer."""
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


def at(value: Json, pointer: str) -> Json:
    """The node that a pointer without ``*`` leads to, GONE where there is none."""
    for token in tokens(pointer):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return GONE
    return value


def found(value: Json, pointer: str) -> Iterator[tuple[str, Json]]:
    """Every node that a pointer leads to, with its own pointer."""
    yield from _walk(value, tokens(pointer), "")


def _walk(value: Json, left: tuple[str, ...], where: str) -> Iterator[tuple[str, Json]]:
    if not left:
        yield where, value
    elif left[0] == "*":
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from _walk(item, left[1:], f"{where}/{index}")
    elif isinstance(value, dict) and left[0] in value:
        yield from _walk(value[left[0]], left[1:], f"{where}/{pointer_token(left[0])}")


def joined(path: Iterable[str | int]) -> str:
    """The pointer of a path."""
    return "".join("/" + pointer_token(str(token)) for token in path)

"""Changes to parsed JSON bodies. A ``*`` in a pointer stands for every item of a list; what is not there stays so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from screentest_contracts.pointers import found, tokens

Change = Callable[[Any], Any]
"""Edits a body in place and answers None, or answers what takes its place."""


def put(pointer: str, value: Any) -> Change:
    """Sets what a pointer leads to; the value may be a function of the old one, if there is one."""

    def change(body: Any) -> None:
        for parent, name in _parents(body, pointer):
            known = isinstance(parent, list) or name in parent
            if not callable(value):
                parent[name] = value
            elif known:
                parent[name] = value(parent[name])

    return change


def drop(pointer: str) -> Change:
    """Takes a member of an object away."""

    def change(body: Any) -> None:
        for parent, name in _parents(body, pointer):
            if isinstance(parent, dict):
                parent.pop(name, None)

    return change


def rename(pointer: str) -> Change:
    """Gives a member of an object another name."""

    def change(body: Any) -> None:
        for parent, name in _parents(body, pointer):
            if isinstance(parent, dict) and name in parent:
                parent[f"{name}_v2"] = parent.pop(name)

    return change


def both(*changes: Change) -> Change:
    """One change after the other."""

    def change(body: Any) -> None:
        for one in changes:
            one(body)

    return change


def _parents(body: Any, pointer: str) -> Iterator[tuple[Any, Any]]:
    above, _, _ = pointer.rpartition("/")
    last = tokens(pointer)[-1]
    for _, parent in list(found(body, above)):
        if isinstance(parent, dict):
            yield parent, last
        elif isinstance(parent, list):
            places = range(len(parent)) if last == "*" else [int(last)] if last.isdecimal() else []
            yield from ((parent, place) for place in places if place < len(parent))

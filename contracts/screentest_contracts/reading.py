"""Read JSON strictly: every key is asked for by name, and what nobody asked for is refused.

Errors name the file and the JSON pointer, as in
``hiapi/provider.json#/operations/2: unknown key "retryable" (did you mean "retry"?)``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

_REQUIRED: Any = object()

Json = Any
"""A parsed JSON value; contracts are data, so the type of a node is checked when it is read."""


class ContractError(ValueError):
    """A contract document that we do not understand; the message says where and what."""


class Reader:
    """One JSON object being read. `close()` refuses the keys that were never asked for.

    `at` is the object's address, "file#/json/pointer".
    """

    def __init__(self, value: Json, at: str) -> None:
        if not isinstance(value, Mapping):
            raise ContractError(f"{at}: expected an object, got {type(value).__name__}")
        self.value: Mapping[str, Json] = value
        self.at = at
        self._asked: set[str] = set()

    def take(self, key: str, *kinds: type, default: Any = _REQUIRED) -> Any:
        """The value of `key`, of one of `kinds`; absent or null gives `default` when there is one."""
        self._asked.add(key)
        value = self.value.get(key)
        if value is None:
            if default is _REQUIRED:
                raise ContractError(f'{self.at}: missing key "{key}"')
            return default
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            names = " or ".join(kind.__name__ for kind in kinds)
            raise ContractError(f"{self.at}/{key}: expected {names}, got {type(value).__name__}")
        return value

    def words(self, key: str, default: Any = _REQUIRED) -> tuple[str, ...]:
        """A list of strings."""
        items = self.take(key, list, default=default)
        for index, item in enumerate(items):
            if not isinstance(item, str):
                raise ContractError(f"{self.at}/{key}/{index}: expected str, got {type(item).__name__}")
        return tuple(items)

    def one_of(self, key: str, allowed: tuple[str, ...], default: Any = _REQUIRED) -> str:
        """A string out of a closed vocabulary."""
        value: str = self.take(key, str, default=default)
        if value not in (*allowed, default):
            raise ContractError(f"{self.at}/{key}: {value!r} is none of {', '.join(allowed)}")
        return value

    def children(self, key: str, default: Any = _REQUIRED) -> Iterator[tuple[str, Reader]]:
        """Name and reader of each member of an object of objects, or of each item of a list of objects."""
        node = self.take(key, dict, list, default=default)
        pairs = node.items() if isinstance(node, dict) else ((str(i), item) for i, item in enumerate(node))
        for name, value in pairs:
            if name in ANNOTATIONS:
                continue
            yield name, Reader(value, f"{self.at}/{key}/{pointer_token(name)}")

    def child(self, key: str) -> Reader | None:
        """Reader of an optional nested object."""
        node = self.take(key, dict, default=None)
        return None if node is None else Reader(node, f"{self.at}/{key}")

    def needed(self, key: str) -> Reader:
        """Reader of a nested object that has to be there."""
        found = self.child(key)
        if found is None:
            raise ContractError(f'{self.at}: missing key "{key}"')
        return found

    def close(self) -> None:
        """Refuse any key that was not asked for."""
        for key in self.value:
            if key not in self._asked and key not in ANNOTATIONS:
                raise unknown_key(self.at, key, self._asked)


ANNOTATIONS = ("from", "note")
"""Keys any object may carry: where its facts come from, and a remark about them."""


def members(table: Mapping[str, Json]) -> dict[str, Json]:
    """The members of an object that is a table, without its annotations."""
    return {key: value for key, value in table.items() if key not in ANNOTATIONS}


def bare(value: Json) -> Json:
    """A value without annotations, however deep they are."""
    if isinstance(value, dict):
        return {key: bare(child) for key, child in value.items() if key not in ANNOTATIONS}
    return [bare(child) for child in value] if isinstance(value, list) else value


def unknown_key(at: str, key: str, known: set[str] | frozenset[str]) -> ContractError:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f' (did you mean "{near[0]}"?)' if near else ""
    return ContractError(f'{at}: unknown key "{key}"{hint}')


def pointer_token(name: str) -> str:
    """Escape one reference token of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")

"""Walks over JSON values that come from strangers."""

from __future__ import annotations

from collections.abc import Iterator

from screentest_contracts.reading import Json

DEEPEST = 100
"""Levels of nesting that are followed in a document or a page."""


def deeper(value: Json, most: int) -> bool:
    """Whether `value` has more than `most` levels, found out without recursing."""
    level = [value]
    for _ in range(most):
        level = [
            item
            for node in level
            if isinstance(node, dict | list)
            for item in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return True


def texts(value: Json) -> Iterator[str]:
    """Every string in a document; names of members are none of them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts(one)

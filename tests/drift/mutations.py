"""Random changes of JSON documents: a leaf becomes another, a member goes, a member comes twice under another name."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

from screentest_contracts.reading import Json

Place = tuple[str | int, ...]

_LEFT_ALONE = ("from", "sources", "provider", "id", "openapi", "url_at", "path", "method", "answers", "rule", "$ref")


def mutated(document: Json, seed: int, changes: int = 3) -> Json:
    """A copy of `document` with a few changes, the same for the same seed."""
    generator = random.Random(seed)
    changed = copy.deepcopy(document)
    for _ in range(changes):
        _change(changed, generator)
    return changed


def _change(document: Json, generator: random.Random) -> None:
    *path, last = generator.choice(list(_places(document)))
    holder: Any = document
    for token in path:
        holder = holder[token]
    value = holder[last]
    if isinstance(holder, dict) and generator.random() < 0.3:
        if generator.random() < 0.5:
            del holder[last]
        else:
            holder[f"{last}_too"] = copy.deepcopy(value)
    elif isinstance(value, bool):
        holder[last] = not value
    elif isinstance(value, int | float):
        holder[last] = value + generator.choice((-1, 1, 100))
    elif isinstance(value, str):
        holder[last] = f"{value}2"
    elif isinstance(value, list) and value:
        value.pop(generator.randrange(len(value)))


def _places(node: Json, at: Place = ()) -> Iterator[Place]:
    """Every place below the top that a change may hit; what names and identifies is left alone."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        if key in _LEFT_ALONE:
            continue
        yield (*at, key)
        yield from _places(value, (*at, key))

"""Differences as values that can stand in a set, and what they are the other way round."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from screentest_contracts.drift.difference import Difference

MIRROR: Mapping[str, str] = {
    "model-added": "model-removed",
    "model-removed": "model-added",
    "property-added-optional": "property-removed",
    "property-added-required": "property-removed",
    "required-added": "required-removed",
    "required-removed": "required-added",
    "enum-value-added": "enum-value-removed",
    "enum-value-removed": "enum-value-added",
    "bound-tightened": "bound-loosened",
    "bound-loosened": "bound-tightened",
    "output-field-added": "output-field-removed",
    "output-field-removed": "output-field-added",
}
"""What a class is called when old and new change places; the others keep their names. A property that went comes as
required or as optional, by what is written of it (see `mirrored`)."""


def comparable(differences: Iterable[Difference]) -> set[str]:
    """Each difference as text."""
    return {json.dumps([one.kind, one.model, one.pointer, one.old, one.new], sort_keys=True) for one in differences}


def mirrored(differences: Iterable[Difference]) -> Iterator[Difference]:
    """What the same differences are when old and new change places."""
    for one in differences:
        kind = MIRROR.get(one.kind, one.kind)
        if one.kind == "property-removed":
            required = isinstance(one.old, dict) and one.old.get("required") is True
            kind = "property-added-required" if required else "property-added-optional"
        yield Difference(kind=kind, model=one.model, pointer=one.pointer, old=one.new, new=one.old)

"""The shape of a JSON body: which pointers there are, and of which types, as far as the contract looks into things.

What the contract leaves open (a model's schema, an output of any form) counts as one value, so that two services with
other models or other jobs still have the same shape.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct, field

from screentest_contracts.drift.profile import Field
from screentest_contracts.reading import Json, pointer_token
from screentest_contracts.violation import json_type

Schema = Mapping[str, Json]
_DEEPEST = 12


class Shape(Struct):
    """What several bodies at one place have in common and not. Pointers have a ``*`` for every item."""

    types: dict[str, set[str]] = field(default_factory=dict)
    there: dict[str, int] = field(default_factory=dict)
    objects: dict[str, int] = field(default_factory=dict)

    def fields(self) -> dict[str, Field]:
        """Every pointer, with whether it was in every object that it could be in."""
        return {at: Field(frozenset(types), self._always(at)) for at, types in self.types.items()}

    def _always(self, at: str) -> bool:
        above = at.rpartition("/")[0]
        return not at or at.endswith("/*") or self.there[at] == self.objects.get(above, 0)


class Walk(Struct, frozen=True):
    """Walks through bodies by the schemas of one contract. `items` are schemas of places that the schemas leave open,
    `loose` says whether what a body lacks is not looked at: then a type counts as all that the contract allows."""

    schemas: Mapping[str, Json]
    items: Mapping[str, Json] = field(default_factory=dict)
    loose: bool = False

    def add(
        self, shape: Shape, schema: Schema | None, body: Json, without: Collection[int]
    ) -> Iterator[tuple[str, str]]:
        """Take the shape of a body; yields words of closed vocabularies, with their pointers. Objects in `without`, by
        their identity, are left out: they are seen for themselves."""
        yield from self._add(shape, self._meant(schema or {}), body, "", without)

    def _add(
        self, shape: Shape, meant: list[Schema], value: Json, at: str, without: Collection[int]
    ) -> Iterator[tuple[str, str]]:
        if at in self.items:
            meant = self._meant(self.items[at])
        shape.types.setdefault(at, set()).update(self._types(meant, value))
        if id(value) in without or at.count("/") > _DEEPEST:
            return
        if isinstance(value, str) and any(_closed(one) for one in meant):
            yield at, value
        if isinstance(value, dict) and (not at or any("properties" in one for one in meant)):
            shape.objects[at] = shape.objects.get(at, 0) + 1
            for name, child in value.items():
                below = f"{at}/{pointer_token(name)}"
                shape.there[below] = shape.there.get(below, 0) + 1
                known = [one["properties"][name] for one in meant if name in one.get("properties", {})]
                yield from self._add(shape, self._each(known), child, below, without)
        elif isinstance(value, list) and (f"{at}/*" in self.items or any("items" in one for one in meant)):
            known = [one["items"] for one in meant if "items" in one]
            for child in value:
                yield from self._add(shape, self._each(known), child, f"{at}/*", without)

    def _types(self, meant: list[Schema], value: Json) -> set[str]:
        own = json_type(value)
        allowed = {_NUMBERS.get(name, name) for one in meant for name in _declared(one)}
        return allowed if self.loose and own in allowed else {own}

    def _each(self, nodes: list[Json]) -> list[Schema]:
        return [one for node in nodes for one in self._meant(node)]

    def _meant(self, node: Json) -> list[Schema]:
        """The alternatives of a schema, references followed."""
        if not isinstance(node, dict):
            return []
        if "$ref" in node:
            return self._meant(self.schemas[node["$ref"].rpartition("/")[2]])
        several = [*node.get("oneOf", ()), *node.get("anyOf", ())]
        return self._each(several) if several else [node]


_NUMBERS = {"integer": "number"}


def _declared(schema: Schema) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _closed(schema: Schema) -> bool:
    return "enum" in schema or "const" in schema

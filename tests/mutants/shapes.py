"""Where the contract's answers have their fields, and what the contract says of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from screentest_contracts.load import Contract
from screentest_contracts.pointers import at, found
from screentest_contracts.reading import ANNOTATIONS, Json, pointer_token
from screentest_contracts.records import Record

OTHERS: Mapping[str, Json] = {"integer": 12345, "string": "x", "boolean": True, "array": [0], "object": {"x": 1}}
"""A value of each JSON type, to retype with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A field of an answer. `inside` is the pointer of its object, from the record's object, which stands at `base`
    ("" without a record)."""

    base: str
    inside: str
    name: str
    rule: Json
    required: bool
    record: Record | None

    @property
    def pointer(self) -> str:
        """From the record's object."""
        return f"{self.inside}/{pointer_token(self.name)}"

    @property
    def whole(self) -> str:
        """From the top of the body."""
        return self.base + self.pointer

    @property
    def words(self) -> tuple[str, ...]:
        """The states that the record is seen in; one empty one for a record without."""
        return tuple(self.record.states) if self.record and self.record.state else ("",)

    def objects(self, body: Json, word: str) -> Iterator[Json]:
        """The record's objects in this state."""
        for _, node in found(body, self.base):
            if not word or (self.record and at(node, self.record.state) == word):
                yield node

    def is_demanded(self, word: str) -> bool:
        """Whether the contract wants the field to be there in this state."""
        if self.required or (not self.inside and self.record is not None and self.name in self.record.always):
            return True
        return self.has_value(word)

    def has_value(self, word: str) -> bool:
        """Whether the state says that the field is there and not null."""
        facts = self.record.states.get(word) if self.record else None
        return not self.inside and facts is not None and self.name in facts.present

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types that the schema allows; none where it says nothing."""
        choices = self.rule.get("oneOf", (self.rule,))
        if any(not {"type", "$ref", "enum", "const"} & set(one) for one in choices):
            return ()
        return tuple(word for one in choices for word in _types(one))

    @property
    def other(self) -> Json:
        """A value of a type that the schema does not allow."""
        known = {"number", *self.types} if "number" in self.types else set(self.types)
        known |= {"integer"} if "number" in known else set()
        return next(value for name, value in OTHERS.items() if name not in known)


def places(contract: Contract, schema: str, items: str | None = None) -> list[Place]:
    """Every field of a schema, those of its parts included; `items` is what a list's items are."""
    found_ = list(_places(contract, {"$ref": f"/{schema}"}, "", "", None))
    if items:
        base = contract.provider.lists[schema].items + "/*"
        found_ += _places(contract, {"$ref": f"/{items}"}, base, "", None)
    return found_


def _places(contract: Contract, node: Json, base: str, inside: str, record: Record | None) -> Iterator[Place]:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name in contract.provider.records:
            base, inside, record = base + inside, "", contract.provider.records[name]
        node = contract.provider.schemas[name]
    for choice in (one for one in node.get("oneOf", ()) if one.get("type") != "null"):
        yield from _places(contract, choice, base, inside, record)
    for name, rule in node.get("properties", {}).items():
        if name in ANNOTATIONS:
            continue
        required = name in node.get("required", ())
        yield Place(base=base, inside=inside, name=name, rule=rule, required=required, record=record)
        yield from _places(contract, rule, base, f"{inside}/{pointer_token(name)}", record)
    if isinstance(node.get("items"), dict):
        yield from _places(contract, node["items"], base, f"{inside}/*", record)


def _types(rule: Json) -> tuple[str, ...]:
    if "$ref" in rule:
        return ("object",)
    said = rule.get("type")
    if said is None:
        return ("string",)
    return (said,) if isinstance(said, str) else tuple(said)

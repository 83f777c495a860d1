"""Bodies of answers and callbacks against the contract's schemas and records, compiled once.

A compiled schema is the contract's own, as JSON Schema 2020-12, with what its record says of each state as conditions.
Each of its nodes has its address in a ``$comment``, so that what is broken can be named.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs
from msgspec import Struct

from screentest_contracts.conformance.facts import Facts
from screentest_contracts.load import Contract
from screentest_contracts.pointers import joined, tokens
from screentest_contracts.reading import ANNOTATIONS, Json, pointer_token
from screentest_contracts.records import Record
from screentest_contracts.violation import json_type, shown

_KINDS = {
    "required": "field.missing",
    "minItems": "field.missing",
    "falseSchema": "field.forbidden",
    "type": "field.type",
    "format": "field.format",
    "additionalProperties": "field.unknown",
}
_PLAIN = ("type", "enum", "const", "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems")
_COPIED = (*_PLAIN, "required", "format", "$ref")
_HOME = "#/components/schemas/"


class Flaw(Struct, frozen=True):
    """One rule of a schema that a body breaks: its kind, where in the body, why, and the address of the rule."""

    kind: str
    pointer: str
    message: str
    fact: str


class AnswerSchemas:
    """The schemas of one contract's answers. `flaws` says what is wrong with a body."""

    def __init__(self, contract: Contract, facts: Facts) -> None:
        self._provider = contract.provider
        self._facts = facts
        self._components = {name: self._component(name) for name in contract.provider.schemas}
        self._loose = {name: _without_demands(one) for name, one in self._components.items()}
        self._validator = cache(self._compiled)

    def is_json(self, schema: str) -> bool:
        """Whether this answer is JSON at all."""
        return any(keyword in self._provider.schemas[schema] for keyword in (*_COPIED, "properties", "oneOf"))

    def flaws(self, body: Json, schema: str, items: str | None = None, *, projected: bool = False) -> Iterator[Flaw]:
        """What is wrong with a body. `items` names the record of a list's items; `projected` ones may lack fields."""
        validator = self._validator(schema, items, projected)
        if not validator.is_valid(body):
            for error in validator.iter_errors(body):
                yield self._flaw(error, schema, items, projected)

    def _compiled(self, schema: str, items: str | None, projected: bool) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(self._root(schema, items, projected), validate_formats=True)

    def _root(self, schema: str, items: str | None, projected: bool) -> dict[str, Json]:
        root = self._components[schema]
        if items:
            node = root = copy.deepcopy(root)
            for token in tokens(self._provider.lists[schema].items):
                node = node["properties"][token]
            node["items"] = {"$ref": _HOME + items}
        components = self._loose | {schema: root} if projected else self._components
        return {**root, "components": {"schemas": components}}

    def _flaw(self, error: Any, schema: str, items: str | None, projected: bool) -> Flaw:
        node: Json = self._root(schema, items, projected)
        address, rest = node["$comment"], []
        for token in error.schema_path:
            node = node[token]
            rest.append(token)
            if isinstance(node, dict) and "$comment" in node:
                address, rest = node["$comment"], []
        kind, path, message = _told(error)
        if "/states/" in address and _is_absence(error):
            kind = "field.forbidden"
        return Flaw(kind, joined(path), message, _fact_address(address, [str(one) for one in rest]))

    def _component(self, name: str) -> dict[str, Json]:
        written = self._written(self._provider.schemas[name], self._facts.at(f"/schemas/{pointer_token(name)}"))
        record = self._provider.records.get(name)
        promises = list(self._promises(record)) if record else []
        if promises:
            written["allOf"] = promises
        return written

    def _written(self, node: Mapping[str, Json], at: str) -> dict[str, Json]:
        plain: dict[str, Json] = {"$comment": at} | {key: node[key] for key in _COPIED if key in node}
        if "properties" in node:
            named = {key: one for key, one in node["properties"].items() if key not in ANNOTATIONS}
            inside = f"{at}/properties/"
            plain["properties"] = {key: self._written(one, inside + pointer_token(key)) for key, one in named.items()}
            plain["additionalProperties"] = False
        if "items" in node:
            plain["items"] = self._written(node["items"], f"{at}/items")
        if "oneOf" in node:
            plain |= self._alternatives(node["oneOf"], at)
        return plain

    def _alternatives(self, choices: list[Mapping[str, Json]], at: str) -> dict[str, Json]:
        """One of several; "this, or null" is said so that the errors of this are told."""
        written = [self._written(one, f"{at}/oneOf/{index}") for index, one in enumerate(choices)]
        some = [one for one in written if one.get("type") != "null"]
        if len(some) == 1 and len(written) == 2:
            return {"if": {"type": "null"}, "else": some[0]}
        return {"oneOf": written}

    def _promises(self, record: Record) -> Iterator[dict[str, Json]]:
        """What the record says beyond the schema, always and state by state."""
        at = self._facts.at(f"/records/{pointer_token(record.name)}")
        if record.always:
            yield {"$comment": at, "required": list(record.always)}
        *inside, last = tokens(record.state) or ("",)
        for word, facts in record.states.items():
            there = f"{at}/states/{pointer_token(word)}"
            said: dict[str, Json] = {name: {"not": {"type": "null"}} for name in facts.present}
            said |= {name: {"type": "null"} for name in facts.absent}
            for name, schema in facts.properties.items():
                said[name] = {"allOf": [said.get(name, {}), self._written(schema, f"{there}/properties/{name}")]}
            condition: dict[str, Json] = {"properties": {last: {"const": word}}, "required": [last]}
            for token in reversed(inside):
                condition = {"properties": {token: condition}, "required": [token]}
            then = {"$comment": there, "required": list(facts.present), "properties": said}
            yield {"if": condition, "then": then}


def _told(error: Any) -> tuple[str, list[str | int], str]:
    """Kind, path and message of what a validator found."""
    path, kind = list(error.instance_path), error.kind
    match kind.name:
        case "required":
            return "field.missing", [*path, kind.property], "is missing"
        case "additionalProperties":
            names = sorted(kind.unexpected)
            return "field.unknown", [*path, names[0]], "unknown: " + ", ".join(names)
        case "not":
            return "field.missing", path, "is null"
        case "type":
            return "field.type", path, f"is {json_type(error.instance)}, not {' or '.join(kind.types)}"
        case _:
            return _KINDS.get(kind.name, "field.value"), path, f"{shown(error.instance)!r}: {error.message[:200]}"


def _is_absence(error: Any) -> bool:
    return error.kind.name == "type" and list(error.kind.types) == ["null"]


def _fact_address(address: str, rest: list[str]) -> str:
    """The address of the fact: a condition's parts are called by the names that the contract has for them."""
    if "/states/" in address and "/properties/" not in address:
        absent = bool(rest) and rest[-1] == "type"
        return f"{address}/{'absent' if absent else 'present'}"
    if "/records/" in address and "/states/" not in address:
        return f"{address}/always"
    if rest[-1:] == ["additionalProperties"]:
        return f"{address}/properties"
    return "/".join([address, *rest])


def _without_demands(node: Json) -> Json:
    """A schema that asks for no fields and knows no states, for objects that show only some of their fields."""
    if isinstance(node, list):
        return [_without_demands(one) for one in node]
    if not isinstance(node, dict):
        return node
    free = {key: _without_demands(one) for key, one in node.items() if key not in ("required", "allOf", "properties")}
    if "properties" in node:
        free["properties"] = {name: _without_demands(one) for name, one in node["properties"].items()}
    return free

"""A schema at its place in a document: references followed, dialects made one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from screentest_contracts.openapi_schema import PREFIX
from screentest_contracts.pointers import tokens
from screentest_contracts.reading import ANNOTATIONS, Json, pointer_token

_MOST_REFERENCES = 20
_CALLBACK = re.compile(r"(?:^|_)(?:callback|webhook|notify)(?:_|$|s?$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Node:
    """`schema` at the JSON pointer `at` of `root`, in which its references point."""

    schema: Mapping[str, Json]
    at: str
    root: Mapping[str, Json] = field(default_factory=dict, compare=False)

    def opened(self) -> Node:
        """What a reference points to, in the contract's dialect; `at` is then its address."""
        node = self
        for _ in range(_MOST_REFERENCES):
            target = node.schema.get("$ref")
            if not isinstance(target, str):
                break
            node = node._target(target)
        return Node(_dialect(node), node.at, node.root)

    def _target(self, reference: str) -> Node:
        """A schema by name is an OpenAPI component, or one of the contract's ``schemas``."""
        path = tokens("/" + reference.lstrip("#/"))
        name = path[-1]
        if name in self.root.get("schemas", {}):
            return Node(self.root["schemas"][name], f"/schemas/{pointer_token(name)}", self.root)
        found: Json = self.root
        for token in path:
            found = found.get(token, {}) if isinstance(found, dict) else {}
        return Node(found if isinstance(found, dict) else {}, reference.lstrip("#"), self.root)

    @property
    def closed(self) -> bool:
        """Whether nothing in it points elsewhere, so that equal schemas mean the same."""
        return "$ref" not in str(self.schema)

    @property
    def properties(self) -> dict[str, Node]:
        """The properties, by name."""
        named = self.schema.get("properties", {})
        return {
            name: Node(one if isinstance(one, dict) else {}, f"{self.at}/properties/{pointer_token(name)}", self.root)
            for name, one in named.items()
            if name not in ANNOTATIONS or (isinstance(one, dict) and "type" in one)
        }

    def child(self, keyword: str) -> Node:
        """The schema below a keyword."""
        below = self.schema.get(keyword)
        return Node(below if isinstance(below, dict) else {}, f"{self.at}/{keyword}", self.root)


def opened_both(old: Node, new: Node) -> tuple[Node, Node]:
    """Both nodes with their references followed. Where they point to two addresses, the place that points is told, so
    that it is the same place whichever side is the old one."""
    before, after = old.opened(), new.opened()
    if before.at == after.at:
        return before, after
    return Node(before.schema, old.at, before.root), Node(after.schema, old.at, after.root)


def alternatives(old: Node, new: Node) -> Iterator[tuple[str, Node | None, Node | None]]:
    """Schemas of which one has to fit, in pairs: those of the same name, else those at the same place. The first item
    is the name of the pair; a side is None where it has no partner."""
    for keyword in ("oneOf", "anyOf"):
        was, now = _alternatives(old, keyword), _alternatives(new, keyword)
        for name in dict.fromkeys([*was, *now]):
            yield f"{keyword}/{name}", was.get(name), now.get(name)


def _alternatives(node: Node, keyword: str) -> dict[str, Node]:
    found = {}
    for index, one in enumerate(node.schema.get(keyword) or ()):
        if isinstance(one, dict):
            name = str(one["$ref"]).rpartition("/")[2] if "$ref" in one else str(index)
            found[name] = Node(one, f"{node.at}/{keyword}/{name}", node.root)
    return found


def kind_of(schema: Mapping[str, Json]) -> Json:
    """The JSON type of a schema: a word, a sorted list of words, or None where it says none."""
    said = schema.get("type")
    if isinstance(said, list):
        words = sorted({str(word) for word in said})
        return words[0] if len(words) == 1 else words
    return said


def callback_name(name: str) -> bool:
    """Whether a property of this name is about callbacks."""
    return _CALLBACK.search(name) is not None


def _dialect(node: Node) -> dict[str, Json]:
    """The schema in the contract's dialect: our own keywords without prefix, parts of allOf as one, null as a type."""
    schema: dict[str, Json] = {}
    for part in node.schema.get("allOf", ()):
        if isinstance(part, dict) and not {"if", "not", "anyOf"} & set(part):
            schema |= _merged(schema, Node(part, node.at, node.root).opened().schema)
    for key, value in node.schema.items():
        if key == "allOf":
            continue
        schema |= _merged(schema, {key.removeprefix(PREFIX): value})
    schema.pop("provenance", None)
    if PREFIX + "schemes" in node.schema:  # written as a pattern too
        schema.pop("pattern", None)
    if schema.pop("nullable", False) and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    return schema


def _merged(schema: Mapping[str, Json], more: Mapping[str, Json]) -> dict[str, Json]:
    merged = dict(more)
    if "properties" in schema and "properties" in more:
        merged["properties"] = {**schema["properties"], **more["properties"]}
    if "required" in schema and "required" in more:
        merged["required"] = [*schema["required"], *more["required"]]
    return merged

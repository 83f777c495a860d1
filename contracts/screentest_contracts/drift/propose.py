"""From what was seen to a contract that says it, for review: the edited files, and what somebody has to decide.

Every edit carries ``observed`` with a source of the run's date. What cannot be written mechanically (which new limit,
an assumption in between, a rule of several requests) is listed, never guessed.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from screentest_contracts.drift.difference import Drift
from screentest_contracts.load import Contract
from screentest_contracts.reading import Json

_REMOVING = ("enum-value-removed", "required-removed")
_ADDING = ("enum-value-added", "required-added", "response.value.new")
_SETTING = ("bound-tightened", "bound-loosened", "default-changed", "property-retyped", "media-rule-changed")
_TYPES = ("response.field.type", "response.field.nullable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A drift to write into the contract. `address` is the schema or fact that it is about, "" for one on a model's
    file, whose `drift.pointer` leads there by itself; `pointer` is the place in the answer."""

    drift: Drift
    address: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`files` are texts by name, as in ``hiapi/models/a--b.json``; `review` is what was not written, and why."""

    files: Mapping[str, str]
    review: tuple[str, ...]


def propose(contract: Contract, drifts: Iterable[Seen], date: str) -> Proposal:
    """The contract's files with what was observed on `date` (ISO 8601). Only files that change are in it."""
    own, source = f"{contract.name}/provider.json", f"live-{date}"
    written: dict[str, Json] = {}
    review: list[str] = []
    for one in drifts:
        file = one.address.partition("#")[0] or (contract.model_file(one.drift.model) if one.drift.model else own)
        document = written.get(file) or _read(file)
        edited = copy.deepcopy(document)
        why = "" if document is None else _edit(edited, one, f"observed:{source}")
        if document is None or why:
            review.append(
                f"{one.drift.kind} {one.drift.pointer}: {why or 'there is no such file yet; ingest its page'}"
            )
            continue
        written[file] = edited
        meaning = one.drift.meaning
        review.append(f"{file}: {one.drift.kind} {one.drift.pointer}{f' ({meaning})' if meaning else ''}")
    if written:
        provider = written.setdefault(own, _read(own))
        provider["sources"][source] = {
            "title": "Answers of the live service",
            "url": contract.provider.base_url,
            "seen": date,
        }
    texts = {name: json.dumps(one, indent=2, ensure_ascii=False) + "\n" for name, one in written.items()}
    return Proposal(files=texts, review=tuple(review))


def _edit(document: Json, one: Seen, source: str) -> str:
    """Write one drift into the document; why that cannot be done, "" when it was."""
    if one.drift.kind.startswith("response."):
        return _edit_answer(document, one, source)
    return _edit_input(document, one.drift, source) if not one.address else "the new rule is not known from one answer"


def _edit_input(document: Json, drift: Drift, source: str) -> str:
    """A change to a model's input, at the place that the drift names."""
    above, _, leaf = drift.pointer.rpartition("/")
    node = _found(document, above)
    if not isinstance(node, dict):
        return "there is no such place"
    if "variants" in node:
        return "an assumption decides there"
    if drift.kind in _ADDING and isinstance(drift.new, str | int | float):
        node[leaf] = [*node.get(leaf, ()), drift.new]
    elif drift.kind in _REMOVING:
        node[leaf] = [value for value in node.get(leaf, ()) if value != drift.old]
    elif drift.kind in _SETTING and drift.new is not None:
        node[leaf] = drift.new
    elif drift.kind in _SETTING:
        node.pop(leaf, None)
        return ""
    else:
        return f"{drift.kind} is written by hand"
    _say(node, leaf, source)
    return ""


def _edit_answer(document: Json, one: Seen, source: str) -> str:
    """A change to the schema of answers."""
    schema = _found(document, one.address.partition("#")[2])
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in one.pointer.split("/")[1:]]
    if not isinstance(schema, dict) or not tokens:
        return "there is no such place"
    parent = _inside(document, schema, tokens[:-1])
    if parent is None or "variants" in parent:
        return "an assumption decides there" if parent else "the schema says nothing of what it is in"
    name, properties = tokens[-1], parent.get("properties", {})
    node = properties.get(name)
    if one.drift.kind == "response.field.added" and node is None:
        *types, _ = str(one.drift.new).split(" ")
        parent.setdefault("properties", {})[name] = {"type": _one(types), "from": source}
        return ""
    if one.drift.kind == "response.field.removed" and node is not None:
        parent["required"] = [key for key in parent.get("required", ()) if key != name]
        return ""
    if not isinstance(node, dict) or "$ref" in node or "variants" in node:
        return "the schema of the field stands elsewhere"
    if one.drift.kind in _TYPES:
        node["type"] = _one(list(one.drift.new))
    elif one.drift.kind == "response.value.new" and "enum" in node:
        node["enum"] = [*node["enum"], one.drift.new]
    else:
        return f"{one.drift.kind} is written by hand"
    _say(node, "type" if one.drift.kind in _TYPES else "enum", source)
    return ""


def _inside(document: Json, schema: Json, tokens: list[str]) -> dict[str, Json] | None:
    """The schema of the object that the tokens lead to."""
    for step in (*tokens, ""):
        if isinstance(schema, dict) and "$ref" in schema:
            schema = document["schemas"].get(schema["$ref"].rpartition("/")[2])
        if not isinstance(schema, dict):
            return None
        if step:
            schema = schema.get("items") if step == "*" else schema.get("properties", {}).get(step)
    return schema if isinstance(schema, dict) else None


def _say(node: dict[str, Json], key: str, source: str) -> None:
    """Who says it now: the observation for this key, and for the others whoever did before."""
    known = node.get("from", {})
    node["from"] = {**(known if isinstance(known, dict) else {"*": known}), key: source}


def _one(types: list[str]) -> Json:
    return types[0] if len(types) == 1 else types


def _found(document: Json, pointer: str) -> Json:
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        document = document.get(token) if isinstance(document, dict) else None
    return document


def _read(name: str) -> Any:
    """A file of the contract as it is written, with its variants; None where there is none."""
    path = files("screentest_contracts") / "data" / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

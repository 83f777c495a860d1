"""Compare a contract's models with the schemas that a provider publishes about them, as its API answers.

RunComfy and HiAPI publish a JSON Schema of a model's input, Runflow a list of declarations. Sentences, and how a string
is said to be a link, are the publisher's own business; limits that it does not state are left open.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from screentest_contracts.drift.difference import judged, ordered
from screentest_contracts.drift.files import ContractFiles
from screentest_contracts.drift.nodes import Node
from screentest_contracts.drift.origins import origin
from screentest_contracts.drift.outcome import Outcome, Unread
from screentest_contracts.drift.schemas import Requests
from screentest_contracts.reading import Json

_COMPARED = frozenset(
    {"type", "enum", "default", "required", "items", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    | {"minLength", "maxLength", "minItems", "maxItems", "multipleOf", "properties"}
)
_CODES = {"string": "string", "text": "string", "integer": "integer", "number": "number", "float": "number"}
_FLAGS = {"boolean": "boolean", "bool": "boolean", "json": "object"}


def compare_model(contract: ContractFiles, model_id: str, answer: Json) -> Outcome:
    """What the answer about a model contradicts; unread where there is no schema in it."""
    model = (contract.models or {})[model_id]
    schema = published_schema(answer, model_id)
    if schema is None:
        said = "the answer about the model has no schema of its input"
        return Outcome(drifts=(), unread=(Unread(page=f"{contract.name} {model_id}", at="", text=said),))
    found = Requests(_listed, complete=False).compare(Node(model["input"], "/input"), Node(schema, "/input"))
    drifts = []
    for one in found:
        known = origin(model, one.pointer)
        drifts.append(judged(structs.replace(one, model=model_id), contract.name, str(known) if known else None))
    return Outcome(drifts=ordered(drifts))


def published_schema(answer: Json, model_id: str) -> Mapping[str, Json] | None:
    """The schema of a model's input in an answer about it, in the contract's words; None where there is none."""
    if not isinstance(answer, dict):
        return None
    inner = answer["data"] if isinstance(answer.get("data"), dict) else answer
    if isinstance(inner.get("input_schema"), dict):
        return _plain(_without_model(inner["input_schema"], model_id))
    declared = inner.get("inputs", inner.get("items"))
    if isinstance(declared, list) and all(isinstance(one, dict) and "name" in one for one in declared):
        return {
            "type": "object",
            "properties": {str(one["name"]): _declared(one) for one in declared},
            "required": [one["name"] for one in declared if one.get("is_required") is True],
        }
    return None


def _listed(pointer: str) -> bool:
    """A list of properties is whole; a limit that is not stated may stand in prose only."""
    return pointer.rpartition("/")[0].endswith("/properties")


def _without_model(schema: Mapping[str, Json], model_id: str) -> dict[str, Json]:
    """HiAPI's schemas have the model's id among the inputs."""
    properties = dict(schema.get("properties", {}))
    if properties.get("model", {}).get("enum") == [model_id]:
        del properties["model"]
    required = [name for name in schema.get("required", ()) if name in properties]
    return {**schema, "properties": properties, "required": required}


def _plain(schema: Mapping[str, Json]) -> dict[str, Json]:
    kept = {name: value for name, value in schema.items() if name in _COMPARED}
    if isinstance(kept.get("properties"), dict):
        kept["properties"] = {name: _plain(one) for name, one in kept["properties"].items() if isinstance(one, dict)}
    if isinstance(kept.get("items"), dict):
        kept["items"] = _plain(kept["items"])
    return kept


def _declared(one: Mapping[str, Json]) -> dict[str, Json]:
    """A declaration of Runflow as a schema; a type that is a kind of file says nothing of the JSON type."""
    code = str(one.get("variable_type_code"))
    kind = (_CODES | _FLAGS).get(code) or ("array" if code.endswith("_list") or code == "array" else None)
    limits = one.get("validator_attrs")
    default = one.get("default_value")
    return {
        **({"type": kind} if kind else {}),
        **(_plain(limits) if isinstance(limits, dict) else {}),
        **({"default": default} if default is not None else {}),
    }

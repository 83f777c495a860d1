"""The catalogue: models with their input and output declarations and an example, all out of the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import Response

from screentest.errors import Refusal
from screentest.providers.runflow import lists
from screentest.providers.runflow.identity import named
from screentest.providers.wire import Call, json_response
from screentest_contracts.load import Contract
from screentest_contracts.model import Model
from screentest_contracts.reading import Json

_ANY = "any"
_OUTPUTS = ("outputs", "seed", "timing", "nsfw_detected")
_NO_VALUE = (
    *("org_id", "version", "icon_url", "cover_url", "family_id", "family_variant_code", "param_count", "architecture"),
    *("license_code", "max_resolution", "lora_support", "fine_tuning", "supports_streaming", "paper_url", "github_url"),
    *("seo", "content", "pricing_note", "created_by", "created_at", "updated_at", "deleted_at", "deleted_by"),
)
_VALIDATORS = {
    "enum": ("enum",),
    "range": ("minimum", "maximum"),
    "length": ("minLength", "maxLength"),
    "items": ("minItems", "maxItems"),
}


async def list_models(call: Call) -> Response:
    models = [_record(model, call.contract) for model in call.contract.models()]
    return json_response(lists.listed(call, models, "Model"))


async def get_model(call: Call) -> Response:
    return json_response(_record(call.model(call.params["model_id"]), call.contract))


async def list_inputs(call: Call) -> Response:
    return json_response(lists.listed(call, _all_inputs(call), "ModelInput"))


async def get_input(call: Call) -> Response:
    return _one(_all_inputs(call), call.params["input_id"], "Model input")


async def list_examples(call: Call) -> Response:
    return json_response(lists.listed(call, _all_examples(call), "ModelExample"))


async def get_example(call: Call) -> Response:
    return _one(_all_examples(call), call.params["example_id"], "Model example")


def _one(records: list[dict[str, Any]], record_id: str, what: str) -> Response:
    for record in records:
        if record["id"] == record_id:
            return json_response(record)
    raise Refusal("unknown-item", what)


def _all_inputs(call: Call) -> list[dict[str, Any]]:
    return [one for model in _meant(call) for one in _inputs(model)]


def _all_examples(call: Call) -> list[dict[str, Any]]:
    return [_example(model) for model in _meant(call)]


def _meant(call: Call) -> list[Model]:
    """The model that the path names, by owner and slug or by UUID; all of them for `any`."""
    name = call.params["model_id"]
    if name == _ANY:
        return list(call.contract.models())
    by_uuid = {named(model_id): model_id for model_id in call.contract.model_ids}
    return [call.model(by_uuid.get(name, name))]


def _record(model: Model, contract: Contract) -> dict[str, Any]:
    owner, _, slug = model.id.partition("/")
    whole = contract.assumed("runflow.model-slug") == "with-owner"
    return {
        "id": named(model.id),
        "model_creator_id": named("creator", owner),
        "slug": model.id if whole else slug,
        "name": model.title,
        "description": None,
        "is_public": True,
        "is_open_source": False,
        "category_code": "video",
        "status_code": "active",
        "is_official": False,
        "availability_status": "available",
        "notable_features": [],
        "inputs": list(_inputs(model)),
        "outputs": [_declared(model, name, order, "json") for order, name in enumerate(_OUTPUTS)],
        **dict.fromkeys(_NO_VALUE),
    }


def _inputs(model: Model) -> Iterator[dict[str, Any]]:
    """The input declarations, in the contract's order."""
    required = model.input.source.get("required", ())
    for order, (name, rule) in enumerate(model.input.properties.items()):
        yield _declared(model, name, order, _type(rule), rule) | {
            "is_required": name in required,
            "default_value": rule.get("default"),
        }


def _declared(
    model: Model, name: str, order: int, type_code: str, rule: Mapping[str, Json] | None = None
) -> dict[str, Any]:
    """What input and output declarations have in common."""
    validator, attributes = _validator(rule or {})
    return {
        "id": named(model.id, "input" if rule is not None else "output", name),
        "model_id": named(model.id),
        "name": name,
        "display_name": name.replace("_", " ").capitalize(),
        "description": (rule or {}).get("description"),
        "variable_type_code": type_code,
        "default_behavior_code": None,
        "validator_code": validator,
        "validator_attrs": attributes,
        "sort_order": order,
        "is_featured": False,
        "created_at": None,
        "updated_at": None,
    }


def _type(rule: Mapping[str, Json]) -> str:
    """The name that the pages have for a property's type."""
    many = rule.get("type") == "array"
    media = rule.get("media", {}).get("kind")
    if media:
        return f"{media}_list" if many else str(media)
    return "json" if rule.get("type", "object") == "object" else str(rule["type"])


def _validator(rule: Mapping[str, Json]) -> tuple[str | None, dict[str, Json]]:
    for code, keywords in _VALIDATORS.items():
        found = {keyword: rule[keyword] for keyword in keywords if keyword in rule}
        if found:
            return code, found
    return None, {}


def _example(model: Model) -> dict[str, Any]:
    return {
        "id": named(model.id, "example"),
        "model_id": named(model.id),
        "name": model.title,
        "input": dict(model.example),
        "output": None,
        "sort_order": 0,
        "created_at": None,
        "updated_at": None,
    }

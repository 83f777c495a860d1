"""What HiAPI tells about its models: the list, the prices, and each model's input schema."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from screentest.errors import Refusal
from screentest.providers.wire import Call, json_response
from screentest_contracts.load import Contract
from screentest_contracts.model import Model
from screentest_contracts.openapi_schema import url_pattern
from screentest_contracts.reading import Json
from screentest_contracts.rules import as_json_schema

ROUTE = "@"
"""Stands between a model's id and its route."""

_ENDPOINTS = ["task"]
_ANNOTATIONS = ("default", "description")


async def models(call: Call) -> Response:
    return json_response({"data": [_entry(model) for model in call.contract.models()]})


async def pricing(call: Call) -> Response:
    """A row for each model and for each of its routes. The numbers are placeholders where nobody knows the price."""
    routes = ("", *(ROUTE + route for route in call.contract.provider.catalogue.routes))
    rows = [_price_row(model, route, call.contract) for model in call.contract.models() for route in routes]
    return json_response({"data": rows})


async def model_content(call: Call) -> Response:
    """The schema of what a model takes, with its id as one of the properties."""
    name = call.request.query_params.get("name", "")
    model = call.contract.model(name)
    if model is None:
        raise Refusal("unknown-model", name[:200])
    return json_response({"data": {"input_schema": published_schema(model)}})


def published_schema(model: Model) -> dict[str, Json]:
    """The rules that a request is held to, as the site publishes them: `model` and the input are one object."""
    schema = dict(model.input.standard)
    named = {"model": {"type": "string", "enum": [model.id]}}
    inputs = {name: rule | _annotations(model, name) for name, rule in schema.get("properties", {}).items()}
    between = [as_json_schema(rule, model.input.properties) for rule in model.input.rules]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "properties": named | inputs,
        "required": ["model", *schema.get("required", ())],
        **({"allOf": said} if (said := [one for one in between if one]) else {}),
    }


def _annotations(model: Model, name: str) -> dict[str, Json]:
    """What the published schema says of a property beside its plain rules: its default, and which URLs it takes."""
    rule = model.input.properties[name]
    said: dict[str, Json] = {key: rule[key] for key in _ANNOTATIONS if key in rule}
    schemes = model.input.schemes(rule)
    if schemes and "items" in rule:
        said["items"] = {"type": "string", "format": "uri", "pattern": url_pattern(schemes)}
    elif schemes:
        said |= {"format": "uri", "pattern": url_pattern(schemes)}
    return said


def _entry(model: Model) -> dict[str, Any]:
    kind = model.output.kind
    words = {"description": model.catalogue.description} if model.catalogue else {}
    return {
        "id": model.id,
        **words,
        "category": kind,
        "output_type": kind,
        "supported_endpoint_types": _ENDPOINTS,
    }


def _price_row(model: Model, route: str, contract: Contract) -> dict[str, Any]:
    entry = _entry(model)
    name, text = entry.pop("id") + route, entry.pop("description", model.title)
    placeholder = float(contract.provider.catalogue.placeholder_usd_per_second or 0)
    return {
        "model_name": name,
        "description": json.dumps({"zh": text, "en": text}, ensure_ascii=False),
        "subcategory": model.catalogue.categories[0] if model.catalogue else "",
        **entry,
        "base_usd_value": placeholder,
        "base_display_unit": {"zh": "秒", "en": "second"},
        "model_price": placeholder,
        "factors": ["duration"],
        "policies": [],
    }

"""RunComfy's catalogue: its models with prices and input schemas, in the words of the provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from screentest.errors import Refusal
from screentest.jobs import Job
from screentest.pricing import units
from screentest.providers.wire import Call, json_response
from screentest_contracts.keywords import enforcement
from screentest_contracts.load import Contract
from screentest_contracts.model import CatalogueEntry, Model
from screentest_contracts.query_text import typed

_KIND = "model"
_PLACEHOLDER = "placeholder: screentest does not know the price of this model"
_UNSEEN = CatalogueEntry(description="", categories=(), price_unit="output", pricing_note="")
_PUBLISHED = (
    *("type", "title", "description", "enum", "default", "minimum", "maximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "items"),
)


async def models(call: Call) -> Response:
    """One page of the catalogue, filtered; `total` counts all that pass the filters."""
    wish = _asked(call)
    found = [model for model in call.contract.models() if _passes(model, wish)]
    page = found[wish["offset"] : wish["offset"] + wish["limit"]]
    entries = [_entry(call, model, with_schema=wish["include_schema"]) for model in page]
    return json_response({"models": entries, "total": len(found)})


async def categories(call: Call) -> Response:
    names = {name for model in call.contract.models() for name in _said(model).categories}
    return json_response({"categories": sorted(names)})


async def model(call: Call) -> Response:
    return json_response(_entry(call, call.model(call.params["model_id"]), with_schema=True))


def _asked(call: Call) -> dict[str, Any]:
    """The operation's query with its defaults; what breaks its schema is refused, or counts as left out."""
    rules = call.operation.query
    given = {name: typed(text, rules[name]) for name, text in call.request.query_params.items() if name in rules}
    violations = call.contract.query(call.operation.id).violations(given)
    if violations and call.contract.assumed("runcomfy.catalogue-filters") == "refuse":
        raise Refusal("bad-query", violations=violations)
    wrong = {one.at[0] for one in violations}
    defaults = {name: rule.get("default") for name, rule in rules.items()}
    return defaults | {name: value for name, value in given.items() if name not in wrong}


def cost(contract: Contract, job: Job) -> float | None:
    """US dollars that the job cost; from the placeholder where no price is known. None for a model that is gone."""
    if job.cost is not None:
        return float(job.cost)
    model = contract.model(job.model)
    return None if model is None else float(_placeholder(contract) * units(_said(model).price_unit, job.plan.clip))


def _passes(model: Model, wish: Mapping[str, Any]) -> bool:
    texts = (model.id, model.title, _said(model).description)
    if wish["search"] and not any(wish["search"].lower() in text.lower() for text in texts):
        return False
    if wish["category"] and wish["category"] not in _said(model).categories:
        return False
    return wish["kind"] in (None, _KIND)


def _entry(call: Call, model: Model, *, with_schema: bool) -> dict[str, Any]:
    said = _said(model)
    entry = {
        "model_id": model.id,
        "display_name": model.title,
        "description": said.description,
        "kind": _KIND,
        "categories": list(said.categories),
        "inputs": list(model.input.properties),
        "required_inputs": list(model.input.source.get("required", ())),
        **_price(call.contract, model),
        "model_url": f"{call.base}/v1/models/{model.id}",
    }
    return entry | ({"input_schema": _schema(model)} if with_schema else {})


def _price(contract: Contract, model: Model) -> dict[str, Any]:
    said, price = _said(model), model.price
    if price is None or not price.usd:
        base, notes = _placeholder(contract), [_PLACEHOLDER, said.pricing_note]
    else:
        base = min(map(Decimal, price.usd.values()))
        rates = ", ".join(f"{usd} USD per {price.per} with {price.by} {value}" for value, usd in price.usd.items())
        notes = [rates, said.pricing_note]
    note = "; ".join(filter(None, notes))
    return {"base_price_usd": float(base), "price_unit": said.price_unit, "pricing_note": note}


def _placeholder(contract: Contract) -> Decimal:
    return Decimal(contract.assumed("runcomfy.placeholder-price"))


def _said(model: Model) -> CatalogueEntry:
    """The model's entry; an empty one for a model that is known by name only."""
    return model.catalogue or _UNSEEN


def _schema(model: Model) -> dict[str, Any]:
    """The input schema as the catalogue publishes it."""
    return {
        "type": "object",
        "properties": {name: dict(_published(rule)) for name, rule in model.input.properties.items()},
        "required": list(model.input.source.get("required", ())),
    }


def _published(rule: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The members of one property: a limit that only a client of the provider has is not among them."""
    for keyword in _PUBLISHED:
        if keyword in rule and enforcement(rule, keyword) != "advisory":
            yield keyword, rule[keyword]
    if "media" in rule:
        yield "format", f"{rule['media']['kind']}_uri{'s' if rule.get('type') == 'array' else ''}"
    if "validations" in rule:
        yield (
            "validations",
            [
                {"validation_rule": one["rule"], "validation_value": one["value"], "validation_error": one["message"]}
                for one in rule["validations"]
            ],
        )

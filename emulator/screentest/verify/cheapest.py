"""The cheapest job that a provider offers, as far as prices are known. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import Any

from msgspec import Struct

from screentest.verify.engines import surface
from screentest.verify.exposure import exposure
from screentest.verify.side import Ask
from screentest_contracts.conformance.operations import Found
from screentest_contracts.document import Model, Operation
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import Contract
from screentest_contracts.model import Audio, Image, Video
from screentest_contracts.reading import Json

_KINDS = ("image", "audio", "video")


class Cheapest(Struct, frozen=True, kw_only=True):
    """A submit. `usd` is its price, None where the provider's are not known: then it is the smallest of its kind."""

    operation: Operation
    model: Model
    input: Json
    usd: Decimal | None

    @property
    def ask(self) -> Ask:
        path, body = surface.order_of(self.operation, self.model, self.input)
        return Ask(method=self.operation.method, path=path, body=body)


def cheapest(contract: Contract) -> Cheapest:
    """The cheapest one; of those without a price a picture before a recording before a video, and the shortest."""
    priced = [model for model in contract.models() if model.price and model.price.usd]
    models = priced or sorted(contract.models(), key=lambda one: _KINDS.index(one.output.kind))[:1]
    operation = surface.submits(contract)[0]
    found = [
        Cheapest(operation=operation, model=model, input=value, usd=_price(contract, operation, model, value))
        for model in models
        for value in _small(model)
    ]
    return min(found, key=lambda one: Decimal("Infinity") if one.usd is None else one.usd)


def _small(model: Model) -> Iterator[Json]:
    """The model's example with less of what costs, as far as the schema allows; the smallest first."""
    output, properties = model.output, model.input.properties
    match output:
        case Video():
            lengths: tuple[str | None, ...] = (output.seconds,)
        case Image():
            lengths = (output.count,)
        case Audio():
            lengths = output.seconds
    choices: dict[str, list[Any]] = {}
    for name in filter(None, (*lengths, model.price.by if model.price else None)):
        rule = properties.get(name, {})
        values = rule.get("enum") or ([rule["minimum"]] if "minimum" in rule else [])
        choices[name] = [*values, *([True, False] if rule.get("type") == "boolean" else [])]
    for changed in product(*(values or [None] for values in choices.values())):
        value = dict(model.example) | {name: one for name, one in zip(choices, changed, strict=True) if one is not None}
        if not model.input.violations(model.input.prepared(value)):
            yield value
    yield model.example


def _price(contract: Contract, operation: Operation, model: Model, value: Json) -> Decimal | None:
    ask = Cheapest(operation=operation, model=model, input=value, usd=None).ask
    place, name = operation.model_place
    found = Found(operation, {name: model.id} if place == "path" else {}, "")
    draft = Exchange(method=ask.method, url=ask.path, request_body=ask.content, status=0)
    return exposure(contract, found, draft).usd

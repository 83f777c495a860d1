"""What a submit could cost if the server accepted it, whether it should or not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from msgspec import Struct

from screentest_contracts.conformance.operations import Found
from screentest_contracts.document import Model
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import Contract
from screentest_contracts.model import Audio, Image, Video
from screentest_contracts.pointers import at
from screentest_contracts.reading import Json

_STEP = Decimal(1)


class Exposure(Struct, frozen=True, kw_only=True):
    """What one submit risks. `usd` is the worst price, None where nobody knows one; `model` is the model's id.

    `placeholder` is the price at the provider's placeholder rate, where it has one and `usd` is not known. `beyond`
    names a field that scales the price and goes further past its limit than one step; "" when there is none.
    """

    model: str = ""
    usd: Decimal | None = None
    placeholder: Decimal | None = None
    beyond: str = ""

    def __str__(self) -> str:
        if self.usd is not None:
            return f"${self.usd:f}"
        unknown = f"$ unknown, as no price of {self.model or 'the model'} is known"
        return f"{unknown} (${self.placeholder:f} at a placeholder's)" if self.placeholder is not None else unknown


def exposure(contract: Contract, found: Found, exchange: Exchange) -> Exposure:
    """What the submit `exchange` risks. Fields that cannot be read count as the most that the model takes."""
    body = exchange.asked
    place, name = found.operation.model_place
    named = found.params.get(name) if place == "path" else at(body, f"/{name}")
    model = _model(contract, named, ownerless=found.operation.ownerless)
    if model is None:
        return Exposure(model=named[:80] if isinstance(named, str) else "")
    sent = at(body, found.operation.input_at or "")
    inputs = model.input.prepared(sent) if isinstance(sent, dict) else {}
    beyond = next((field for field in _scaling(model) if _is_beyond(_rule(model, field), inputs.get(field))), "")
    rate, units = _rate(model, inputs), _units(model, inputs)
    if units is None or rate is not None:
        return Exposure(model=model.id, usd=rate * units if rate and units is not None else None, beyond=beyond)
    chosen = contract.provider.catalogue.placeholder_usd_per_second
    per_second = chosen if isinstance(model.output, Video) else None
    return Exposure(model=model.id, placeholder=Decimal(per_second) * units if per_second else None, beyond=beyond)


def _model(contract: Contract, named: Json, *, ownerless: bool) -> Model | None:
    if not isinstance(named, str):
        return None
    named = named.partition("@")[0]
    if model := contract.model(named):
        return model
    owned = [one for one in contract.model_ids if ownerless and one.partition("/")[2] == named]
    return contract.model(owned[0]) if len(owned) == 1 else None


def _scaling(model: Model) -> Iterator[str]:
    """The inputs that make the output longer, larger or more."""
    output = model.output
    match output:
        case Video():
            named: tuple[str | int | None, ...] = (output.seconds, output.fps, output.width, output.height)
        case Image():
            named = (output.count, output.width, output.height)
        case Audio():
            named = (*output.seconds, output.rate)
    yield from (name for name in named if isinstance(name, str))


def _rate(model: Model, inputs: Mapping[str, Json]) -> Decimal | None:
    """US dollars per unit: as asked, or the highest where that says nothing."""
    if model.price is None or not model.price.usd:
        return None
    rule, usd = _rule(model, model.price.by), model.price.usd
    asked = str(inputs.get(model.price.by, rule.get("default")))
    if asked in usd:
        return Decimal(usd[asked])
    choices = [str(one) for one in rule.get("enum", (True, False) if rule.get("type") == "boolean" else ())]
    if not choices or asked in choices or any(one not in usd for one in choices):
        return None
    return max(Decimal(one) for one in usd.values())


def _units(model: Model, inputs: Mapping[str, Json]) -> Decimal | None:
    """Seconds or outputs that would be billed; None where they follow from a file that nobody has seen."""
    output = model.output
    if model.price and model.price.per == "output":
        return _most(model, output.count, inputs) if isinstance(output, Image) and output.count else Decimal(1)
    if isinstance(output, Video) and output.seconds:
        asked = _most(model, output.seconds, inputs)
        return asked if asked is not None or output.fixed_seconds is None else Decimal(output.fixed_seconds)
    if isinstance(output, Audio) and output.seconds:
        parts = [_most(model, name, inputs) or Decimal(0) for name in output.seconds]
        return sum(parts, Decimal(0)) / {"s": 1, "ms": 1000}[output.unit] + output.fixed_seconds
    return None


def _most(model: Model, field: str, inputs: Mapping[str, Json]) -> Decimal | None:
    """The number in a field; what is no number, or below zero, counts as the largest that the field takes."""
    rule = _rule(model, field)
    asked = _number(inputs.get(field, rule.get("default")))
    return asked if asked is not None and asked >= 0 else _largest(rule)


def _is_beyond(rule: Mapping[str, Json], sent: Json) -> bool:
    number, largest = _number(sent), _largest(rule)
    return number is not None and largest is not None and number > largest + _STEP


def _largest(rule: Mapping[str, Json]) -> Decimal | None:
    said = [rule.get("maximum"), rule.get("default"), *rule.get("enum", ())]
    numbers = [number for number in map(_number, said) if number is not None]
    return max(numbers, default=None)


def _number(value: Json) -> Decimal | None:
    """The number that a value is or spells, as 8, "8" and "8s" do."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value).strip().removesuffix("s"))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _rule(model: Model, field: str) -> Mapping[str, Json]:
    return model.input.properties.get(field, {})

"""Mutants made from the contracts by rule: every field of every answer, in every state, dropped, nulled, retyped,
renamed or joined by another; every rule for requests dropped or shifted by one.

A change that the contract allows (a field that nothing demands is gone) is no mutant, and is not made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mutants.editing import Change, drop, put, rename
from mutants.notifying import edited_callback
from mutants.planting import Edit, Planting
from mutants.shapes import Place, places
from mutants.sightings import CALLBACK, REFUSAL, Seen, callback_places
from mutants.wire import Spot, altered
from screentest.verify.engines import EFFORTS, Effort
from screentest_contracts.load import Contract, load
from screentest_contracts.reading import ANNOTATIONS, Json

ADDED = "x_added"
_NUMBERS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
_DROPPED = (*_NUMBERS, "pattern", "enum", "type", "additionalProperties")
_FIRST_LIVES = ("machine", "probes", "enumerated")
_FIRST_EDGES = ("probes", "enumerated", "machine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanical:
    """One mutant made by rule, and what it takes to look for it. `kind` is drop, null, retype, rename, add or shift."""

    id: str
    provider: str
    kind: str
    side: str  # "answer", "callback" or "request"
    planting: Planting
    engines: tuple[str, ...]
    effort: Effort


def mechanical(provider: str, seen: Seen) -> list[Mechanical]:
    """All of them for a provider; `seen` is what a sound emulator showed."""
    contract = load(provider)
    made = [*_answers(contract, seen), *_callbacks(contract, seen), *requests(contract)]
    return list({one.id: one for one in made}.values())


def _answers(contract: Contract, seen: Seen) -> Iterator[Mechanical]:
    for operation in contract.provider.operations.values():
        for status, schema in operation.answers.items():
            spot = Spot(operation.id, status=status)
            for place in places(contract, schema, operation.items):
                yield from _of_place(contract, seen, place, spot, operation.id)
    for status in sorted({one.status for one in contract.provider.failures.values()}):
        for place in places(contract, "Error"):
            yield from _of_place(contract, seen, place, Spot("", status=status), REFUSAL)


def _of_place(contract: Contract, seen: Seen, place: Place, spot: Spot, where: str) -> Iterator[Mechanical]:
    for word in place.words:
        nothing = seen.fields.get((where, spot.status, place.whole, word))
        if nothing is None:
            continue
        for kind, change in _changes(place, word, always_null=nothing):
            told = place.base + _told(kind, place) + (f"@{word}" if word else "")
            name = f"{contract.name}:{where}:{spot.status}:{kind}:{told}"
            planting = Planting(tap=altered(spot, _in_state(place, word, change)))
            yield _mutant(name, contract, kind, "answer", planting, _FIRST_EDGES if where == REFUSAL else _FIRST_LIVES)


def _callbacks(contract: Contract, seen: Seen) -> Iterator[Mechanical]:
    for place in callback_places(contract):
        for word in place.words:
            nothing = seen.fields.get((CALLBACK, 0, place.whole, word))
            if nothing is None:
                continue
            for kind, change in _changes(place, word, always_null=nothing):
                name = f"{contract.name}:callback:{kind}:{_told(kind, place)}@{word}"
                planting = edited_callback(_in_state(place, word, change))
                yield _mutant(name, contract, kind, "callback", planting, _FIRST_LIVES)


def _told(kind: str, place: Place) -> str:
    return place.inside + "/*" if kind == "add" else place.pointer


def _changes(place: Place, word: str, *, always_null: bool) -> Iterator[tuple[str, Change]]:
    """What can be done to a field that is there, as far as the contract forbids it."""
    if place.is_demanded(word):
        yield "drop", drop(place.pointer)
    yield "rename", rename(place.pointer)
    if place.types and not always_null and ("null" not in place.types or place.has_value(word)):
        yield "null", put(place.pointer, None)
    if place.types:
        yield "retype", put(place.pointer, place.other)
    yield "add", put(f"{place.inside}/{ADDED}", 1)


def _in_state(place: Place, word: str, change: Change) -> Change:
    """The change, in the record's objects in this state."""

    def changed(body: Json) -> None:
        for node in list(place.objects(body, word)):
            change(node)

    return changed


def requests(contract: Contract) -> Iterator[Mechanical]:
    """Every rule for every model, and for the bodies and queries around them.

    One model's rules are looked for with that model alone, by the engine that enumerates them: it sends the same about
    a model whatever the others are.
    """
    for model in contract.models():
        effort = Effort(seed=0, only=(model.id,), examples=1, steps=1)
        for name, kind, edit in rules(model.input.source, "/input"):
            planting = Planting(edits={model.id: edit})
            told = f"{contract.name}:{model.id}:{kind}:{name}"
            yield _mutant(told, contract, kind, "request", planting, ("enumerated",), effort)
    for schema in sorted({one.body for one in contract.provider.operations.values() if one.body and one.answers}):
        for name, kind, edit in rules(contract.provider.schemas[schema], f"/schemas/{schema}"):
            planting = Planting(edits={"": edit})
            yield _mutant(f"{contract.name}:{schema}:{kind}:{name}", contract, kind, "request", planting, _FIRST_EDGES)


def rules(schema: Json, at: str) -> Iterator[tuple[str, str, Edit]]:
    """Name, kind and edit of every rule in a schema that stands at a pointer of its document."""
    yield from _of_rule(schema, at, "")
    for name, rule in schema.get("properties", {}).items():
        if name in ANNOTATIONS:
            continue
        needed = name in schema.get("required", ())
        listed = put(f"{at}/required", _without(name) if needed else _with(name))
        whole = listed if "required" in schema else put(f"{at}/required", [name])
        yield f"{at}/required/{name}", "drop" if needed else "shift", whole
        yield from _of_property(rule, f"{at}/properties/{name}")


def _of_property(rule: Json, at: str) -> Iterator[tuple[str, str, Edit]]:
    if rule.get("type") == "object":
        yield from rules(rule, at)
    else:
        yield from _of_rule(rule, at, "")
    if isinstance(rule.get("items"), dict):
        yield from _of_property(rule["items"], f"{at}/items")


def _of_rule(rule: Json, at: str, name: str) -> Iterator[tuple[str, str, Edit]]:
    for keyword in _DROPPED:
        if keyword in rule and _binds(rule, keyword):
            yield f"{at}/{keyword}", "drop", drop(f"{at}/{keyword}")
    for keyword in _NUMBERS:
        for step in (1, -1) if keyword in rule and _binds(rule, keyword) else ():
            if keyword.startswith(("minimum", "maximum")) or rule[keyword] + step >= 0:
                yield f"{at}/{keyword}{step:+d}", "shift", put(f"{at}/{keyword}", rule[keyword] + step)
    for choice in rule.get("enum", ()):
        if len(rule["enum"]) > 1:
            yield f"{at}/enum-{choice}", "shift", put(f"{at}/enum", _without(choice))
    for number, _ in enumerate(rule.get("rules", ())):
        yield f"{at}/rules/{number}", "drop", put(f"{at}/rules", _without_place(number))


def _binds(rule: Json, keyword: str) -> bool:
    """Whether a request that breaks the keyword is refused at once."""
    if keyword == "type" and (rule.get("type") == "object" or "enum" in rule):
        return False  # a choice of words has their type
    if keyword == "additionalProperties" and rule[keyword] is not False:
        return False
    if keyword in ("minLength", "maxLength") and rule.get("overflow") == "truncate":
        return False
    enforced = rule.get("enforced", {}).get(keyword, "submit")
    return bool(rule.get("overflow") != "default" and enforced == "submit")


def _without(name: Json) -> Change:
    return lambda names: [one for one in names if one != name]


def _with(name: str) -> Change:
    return lambda names: [*names, name]


def _without_place(number: int) -> Change:
    return lambda every: [one for place, one in enumerate(every) if place != number]


def _mutant(
    name: str,
    contract: Contract,
    kind: str,
    side: str,
    planting: Planting,
    engines: tuple[str, ...],
    effort: Effort | None = None,
) -> Mechanical:
    return Mechanical(
        id=name,
        provider=contract.name,
        kind=kind,
        side=side,
        planting=planting,
        engines=engines,
        effort=effort or EFFORTS["quick"],
    )

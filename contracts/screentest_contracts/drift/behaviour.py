"""Compare two profiles: what a service did then and now, or what the emulator does and the live service.

`compare` gives every difference. Those of `behaviour_classes.UNOBSERVED` say only that one side did not show something
in its run; `screentest_contracts.drift.behaving` judges the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from screentest_contracts.drift.behaviour_classes import CALLBACK_SHAPE
from screentest_contracts.drift.outcomes import outcomes
from screentest_contracts.drift.profile import CALLBACK, Field, Look, Place, Profile
from screentest_contracts.drift.profiling import ELSEWHERE
from screentest_contracts.load import Contract
from screentest_contracts.reading import Json

_SLOWER = 10.0
"""How many times as long as before a state has to last to be worth a word."""


class Difference(Struct, frozen=True, kw_only=True):
    """What differs. `where` is the place or probe, `pointer` the place in the body ("header:<name>" for a header) and
    `fact` the address of the fact that it is about, "" where there is none. `old` is None for what came."""

    kind: str
    where: str
    pointer: str
    old: Json
    new: Json
    fact: str = ""


def compare(contract: Contract, old: Profile, new: Profile) -> tuple[Difference, ...]:
    """Every difference between two profiles of one provider."""
    return (
        *(Difference(**one) for one in outcomes(contract, old, new)),
        *_places(contract, old, new),
        *_words(contract, old, new),
        *_transitions(contract, old, new),
        *_limits(old, new),
        *_timing(old, new),
        *_charges(old, new),
    )


def _places(contract: Contract, old: Profile, new: Profile) -> Iterator[Difference]:
    for place in sorted(old.places.keys() | new.places.keys()):
        if place.operation == ELSEWHERE and not (place in old.places and place in new.places):
            continue
        fact = _fact(contract, place)
        if place not in old.places:
            yield Difference(kind="shape.unseen", where=str(place), pointer="", old=None, new=place.word, fact=fact)
        elif place not in new.places:
            yield Difference(kind="shape.missing", where=str(place), pointer="", old=place.word, new=None, fact=fact)
        else:
            yield from _look(place, old.places[place], new.places[place], fact)


def _look(place: Place, old: Look, new: Look, fact: str) -> Iterator[Difference]:
    if old.content_types != new.content_types:
        yield Difference(
            kind="content_type.changed",
            where=str(place),
            pointer="header:content-type",
            old=sorted(old.content_types),
            new=sorted(new.content_types),
            fact=fact,
        )
    for name in sorted(old.headers.keys() | new.headers.keys()):
        was, now = _presence(old.headers.get(name)), _presence(new.headers.get(name))
        if was != now:
            gone = now is None or was == "always"
            kind = "header.removed" if gone else "header.added"
            yield Difference(kind=kind, where=str(place), pointer=f"header:{name}", old=was, new=now, fact=fact)
    for pointer in sorted(old.fields.keys() | new.fields.keys()):
        yield from _field(place, pointer, old.fields, new.fields, fact)


def _field(
    place: Place, pointer: str, old: Mapping[str, Field], new: Mapping[str, Field], fact: str
) -> Iterator[Difference]:
    above = pointer.rpartition("/")[0]
    if pointer and not all(above in side and side[above].types & {"object", "array"} for side in (old, new)):
        return
    was, now = old.get(pointer), new.get(pointer)
    where = str(place)
    if was is None or now is None or was.always != now.always:
        if pointer.endswith("/*"):  # an empty list lacks nothing
            return
        gone = now is None or (was is not None and was.always)
        yield Difference(
            kind=_shape_kind(place, "response.field.removed" if gone else "response.field.added"),
            where=where,
            pointer=pointer,
            old=str(was) if was else None,
            new=str(now) if now else None,
            fact=fact,
        )
    if was and now and was.types != now.types:
        yield from _retyped(place, pointer, was.types, now.types, fact)


def _retyped(place: Place, pointer: str, was: frozenset[str], now: frozenset[str], fact: str) -> Iterator[Difference]:
    came, gone = now - was, was - now
    said: dict[str, Json] = {
        "where": str(place),
        "pointer": pointer,
        "old": sorted(was),
        "new": sorted(now),
        "fact": fact,
    }
    if came - {"null"}:
        yield Difference(kind=_shape_kind(place, "response.field.type"), **said)
    if "null" in came:
        yield Difference(kind=_shape_kind(place, "response.field.nullable"), **said)
    if gone and not came:
        yield Difference(kind="response.type.missing", **said)


def _shape_kind(place: Place, kind: str) -> str:
    """Whatever differs in a callback is one class, and what lacks in a refusal is its envelope."""
    if place.operation == CALLBACK:
        return CALLBACK_SHAPE
    return "error.envelope" if place.refused and kind != "response.field.added" else kind


def _words(contract: Contract, old: Profile, new: Profile) -> Iterator[Difference]:
    for where in sorted(old.words.keys() & new.words.keys()):
        operation, pointer = where
        fact = _fact(contract, Place(operation, 0))
        for word in sorted(new.words[where] - old.words[where]):
            known = _allowed(contract, word)
            kind = "outcome.unseen" if known else "response.value.new"
            yield Difference(kind=kind, where=operation, pointer=pointer, old=None, new=word, fact=fact)
        for word in sorted(old.words[where] - new.words[where]):
            kind = "outcome.missing" if _allowed(contract, word) else "response.value.missing"
            yield Difference(kind=kind, where=operation, pointer=pointer, old=word, new=None, fact=fact)


def _allowed(contract: Contract, word: str) -> bool:
    """Whether the contract knows the word as a state: which of them a run shows depends on the pace."""
    records = contract.provider.records.values()
    return word in contract.provider.lifecycle.words or any(word in one.states for one in records)


def _transitions(contract: Contract, old: Profile, new: Profile) -> Iterator[Difference]:
    """Steps that the other side does not take, not even with stops in between."""
    was, now = _closed(old.transitions), _closed(new.transitions)
    for step in sorted(new.transitions - was):
        kind = "outcome.unseen" if _foreseen(contract, step) else "transition.unseen"
        yield Difference(
            kind=kind, where=step[0], pointer="", old=None, new=" → ".join(step[1:]), fact=_steps(contract)
        )
    for step in sorted(old.transitions - now):
        kind = "outcome.missing" if _foreseen(contract, step) else "transition.missing"
        yield Difference(
            kind=kind, where=step[0], pointer="", old=" → ".join(step[1:]), new=None, fact=_steps(contract)
        )


def _closed(steps: frozenset[tuple[str, str, str]]) -> frozenset[tuple[str, str, str]]:
    """The steps, and those that skip what lies between: who looks seldom sees fewer states."""
    found = set(steps)
    while True:
        more = {(r, a, d) for r, a, b in found for s, c, d in found if (r, b) == (s, c)} - found
        if not more:
            return frozenset(found)
        found |= more


def _foreseen(contract: Contract, step: tuple[str, str, str]) -> bool:
    """Whether the contract has this step: forward, and out of a state that is not final."""
    life = contract.provider.lifecycle
    record = contract.provider.records[step[0]]
    ends = life.results if record.ends == "results" else life.outcomes
    order = [one.word for one in life.steps]
    if step[1] not in order:
        return False
    return step[2] in ends.values() or (step[2] in order and order.index(step[2]) > order.index(step[1]))


def _limits(old: Profile, new: Profile) -> Iterator[Difference]:
    for name in sorted(old.limits.keys() & new.limits.keys()):
        was, now = sorted(old.limits[name]), sorted(new.limits[name])
        if was != now:
            operation, _, header = name.partition(" ")
            yield Difference(kind="limit.changed", where=operation, pointer=f"header:{header}", old=was, new=now)


def _timing(old: Profile, new: Profile) -> Iterator[Difference]:
    for state in sorted(old.seconds.keys() & new.seconds.keys()):
        was, now = old.seconds[state], new.seconds[state]
        if max(was, now) > _SLOWER * max(min(was, now), 1.0):
            yield Difference(kind="timing", where=state, pointer="", old=was, new=now)


def _charges(old: Profile, new: Profile) -> Iterator[Difference]:
    for what in sorted(old.charges.keys() & new.charges.keys()):
        was, now = old.charges[what], new.charges[what]
        if was.paid != now.paid:
            yield Difference(
                kind="price.changed", where=what, pointer="", old=was.paid, new=now.paid, fact=was.fact or now.fact
            )


def _presence(always: bool | None) -> str | None:
    return None if always is None else "always" if always else "sometimes"


def _fact(contract: Contract, place: Place) -> str:
    """The address of the schema that answers at this place have."""
    provider, file = contract.provider, f"{contract.name}/provider.json"
    if place.operation == CALLBACK:
        return f"{file}#/schemas/{provider.callbacks.schema}" if provider.callbacks else ""
    operation = provider.operations.get(place.operation)
    if operation is None:
        return ""
    if place.refused:
        return f"{file}#/schemas/Error"
    name = operation.answers.get(place.status) or next(iter(operation.answers.values()), "")
    if place.turn.startswith("item") and operation.items:
        name = operation.items
    return f"{file}#/schemas/{name}" if name else ""


def _steps(contract: Contract) -> str:
    return f"{contract.name}/provider.json#/lifecycle/steps"

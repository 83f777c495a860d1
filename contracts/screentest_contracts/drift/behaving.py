"""Drift on behaviour, judged: differences of profiles and contradictions of the contract, with the facts they touch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from screentest_contracts.conformance import KINDS, Violation
from screentest_contracts.drift.behaviour import Difference
from screentest_contracts.drift.behaviour_classes import BEHAVIOUR, UNOBSERVED, class_of
from screentest_contracts.drift.difference import Drift, ordered
from screentest_contracts.drift.outcome import Outcome, Unverified
from screentest_contracts.load import Contract


class Told(Struct, frozen=True, kw_only=True):
    """A drift with the address of the fact that it contradicts ("" without one). `contradiction` is the kind of
    violation that it was seen as, "" for a difference of profiles: then `drift.new` is what the service does, and not a
    sentence about it."""

    drift: Drift
    address: str
    pointer: str
    contradiction: str = ""


def told(contract: Contract, differences: Iterable[Difference], violations: Iterable[Violation]) -> tuple[Told, ...]:
    """Everything to report, each thing once: what a profile shows is not told again as a contradiction."""
    found = [_drift(contract, one) for one in differences if one.kind not in UNOBSERVED]
    known = {(one.drift.kind, _operation(one.drift.pointer), one.pointer) for one in found}
    for violation in violations:
        one = structs.replace(_drift(contract, _difference(violation)), contradiction=violation.kind)
        if (one.drift.kind, violation.operation, one.pointer) not in known:
            found.append(one)
    return tuple(found)


def outcome(contract: Contract, found: Iterable[Told], differences: Iterable[Difference]) -> Outcome:
    """The report. What one side did not show is unverified: it is neither there nor gone."""
    return Outcome(drifts=ordered(one.drift for one in found), unverified=tuple(_unverified(contract, differences)))


def _unverified(contract: Contract, differences: Iterable[Difference]) -> Iterator[Unverified]:
    for one in differences:
        if one.kind in UNOBSERVED:
            said = one.new if one.old is None else one.old
            pointer = f"{one.where}{one.pointer and ' '}{one.pointer}"
            pointer = f"{pointer} ({one.kind}{f': {said}' if isinstance(said, str) and said else ''})"
            yield Unverified(provider=contract.name, model="", pointer=pointer, fact=_known(contract, one.fact) or "")


def _drift(contract: Contract, one: Difference) -> Told:
    client, emulator = BEHAVIOUR[one.kind]
    drift = Drift(
        kind=one.kind,
        provider=contract.name,
        model=_model(one.fact),
        pointer=f"{one.where} {one.pointer}".strip(),
        old=one.old,
        new=one.new,
        client=client,
        emulator=emulator,
        fact=_known(contract, one.fact),
    )
    return Told(drift=drift, address=one.fact, pointer=one.pointer)


def _difference(violation: Violation) -> Difference:
    """A contradiction in general words: what was said exactly differs from run to run."""
    pointer = re.sub(r"/\d+(?=/|$)", "/*", violation.pointer)
    return Difference(
        kind=class_of(violation.kind, violation.pointer),
        where=violation.operation,
        pointer=pointer,
        old=None,
        new=f"{violation.kind}: {KINDS[violation.kind]}",
        fact=violation.fact,
    )


def _operation(where: str) -> str:
    """The operation that the place or probe of a drift is about."""
    return re.split(r"[: ]", where, maxsplit=1)[0]


def _model(address: str) -> str:
    """The model whose file an address is in."""
    name = address.partition("#")[0].partition("/models/")[2]
    return name.removesuffix(".json").replace("--", "/")


def _known(contract: Contract, address: str) -> str | None:
    fact = contract.fact(address) if address else None
    return str(fact.provenance) if fact else None

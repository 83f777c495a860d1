"""One difference between two sides, and the same as a drift: judged, and with the fact that it contradicts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from msgspec import Struct

from screentest_contracts.drift.classes import LEVELS, severity
from screentest_contracts.reading import Json


class Difference(Struct, frozen=True, kw_only=True):
    """What differs at `pointer`. `old` is None for what came, `new` for what went; both are JSON values."""

    kind: str
    pointer: str
    old: Json
    new: Json
    model: str = ""

    @property
    def change(self) -> str:
        """added, removed or changed."""
        return "added" if self.old is None else "removed" if self.new is None else "changed"


class Drift(Struct, frozen=True, kw_only=True):
    """A difference, judged. `fact` is how the contract knows what is contradicted ("documented: r2v-page"), None where
    no contract is compared."""

    kind: str
    provider: str
    model: str
    pointer: str
    old: Json
    new: Json
    client: str
    emulator: str
    fact: str | None

    @property
    def fingerprint(self) -> str:
        """The same for the same drift, whenever and in whichever order it is found."""
        told = [self.kind, self.provider, self.model, self.pointer, self.old, self.new]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def worst(self) -> str:
        """The worse of both severities."""
        return max(self.client, self.emulator, key=LEVELS.index)

    @property
    def where(self) -> str:
        """Provider, model and place, as far as there are any."""
        return " ".join(part for part in (self.provider, self.model, self.pointer) if part) or "the document"

    @property
    def meaning(self) -> str:
        """What it means that this fact is contradicted; "" where there is none."""
        how, _, source = (self.fact or "").partition(": ")
        if how == "chosen":
            return f"answers the assumption {source}"
        return f"news: we knew it as {self.fact}" if how else ""

    def as_json(self) -> dict[str, Json]:
        """The drift as the JSON report has it."""
        return {
            "class": self.kind,
            "provider": self.provider,
            "model": self.model,
            "pointer": self.pointer,
            "old": self.old,
            "new": self.new,
            "client": self.client,
            "emulator": self.emulator,
            "fact": self.fact,
            "fingerprint": self.fingerprint,
        }


def judged(difference: Difference, provider: str, fact: str | None) -> Drift:
    """The difference with its severities."""
    client, emulator = severity(difference.kind, difference.change)
    return Drift(
        kind=difference.kind,
        provider=provider,
        model=difference.model,
        pointer=difference.pointer,
        old=difference.old,
        new=difference.new,
        client=client,
        emulator=emulator,
        fact=fact,
    )


def ordered(drifts: Iterable[Drift]) -> tuple[Drift, ...]:
    """Without repetitions, the worst first, then by place."""
    once = {drift.fingerprint: drift for drift in drifts}
    return tuple(
        sorted(
            once.values(),
            key=lambda one: (-LEVELS.index(one.worst), one.provider, one.model, one.pointer, one.kind, one.fingerprint),
        )
    )

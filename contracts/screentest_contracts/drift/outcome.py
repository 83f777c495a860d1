"""What a comparison found: drifts, what could not be read, and what could not be compared."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from screentest_contracts.drift.classes import at_least
from screentest_contracts.drift.difference import Drift, ordered
from screentest_contracts.reading import Json


class Unread(Struct, frozen=True, kw_only=True):
    """Something on a page that could not be read: which page, where in the model, what."""

    page: str
    at: str
    text: str


class Unverified(Struct, frozen=True, kw_only=True):
    """A fact of the contract of which the other side says nothing; `fact` is how we know it."""

    provider: str
    model: str
    pointer: str
    fact: str


class Outcome(Struct, frozen=True, kw_only=True):
    """Everything that a comparison found."""

    drifts: tuple[Drift, ...]
    unread: tuple[Unread, ...] = ()
    unverified: tuple[Unverified, ...] = ()

    def fails(self, bar: str) -> bool:
        """Whether a drift is at least as bad as `bar`, for the client or for the emulator."""
        return any(at_least(drift.worst, bar) for drift in self.drifts)

    def as_json(self) -> dict[str, Json]:
        """The JSON report."""
        return {
            "drifts": [drift.as_json() for drift in self.drifts],
            "unread": [{"page": one.page, "at": one.at, "text": one.text} for one in self.unread],
            "unverified": [
                {"provider": one.provider, "model": one.model, "pointer": one.pointer, "fact": one.fact}
                for one in self.unverified
            ],
        }


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """Several comparisons as one; what two of them found is told once."""
    several = list(outcomes)
    return Outcome(
        drifts=ordered(drift for one in several for drift in one.drifts),
        unread=tuple(dict.fromkeys(entry for one in several for entry in one.unread)),
        unverified=tuple(dict.fromkeys(entry for one in several for entry in one.unverified)),
    )

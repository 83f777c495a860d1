"""What a whole run used and did not spend."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, structs

from screentest.testing.control import Control

_MOST = 1000


class Tally(Struct):
    """Sums over accounts. `usd` is what the jobs of known price would have cost, `unknown` counts the others."""

    accounts: int = 0
    jobs: int = 0
    callbacks: int = 0
    usd: float = 0.0
    unknown: int = 0

    def count(self, control: Control) -> None:
        """Add what one account has done."""
        spend = control.get("spend")
        callbacks = sum(bool(one["attempts"]) for one in control.get("deliveries", limit=_MOST)["deliveries"])
        self.add(Tally(1, spend["jobs"], callbacks, spend["usd"], spend["jobs_of_unknown_price"]).document())

    def add(self, other: dict[str, Any]) -> None:
        """Add another tally, as its `document`."""
        for name, amount in other.items():
            setattr(self, name, getattr(self, name) + amount)

    def document(self) -> dict[str, Any]:
        return structs.asdict(self)

    def __str__(self) -> str:
        """Such as "31 jobs, 12 callbacks, would have cost $18.20 (4 jobs of unknown price)"."""
        cost = f"would have cost ${self.usd:.2f}" if self.unknown < self.jobs or not self.jobs else "price unknown"
        unknown = f" ({_counted(self.unknown, 'job')} of unknown price)" if 0 < self.unknown < self.jobs else ""
        return f"{_counted(self.jobs, 'job')}, {_counted(self.callbacks, 'callback')}, {cost}{unknown}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")

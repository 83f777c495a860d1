"""The clock of one account, from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from screentest.testing.control import Control

Event = dict[str, Any]
"""What happened on the way: ``{"at", "kind", "job", "provider", "from", "to"}``."""


class Clock:
    """Moves the account's time; it never goes back."""

    def __init__(self, control: Control) -> None:
        self._control = control

    @property
    def now(self) -> float:
        """The account's time, in Unix seconds."""
        return float(self._control.get("clock")["now"])

    @property
    def frozen(self) -> bool:
        return bool(self._control.get("clock")["frozen"])

    def advance(self, seconds: float) -> Sequence[Event]:
        """Move on by `seconds` through every due moment, callbacks included; what happened, in order."""
        return self._move({"advance": seconds})

    def next(self) -> Sequence[Event]:
        """Move on to the next thing that happens; nothing happens when nothing is ahead."""
        return self._move({"advance_to": "next"})

    def freeze(self) -> None:
        """Stand still until somebody advances it."""
        self._move({"freeze": True})

    def rate(self, rate: float) -> None:
        """Run at `rate` account seconds a real second: 1 is real time, 0 is frozen."""
        self._move({"rate": rate})

    def _move(self, wish: dict[str, Any]) -> Sequence[Event]:
        events: Sequence[Event] = self._control.post("clock", wish=wish)["events"]
        return events

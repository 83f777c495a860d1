"""Time: one wall clock for the process, and one account clock for each account.

An account's clock is a line through (wall_anchor, account_anchor) with slope `rate`: 1 is real time, 60 a minute a
second, 0 frozen. It is kept in the store and never goes back. The machine's own clock is in `system_clock.py`.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct, structs

from screentest.errors import ClockError

LONGEST_ADVANCE = 10 * 366 * 86400.0
LATEST = 221_845_392_000.0
"""The first second of the year 9000: an account's clock stands still there, short of what ids and time stamps hold."""
HIGHEST_RATE = 1_000_000.0


class WallClock(Protocol):
    def now(self) -> float:
        """Unix seconds."""


class ManualClock:
    """A clock that a test moves."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds


class AccountTime(Struct, frozen=True):
    """One account's clock. All values are Unix seconds but `rate`."""

    wall_anchor: float
    account_anchor: float
    rate: float

    def at(self, wall: float) -> float:
        """The account's time when the wall clock shows `wall`; never before the anchor, whatever that shows."""
        passed = wall - self.wall_anchor
        if passed <= 0:
            return self.account_anchor
        now = self.account_anchor + self.rate * passed
        return now if now < LATEST else LATEST

    def advanced(self, wall: float, seconds: float) -> AccountTime:
        """The clock `seconds` further on."""
        if not 0 <= seconds <= LONGEST_ADVANCE:
            raise ClockError(f"advance takes 0 to {LONGEST_ADVANCE:.0f} seconds, got {seconds}; time never goes back")
        until = self.at(wall) + seconds
        if until > LATEST:
            raise ClockError(f"advance by {seconds} seconds would pass the year 9000, where time ends")
        return AccountTime(wall, until, self.rate)

    def with_rate(self, wall: float, rate: float) -> AccountTime:
        """The clock going on from here at another rate."""
        if not 0 <= rate <= HIGHEST_RATE:
            raise ClockError(f"rate is 0 (frozen) to {HIGHEST_RATE:.0f}, got {rate}")
        return structs.replace(self, wall_anchor=wall, account_anchor=self.at(wall), rate=rate)

    def real_delay(self, wall: float, until: float) -> float | None:
        """Real seconds until the account's clock shows `until`; None when it is frozen before that."""
        remaining = until - self.at(wall)
        if remaining <= 0:
            return 0.0
        return remaining / self.rate if self.rate else None

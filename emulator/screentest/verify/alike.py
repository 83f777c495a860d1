"""The emulator under the conditions of the side that it is compared with: the same keys, guard, balance and ears."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from screentest.verify.around import Around, Keyed
from screentest.verify.budget import Budget
from screentest.verify.guard import Guard
from screentest.verify.side import Side
from screentest.verify.tiers import Terms
from screentest_contracts.load import Contract


class _Alike(Around):
    """Hears callbacks, and has a balance, only where the other side does."""

    def __init__(self, inner: Side, *, hears: bool, empty: bool) -> None:
        super().__init__(inner)
        self._hears, self._empty = hears, empty
        self._adjust()

    def renew(self) -> None:
        super().renew()
        self._adjust()

    def _adjust(self) -> None:
        if not self._hears:
            self.hook = None
        if self._empty:
            self.set_account({"key_state": "empty"})


def alike(emulated: Side, contract: Contract, whose: Collection[str], guard: Guard | None, *, hears: bool) -> Side:
    """The emulator's side as the other one is: with a guard on the same terms, where that has one."""
    empty = guard is not None and guard.terms.empty
    side: Side = _Alike(emulated, hears=hears, empty=empty)
    if guard is None:
        return side
    host = urlsplit(side.base).hostname or ""
    terms = Terms(tier=guard.terms.tier, hosts=frozenset({host}), empty=empty, dearest=guard.terms.dearest)
    budget = Budget(jobs=guard.budget.jobs, usd=guard.budget.usd)
    return Guard(Keyed(side, whose), contract, terms, budget)

"""How fast a live provider is asked: not faster than a route's pace, and not before it says."""

from __future__ import annotations

from screentest.verify.around import Around
from screentest.verify.side import Ask, Side, UnreachableError
from screentest_contracts.conformance.operations import Found, Operations
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import Contract

READS, WRITES = 0.2, 0.5
"""Seconds between two requests on one route."""

LONGEST_RETRY = 120.0
_BUSY = (429, 503)


class Paced(Around):
    """Waits before a request until its route may be asked again, and until what `Retry-After` said has passed."""

    def __init__(self, inner: Side, contract: Contract, reads: float = READS, writes: float = WRITES) -> None:
        super().__init__(inner)
        self._operations = Operations(contract, inner.base)
        self._pace = {"GET": reads, "HEAD": reads, "OPTIONS": reads}
        self._writes = writes
        self._free: dict[str, float] = {}
        self._resumes = 0.0

    def send(self, ask: Ask) -> Exchange:
        route = self._route(ask)
        due = max(self._free.get(route, 0.0), self._resumes) - self.now()
        if due > 0:
            self.inner.wait(due)
        self._free[route] = self.now() + self._pace.get(ask.method, self._writes)
        exchange = self.inner.send(ask)
        if exchange.status in _BUSY:
            self._resumes = self.now() + _asked_to_wait(exchange)
        return exchange

    def _route(self, ask: Ask) -> str:
        """The operation, or one name for everything that is none."""
        draft = Exchange(method=ask.method, url=ask.target(self.base), status=0)
        found = self._operations.find(draft)
        return found.operation.id if isinstance(found, Found) else f"{ask.method} elsewhere"


def _asked_to_wait(exchange: Exchange) -> float:
    """Seconds of a Retry-After. UnreachableError when it is longer than a run should wait."""
    said = exchange.headers.get("retry-after", "")
    seconds = float(said) if said.isascii() and said.isdigit() else 0.0
    if seconds > LONGEST_RETRY:
        raise UnreachableError(f"{exchange.url}: asks to come back in {seconds:g} s; run it again then")
    return seconds

"""Let somebody wait until something happens to an account: its time was moved, a callback made, a request answered."""

from __future__ import annotations

import asyncio
from collections import Counter


class Bells:
    """A bell for each account, and one for all. `rung` counts, so that nobody misses a ring while not listening.

    `stirred` counts, by account, what may change the future of its jobs: a submit, an amendment, a move of time.
    """

    def __init__(self) -> None:
        self._waiting: dict[str | None, asyncio.Event] = {}
        self.rung = 0
        self.stirred: Counter[str] = Counter()

    def stir(self, account: str) -> None:
        """Something changed the future of the account's jobs."""
        self.stirred[account] += 1
        self.ring(account)

    def ring(self, account: str) -> None:
        """Wake who waits for this account, and who waits for any."""
        self.rung += 1
        if not self._waiting:
            return
        for name in (account, None):
            waiting = self._waiting.pop(name, None)
            if waiting:
                waiting.set()

    async def heard(self, account: str | None, at_most: float) -> None:
        """Return at the next ring for the account, or any account, or after `at_most` real seconds."""
        rung = self._waiting.setdefault(account, asyncio.Event())
        try:
            await asyncio.wait_for(rung.wait(), at_most)
        except TimeoutError:
            return

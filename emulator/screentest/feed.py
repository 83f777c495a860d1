"""What happens, as it happens: status changes, callbacks and requests, of one account or of all.

Status changes are nobody's doing, they follow from the clock; so a follower wakes when the next one is due, or when
somebody moves time.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

from screentest.engine import Engine, Event
from screentest.journal import Entry
from screentest.store import AccountRow

_LONGEST_SLEEP = 15.0
_BREATH = 0.05
_MOST_WAITING = 10_000


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened to an account, whose label is `label`; nothing when nothing did for a while."""

    account: str = ""
    label: str = ""
    event: Event | None = None
    entry: Entry | None = None


class Feed:
    """`told` is to be called with whatever effects have to tell; the journal tells by itself."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._followers: list[deque[Happened]] = []
        engine.journal.on_entry.append(self._answered)

    def told(self, account: str, event: Event) -> None:
        """An effect was performed."""
        self._push(Happened(account, event=event))

    def _answered(self, entry: Entry) -> None:
        self._push(Happened(entry.seen.account, entry=entry))

    def _push(self, happened: Happened) -> None:
        for waiting in self._followers:
            waiting.append(happened)
        self._engine.bells.ring(happened.account)

    async def until_next(self, account: str | None) -> float:
        """Real seconds until the next status change of the account, or of any; at most some seconds."""
        soonest = _LONGEST_SLEEP
        for row in (
            await self._engine.store.accounts() if account is None else [await self._engine.store.account(account)]
        ):
            if row is None:
                continue
            wall = self._engine.wall.now()
            ahead = await self._engine.events(row.id, row.time.at(wall), math.inf)
            delay = row.time.real_delay(wall, ahead[0].at) if ahead else None
            soonest = soonest if delay is None else min(soonest, delay + 1e-3)
        return soonest

    async def follow(self, account: str | None) -> AsyncIterator[Happened]:
        """All that happens from now on, for ever; now and then nothing, so that a caller can see who still listens."""
        bells, waiting = self._engine.bells, deque[Happened](maxlen=_MOST_WAITING)
        wall = self._engine.wall.now()
        seen = {name: row.time.at(wall) for name, row in (await self._rows(account)).items()}
        self._followers.append(waiting)
        try:
            while True:
                rung = bells.rung
                rows = await self._rows(account)
                for happened in [*await self._changes(rows, seen), *_drained(waiting)]:
                    if account in (None, happened.account):
                        row = rows.get(happened.account)
                        yield replace(happened, label=row.label if row else "")
                await asyncio.sleep(_BREATH)  # a busy server rings at every request; followers look now and then
                if bells.rung == rung:
                    await bells.heard(account, await self.until_next(account))
                    if bells.rung == rung:
                        yield Happened()
        finally:
            self._followers.remove(waiting)

    async def _rows(self, account: str | None) -> dict[str, AccountRow]:
        return {row.id: row for row in await self._engine.store.accounts() if account in (None, row.id)}

    async def _changes(self, rows: Mapping[str, AccountRow], seen: dict[str, float]) -> list[Happened]:
        """The status changes since the last look, which is moved on; an account that is new is told from its start."""
        found = []
        for row in rows.values():
            now = row.time.at(self._engine.wall.now())
            events = await self._engine.events(row.id, seen.get(row.id, 0.0), now)
            found += [Happened(row.id, event=event) for event in events]
            seen[row.id] = now
        return sorted(found, key=lambda one: one.event.at if one.event else 0.0)


def _drained(waiting: deque[Happened]) -> list[Happened]:
    found = list(waiting)
    waiting.clear()
    return found

"""What happens, as it happens: status changes, callbacks and requests, of one account or of all.

Status changes are nobody's doing, they follow from the clock; so a follower wakes when the next one is due, or when
somebody moves time.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from screentest.engine import Engine, Event
from screentest.journal import Entry
from screentest.store import AccountRow

_LONGEST_SLEEP = 15.0
_BREATH = 0.05
_SHARE = 5.0  # so many times as long as a look took, a follower keeps still
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
        if self._followers:
            self._push(Happened(entry.seen.account, entry=entry))
        else:
            self._engine.bells.ring(entry.seen.account)

    def _push(self, happened: Happened) -> None:
        for waiting in self._followers:
            waiting.append(happened)
        self._engine.bells.ring(happened.account)

    def outlook(self, account: str | None) -> Outlook:
        """What is ahead of the account, or of all."""
        return Outlook(self._engine, account)

    async def follow(self, account: str | None) -> AsyncIterator[Happened]:
        """All that happens from now on, for ever. Nothing comes first, when listening has begun, and now and then after
        that, so that a caller can see who still listens."""
        bells, waiting, outlook = self._engine.bells, deque[Happened](maxlen=_MOST_WAITING), self.outlook(account)
        await outlook.changes()
        self._followers.append(waiting)
        try:
            yield Happened()
            while True:
                rung, begun = bells.rung, asyncio.get_running_loop().time()
                for happened in sorted([*await outlook.changes(), *_drained(waiting)], key=_at):
                    if account in (None, happened.account):
                        yield replace(happened, label=outlook.label(happened.account))
                # A busy server rings at every request: a follower looks now and then, the rarer the longer it takes.
                await asyncio.sleep(max(_BREATH, _SHARE * (asyncio.get_running_loop().time() - begun)))
                if bells.rung == rung:
                    await bells.heard(account, outlook.until_next())
                    if bells.rung == rung:
                        yield Happened()
        finally:
            self._followers.remove(waiting)


class Outlook:
    """The status changes ahead of an account, or of all; looked at again only where something stirred."""

    def __init__(self, engine: Engine, account: str | None) -> None:
        self._engine = engine
        self._account = account
        self._rows: dict[str, AccountRow] = {}
        self._ahead: dict[str, deque[Event]] = {}
        self._stirred: dict[str, int] = {}
        self._told: dict[str, float] | None = None

    def label(self, account: str) -> str:
        """The account as people see it, "" for one that is not known."""
        return self._rows[account].label if account in self._rows else ""

    async def changes(self) -> list[Happened]:
        """The status changes since the last call, none at the first; an account that is new is told from its start."""
        store, wall, found = self._engine.store, self._engine.wall.now(), list[Happened]()
        self._rows = {row.id: row for row in await store.accounts() if self._account in (None, row.id)}
        first, told = self._told is None, self._told or {}
        for row in self._rows.values():
            now = row.time.at(wall)
            stirred = self._engine.bells.stirred[row.id]
            if self._stirred.get(row.id) != stirred:
                since = told.get(row.id, now if first else 0.0)
                self._ahead[row.id] = deque(await self._engine.events(row.id, since, math.inf))
                self._stirred[row.id] = stirred
            ahead = self._ahead[row.id]
            while ahead and ahead[0].at <= now:
                found.append(Happened(row.id, event=ahead.popleft()))
            told[row.id] = now
        self._told = told
        return sorted(found, key=_at)

    def until_next(self) -> float:
        """Real seconds until the next status change; at most some seconds."""
        wall, soonest = self._engine.wall.now(), _LONGEST_SLEEP
        for name, ahead in self._ahead.items():
            delay = self._rows[name].time.real_delay(wall, ahead[0].at) if ahead and name in self._rows else None
            soonest = soonest if delay is None else min(soonest, delay + 1e-3)
        return soonest


def _at(happened: Happened) -> float:
    """When it happened, in the account's time."""
    if happened.event is not None:
        return happened.event.at
    return happened.entry.seen.at if happened.entry is not None else 0.0


def _drained(waiting: deque[Happened]) -> list[Happened]:
    found = list(waiting)
    waiting.clear()
    return found

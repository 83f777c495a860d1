"""What happens, as it happens: status changes, callbacks and requests, of one account or of all.

Status changes are nobody's doing, they follow from the clock; so a follower wakes when the next one is due, or when
somebody moves time.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator

from msgspec import Struct, structs

from screentest.engine import Engine, Event
from screentest.journal import Entry
from screentest.store import AccountRow

_LONGEST_SLEEP = 15.0
_BREATH = 0.05
_SHARE = 5.0  # so many times as long as a look took, a follower keeps still
_MOST_WAITING = 10_000


class Happened(Struct, frozen=True):
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
                found = sorted([*await outlook.changes(), *_drained(waiting)], key=_at)
                # Without the telling: how slowly somebody listens is no reason to look more rarely.
                took = asyncio.get_running_loop().time() - begun
                for happened in found:
                    if account in (None, happened.account):
                        yield structs.replace(happened, label=outlook.label(happened.account))
                # A busy server rings at every request: a follower looks now and then, the rarer the longer it takes.
                await asyncio.sleep(max(_BREATH, _SHARE * took))
                if bells.rung == rung:
                    await bells.heard(account, outlook.until_next())
                    if bells.rung == rung:
                        yield Happened()
        finally:
            # By identity: two queues with the same in them are equal, and the other one is somebody else's.
            self._followers = [one for one in self._followers if one is not waiting]


class Outlook:
    """The status changes ahead of an account, or of all; looked at again only where something stirred."""

    def __init__(self, engine: Engine, account: str | None) -> None:
        self._engine = engine
        self._account = account
        self._rows: dict[str, AccountRow] = {}
        self._ahead: dict[str, deque[Event]] = {}
        self._stirred: dict[str, int] = {}
        self._told: dict[str, float] | None = None
        self._at_once: dict[str, set[Event]] = {}  # those of the very moment up to which all was told

    def label(self, account: str) -> str:
        """The account as people see it, "" for one that is not known."""
        return self._rows[account].label if account in self._rows else ""

    async def changes(self) -> list[Happened]:
        """The status changes since the last call, none at the first; an account that is new is told from its start."""
        store, wall, found = self._engine.store, self._engine.wall.now(), list[Happened]()
        self._rows = {row.id: row for row in await store.accounts() if self._account in (None, row.id)}
        first = self._told is None
        told = {name: at for name, at in (self._told or {}).items() if name in self._rows}
        for row in self._rows.values():
            now = row.time.at(wall)
            stirred = self._engine.bells.stirred[row.id]
            if self._stirred.get(row.id) != stirred:
                self._ahead[row.id] = await self._look(row.id, now, told.get(row.id, now if first else 0.0), first)
                self._stirred[row.id] = stirred
            ahead, happened = self._ahead[row.id], list[Event]()
            while ahead and ahead[0].at <= now:
                happened.append(ahead.popleft())
            found += [Happened(row.id, event=event) for event in happened]
            self._at_once[row.id] = {event for event in (*self._at_once[row.id], *happened) if event.at == now}
            told[row.id] = now
        self._told = told
        return sorted(found, key=_at)

    async def _look(self, account: str, now: float, since: float, first: bool) -> deque[Event]:
        """What is to be told from `since` on, but what was told of that moment already: a frozen clock stays in it."""
        if since > now:
            since = 0.0  # time never goes back but by a reset: the account is new
        found = await self._engine.events(account, math.nextafter(since, -math.inf), math.inf)
        of_since = {event for event in found if event.at == since}
        self._at_once[account] = of_since if first else of_since & self._at_once.get(account, set())
        return deque(event for event in found if event not in self._at_once[account])

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

"""Do in the world what is due: callback attempts and looks at input media.

In the background on running clocks, and in order while a clock is advanced by hand: advancing stands at each due
moment, performs what is due there and waits for it, then goes on. Nothing is kept here that is not in the store: an
effect that was not finished when the process died is due again.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from msgspec import structs

from screentest.accounts import Key
from screentest.engine import Engine, Event
from screentest.errors import StoreError
from screentest.jobs import Job
from screentest.store import Effect

Perform = Callable[[Effect], Awaitable[Event | None]]
"""Does one effect and stores what became of it; the event tells a caller who moves the clock."""

_LONGEST_SLEEP = 3600.0
_BETWEEN_FAILURES = 5.0
_log = logging.getLogger("screentest")


class Effects:
    """Performs effects by kind. One advance per account at a time; an effect is never performed twice at once."""

    def __init__(self, engine: Engine, performers: Mapping[str, Perform]) -> None:
        self._engine = engine
        self._performers = performers
        self._advancing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._running: dict[tuple[str, int], asyncio.Event] = {}
        self._changed = asyncio.Event()
        self.on_event: Callable[[str, Event], None] = lambda account, event: None
        engine.on_change = self._changed.set
        engine.settle = self._settle

    async def advance(self, key: Key, seconds: float) -> list[Event]:
        """Move the account's clock on by `seconds`, through every due moment; what happened, in order."""
        row = await self._engine.open_account(key)
        async with self._advancing[row.id]:
            row, wall = await self._engine.open_account(key), self._engine.wall.now()
            return await self._walk(row.id, row.time.advanced(wall, seconds).at(wall))

    async def advance_to_next(self, key: Key) -> list[Event]:
        """Move the account's clock to the next thing that happens; nothing happens when nothing is ahead."""
        account = (await self._engine.open_account(key)).id
        async with self._advancing[account]:
            now = await self._engine.now(account)
            ahead = [event.at for event in await self._engine.events(account, now, math.inf)]
            ahead += [due for due in [(await self._engine.store.first_due()).get(account)] if due is not None]
            ahead = [at for at in ahead if math.isfinite(at)]
            return await self._walk(account, max(now, min(ahead))) if ahead else []

    async def run(self) -> None:
        """Perform what falls due on running clocks, for ever."""
        while True:
            self._changed.clear()
            delay = await self._perform_due()
            try:
                await asyncio.wait_for(self._changed.wait(), min(delay, _LONGEST_SLEEP))
            except TimeoutError:
                continue

    async def _settle(self, job: Job) -> None:
        """Perform what the job owes by now, one after the other."""
        while True:
            due = await self._engine.store.due(job.account, await self._engine.now(job.account))
            own = [effect for effect in due if effect.job == job.id]
            if not own:
                return
            await self._once(own[0])

    async def _walk(self, account: str, until: float) -> list[Event]:
        begun, resets = await self._engine.now(account), self._engine.resets[account]
        told: list[Event] = []
        while due := await self._engine.store.due(account, until):
            first = due[0]
            assert first.due is not None, "the store answers with what is due"
            await self._engine.move_to(account, first.due)
            event = await self._once(first)
            told += [event] if event else []
            if self._engine.resets[account] != resets:
                return told  # whoever uses the key now has another clock, which nobody asked to move
        await self._engine.move_to(account, until)
        told += await self._engine.events(account, begun, max(until, await self._engine.now(account)))
        return sorted(told, key=lambda event: (event.at, event.kind != "status"))

    async def _perform_due(self) -> float:
        """Start what is due now; the real seconds until the next is."""
        store, wall = self._engine.store, self._engine.wall.now()
        soonest = math.inf
        for account in await store.first_due():
            row = await store.account(account)
            assert row is not None, "effects belong to accounts"
            if self._advancing[account].locked():
                continue  # the advance performs them, in order
            now = row.time.at(wall)
            for effect in await store.due(account, now):
                if self._place(effect) not in self._running:
                    _detach(self._once(effect))
            due = await store.next_due(account, now)  # those that are due are under way, for as long as it takes
            delay = row.time.real_delay(wall, due) if due is not None and math.isfinite(due) else None
            if delay is not None:
                soonest = min(soonest, delay)
        return soonest

    async def _once(self, effect: Effect) -> Event | None:
        """Perform an effect, or wait for whoever is performing it."""
        place = self._place(effect)
        if place in self._running:
            await self._running[place].wait()
            return None
        done = self._running[place] = asyncio.Event()
        try:
            event = await self._performers[effect.kind](effect)
            if event is not None:
                self.on_event(effect.account, event)
            return event
        except StoreError as error:
            _log.error("%s %s of job %s: %s", effect.kind, effect.id, effect.job, error)
            await asyncio.sleep(_BETWEEN_FAILURES)  # it is due again at once
            return None
        except Exception:
            _log.exception("%s %s of job %s: a fault of the emulator", effect.kind, effect.id, effect.job)
            if self._place(effect) == place and await self._engine.store.effect(effect.id):
                await self._engine.store.save_effect(structs.replace(effect, due=None))
            return None
        finally:
            del self._running[place]
            done.set()
            self._changed.set()

    def _place(self, effect: Effect) -> tuple[str, int]:
        """Which effect it is: with a seed, ids come back after a reset."""
        return effect.id, self._engine.resets[effect.account]


_detached: set[asyncio.Task[Event | None]] = set()


def _detach(work: Coroutine[Any, Any, Event | None]) -> None:
    """Let `work` go on by itself."""
    task = asyncio.get_running_loop().create_task(work)
    _detached.add(task)
    task.add_done_callback(_detached.discard)

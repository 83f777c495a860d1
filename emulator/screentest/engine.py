"""The one place where clock, store, chance and contracts meet.

Providers ask the engine to submit, read and cancel jobs; control asks it to move time. It translates nothing and knows
no provider's words but through the contract.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from screentest.accounts import Key
from screentest.clock import AccountTime, WallClock
from screentest.jobs import Amendment, Job, Moment, changes, ended, outcome, state
from screentest.planning import make_plan
from screentest.scenario import Scenario
from screentest.store import AccountRow, Store
from screentest_contracts.document import Model
from screentest_contracts.ids import new_id
from screentest_contracts.load import PROVIDERS, Contract, load

_LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a provider wants submitted: the model's input as sent and complete, and the request's other fields."""

    contract: Contract
    model: Model
    sent: Mapping[str, Any]
    input: Mapping[str, Any]
    base: str
    origin: str
    scenario: Scenario
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """A job changed its status at the account time `at`."""

    at: float
    job: str
    provider: str
    before: str
    after: str


class Engine:
    """Jobs on their accounts' clocks.

    `seed` makes ids and choices repeat; `speed` is the rate of new accounts' clocks.
    """

    def __init__(
        self,
        store: Store,
        clock: WallClock,
        *,
        switches: Mapping[str, str] | None = None,
        seed: str | None = None,
        speed: float = 1.0,
    ) -> None:
        self._store = store
        self._clock = clock
        self._seed = secrets.token_hex(16) if seed is None else seed
        self._speed = speed
        self._waiting: dict[str, asyncio.Event] = {}
        self.contracts = {name: load(name, switches) for name in PROVIDERS}

    async def now(self, account: str) -> float:
        """The account's time, in Unix seconds; an account nobody used yet has the wall clock's."""
        row, wall = await self._store.account(account), self._clock.now()
        return row.time.at(wall) if row else wall

    async def submit(self, key: Key, order: Order) -> Job:
        """Decide and store a job. When this returns the job survives the death of the process."""
        wall = self._clock.now()

        def build(row: AccountRow) -> Job:
            now = row.time.at(wall)
            rng = random.Random(f"{self._seed}/{row.id}/{row.submitted}")  # noqa: S311 - repeatable, not secret
            contract = order.contract
            return Job(
                id=new_id(contract.provider.ids, now, rng),
                provider=contract.name,
                account=row.id,
                model=order.model.id,
                submitted=now,
                sent=order.sent,
                input=order.input,
                base=order.base,
                origin=order.origin,
                extras=order.extras,
                plan=make_plan(
                    contract.name,
                    order.model,
                    order.input,
                    now=now,
                    rng=rng,
                    scenario=order.scenario,
                    unfetched=contract.assumed("media.unfetched-size"),
                ),
            )

        return await self._store.submit(self._fresh(key), build)

    async def job(self, job_id: str) -> Job | None:
        return await self._store.job(job_id)

    async def page(self, account: str, provider: str, offset: int, limit: int) -> tuple[Sequence[Job], int]:
        """The account's jobs at one provider, newest first, and how many there are in all."""
        jobs = await self._store.page(account, provider, offset, limit)
        return jobs, await self._store.total(account, provider)

    def moment(self, job: Job, now: float) -> Moment:
        """The job's status at `now`."""
        return state(job, self.contracts[job.provider].provider.lifecycle, now)

    async def cancel(self, job: Job, now: float) -> Job | None:
        """The job, cancelled at `now`; None when its provider cancels only queued jobs and it is queued no more."""
        lifecycle = self.contracts[job.provider].provider.lifecycle
        if lifecycle.cancel != "queued" or state(job, lifecycle, now).stage != "queue":
            return None
        amendment = Amendment(at=now, kind="cancelled")
        await self._store.amend(job.id, amendment)
        self._time_moved(job.account)
        return job.amended(amendment)

    async def clock(self, key: Key) -> tuple[float, AccountTime]:
        """The account's time and clock."""
        row = await self._store.open_account(self._fresh(key))
        return row.time.at(self._clock.now()), row.time

    async def set_rate(self, key: Key, rate: float) -> None:
        """Let the account's clock go on at another rate; 0 freezes it."""
        row = await self._store.open_account(self._fresh(key))
        await self._store.set_time(row.id, row.time.with_rate(self._clock.now(), rate))
        self._time_moved(row.id)

    async def advance(self, key: Key, seconds: float) -> list[Event]:
        """Move the account's clock on, and tell what happened on the way, in order."""
        row = await self._store.open_account(self._fresh(key))
        wall = self._clock.now()
        moved = row.time.advanced(wall, seconds)
        since, until = row.time.at(wall), moved.at(wall)
        await self._store.set_time(row.id, moved)
        self._time_moved(row.id)
        return await self.events(row.id, since, until)

    async def advance_to_next(self, key: Key) -> list[Event]:
        """Move the account's clock to the next change of any of its jobs; nothing happens when none is ahead."""
        row = await self._store.open_account(self._fresh(key))
        since = row.time.at(self._clock.now())
        ahead = await self.events(row.id, since, float("inf"))
        # A float sum may fall just short of the moment; the next representable time is past it.
        return await self.advance(key, ahead[0].at - since + 1e-6) if ahead else []

    async def events(self, account: str, since: float, until: float) -> list[Event]:
        """Every status change of the account's jobs after `since` up to `until`, in order."""
        found = []
        for job in await self._store.active(account, since, until):
            lifecycle = self.contracts[job.provider].provider.lifecycle
            for at, before, after in changes(job, lifecycle, since, until):
                found.append(Event(at, job.id, job.provider, before, after))
        return sorted(found, key=lambda event: event.at)

    async def wait_for_end(self, job_id: str, timeout: float) -> Job | None:
        """The job once it has ended, on whatever clock; None after `timeout` real seconds."""
        give_up = asyncio.get_running_loop().time() + timeout
        while True:
            job = await self._store.job(job_id)
            assert job is not None, "jobs are never deleted while somebody waits"
            wall = self._clock.now()
            row = await self._store.account(job.account)
            assert row is not None, "a job's account is never deleted while somebody waits"
            if outcome(job, row.time.at(wall)) is not None:
                return job
            left = give_up - asyncio.get_running_loop().time()
            if left <= 0:
                return None
            delay = row.time.real_delay(wall, ended(job)[0])
            await self._until_time_moves(job.account, min(left, _LONGEST_WAIT if delay is None else delay + 1e-3))

    async def close(self) -> None:
        await self._store.close()

    def _fresh(self, key: Key) -> AccountRow:
        """The account behind a key as it is when new: at the wall clock's time."""
        wall = self._clock.now()
        return AccountRow(key.account, key.label, AccountTime(wall, wall, self._speed), 0)

    def _time_moved(self, account: str) -> None:
        waiting = self._waiting.pop(account, None)
        if waiting:
            waiting.set()

    async def _until_time_moves(self, account: str, at_most: float) -> None:
        moved = self._waiting.setdefault(account, asyncio.Event())
        try:
            await asyncio.wait_for(moved.wait(), at_most)
        except TimeoutError:
            return

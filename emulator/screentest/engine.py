"""The one place where clock, store, chance and contracts meet.

Providers ask the engine to submit, read and cancel jobs; control asks it to move time. It translates nothing and knows
no provider's words but through the contract.
"""

from __future__ import annotations

import asyncio
import math
import random
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct, structs

from screentest import callbacks
from screentest.accounts import Key
from screentest.bells import Bells
from screentest.chance import Chance
from screentest.clock import AccountTime, WallClock
from screentest.errors import Refusal, ResetError, SetupError
from screentest.jobs import SUCCESSES, Amendment, Job, Moment, changes, ended, outcome, state
from screentest.journal import Journal
from screentest.orders import Order, refunded, repriced, submission
from screentest.paces import PACES, QUICK
from screentest.scenario import Scenario, check, shipped
from screentest.store import EVERYBODY, AccountRow, Effect, Store, Submission
from screentest.store import PARTS as STORED
from screentest_contracts.load import PROVIDERS, load

JOURNAL = "journal"
PARTS = (*STORED, JOURNAL)
"""What of an account can be forgotten by itself."""

_WINDOW = 60.0
_LONGEST_WAIT = 60.0


class Event(Struct, frozen=True):
    """Something happened to a job at the account time `at`: its status changed, or an effect was performed."""

    at: float
    job: str
    provider: str
    before: str
    after: str
    kind: str = "status"


class Engine:
    """Jobs on their accounts' clocks.

    `seed` makes ids and choices repeat; `speed` is the rate of new accounts' clocks, `start` their
    first time in Unix seconds instead of the wall clock's. `pace` says how long jobs usually
    take (a name of PACES), `scenarios` how else they can go (the shipped ones without it), and `scenario` is the text
    of the one for requests that ask for none; SetupError when it is not understood.

    `on_change` is called whenever an account's time was moved or something new is due for it; `settle` has done, and
    awaits, what a job owes by its account's present time.
    """

    def __init__(
        self,
        store: Store,
        clock: WallClock,
        *,
        switches: Mapping[str, str] | None = None,
        seed: str | None = None,
        speed: float = 1.0,
        start: float | None = None,
        pace: str = QUICK,
        scenarios: Mapping[str, Scenario] | None = None,
        scenario: str = "",
    ) -> None:
        self.store = store
        self.wall = clock
        self.chance = Chance(seed)
        self._speed = speed
        self._start = None if start is None else float(start)
        self._pace = PACES[pace]
        self.scenarios = shipped() if scenarios is None else scenarios
        self.scenario = scenario
        wrong = check(scenario, self.scenarios) if scenario else ""
        if wrong:
            raise SetupError(f"--scenario: {wrong}")
        self.bells = Bells()
        self.journal = Journal()
        self.submitted: Counter[str] = Counter()
        self.resets: Counter[str] = Counter()  # by account: who waited meanwhile can see that it is another one now
        # Idempotency keys on their way, by account, its resets, and provider; and whether the job is stored.
        self.in_flight: dict[tuple[str, int, str, str], bool] = {}
        self.on_change: Callable[[], None] = lambda: None
        self.settle: Callable[[Job], Awaitable[None]] = _nothing
        self.switch(switches or {})

    def switch(self, switches: Mapping[str, str]) -> None:
        """Read the contracts anew, under these choices of assumptions."""
        self.contracts = {name: load(name, switches) for name in PROVIDERS}

    async def now(self, account: str) -> float:
        """The account's time, in Unix seconds; an account nobody used yet has that of a new one."""
        row, wall = await self.store.account(account), self.wall.now()
        return row.time.at(wall) if row else self._start or wall

    async def settings(self, account: str) -> Mapping[str, Any]:
        """What control set for the account."""
        row = await self.store.account(account)
        return row.settings if row else {}

    async def seen(self, key: Key) -> AccountRow:
        """The account behind a key as stored, or as it would be if it were used now."""
        return await self.store.account(key.account) or self._fresh(key)

    async def submit(self, key: Key, order: Order) -> Job:
        """Decide and store a job. When this returns the job survives the death of the process.

        Raises Refusal("no-balance") when the account has a balance that does not reach for it.
        """
        wall = self.wall.now()

        def build(row: AccountRow) -> Submission:
            rng = self.chance.named(f"{row.id}/{row.submitted}")
            return submission(order, row, row.time.at(wall), rng, self._pace)

        job = await self.store.submit(await self.seen(key), build)
        self.submitted[job.provider] += 1
        self.bells.stir(job.account)
        if order.scenario.callback == "early":
            await self.settle(job)
        if order.callback_url or order.unchecked:
            self.on_change()
        return job

    async def count_request(self, key: Key) -> None:
        """Count a request against the account's limit; Refusal("rate-limited") says when to try again, in seconds."""
        row = await self.seen(key)
        now, limit = row.time.at(self.wall.now()), row.settings["requests_per_minute"]
        since, count = row.settings.get("window", (now, 0))
        if now >= since + _WINDOW:
            since, count = now, 0
        if count >= limit:
            raise Refusal("rate-limited", str(math.ceil(since + _WINDOW - now)))
        await self.store.set_settings(row.id, {**row.settings, "window": (since, count + 1)})

    async def replayed(self, account: str, provider: str, key: str, digest: str, lifetime: float) -> Job | None:
        """The job that this idempotency key made within its lifetime.

        Raises Refusal("key-mismatch") when the key came with another request.
        """
        claim = await self.store.claim(account, provider, key)
        if claim is None or claim.at + lifetime <= await self.now(account):
            return None
        if claim.digest != digest:
            raise Refusal("key-mismatch")
        return await self.store.job(claim.job)

    async def dice(self, key: Key) -> random.Random:
        """A generator for one new thing of the account that is no job; the same seed and history make it repeat."""
        return await self._dice(await self.open_account(key))

    async def new_uuid(self, account: str) -> str:
        """A fresh random id for something of an account that is in use."""
        row = await self.store.account(account)
        assert row is not None, "the account is in use"
        return str(uuid.UUID(int=(await self._dice(row)).getrandbits(128), version=4))

    async def _dice(self, row: AccountRow) -> random.Random:
        made = row.settings.get("made", 0) + 1
        await self.store.set_settings(row.id, {**row.settings, "made": made})
        return self.chance.named(f"{row.id}/made/{made}")

    async def owe(self, effect: Effect) -> None:
        """Have something done that the job did not owe from the start."""
        await self.store.save_effect(effect)
        self.on_change()

    async def job(self, job_id: str) -> Job | None:
        return await self.store.job(job_id)

    async def page(self, account: str, provider: str, offset: int, limit: int) -> tuple[Sequence[Job], int]:
        """The account's jobs at one provider, newest first, and how many there are in all."""
        jobs = await self.store.page(account, provider, offset, limit)
        return jobs, await self.store.total(account, provider)

    def moment(self, job: Job, now: float) -> Moment:
        """The job's status at `now`."""
        return state(job, self.contracts[job.provider].provider.lifecycle, now)

    async def cancel(self, job: Job, now: float) -> Job | None:
        """The job, cancelled at `now`; None when its provider cancels only queued jobs and it is queued no more."""
        lifecycle = self.contracts[job.provider].provider.lifecycle
        if lifecycle.cancel != "queued" or state(job, lifecycle, now).stage != "queue":
            return None
        return await self.amend(job, Amendment(at=now, kind="cancelled"))

    async def amend(self, job: Job, amendment: Amendment, done: Effect | None = None) -> Job:
        """The job after something happened to it, by the effect `done` if there was one; stored in one transaction.

        What is owed for its end becomes due with it.
        """
        amended = job.amended(amendment)
        end, name = ended(amended)
        # An administrator's cancel does not stop what the provider charges for once it runs.
        charged = amendment.kind == "admin_cancelled" and amendment.at >= job.plan.queue_ends
        refund = name not in SUCCESSES and amendment.kind != "inputs_checked" and not charged
        owed = await self.store.effects(job.account, callbacks.KIND, job.id)
        waiting = [one for one in owed if one.due is not None and not callbacks.begun(one.document)]
        effects = [structs.replace(one, due=callbacks.first_due(one.document, end)) for one in waiting] + (
            [structs.replace(done, due=None)] if done else []
        )
        known = await self.settings(job.account)
        settings = refunded(known, job) if refund else repriced(known, job, amended)
        await self.store.amend(job, amendment, effects, refund=refund, settings=settings)
        self._time_moved(job.account)
        return amended

    async def open_account(self, key: Key) -> AccountRow:
        """The account behind a key, stored from now on."""
        return await self.store.open_account(self._fresh(key))

    async def clock(self, key: Key) -> tuple[float, AccountTime]:
        """The account's time and clock."""
        row = await self.open_account(key)
        return row.time.at(self.wall.now()), row.time

    async def set_rate(self, key: Key, rate: float) -> None:
        """Let the account's clock go on at another rate; 0 freezes it."""
        row = await self.open_account(key)
        await self.store.set_time(row.id, row.time.with_rate(self.wall.now(), rate))
        self._time_moved(row.id)

    async def move_to(self, account: str, until: float) -> None:
        """Set the account's clock to `until`, exactly, if that is ahead. What is due on the way is the caller's.

        An account that was reset meanwhile has another clock, which is left alone.
        """
        row, wall = await self.store.account(account), self.wall.now()
        if row is not None and until > row.time.at(wall):
            await self.store.set_time(account, AccountTime(wall, until, row.time.rate))
            self._time_moved(account)

    async def events(self, account: str, since: float, until: float) -> list[Event]:
        """Every status change of the account's jobs after `since` up to `until`, in order."""
        found = []
        for job in await self.store.active(account, since, until):
            lifecycle = self.contracts[job.provider].provider.lifecycle
            told = changes(job, lifecycle, since, until)
            found += [Event(at, job.id, job.provider, before, after) for at, before, after in told]
        return sorted(found, key=lambda event: event.at)

    async def wait_for_end(self, job: Job, timeout: float) -> Job | None:
        """The job once it has ended, on whatever clock; None after `timeout` real seconds. ResetError when it is
        forgotten meanwhile."""
        give_up, resets = asyncio.get_running_loop().time() + timeout, self.resets[job.account]
        while True:
            now = await self.store.job(job.id)
            if now is None or resets != self.resets[job.account]:
                raise ResetError(job.id)
            job = now
            wall = self.wall.now()
            row = await self.store.account(job.account)
            assert row is not None, "a job's account is there as long as the job"
            if outcome(job, row.time.at(wall)) is not None:
                return job
            left = give_up - asyncio.get_running_loop().time()
            if left <= 0:
                return None
            delay = row.time.real_delay(wall, ended(job)[0])
            await self.bells.heard(job.account, min(left, _LONGEST_WAIT if delay is None else delay + 1e-3))

    async def forget(self, account: str | None, parts: Collection[str]) -> None:
        """Forget these of PARTS of an account, or of all accounts; without any, everything with clock and settings."""
        wanted = parts or PARTS
        if JOURNAL in wanted:
            self.journal.forget(account)
        if "jobs" in wanted:
            self.chance.forget(account)
        known = await self.store.accounts()
        if not parts:
            self.resets.update([account] if account is not None else [EVERYBODY, *(row.id for row in known)])
        await self.store.forget(account, [part for part in wanted if part != JOURNAL], whole=not parts)
        for row in known:
            if account in (None, row.id):
                self._time_moved(row.id)

    def _fresh(self, key: Key) -> AccountRow:
        """The account behind a key as it is when new: at the wall clock's time, unless a start was set."""
        wall = self.wall.now()
        return AccountRow(key.account, key.label, AccountTime(wall, self._start or wall, self._speed), 0)

    def _time_moved(self, account: str) -> None:
        self.bells.stir(account)
        self.on_change()


async def _nothing(job: Job) -> None:
    """Nobody does anything in the world."""

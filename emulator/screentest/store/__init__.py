"""What the engine keeps, and the protocol that every store follows.

The methods are asynchronous so that a server database can stand behind them. A store that runs inline, as SQLite in
memory does, never suspends. Each method is all or nothing: when it returns, what it wrote survives the death of the
process.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct, field

from screentest.clock import AccountTime
from screentest.jobs import Amendment, Job


class AccountRow(Struct, frozen=True):
    """An account as stored: its shown name, its clock, how many jobs it ever submitted, and what control set."""

    id: str
    label: str
    time: AccountTime
    submitted: int
    settings: Mapping[str, Any] = field(default_factory=dict)


class Effect(Struct, frozen=True, kw_only=True):
    """Something to be done in the world at an account time: a callback attempt, a look at input media.

    `due` is None when nothing is left to do. `document` is the owner's.
    """

    id: str
    account: str
    job: str
    kind: str
    due: float | None
    document: Mapping[str, Any]


class Claim(Struct, frozen=True, kw_only=True):
    """An idempotency key, taken at `at` for the request with this digest, which made `job`."""

    account: str
    provider: str
    key: str
    digest: str
    at: float
    job: str = ""


class Submission(Struct, frozen=True, kw_only=True):
    """What one accepted request stores, all or nothing. `settings` replaces the account's when given."""

    job: Job
    records: Sequence[Record] = ()
    effects: Sequence[Effect] = ()
    claim: Claim | None = None
    settings: Mapping[str, Any] | None = None


class Record(Struct, frozen=True, kw_only=True):
    """Anything else a provider keeps for an account: an asset, a secret. `content` is a file's bytes."""

    id: str
    account: str
    kind: str
    created: float
    document: Mapping[str, Any]
    content: bytes | None = None


class Spend(Struct, frozen=True):
    """What an account's jobs of one model would have cost: US dollars, and how many of them at an unknown price.

    `day` is that of their submit, in UTC on the account's clock, "" where all days are counted together.
    """

    account: str
    provider: str
    model: str
    jobs: int
    usd: float
    unknown: int
    day: str = ""


PARTS = ("jobs", "scenarios", "faults")
EVERYBODY = ""
"""The account of a record that is for all."""
"""What of an account can be forgotten by itself. With jobs go their callbacks, idempotency keys, files and cost."""


class Store(Protocol):
    """Accounts, jobs, effects and records. Account times are Unix seconds."""

    async def account(self, account: str) -> AccountRow | None:
        """The account, if it was ever used."""

    async def accounts(self) -> Sequence[AccountRow]:
        """Every account."""

    async def open_account(self, fresh: AccountRow) -> AccountRow:
        """The account with this id as stored; `fresh` is stored when it is new."""

    async def set_time(self, account: str, time: AccountTime) -> None:
        """Replace the account's clock."""

    async def set_settings(self, account: str, settings: Mapping[str, Any]) -> None:
        """Replace what control set for the account."""

    async def submit(self, account: AccountRow, build: Callable[[AccountRow], Submission]) -> Job:
        """Store what `build` makes from the account's row, in one transaction; an account that is new is opened."""

    async def flush(self) -> None:
        """Write what was submitted and is not written yet."""

    async def claim(self, account: str, provider: str, key: str) -> Claim | None:
        """The claim on an idempotency key, however old."""

    async def job(self, job_id: str) -> Job | None:
        """One job with its amendments."""

    async def amend(
        self,
        job: Job,
        amendment: Amendment,
        effects: Sequence[Effect] = (),
        *,
        refund: bool = False,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Append to what happened to a job, and replace these of its effects, in one transaction.

        With `refund`, what it would have cost is not spent after all; `settings` replaces the account's when given.
        """

    async def page(self, account: str, provider: str, offset: int, limit: int) -> Sequence[Job]:
        """The account's jobs at one provider, newest first."""

    async def newest(
        self, account: str | None, *, provider: str = "", text: str = "", before: int | None = None, limit: int = 100
    ) -> Sequence[tuple[int, Job]]:
        """Jobs with their serial numbers, newest first; `text` is part of the id, the model or the request.

        `before` goes on from a serial number.
        """

    async def total(self, account: str, provider: str) -> int:
        """How many jobs the account has at one provider, without counting them."""

    async def spend(self, account: str | None, *, daily: bool = False) -> Sequence[Spend]:
        """What an account, or every account, would have spent, a row for each model, or for each model and day."""

    async def active(self, account: str, since: float, until: float) -> Sequence[Job]:
        """The account's jobs whose status may change after `since`, up to `until`; oldest first."""

    async def save_effect(self, effect: Effect) -> None:
        """Store an effect, or replace it."""

    async def effect(self, effect_id: str) -> Effect | None:
        """One effect."""

    async def effects(self, account: str | None, kind: str, job: str | None = None) -> Sequence[Effect]:
        """Effects of one kind, oldest first."""

    async def due(self, account: str, until: float) -> Sequence[Effect]:
        """The account's effects that are due by `until`, the first one first."""

    async def next_due(self, account: str, after: float) -> float | None:
        """When the account's first effect after a time is due."""

    async def first_due(self) -> Mapping[str, float]:
        """When each account's first effect is due; accounts without one are absent."""

    async def put_record(self, record: Record) -> None:
        """Store a record, or replace it."""

    async def record(self, record_id: str) -> Record | None:
        """One record."""

    async def remove_record(self, record_id: str) -> None:
        """Forget a record; one that is not there is forgotten already."""

    async def records(self, account: str, kind: str, *, shared: bool = False) -> Sequence[Record]:
        """The account's records of one kind, newest first, without their content; with `shared`, those of all too.

        A record for all has the account "".
        """

    async def forget(self, account: str | None, parts: Collection[str], *, whole: bool = False) -> None:
        """Forget these PARTS of an account, or of all accounts; with `whole` its clock and settings too."""

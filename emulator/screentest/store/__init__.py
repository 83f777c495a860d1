"""What the engine keeps, and the protocol that every store follows.

The methods are asynchronous so that a server database can stand behind them. A store that runs inline, as SQLite does,
never suspends. Each method is one transaction: when it returns, what it wrote survives the death of the process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from screentest.clock import AccountTime
from screentest.jobs import Amendment, Job


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as stored: its shown name, its clock, and how many jobs it ever submitted."""

    id: str
    label: str
    time: AccountTime
    submitted: int


class Store(Protocol):
    """Accounts and jobs. Account times are Unix seconds."""

    async def account(self, account: str) -> AccountRow | None:
        """The account, if it was ever used."""

    async def open_account(self, fresh: AccountRow) -> AccountRow:
        """The account with this id as stored; `fresh` is stored when it is new."""

    async def set_time(self, account: str, time: AccountTime) -> None:
        """Replace the account's clock."""

    async def submit(self, fresh: AccountRow, build: Callable[[AccountRow], Job]) -> Job:
        """Open the account, store the job that `build` makes from its row, and count it, in one transaction."""

    async def job(self, job_id: str) -> Job | None:
        """One job with its amendments."""

    async def amend(self, job_id: str, amendment: Amendment) -> None:
        """Append to what happened to a job."""

    async def page(self, account: str, provider: str, offset: int, limit: int) -> Sequence[Job]:
        """The account's jobs at one provider, newest first."""

    async def total(self, account: str, provider: str) -> int:
        """How many jobs the account has at one provider; constant time."""

    async def active(self, account: str, since: float, until: float) -> Sequence[Job]:
        """The account's jobs whose status may change after `since`, up to `until`; oldest first."""

    async def close(self) -> None:
        """Let go of the database."""

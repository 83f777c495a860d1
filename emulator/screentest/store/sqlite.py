"""The store on SQLite: one file, or memory. In memory it never suspends; in a file a submit waits for the commit that
it shares with others.

Write-ahead log with synchronous=NORMAL: a transaction that returned survives `kill -9`, though not a power cut.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

from msgspec import structs

from screentest.clock import AccountTime
from screentest.jobs import Amendment, Job, ended, priced
from screentest.store import AccountRow, Claim, Effect, Record, Spend, Submission, rows, writing
from screentest.store.kept import Kept
from screentest.store.opening import open_database
from screentest.store.transactions import Transactions
from screentest.store.writing import Accepted

_KEPT = 1024  # accounts, jobs and lists of records that are kept as read last
_LONGEST_KEPT = 16 * 2**10  # characters of a job that is kept

_FORGETTING = {
    "jobs": (
        "DELETE FROM jobs WHERE account = ? OR ? IS NULL",
        "DELETE FROM totals WHERE account = ? OR ? IS NULL",
        "DELETE FROM claims WHERE account = ? OR ? IS NULL",
        "DELETE FROM effects WHERE account = ? OR ? IS NULL",
        # Files go with the jobs that use them; secrets and the threshold of a balance are the account's.
        "DELETE FROM records WHERE (account = ? OR ? IS NULL) AND kind = 'runflow-asset'",
    ),
    "scenarios": ("DELETE FROM records WHERE (account = ? OR ? IS NULL) AND kind = 'scenario'",),
    "faults": ("DELETE FROM records WHERE (account = ? OR ? IS NULL) AND kind = 'fault'",),
}
_WHOLE = ("DELETE FROM records WHERE account = ? OR ? IS NULL", "DELETE FROM accounts WHERE id = ? OR ? IS NULL")


class SqliteStore:
    """A `Store`. `path` is a file, made with its folder when absent, or ":memory:"."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        self._db = open_database(str(path))
        self._close = weakref.finalize(self, self._db.close)  # a store in memory is often just forgotten
        self._transactions = Transactions(self._db, self._write, self._reread, shared=str(path) != ":memory:")
        # The file is ours alone, so what was read stays true until it is written here.
        self._accounts: Kept[str, AccountRow] = Kept(_KEPT)
        self._jobs: Kept[str, Job] = Kept(_KEPT)
        self._records: Kept[tuple[str, str, bool], Sequence[Record]] = Kept(_KEPT)

    async def account(self, account: str) -> AccountRow | None:
        found = self._accounts.get(account)
        if found is None:
            self._transactions.finish()  # what was counted for the account may not be written yet
            row = self._db.execute(rows.ACCOUNT + "WHERE id = ?", (account,)).fetchone()
            if row is None:
                return None
            found = rows.account_row(row)
            self._accounts.keep(account, found)
        return found

    async def accounts(self) -> Sequence[AccountRow]:
        return [rows.account_row(row) for row in self._db.execute(rows.ACCOUNT)]

    async def open_account(self, fresh: AccountRow) -> AccountRow:
        row = await self.account(fresh.id)
        if row is None:
            with self._transactions.alone():
                writing.add_account(self._db, fresh)
        return row or fresh

    async def set_time(self, account: str, time: AccountTime) -> None:
        with self._transactions.alone():
            self._db.execute(
                "UPDATE accounts SET wall_anchor = ?, account_anchor = ?, rate = ? WHERE id = ?",
                (time.wall_anchor, time.account_anchor, time.rate, account),
            )
            self._accounts.drop(account)

    async def set_settings(self, account: str, settings: Mapping[str, Any]) -> None:
        with self._transactions.alone():
            writing.set_settings(self._db, account, settings)
            self._accounts.drop(account)

    async def submit(self, account: AccountRow, build: Callable[[AccountRow], Submission]) -> Job:
        before = await self.account(account.id) or account
        made = build(before)
        settings = before.settings if made.settings is None else made.settings
        after = structs.replace(before, submitted=before.submitted + 1, settings=settings)
        self._accounts.keep(after.id, after)
        await self._transactions.together(Accepted(made, after))
        return made.job

    async def flush(self) -> None:
        self._transactions.finish()

    async def claim(self, account: str, provider: str, key: str) -> Claim | None:
        query = "SELECT digest, at, job FROM claims WHERE account = ? AND provider = ? AND key = ?"
        row = self._db.execute(query, (account, provider, key)).fetchone()
        if row is None:
            return None
        return Claim(account=account, provider=provider, key=key, digest=row[0], at=row[1], job=row[2])

    async def job(self, job_id: str) -> Job | None:
        found = self._jobs.get(job_id)
        if found is None:
            row = self._db.execute(rows.JOB_BY_ID, {"id": job_id}).fetchone()
            if row is None:
                return None
            found = _job(row)
            if len(row[0]) <= _LONGEST_KEPT:
                self._jobs.keep(job_id, found)
        return found

    async def amend(
        self,
        job: Job,
        amendment: Amendment,
        effects: Sequence[Effect] = (),
        *,
        refund: bool = False,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        amended = job.amended(amendment)
        with self._transactions.alone():
            for effect in effects:
                writing.save_effect(self._db, effect)
            if settings is not None:
                writing.set_settings(self._db, job.account, settings)
                self._accounts.drop(job.account)
            more = {"ends": ended(amended)[0], "more": rows.compact(amendment), "id": job.id}
            change = "UPDATE jobs SET ends = :ends, amendments = json_insert(amendments, '$[#]', json(:more)) "
            self._db.execute(change + rows.THAT_JOB, more)
            self._jobs.drop(job.id)
            if amended.cost != job.cost:
                writing.reprice(self._db, job, amended)
            if refund:
                writing.refund(self._db, amended)

    async def page(self, account: str, provider: str, offset: int, limit: int) -> Sequence[Job]:
        # By id, since what is polled in lists is polled again: the index has the ids' rows, and most jobs are kept.
        where = "WHERE account = ? AND provider = ? ORDER BY seq DESC LIMIT ? OFFSET ?"
        found = self._db.execute(f"SELECT id FROM jobs {where}", (account, provider, limit, offset)).fetchall()  # noqa: S608 - ours
        return [job for (job_id,) in found if (job := await self.job(job_id))]

    async def newest(
        self, account: str | None, *, provider: str = "", text: str = "", before: int | None = None, limit: int = 100
    ) -> Sequence[tuple[int, Job]]:
        if account is not None and not provider:  # the index has them by provider
            parts = [
                await self.newest(account, provider=one, text=text, before=before, limit=limit)
                for (one,) in self._db.execute("SELECT DISTINCT provider FROM totals WHERE account = ?", (account,))
            ]
            return sorted(chain(*parts), key=itemgetter(0), reverse=True)[:limit]
        wishes: list[tuple[str, tuple[Any, ...]]] = []
        if account is not None:
            wishes.append(("account = ?", (account,)))
        if provider:
            wishes.append(("provider = ?", (provider,)))
        if text:
            spelt = rows.compact(text)[1:-1], json.dumps(text)[1:-1]  # as it is stored, and was by earlier releases
            wishes.append(("max(instr(lower(document), lower(?)), instr(lower(document), lower(?)))", spelt))
        if before is not None:
            wishes.append(("seq < ?", (before,)))
        where = " AND ".join(condition for condition, _ in wishes) or "1"
        query = f"SELECT document, amendments, seq FROM jobs WHERE {where} ORDER BY seq DESC LIMIT ?"  # noqa: S608 - ours
        found = self._db.execute(query, (*(value for _, values in wishes for value in values), limit))
        return [(row[2], _job(row[:2])) for row in found]

    async def total(self, account: str, provider: str) -> int:
        query = "SELECT coalesce(sum(jobs), 0) FROM totals WHERE account = ? AND provider = ?"
        return int(self._db.execute(query, (account, provider)).fetchone()[0])

    async def spend(self, account: str | None, *, daily: bool = False) -> Sequence[Spend]:
        day = "day" if daily else "''"
        query = (
            f"SELECT account, provider, model, sum(jobs), sum(microdollars), sum(unknown), {day} "  # noqa: S608 - ours
            "FROM totals WHERE account = ? OR ? IS NULL GROUP BY account, provider, model, 7 ORDER BY 1, 2, 3, 7"
        )
        found = self._db.execute(query, (account, account))
        return [Spend(row[0], row[1], row[2], row[3], row[4] / 1e6, row[5], row[6]) for row in found]

    async def active(self, account: str, since: float, until: float) -> Sequence[Job]:
        wanted = {"account": account, "since": since, "until": until}
        return [_job(row) for row in self._db.execute(rows.JOB + rows.ACTIVE, wanted)]

    async def save_effect(self, effect: Effect) -> None:
        with self._transactions.alone():
            writing.save_effect(self._db, effect)

    async def effect(self, effect_id: str) -> Effect | None:
        row = self._db.execute(rows.EFFECT + "WHERE id = ?", (effect_id,)).fetchone()
        return rows.effect_value(row) if row else None

    async def effects(self, account: str | None, kind: str, job: str | None = None) -> Sequence[Effect]:
        where = "WHERE kind = ? AND (account = ? OR ? IS NULL) AND (job = ? OR ? IS NULL) ORDER BY seq"
        found = self._db.execute(rows.EFFECT + where, (kind, account, account, job, job))
        return [rows.effect_value(row) for row in found]

    async def due(self, account: str, until: float) -> Sequence[Effect]:
        where = "WHERE account = ? AND due <= ? ORDER BY due, seq"
        return [rows.effect_value(row) for row in self._db.execute(rows.EFFECT + where, (account, until))]

    async def next_due(self, account: str, after: float) -> float | None:
        query = "SELECT min(due) FROM effects WHERE account = ? AND due > ?"
        found: float | None = self._db.execute(query, (account, after)).fetchone()[0]
        return found

    async def first_due(self) -> Mapping[str, float]:
        query = "SELECT account, min(due) FROM effects WHERE due IS NOT NULL GROUP BY account"
        return dict(self._db.execute(query).fetchall())

    async def put_record(self, record: Record) -> None:
        with self._transactions.alone():
            writing.put_record(self._db, record)
            self._records.clear()

    async def remove_record(self, record_id: str) -> None:
        with self._transactions.alone():
            self._db.execute("DELETE FROM records WHERE id = ?", (record_id,))
            self._records.clear()

    async def record(self, record_id: str) -> Record | None:
        row = self._db.execute(rows.RECORD.format("content") + "WHERE id = ?", (record_id,)).fetchone()
        return rows.record_value(row) if row else None

    async def records(self, account: str, kind: str, *, shared: bool = False) -> Sequence[Record]:
        found = self._records.get((account, kind, shared))
        if found is None:
            where = "WHERE account IN (?, ?) AND kind = ? ORDER BY created DESC, seq DESC"
            values = (account, "" if shared else account, kind)
            found = [rows.record_value(row) for row in self._db.execute(rows.RECORD.format("NULL") + where, values)]
            self._records.keep((account, kind, shared), found)
        return found

    async def forget(self, account: str | None, parts: Collection[str], *, whole: bool = False) -> None:
        statements = [statement for part in parts for statement in _FORGETTING[part]]
        if whole:
            statements += _WHOLE
        with self._transactions.alone():
            for statement in statements:
                self._db.execute(statement, (account, account))
            self._reread()

    def shut(self) -> None:
        """Close the database file."""
        self._transactions.finish()
        self._close()

    def _write(self, batch: Sequence[Accepted]) -> None:
        writing.write_accepted(self._db, batch)
        if any(made.records for made, _ in batch):
            self._records.clear()

    def _reread(self) -> None:
        """Believe nothing that was read before."""
        for kept in (self._accounts, self._jobs, self._records):
            kept.clear()


def _job(row: tuple[str, str]) -> Job:
    """A job as it is by its amendments; what was stored at submit never changes."""
    return priced(rows.job_value(row))

"""The store on SQLite: one file, or memory. Runs inline and never suspends. The only importer of sqlite3.

Write-ahead log with synchronous=NORMAL: a transaction that returned survives `kill -9`, though not a power cut.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from screentest.clock import AccountTime
from screentest.errors import SetupError
from screentest.jobs import Amendment, Job, Plan
from screentest.store import AccountRow

SCHEMA_VERSION = 1

_JOB = "SELECT document, amendments FROM jobs "


class SqliteStore:
    """A `Store`. `path` is a file, made with its folder when absent, or ":memory:"."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        self._db = _open(str(path))

    async def account(self, account: str) -> AccountRow | None:
        query = "SELECT label, wall_anchor, account_anchor, rate, submitted FROM accounts WHERE id = ?"
        row = self._db.execute(query, (account,)).fetchone()
        return AccountRow(account, row[0], AccountTime(row[1], row[2], row[3]), row[4]) if row else None

    async def open_account(self, fresh: AccountRow) -> AccountRow:
        row = await self.account(fresh.id)
        if row is None:
            with self._transaction():
                self._add(fresh)
        return row or fresh

    async def set_time(self, account: str, time: AccountTime) -> None:
        with self._transaction():
            self._db.execute(
                "UPDATE accounts SET wall_anchor = ?, account_anchor = ?, rate = ? WHERE id = ?",
                (time.wall_anchor, time.account_anchor, time.rate, account),
            )

    async def submit(self, fresh: AccountRow, build: Callable[[AccountRow], Job]) -> Job:
        with self._transaction():
            row = await self.account(fresh.id)
            if row is None:
                self._add(fresh)
                row = fresh
            job = build(row)
            self._db.execute(
                "INSERT INTO jobs (id, account, provider, submitted, ends, document) VALUES (?, ?, ?, ?, ?, ?)",
                (job.id, row.id, job.provider, job.submitted, job.plan.ends, _document(job)),
            )
            self._db.execute("UPDATE accounts SET submitted = submitted + 1 WHERE id = ?", (row.id,))
            self._db.execute(
                "INSERT INTO totals VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET jobs = jobs + 1", (row.id, job.provider)
            )
        return job

    async def job(self, job_id: str) -> Job | None:
        row = self._db.execute(_JOB + "WHERE id = ?", (job_id,)).fetchone()
        return _job(row) if row else None

    async def amend(self, job_id: str, amendment: Amendment) -> None:
        with self._transaction():
            self._db.execute(
                "UPDATE jobs SET amendments = json_insert(amendments, '$[#]', json(?)) WHERE id = ?",
                (json.dumps(asdict(amendment)), job_id),
            )

    async def page(self, account: str, provider: str, offset: int, limit: int) -> Sequence[Job]:
        where = "WHERE account = ? AND provider = ? ORDER BY submitted DESC, seq DESC LIMIT ? OFFSET ?"
        return [_job(row) for row in self._db.execute(_JOB + where, (account, provider, limit, offset))]

    async def total(self, account: str, provider: str) -> int:
        query = "SELECT jobs FROM totals WHERE account = ? AND provider = ?"
        row = self._db.execute(query, (account, provider)).fetchone()
        return int(row[0]) if row else 0

    async def active(self, account: str, since: float, until: float) -> Sequence[Job]:
        where = "WHERE account = ? AND ends > ? AND submitted <= ? ORDER BY seq"
        return [_job(row) for row in self._db.execute(_JOB + where, (account, since, until))]

    async def close(self) -> None:
        self.shut()

    def shut(self) -> None:
        """Close the database file."""
        self._db.close()

    def _add(self, row: AccountRow) -> None:
        values = (row.id, row.label, row.time.wall_anchor, row.time.account_anchor, row.time.rate, row.submitted)
        self._db.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?)", values)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _open(path: str) -> sqlite3.Connection:
    try:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.2)
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("BEGIN EXCLUSIVE")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute("COMMIT")
        if version == 0:
            db.executescript((files("screentest.store") / "schema.sql").read_text(encoding="utf-8"))
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise SetupError(
                f"{path}: another screentest uses this database; stop it, or give --db another file"
            ) from None
        raise SetupError(f"{path}: cannot open the database: {error}") from None
    except (sqlite3.DatabaseError, OSError) as error:
        raise SetupError(f"{path}: cannot open the database: {error}") from None
    if version > SCHEMA_VERSION:
        raise SetupError(f"{path}: made by a newer screentest (schema {version}); update, or give --db another file")
    return db


def _document(job: Job) -> str:
    fields = asdict(job)
    del fields["amendments"]
    return json.dumps(fields, separators=(",", ":"))


def _job(row: tuple[str, str]) -> Job:
    fields: dict[str, Any] = json.loads(row[0])
    plan = fields.pop("plan")
    plan["failure"] = tuple(plan["failure"])
    amendments = tuple(Amendment(**one) for one in json.loads(row[1])) if row[1] != "[]" else ()
    return Job(**fields, plan=Plan(**plan), amendments=amendments)

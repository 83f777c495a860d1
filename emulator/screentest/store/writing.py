"""Rows as they are written, inside somebody's transaction: accepted submits by the batch, and what changes later."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from screentest.jobs import Job, ended
from screentest.store import AccountRow, Effect, Record, Submission, rows

_JOB = "INSERT INTO jobs (id, account, provider, submitted, ends, document) VALUES (?, ?, ?, ?, ?, ?)"
_TOTAL = (
    "INSERT INTO totals VALUES (?, ?, ?, coalesce(date(?, 'unixepoch'), ''), ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs, microdollars = microdollars + excluded.microdollars, "
    "unknown = unknown + excluded.unknown"
)
_EFFECT = (
    "INSERT INTO effects (id, account, job, kind, due, document) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET due = excluded.due, document = excluded.document"
)
_RECORD = (
    "INSERT INTO records (id, account, kind, created, document, content) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET document = excluded.document, content = excluded.content"
)
_DAY = 86400


class Accepted(NamedTuple):
    """A submit, and its account as it is from then on."""

    made: Submission
    account: AccountRow


def write_accepted(db: sqlite3.Connection, batch: Sequence[Accepted]) -> None:
    """Everything that these submits store."""
    jobs = [made.job for made, _ in batch]
    db.executemany(
        _JOB,
        [(job.id, job.account, job.provider, job.submitted, ended(job)[0], rows.job_document(job)) for job in jobs],
    )
    db.executemany(_TOTAL, _totals(jobs))
    for account in {account.id: account for _, account in batch}.values():
        _count(db, account)
    for made, account in batch:
        if made.settings is not None:
            set_settings(db, account.id, account.settings)
        for effect in made.effects:
            save_effect(db, effect)
        for record in made.records:
            put_record(db, record)
        if claim := made.claim:
            values = (claim.account, claim.provider, claim.key, claim.digest, claim.at, made.job.id)
            db.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?, ?)", values)


def add_account(db: sqlite3.Connection, account: AccountRow) -> None:
    db.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?)", rows.account_values(account))


def set_settings(db: sqlite3.Connection, account: str, settings: Mapping[str, Any]) -> None:
    db.execute("UPDATE accounts SET settings = ? WHERE id = ?", (rows.compact(settings), account))


def save_effect(db: sqlite3.Connection, effect: Effect) -> None:
    db.execute(_EFFECT, rows.effect_values(effect))


def put_record(db: sqlite3.Connection, record: Record) -> None:
    values = (record.id, record.account, record.kind, record.created, rows.compact(record.document), record.content)
    db.execute(_RECORD, values)


def refund(db: sqlite3.Connection, job: Job) -> None:
    """Take the job's price from the totals again, which may be one that nobody knows."""
    _add(db, job, -_microdollars(job), -(job.cost is None))


def reprice(db: sqlite3.Connection, before: Job, after: Job) -> None:
    """Count the job at its new price instead of the one before, both known."""
    _add(db, after, _microdollars(after) - _microdollars(before), 0)


def _add(db: sqlite3.Connection, job: Job, microdollars: int, unknown: int) -> None:
    query = (
        "UPDATE totals SET microdollars = microdollars + ?, unknown = unknown + ? "
        "WHERE account = ? AND provider = ? AND model = ? AND day = "
    )
    values = (microdollars, unknown, job.account, job.provider, job.model)
    if not db.execute(query + "coalesce(date(?, 'unixepoch'), '')", (*values, job.submitted)).rowcount:
        db.execute(query + "''", values)  # in a file of schema 1 no days were kept


def _microdollars(job: Job) -> int:
    return round(float(job.cost or 0) * 1e6)


def _count(db: sqlite3.Connection, account: AccountRow) -> None:
    """The account with as many submits, which may be its first."""
    counted = db.execute("UPDATE accounts SET submitted = ? WHERE id = ?", (account.submitted, account.id))
    if not counted.rowcount:
        add_account(db, account)


def _totals(jobs: Sequence[Job]) -> list[tuple[str, str, str, float, int, int, int]]:
    """What the jobs add to the totals: one row for all that have a row in common."""
    groups: defaultdict[tuple[str, str, str, int], list[Job]] = defaultdict(list)
    for job in jobs:
        groups[job.account, job.provider, job.model, int(job.submitted // _DAY)].append(job)
    return [
        (*key[:3], some[0].submitted, len(some), sum(map(_microdollars, some)), sum(job.cost is None for job in some))
        for key, some in groups.items()
    ]

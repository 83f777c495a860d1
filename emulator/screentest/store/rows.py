"""Between stored rows and values: jobs, effects, claims and records as JSON documents, and back."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec
from msgspec import structs

from screentest.clock import AccountTime
from screentest.jobs import Amendment, Job
from screentest.json_text import json_bytes, with_infinity
from screentest.store import AccountRow, Effect, Record

ACCOUNT = "SELECT id, label, wall_anchor, account_anchor, rate, submitted, settings FROM accounts "
JOB = "SELECT document, amendments FROM jobs "
# In these the first conditions are as the indexes have them.
THAT_JOB = "WHERE substr(id, -8) = substr(:id, -8) AND +id = :id"
"""The plus keeps SQLite from putting `:id` for `id` into the first condition, where the index would not know it."""
JOB_BY_ID = JOB + THAT_JOB
ACTIVE = (
    "WHERE account = :account AND CAST(ends / 60 AS INTEGER) >= CAST(:since / 60 AS INTEGER) "
    "AND ends > :since AND submitted <= :until ORDER BY seq"
)
EFFECT = "SELECT id, account, job, kind, due, document FROM effects "
RECORD = "SELECT id, account, kind, created, document, {} FROM records "


_JOB = msgspec.json.Decoder(Job)
_AMENDMENTS = msgspec.json.Decoder(tuple[Amendment, ...])
_ENDLESS = "Infinity"


def compact(value: Any) -> str:
    return json_bytes(value).decode()


def account_row(row: tuple[Any, ...]) -> AccountRow:
    return AccountRow(row[0], row[1], AccountTime(row[2], row[3], row[4]), row[5], json.loads(row[6]))


def account_values(row: AccountRow) -> tuple[Any, ...]:
    time = row.time
    return (row.id, row.label, time.wall_anchor, time.account_anchor, time.rate, row.submitted, compact(row.settings))


def job_document(job: Job) -> str:
    """The frozen part of a job; amendments have a column of their own."""
    if job.amendments:
        job = structs.replace(job, amendments=())
    endless = math.inf in (job.plan.ends, job.plan.link_seconds)
    return with_infinity(msgspec.to_builtins(job)).decode() if endless else compact(job)


def job_value(row: tuple[str, str]) -> Job:
    # The word may as well stand in a prompt: what reads infinity reads everything, only slower.
    job = msgspec.convert(json.loads(row[0]), Job) if _ENDLESS in row[0] else _JOB.decode(row[0])
    return structs.replace(job, amendments=_AMENDMENTS.decode(row[1])) if row[1] != "[]" else job


def effect_value(row: tuple[Any, ...]) -> Effect:
    return Effect(id=row[0], account=row[1], job=row[2], kind=row[3], due=row[4], document=json.loads(row[5]))


def effect_values(effect: Effect) -> tuple[Any, ...]:
    return (effect.id, effect.account, effect.job, effect.kind, effect.due, compact(effect.document))


def record_value(row: tuple[Any, ...]) -> Record:
    return Record(id=row[0], account=row[1], kind=row[2], created=row[3], document=json.loads(row[4]), content=row[5])

"""An account and a job to keep in a store."""

from __future__ import annotations

from collections.abc import Callable

from screentest.clock import AccountTime
from screentest.jobs import Amendment, Job, Plan
from screentest.store import AccountRow, Submission
from screentest.store.sqlite import SqliteStore
from unit.stepping import stepped

NOW = 1_800_000_000.0


def row(account: str = "a") -> AccountRow:
    return AccountRow(account, f"label of {account}", AccountTime(NOW, NOW, 1.0), 0)


def job(job_id: str, account: str = "a", provider: str = "hiapi", at: float = NOW, lasts: float = 4.0) -> Job:
    return Job(
        id=job_id,
        provider=provider,
        account=account,
        model="m",
        submitted=at,
        sent={"prompt": "é😀 \"'", "seed": 10**25, "list": [1, 2.5, None, True]},
        input={"prompt": "é😀 \"'", "duration": 5},
        base="http://127.0.0.1:8790/hiapi",
        origin="http://127.0.0.1:8790",
        extras={"metadata": {"deep": [{"er": None}]}},
        plan=Plan(
            queue_ends=at + 1,
            ends=at + lasts,
            outcome="failed",
            failure=("nsfw", "message"),
            queue_position=3,
            clip={"width": 1280, "watermark": None},
        ),
    )


def build_and_submit(store: SqliteStore, build: Callable[[AccountRow], Job], account: str = "a") -> Job:
    return stepped(store.submit(row(account), lambda stored: Submission(job=build(stored))))


def submit(store: SqliteStore, one: Job) -> Job:
    return build_and_submit(store, lambda _: one, one.account)


def amend(store: SqliteStore, one: Job, amendment: Amendment) -> None:
    stepped(store.amend(one, amendment))

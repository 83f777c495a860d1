"""A database of an earlier schema is brought up to date when it is opened."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from msgspec import structs

from screentest.jobs import Amendment
from screentest.store.opening import SCHEMA_VERSION
from screentest.store.sqlite import SqliteStore
from unit.stepping import stepped
from unit.stored import NOW, job, submit

TO_2 = """
DROP INDEX jobs_by_id;
DROP INDEX jobs_in_order;
DROP INDEX jobs_by_end;
CREATE UNIQUE INDEX jobs_of_2 ON jobs (id);
PRAGMA user_version = 2;
"""
TO_1 = """
CREATE TABLE old (account TEXT, provider TEXT, model TEXT, jobs INTEGER, microdollars INTEGER, unknown INTEGER,
                  PRIMARY KEY (account, provider, model)) WITHOUT ROWID;
INSERT INTO old SELECT account, provider, model, jobs, microdollars, unknown FROM totals;
DROP TABLE totals;
ALTER TABLE old RENAME TO totals;
PRAGMA user_version = 1;
"""


def test_totals_of_the_first_schema_are_kept(tmp_path: Path) -> None:
    """What was counted before days were kept has no day; new jobs are counted beside it."""
    path = tmp_path / "jobs.sqlite3"
    store = SqliteStore(path)
    submit(store, job("before"))
    (before,) = stepped(store.spend(None))
    store.shut()
    changed(path, TO_2, TO_1)

    store = SqliteStore(path)
    submit(store, job("after"))

    old, new = stepped(store.spend(None, daily=True))
    assert (old.day, old.usd, old.jobs) == ("", before.usd, 1)
    assert new.day
    assert [one.jobs for one in stepped(store.spend(None))] == [2]
    store.shut()
    assert version(path) == SCHEMA_VERSION


def test_a_refund_goes_where_its_price_was_counted(tmp_path: Path) -> None:
    """A job from before days were kept fails after them."""
    path = tmp_path / "jobs.sqlite3"
    store = SqliteStore(path)
    old = structs.replace(job("before"), cost="0.04")
    submit(store, old)
    store.shut()
    changed(path, TO_2, TO_1)

    store = SqliteStore(path)
    stepped(store.amend(old, Amendment(at=NOW, kind="failed"), refund=True))

    assert [(one.day, one.usd) for one in stepped(store.spend(None, daily=True))] == [("", 0.0)]
    store.shut()


def test_jobs_of_the_second_schema_are_found_by_their_ids(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    store = SqliteStore(path)
    before = job("8d1f1d1e-0b52-4b36-9f1e-3f2a9b9d1c01")
    submit(store, before)
    store.shut()
    changed(path, TO_2)

    store = SqliteStore(path)
    assert stepped(store.job(before.id)) == before
    assert stepped(store.job("9d1f1d1e-0b52-4b36-9f1e-3f2a9b9d1c01")) is None
    assert stepped(store.page(before.account, before.provider, 0, 10)) == [before]
    store.shut()
    assert version(path) == SCHEMA_VERSION


def changed(path: Path, *scripts: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        for script in scripts:
            database.executescript(script)


def version(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])

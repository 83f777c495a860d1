"""A database of schema 1 is brought up to date when it is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from screentest.store.opening import SCHEMA_VERSION
from screentest.store.sqlite import SqliteStore
from unit.stepping import stepped
from unit.stored import job, submit

DOWN = """
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
    database = sqlite3.connect(path)
    database.executescript(DOWN)
    database.close()

    store = SqliteStore(path)
    submit(store, job("after"))

    old, new = stepped(store.spend(None, daily=True))
    assert (old.day, old.usd, old.jobs) == ("", before.usd, 1)
    assert new.day
    assert [one.jobs for one in stepped(store.spend(None))] == [2]
    store.shut()
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    database.close()

"""Open the database file: lock it, refuse one that is not ours before anything is written, bring an older one up."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from pathlib import Path

from screentest.errors import SetupError

SCHEMA_VERSION = 3

_LONGEST_LOG = 8000
"""Pages of the log before it is written back into the file, for which submits wait; the same pages change again and
again, so a longer log has less to write back."""
_LARGEST_LOG = 2**25
"""Bytes that the file of the log keeps when it begins anew."""

_TABLES = {"accounts", "jobs", "totals", "claims", "effects", "records"}


def open_database(path: str) -> sqlite3.Connection:
    """The database, locked to us and with our tables. SetupError says why it cannot be had."""
    try:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.2)
        try:
            _prepare(db, path)
        except BaseException:
            db.close()
            raise
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise SetupError(
                f"{path}: another screentest uses this database; stop it, or give --db another file"
            ) from None
        raise SetupError(f"{path}: cannot open the database: {error}") from None
    except (sqlite3.DatabaseError, OSError) as error:
        raise SetupError(f"{path}: cannot open the database: {error}") from None
    return db


def _prepare(db: sqlite3.Connection, path: str) -> None:
    """Lock the database, refuse one that is not ours before anything is written, and make a new one's tables."""
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    db.execute("BEGIN EXCLUSIVE")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    db.execute("COMMIT")
    if version > SCHEMA_VERSION:
        raise SetupError(f"{path}: made by a newer screentest (schema {version}); update, or give --db another file")
    ours = tables >= _TABLES if version else not tables
    if not ours:
        raise SetupError(f"{path}: the database of another program; give --db another file")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(f"PRAGMA wal_autocheckpoint = {_LONGEST_LOG}")
    db.execute(f"PRAGMA journal_size_limit = {_LARGEST_LOG}")
    steps = [f"schema_{step}.sql" for step in range(version + 1, SCHEMA_VERSION + 1)] if version else ["schema.sql"]
    for script in steps:
        db.executescript((files("screentest.store") / script).read_text(encoding="utf-8"))

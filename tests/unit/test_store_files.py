"""The database file: it keeps everything, has one owner at a time, and a bad one is refused in one line."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from screentest.clock import AccountTime
from screentest.errors import SetupError
from screentest.jobs import Amendment
from screentest.store import rows
from screentest.store.opening import SCHEMA_VERSION
from screentest.store.sqlite import SqliteStore
from unit.stepping import stepped
from unit.stored import NOW, amend, job, submit

DIES = """
import os, signal, sys
sys.path[:0] = sys.argv[2:]
from screentest.store.sqlite import SqliteStore
from unit.stored import job, submit
submit(SqliteStore(sys.argv[1]), job("j"))
print("stored", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that does not exist yet, in a folder that does not either."""
    return tmp_path / "state" / "jobs.sqlite3"


def refusal(path: Path) -> str:
    """What somebody is told who opens this file."""
    with pytest.raises(SetupError) as refused:
        SqliteStore(path)
    message = str(refused.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def foreign(path: Path, *statements: str) -> bytes:
    """A database of somebody else's; answers the bytes of its file."""
    path.parent.mkdir(parents=True)
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()
    return path.read_bytes()


def test_everything_is_there_after_a_restart(path: Path) -> None:
    """Accounts, their clocks, jobs, amendments and totals are as they were before the store was closed."""
    store = SqliteStore(path)
    submit(store, job("j"))
    submit(store, job("k", at=NOW + 1))
    amend(store, job("j"), Amendment(at=NOW + 0.5, kind="cancelled"))
    stepped(store.set_time("a", AccountTime(1.0, 2.0, 60.0)))
    store.shut()

    store = SqliteStore(path)
    account = stepped(store.account("a"))
    assert account is not None
    assert (account.time, account.submitted, account.label) == (AccountTime(1.0, 2.0, 60.0), 2, "label of a")
    assert stepped(store.job("j")) == job("j").amended(Amendment(at=NOW + 0.5, kind="cancelled"))
    assert [one.id for one in stepped(store.page("a", "hiapi", 0, 9))] == ["k", "j"]
    assert stepped(store.total("a", "hiapi")) == 2
    store.shut()


def test_what_was_stored_survives_a_kill(path: Path) -> None:
    """A job whose submit returned is there after kill -9."""
    child = subprocess.run([sys.executable, "-c", DIES, path, *sys.path], capture_output=True, text=True, check=False)
    assert (child.stdout, child.returncode) == ("stored\n", -signal.SIGKILL), child.stderr

    store = SqliteStore(path)
    assert stepped(store.job("j")) == job("j")
    store.shut()


def test_a_second_opener_is_sent_away(path: Path) -> None:
    """Two servers cannot share a file; the second is told so, and what to do."""
    store = SqliteStore(path)
    assert "another screentest uses this database" in refusal(path)
    assert "--db" in refusal(path)
    store.shut()


def test_a_closed_file_can_be_opened_again(path: Path) -> None:
    """Closing, and a refused second opener, leave nothing behind that keeps the file locked."""
    store = SqliteStore(path)
    refusal(path)
    store.shut()
    SqliteStore(path).shut()
    SqliteStore(path).shut()


def test_a_newer_schema_is_refused(path: Path) -> None:
    """A file made by a later version is left alone."""
    before = foreign(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    assert "newer screentest" in refusal(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", [0, 1])
def test_another_programs_database_is_refused(path: Path, version: int) -> None:
    """A file that is somebody else's database is neither used nor changed."""
    before = foreign(path, "CREATE TABLE recipes (name TEXT)", f"PRAGMA user_version = {version}")
    assert "another program" in refusal(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    """Any other file is left alone too."""
    path.parent.mkdir()
    path.write_bytes(b"these are my notes\n" * 300)
    assert "not a database" in refusal(path)
    assert path.read_bytes() == b"these are my notes\n" * 300


def test_a_damaged_database_is_refused(path: Path) -> None:
    """A database whose first page is broken is refused in one line."""
    SqliteStore(path).shut()
    broken = bytearray(path.read_bytes())
    broken[100:3000] = b"\xff" * 2900
    path.write_bytes(broken)
    assert "malformed" in refusal(path)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """A folder's path is refused in one line."""
    assert "cannot open" in refusal(tmp_path)


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    """A path whose folder is a file is refused in one line."""
    (tmp_path / "file").write_text("")
    assert "cannot open" in refusal(tmp_path / "file" / "jobs.sqlite3")


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    """An empty file, as some tools make them, is as good as none."""
    (tmp_path / "jobs.sqlite3").touch()
    store = SqliteStore(tmp_path / "jobs.sqlite3")
    assert submit(store, job("j")).id == "j"
    store.shut()


@pytest.mark.parametrize(("where", "index"), [(rows.THAT_JOB, "jobs_by_id"), (rows.ACTIVE, "jobs_by_end")])
def test_jobs_are_found_by_an_index(path: Path, where: str, index: str) -> None:
    """SQLite takes an index on an expression only for a condition that is written as the expression is."""
    SqliteStore(path).shut()
    database, values = sqlite3.connect(path), {"id": "j", "account": "a", "since": 1.0, "until": 2.0}
    plan = database.execute("EXPLAIN QUERY PLAN " + rows.JOB + where, values).fetchone()[-1]
    database.close()
    assert plan.startswith(f"SEARCH jobs USING INDEX {index}")

"""Submits that come at the same moment share a commit: all of them are there, or each is told that it is not."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from screentest.errors import Refusal, StoreError
from screentest.jobs import Job
from screentest.store import AccountRow, Submission
from screentest.store.sqlite import SqliteStore
from unit.stored import job, row


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty store in a file."""
    made = SqliteStore(tmp_path / "jobs.sqlite3")
    yield made
    made.shut()


def submits(store: SqliteStore, *names: str) -> list[Job | BaseException]:
    """Submit jobs of these names at the same moment; what each was answered. One called "refused" is."""

    async def one(name: str) -> Job:
        def build(_: AccountRow) -> Submission:
            if name == "refused":
                raise Refusal("no-balance")
            return Submission(job=job(name))

        return await store.submit(row(), build)

    async def together() -> list[Job | BaseException]:
        return await asyncio.gather(*(one(name) for name in names), return_exceptions=True)

    return asyncio.run(together())


def test_all_are_there_in_the_order_they_came(store: SqliteStore, tmp_path: Path) -> None:
    """Each is answered with its own job, the account counts all of them, and so does who opens the file next."""
    names = [f"j{number}" for number in range(50)]
    assert submits(store, *names) == [job(name) for name in names]
    store.shut()
    again = SqliteStore(tmp_path / "jobs.sqlite3")
    stored = asyncio.run(again.account("a"))
    newest = asyncio.run(again.newest("a"))
    again.shut()
    assert stored is not None
    assert stored.submitted == 50
    assert [one.id for _, one in newest] == names[::-1]


def test_a_refusal_is_nobody_elses(store: SqliteStore) -> None:
    """One of those who share a commit is refused; the others are stored."""
    first, refused, second = submits(store, "j1", "refused", "j2")
    assert isinstance(refused, Refusal)
    assert [first, second] == [job("j1"), job("j2")]
    assert asyncio.run(store.job("j2")) == job("j2")


def test_a_first_refusal_leaves_no_transaction_open(store: SqliteStore) -> None:
    """Nothing was written, and what comes next is stored as ever, without an event loop too."""
    (refused,) = submits(store, "refused")
    assert isinstance(refused, Refusal)
    assert submits(store, "j1") == [job("j1")]


def test_what_cannot_be_written_is_nobodys(store: SqliteStore, tmp_path: Path) -> None:
    """The disk is full: who shares the commit is told so and has no job, who came too late for it has one."""
    submits(store, "j0")
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    names = [f"j{number}" for number in range(1, 60)]
    answers = dict(zip(names, submits(store, *names), strict=True))
    lost = {name for name, answer in answers.items() if isinstance(answer, StoreError)}
    assert {str(answers[name]) for name in lost} == {
        "the database cannot be written: database or disk is full; is the disk full or read-only?"
    }
    store.shut()
    again = SqliteStore(tmp_path / "jobs.sqlite3")
    kept = {one.id for _, one in asyncio.run(again.newest("a"))}
    again.shut()
    assert kept == {"j0", *names} - lost


def test_a_fault_of_ours_is_told_to_all_who_share_it(store: SqliteStore) -> None:
    """Two jobs of one id cannot be: who shares the commit has no job, and what comes next is stored as ever."""
    answers = submits(store, "j1", "j2", "j1")
    assert [type(answer) for answer in answers] == [sqlite3.IntegrityError] * 3
    assert [asyncio.run(store.job(name)) for name in ("j1", "j2")] == [None, None]
    assert submits(store, "j1", "j2") == [job("j1"), job("j2")]
    stored = asyncio.run(store.account("a"))
    assert stored is not None
    assert stored.submitted == 2


def test_an_account_is_seen_as_it_was_counted(store: SqliteStore) -> None:
    """Even before what it submitted is committed, and when it is not among those that are kept."""

    async def both() -> AccountRow | None:
        waiting = asyncio.ensure_future(store.submit(row(), lambda _: Submission(job=job("j1"))))
        await asyncio.sleep(0)
        store._accounts.clear()
        found = await store.account("a")
        await waiting
        return found

    found = asyncio.run(both())
    assert found is not None
    assert found.submitted == 1


def test_what_is_written_alone_comes_after_what_was_begun_together(store: SqliteStore) -> None:
    """A change by itself commits what others have begun, and takes nothing of it back."""

    async def both() -> tuple[Job, None]:
        return await asyncio.gather(
            store.submit(row(), lambda _: Submission(job=job("j1"))), store.set_settings("a", {"key_state": "bad"})
        )

    made, _ = asyncio.run(both())
    stored = asyncio.run(store.account("a"))
    assert made == job("j1")
    assert stored is not None
    assert (stored.submitted, stored.settings) == (1, {"key_state": "bad"})


def test_who_comes_after_a_lost_commit_is_told_of_it(store: SqliteStore) -> None:
    """What else would be written was worked out from submits that are not there: it is not written either."""

    async def play() -> tuple[StoreError | None, AccountRow | None]:
        await store.open_account(row())
        store._db.execute(f"PRAGMA max_page_count = {store._db.execute('PRAGMA page_count').fetchone()[0]}")
        long = structs.replace(job("j1"), input={"prompt": "x" * 100_000})
        big = asyncio.ensure_future(store.submit(row(), lambda _: Submission(job=long)))
        await asyncio.sleep(0)  # it waits for its commit
        told = None
        try:
            await store.set_settings("a", {"balance": "9.96"})
        except StoreError as error:
            told = error
        with pytest.raises(StoreError):
            await big
        return told, await store.account("a")

    told, account = asyncio.run(play())
    assert told is not None
    assert account is not None
    assert (account.submitted, dict(account.settings)) == (0, {})

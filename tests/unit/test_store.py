"""What every store does, told of SQLite in memory and in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec import structs

from screentest.clock import AccountTime
from screentest.jobs import Amendment, Job, Plan
from screentest.orders import repriced
from screentest.store import AccountRow, Submission, rows
from screentest.store.sqlite import SqliteStore
from unit.stepping import stepped
from unit.stored import NOW, amend, build_and_submit, job, row, submit


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty store, once in memory and once in a file."""
    made = SqliteStore(":memory:" if request.param == "memory" else tmp_path / "jobs.sqlite3")
    yield made
    made.shut()


def test_an_account_nobody_used_is_none(store: SqliteStore) -> None:
    """Asking for an account does not make one."""
    assert stepped(store.account("a")) is None
    assert stepped(store.account("a")) is None


def test_an_account_is_opened_once(store: SqliteStore) -> None:
    """The first opening is stored; a later one answers what is stored."""
    first = stepped(store.open_account(row()))
    later = structs.replace(row(), label="other", time=AccountTime(0, 0, 9))
    assert first == row()
    assert stepped(store.open_account(later)) == row()


def test_time_is_replaced(store: SqliteStore) -> None:
    """A clock that was set is the account's clock; other accounts keep theirs."""
    for account in ("a", "b"):
        stepped(store.open_account(row(account)))
    stepped(store.set_time("a", AccountTime(1.5, 2.25, 0.0)))
    changed, other = stepped(store.account("a")), stepped(store.account("b"))
    assert changed is not None
    assert changed.time == AccountTime(1.5, 2.25, 0.0)
    assert other == row("b")


def test_a_job_comes_back_as_it_was_stored(store: SqliteStore) -> None:
    """Every field of a job survives storing: text in any script, large numbers, nested values, the frozen plan."""
    assert submit(store, job("j")) == job("j")
    assert stepped(store.job("j")) == job("j")


def test_an_unknown_job_is_none(store: SqliteStore) -> None:
    """There is no job that was not submitted, whatever the id looks like."""
    submit(store, job("j"))
    assert [stepped(store.job(one)) for one in ("k", "", "J", "' OR 1=1 --", "\x00")] == [None] * 5


def test_submit_opens_the_account_and_counts(store: SqliteStore) -> None:
    """The row given to `build` says how many jobs there were before."""
    seen: list[int] = []

    def build(name: str) -> Callable[[AccountRow], Job]:
        def made(found: AccountRow) -> Job:
            seen.append(found.submitted)
            return job(name)

        return made

    for name in ("j1", "j2", "j3"):
        build_and_submit(store, build(name))
    stored = stepped(store.account("a"))
    assert stored is not None
    assert (seen, stored.submitted) == ([0, 1, 2], 3)


def test_a_submit_that_fails_leaves_nothing(store: SqliteStore) -> None:
    """When the job cannot be built, neither account nor job nor count is stored."""

    def build(_: AccountRow) -> Job:
        raise RuntimeError("no job today")

    with pytest.raises(RuntimeError, match="no job today"):
        build_and_submit(store, build)
    assert stepped(store.account("a")) is None
    assert stepped(store.total("a", "hiapi")) == 0
    submit(store, job("j"))
    assert stepped(store.total("a", "hiapi")) == 1


def test_an_id_is_taken_once(store: SqliteStore) -> None:
    """A second job with the same id is refused whole, and the first stays."""
    submit(store, job("j"))
    with pytest.raises(Exception, match="UNIQUE"):
        submit(store, job("j", account="b"))
    kept = stepped(store.job("j"))
    assert kept is not None
    assert (kept.account, stepped(store.total("b", "hiapi")), stepped(store.account("b"))) == ("a", 0, None)


def test_amendments_are_appended_in_order(store: SqliteStore) -> None:
    """What happens to a job is kept in the order in which it happened, with its data."""
    submit(store, job("j"))
    first, second = Amendment(at=NOW + 1, kind="cancelled"), Amendment(at=NOW + 2, kind="failed", data={"y": ["é"]})
    amend(store, job("j"), first)
    amend(store, job("j"), second)
    assert stepped(store.job("j")) == job("j").amended(first).amended(second)


def test_a_price_that_the_files_decide(store: SqliteStore) -> None:
    """It is the job's from then on, wherever the job is read; totals and balance have it instead of the first one."""
    priced = structs.replace(job("j"), cost="1.40")
    stepped(store.submit(row(), lambda stored: Submission(job=priced, settings={"balance": "8.60", "other": 1})))
    measured = Amendment(at=NOW + 1, kind="inputs_checked", data={"seconds": 15, "cost": "4.20"})
    left = repriced({"balance": "8.60", "other": 1}, priced, priced.amended(measured))
    stepped(store.amend(priced, measured, settings=left))
    ((_, listed),) = stepped(store.newest("a"))
    read = [
        stepped(store.job("j")),
        listed,
        *stepped(store.page("a", "hiapi", 0, 9)),
        *stepped(store.active("a", 0, NOW)),
    ]
    assert [one.cost for one in read if one] == ["4.20"] * 4
    (spent,) = stepped(store.spend("a"))
    account = stepped(store.account("a"))
    assert account is not None
    assert (spent.jobs, spent.usd, account.settings) == (1, 4.2, {"balance": "5.80", "other": 1})


def test_amending_one_job_leaves_the_others(store: SqliteStore) -> None:
    """An amendment belongs to one job."""
    for name in ("j", "k"):
        submit(store, job(name))
    amend(store, job("j"), Amendment(at=NOW, kind="cancelled"))
    assert stepped(store.job("k")) == job("k")


def test_pages_are_newest_first(store: SqliteStore) -> None:
    """Jobs are listed by submit, newest first; of those of one instant the last comes first."""
    for name, at in (("a1", NOW), ("b2", NOW + 5), ("c3", NOW + 5), ("d4", NOW + 9)):
        submit(store, job(name, at=at))
    assert [one.id for one in stepped(store.page("a", "hiapi", 0, 10))] == ["d4", "c3", "b2", "a1"]


def test_pages_tile_the_list(store: SqliteStore) -> None:
    """Offset and limit cut the list without gap or overlap, and past its end there is nothing."""
    names = [f"j{number}" for number in range(7)]
    for number, name in enumerate(names):
        submit(store, job(name, at=NOW + number))
    pages = [[one.id for one in stepped(store.page("a", "hiapi", offset, 3))] for offset in (0, 3, 6, 9, 10**17)]
    assert pages == [["j6", "j5", "j4"], ["j3", "j2", "j1"], ["j0"], [], []]


def test_lists_and_totals_are_of_one_account_and_provider(store: SqliteStore) -> None:
    """Another account's jobs, and those at another provider, are neither listed nor counted."""
    submit(store, job("mine"))
    submit(store, job("elsewhere", provider="runflow"))
    submit(store, job("theirs", account="b"))
    assert [one.id for one in stepped(store.page("a", "hiapi", 0, 10))] == ["mine"]
    assert [stepped(store.total(*of)) for of in (("a", "hiapi"), ("a", "runflow"), ("a", "runcomfy"))] == [1, 1, 0]


def test_the_newest_of_every_provider_are_one_list(store: SqliteStore) -> None:
    """By number, whoever they were submitted to; a list goes on from a number."""
    for number in range(9):
        submit(store, job(f"j{number}", provider=("hiapi", "runflow", "runcomfy")[number % 3]))
    submit(store, job("foreign", account="b"))
    first = stepped(store.newest("a", limit=4))
    assert [one.id for _, one in first] == ["j8", "j7", "j6", "j5"]
    rest = stepped(store.newest("a", before=first[-1][0]))
    assert [one.id for _, one in rest] == ["j4", "j3", "j2", "j1", "j0"]
    assert [one.id for _, one in stepped(store.newest("a", provider="runflow"))] == ["j7", "j4", "j1"]
    assert [one.id for _, one in stepped(store.newest("a", text="J3"))] == ["j3"]
    assert [one.id for _, one in stepped(store.newest(None, limit=2))] == ["foreign", "j8"]


def test_active_jobs_are_those_that_may_change(store: SqliteStore) -> None:
    """Jobs that have ended by `since` or are submitted after `until` are left out; the rest comes oldest first."""
    for name, at in (("over", NOW), ("one", NOW + 10), ("two", NOW + 12), ("later", NOW + 50)):
        submit(store, job(name, at=at, lasts=4.0))
    assert [one.id for one in stepped(store.active("a", NOW + 4, NOW + 20))] == ["one", "two"]
    assert [one.id for one in stepped(store.active("a", NOW + 13, float("inf")))] == ["one", "two", "later"]
    assert [one.id for one in stepped(store.active("b", 0, float("inf")))] == []


def test_a_stored_job_may_leave_out_what_is_as_usual() -> None:
    """A document as short as one can be: what it leaves out means the same for ever."""
    document = """{"id":"j","provider":"p","account":"a","model":"m","submitted":1,"sent":{},"input":{},"base":"b",
        "origin":"o","plan":{"queue_ends":2,"ends":3,"outcome":"succeeded","queue_position":1,"clip":{}}}"""
    plan = Plan(
        queue_ends=2.0,
        ends=3.0,
        outcome="succeeded",
        queue_position=1,
        clip={},
        made={},
        failure=("", ""),
        inputs_unchecked=False,
        link_seconds=None,
        truncated=False,
        flagged=False,
    )
    assert rows.job_value((document, "[]")) == Job(
        id="j",
        provider="p",
        account="a",
        model="m",
        submitted=1.0,
        sent={},
        input={},
        base="b",
        origin="o",
        plan=plan,
        cost=None,
        extras={},
        amendments=(),
    )


def test_amendments_are_no_part_of_a_stored_job() -> None:
    """They have a column of their own."""
    amended = job("j").amended(Amendment(at=NOW, kind="cancelled"))
    assert rows.job_value((rows.job_document(amended), "[]")) == job("j")

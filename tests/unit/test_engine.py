"""The engine: jobs on their accounts' clocks, repeatable by seed, each account with its own time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from screentest.engine import Event
from screentest.errors import ClockError
from unit.engines import MODELS, advance, advance_to_next, engine, key, submit
from unit.stepping import stepped


def words(events: list[Event]) -> list[str]:
    return [event.after for event in events]


def test_advance_tells_what_happened_in_order() -> None:
    """Three providers' jobs side by side: every change once, in order of time, each from where the last one led."""
    made, _ = engine()
    jobs = {submit(made, provider).id: provider for provider in MODELS}
    events = stepped(advance(made, key(), 60))
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert {job_id: words([one for one in events if one.job == job_id]) for job_id in jobs} == {
        job_id: {
            "runcomfy": ["in_progress", "completed"],
            "runflow": ["dispatching", "running", "succeeded"],
            "hiapi": ["handling", "archiving", "success"],
        }[provider]
        for job_id, provider in jobs.items()
    }
    for job_id, provider in jobs.items():
        own = [one for one in events if one.job == job_id]
        assert {one.provider for one in own} == {provider}
        assert all(before.after == after.before for before, after in pairwise(own))


def test_advance_moves_exactly_as_far_as_asked() -> None:
    """The account's clock shows the seconds that were asked for, no matter what happened on the way."""
    made, clock = engine()
    submit(made)
    stepped(advance(made, key(), 2))
    assert stepped(made.now(key().account)) == clock.now() + 2


def test_many_small_advances_see_what_one_large_one_sees() -> None:
    """No change is lost or told twice between two advances."""
    small, large = engine()[0], engine()[0]
    for made in (small, large):
        submit(made)
    walked = [event for _ in range(60) for event in stepped(advance(small, key(), 0.1))]
    assert words(walked) == words(stepped(advance(large, key(), 6))) == ["handling", "archiving", "success"]


def test_advancing_by_nothing_tells_nothing() -> None:
    """An advance of 0 seconds is allowed and changes nothing."""
    made, _ = engine()
    submit(made)
    assert stepped(advance(made, key(), 0)) == []


def test_advance_to_next_stops_at_each_change() -> None:
    """Step by step through a job's life; at the end nothing is ahead, and the clock stands."""
    made, _ = engine()
    submit(made)
    steps = [words(stepped(advance_to_next(made, key()))) for _ in range(3)]
    assert steps == [["handling"], ["archiving"], ["success"]]
    stood = stepped(made.now(key().account))
    assert stepped(advance_to_next(made, key())) == []
    assert stepped(made.now(key().account)) == stood


def test_advance_to_next_takes_the_earliest_of_all_jobs() -> None:
    """With several jobs the next change of any of them comes first."""
    made, _ = engine()
    for provider in MODELS:
        submit(made, provider)
    told = [event for _ in range(8) for event in stepped(advance_to_next(made, key()))]
    assert len(told) == 8
    assert [event.at for event in told] == sorted(event.at for event in told)


def test_a_refused_advance_moves_nothing() -> None:
    """Time that cannot be granted leaves the clock as it is."""
    made, clock = engine()
    submit(made)
    with pytest.raises(ClockError):
        stepped(advance(made, key(), -1))
    assert stepped(made.now(key().account)) == clock.now()


def test_accounts_have_their_own_time() -> None:
    """Advancing one account moves neither the other's clock nor its jobs."""
    made, clock = engine()
    mine, theirs = submit(made), submit(made, token="sk-two")
    events = stepped(advance(made, key(), 60))
    assert {event.job for event in events} == {mine.id}
    now = stepped(made.now(key("sk-two").account))
    assert (now, made.moment(theirs, now).word) == (clock.now(), "queued")


def test_accounts_have_their_own_chance() -> None:
    """Two accounts on one seed get different ids and plans."""
    made, _ = engine()
    mine, theirs = submit(made), submit(made, token="sk-two")
    assert mine.id != theirs.id
    assert mine.plan.ends != theirs.plan.ends


def test_an_admin_key_sees_its_owners_time() -> None:
    """rf_svc_X and rf_live_X are one account with one clock."""
    made, clock = engine()
    stepped(advance(made, key("rf_live_x"), 100))
    assert stepped(made.clock(key("rf_svc_x")))[0] == clock.now() + 100


def test_the_same_seed_repeats() -> None:
    """With one seed and one start time, ids, plans and drawn seeds come out the same in another engine."""
    one, other = engine("s")[0], engine("s")[0]
    for provider in ("runcomfy", "runflow", "hiapi", "runcomfy"):
        assert submit(one, provider) == submit(other, provider)


def test_another_seed_differs() -> None:
    """Another seed, or none, makes other ids and plans."""
    ids = {submit(engine(seed)[0]).id for seed in ("s", "t", None, None)}
    assert len(ids) == 4


def test_jobs_of_one_account_differ() -> None:
    """The same request twice makes two jobs with their own ids and drawn seeds."""
    made, _ = engine()
    first, second = submit(made, "runcomfy"), submit(made, "runcomfy")
    assert first.id != second.id
    assert first.plan.clip["seed"] != second.plan.clip["seed"]


@pytest.mark.parametrize(("speed", "word"), [(1.0, "queued"), (60.0, "success"), (0.0, "queued")])
def test_speed_is_the_rate_of_new_accounts(speed: float, word: str) -> None:
    """At speed 60 a job of four seconds is over in a tenth of one; at speed 0 it never begins."""
    made, clock = engine(speed=speed)
    job = submit(made)
    clock.advance(0.1)
    assert made.moment(job, stepped(made.now(key().account))).word == word


def test_an_account_nobody_used_has_the_wall_clocks_time() -> None:
    """Asking an unused account for the time does not start its clock."""
    made, clock = engine(speed=60)
    before = stepped(made.now("nobody"))
    clock.advance(10)
    assert stepped(made.now("nobody")) == before + 10


def test_freeze_and_thaw() -> None:
    """A frozen account stands while the wall goes on, and goes on from there at its new rate."""
    made, clock = engine()
    submit(made)
    stepped(made.set_rate(key(), 0))
    stood = stepped(made.now(key().account))
    clock.advance(1000)
    assert stepped(made.now(key().account)) == stood
    stepped(made.set_rate(key(), 2))
    clock.advance(10)
    assert stepped(made.now(key().account)) == stood + 20


def test_a_cancel_while_queued() -> None:
    """A queued RunComfy job is cancelled at this instant, once; a second cancel finds nothing to do."""
    made, clock = engine()
    job = submit(made, "runcomfy")
    cancelled = stepped(made.cancel(job, clock.now()))
    assert cancelled is not None
    assert made.moment(cancelled, clock.now()).word == "cancelled"
    assert stepped(made.job(job.id)) == cancelled
    assert stepped(made.cancel(cancelled, clock.now())) is None


@pytest.mark.parametrize("provider", ["runflow", "hiapi"])
def test_no_cancel_where_the_provider_has_none(provider: str) -> None:
    """Runflow and HiAPI give their users no cancel, queued or not."""
    made, clock = engine()
    job = submit(made, provider)
    assert stepped(made.cancel(job, clock.now())) is None
    assert stepped(made.job(job.id)) == job


def test_a_cancelled_job_has_no_further_changes() -> None:
    """After a cancel time passes without news of the job."""
    made, clock = engine()
    job = submit(made, "runcomfy")
    stepped(made.cancel(job, clock.now()))
    assert stepped(advance(made, key(), 60)) == []


def test_a_failing_job_ends_in_failure() -> None:
    """A scenario decides the end at submit."""
    made, _ = engine()
    submit(made, "hiapi", name="fail")
    assert words(stepped(advance(made, key(), 60))) == ["handling", "archiving", "fail"]


def test_pages_come_with_their_total() -> None:
    """A page of an account's jobs at one provider, and how many there are."""
    made, clock = engine()
    jobs = []
    for _ in range(5):
        jobs.append(submit(made).id)
        clock.advance(1)
    submit(made, "runflow")
    page, total = stepped(made.page(key().account, "hiapi", 1, 2))
    assert ([one.id for one in page], total) == ([jobs[3], jobs[2]], 5)

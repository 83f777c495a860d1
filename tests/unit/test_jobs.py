"""A job's status is a function of its plan, what happened to it, and the time. It only moves forward."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from screentest.jobs import Amendment, Job, Plan, changes, clip, ended, outcome, queue_position, state, timeline
from screentest_contracts.document import Lifecycle
from screentest_contracts.load import PROVIDERS, load

LIFECYCLES = {name: load(name).provider.lifecycle for name in PROVIDERS}
WORDS: Mapping[str, list[str]] = {
    "runcomfy": ["in_queue", "in_progress", "completed"],
    "runflow": ["queued", "dispatching", "running", "succeeded"],
    "hiapi": ["queued", "handling", "archiving", "success"],
}
SUBMITTED = 1_800_000_000.0


def job(queue: float = 10.0, run: float = 30.0, how: str = "succeeded", position: int = 3) -> Job:
    return Job(
        id="j1",
        provider="hiapi",
        account="a",
        model="m",
        submitted=SUBMITTED,
        sent={},
        input={},
        base="",
        origin="",
        plan=Plan(
            queue_ends=SUBMITTED + queue,
            ends=SUBMITTED + queue + run,
            outcome=how,
            queue_position=position,
            clip={},
        ),
    )


def cancelled(one: Job, after: float) -> Job:
    return one.amended(Amendment(at=one.submitted + after, kind="cancelled"))


jobs = st.builds(
    job,
    queue=st.floats(0.001, 1e4),
    run=st.floats(0.001, 1e4),
    how=st.sampled_from(["succeeded", "failed"]),
    position=st.integers(1, 9),
)
lifecycles = st.sampled_from(sorted(LIFECYCLES)).map(LIFECYCLES.__getitem__)
cancellable = st.sampled_from(["runcomfy", "runflow"]).map(LIFECYCLES.__getitem__)
instants = st.floats(-1e3, 3e4).map(lambda offset: SUBMITTED + offset)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_words_in_the_documented_order(provider: str) -> None:
    """A job that succeeds goes through every documented state, once, in order."""
    words = [moment.word for moment in timeline(job(), LIFECYCLES[provider])]
    assert words == WORDS[provider]


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("runcomfy", ["in_queue", "in_progress", "completed"]),
        ("runflow", ["queued", "dispatching", "running", "failed"]),
        ("hiapi", ["queued", "handling", "archiving", "fail"]),
    ],
)
def test_words_of_a_failure(provider: str, words: list[str]) -> None:
    """A failed generation ends in the provider's word for it; on RunComfy that is completed, for it is finished."""
    assert [moment.word for moment in timeline(job(how="failed"), LIFECYCLES[provider])] == words


@pytest.mark.parametrize(
    ("provider", "words"), [("runcomfy", ["in_queue", "in_progress"]), ("hiapi", ["queued", "handling"])]
)
def test_a_bad_file_fails_what_has_begun(provider: str, words: list[str]) -> None:
    """It begins by fetching its files: a clock that stands while they come shows the job running."""
    failed = job().amended(Amendment(at=SUBMITTED + 10, kind="failed", data={"message": "too small"}))
    assert [moment.word for moment in timeline(failed, LIFECYCLES[provider])][:-1] == words


def test_a_state_begins_at_its_very_instant() -> None:
    """At the end of the queue the job is not queued any more; at the end of the run it has ended."""
    one, lifecycle = job(queue=10, run=30), LIFECYCLES["runcomfy"]
    at = [state(one, lifecycle, SUBMITTED + offset).word for offset in (0, 9.999, 10, 39.999, 40, 1e9)]
    assert at == ["in_queue", "in_queue", "in_progress", "in_progress", "completed", "completed"]


def test_a_job_is_never_before_its_submit() -> None:
    """Asked about a time before it was submitted, a job is in its first state."""
    assert state(job(), LIFECYCLES["hiapi"], SUBMITTED - 5).word == "queued"


def test_the_run_is_shared_out_among_its_states() -> None:
    """HiAPI's archiving is the last tenth of the run."""
    moments = timeline(job(queue=10, run=30), LIFECYCLES["hiapi"])
    assert [round(moment.at - SUBMITTED, 6) for moment in moments] == [0, 10, 37, 40]


def test_a_cancel_ends_the_job_then_and_there() -> None:
    """A job cancelled while queued ends at that instant and never runs."""
    one = cancelled(job(queue=10, run=30), 4)
    assert ended(one) == (SUBMITTED + 4, "cancelled")
    assert [moment.word for moment in timeline(one, LIFECYCLES["runcomfy"])] == ["in_queue", "cancelled"]


def test_a_cancel_at_the_instant_of_submit() -> None:
    """A job can be cancelled in the same instant; it was queued for no time at all."""
    one = cancelled(job(), 0)
    assert [moment.word for moment in timeline(one, LIFECYCLES["runcomfy"])] == ["in_queue", "cancelled"]
    assert state(one, LIFECYCLES["runcomfy"], SUBMITTED).word == "cancelled"


def test_a_cancel_after_the_end_changes_nothing() -> None:
    """An amendment that comes too late leaves the job as it ended."""
    one = cancelled(job(queue=10, run=30), 40)
    assert ended(one) == (SUBMITTED + 40, "succeeded")


def test_an_outcome_is_none_until_the_end() -> None:
    """Nobody knows how a job ends before it has."""
    one = job(queue=10, run=30, how="failed")
    assert [outcome(one, SUBMITTED + offset) for offset in (0, 39.999, 40)] == [None, None, "failed"]


def test_the_queue_position_counts_down_to_its_base() -> None:
    """Three in front at submit, one at the end of the queue; each place takes its third of the time."""
    one = job(queue=9, position=3)
    at = [queue_position(one, SUBMITTED + offset, 1) for offset in (0, 2.9, 3.1, 5.9, 6.1, 8.9, 9)]
    assert at == [3, 3, 2, 2, 1, 1, 1]


def test_the_queue_position_can_be_counted_from_zero() -> None:
    """With base 0 the next to run has position 0."""
    assert queue_position(job(queue=9, position=3), SUBMITTED + 8.9, 0) == 0


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("queue", "run", "stage"), [(math.inf, 30.0, "queue"), (10.0, math.inf, "run"), (math.inf, math.inf, "queue")]
)
def test_a_job_that_never_ends(provider: str, queue: float, run: float, stage: str) -> None:
    """It stays in the first state of its endless stage, at times that are numbers, and has no outcome."""
    one, lifecycle = job(queue=queue, run=run), LIFECYCLES[provider]
    moments = timeline(one, lifecycle)
    assert all(math.isfinite(moment.at) for moment in moments)
    assert moments[-1].word == next(step.word for step in lifecycle.steps if step.stage == stage)
    assert state(one, lifecycle, SUBMITTED + 1e12) == moments[-1]
    assert outcome(one, SUBMITTED + 1e12) is None
    assert changes(one, lifecycle, SUBMITTED, math.inf) == changes(one, lifecycle, SUBMITTED, SUBMITTED + 10)


def test_a_job_that_never_ends_can_be_cancelled() -> None:
    """Something that happens to it is its end after all."""
    assert ended(cancelled(job(run=math.inf), 50)) == (SUBMITTED + 50, "cancelled")


def test_the_queue_position_of_a_job_that_stays_queued() -> None:
    """It keeps the place that it has at submit."""
    one = job(queue=math.inf, position=3)
    assert [queue_position(one, SUBMITTED + offset, 1) for offset in (0, 1e9)] == [3, 3]


def test_a_job_that_ends_at_its_submit() -> None:
    """All its states are at one instant, in order, and it is over."""
    one = job(queue=0, run=0)
    assert [moment.word for moment in timeline(one, LIFECYCLES["hiapi"])] == WORDS["hiapi"]
    assert (state(one, LIFECYCLES["hiapi"], SUBMITTED).word, outcome(one, SUBMITTED)) == ("success", "succeeded")


def test_changes_are_after_since_and_up_to_until() -> None:
    """A change at `since` is past, one at `until` is included; from and to are the provider's words."""
    one, lifecycle = job(queue=10, run=30), LIFECYCLES["runcomfy"]
    assert changes(one, lifecycle, SUBMITTED + 10, SUBMITTED + 40) == [(SUBMITTED + 40, "in_progress", "completed")]


@given(jobs, lifecycles, instants, instants)
def test_states_only_move_forward(one: Job, lifecycle: Lifecycle, first: float, second: float) -> None:
    """For any job of any provider, a later look shows the same state or a later one."""
    order = list(lifecycle.words)
    earlier, later = sorted((first, second))
    before, after = state(one, lifecycle, earlier), state(one, lifecycle, later)
    assert before.at <= after.at
    assert order.index(before.word) <= order.index(after.word)


@given(jobs, lifecycles, st.floats(0, 1e5))
def test_an_end_is_final(one: Job, lifecycle: Lifecycle, later: float) -> None:
    """Once a job has ended its state and outcome never change."""
    at, how = ended(one)
    assert state(one, lifecycle, at) == state(one, lifecycle, at + later)
    assert outcome(one, at) == outcome(one, at + later) == how


@given(jobs, lifecycles)
def test_the_timeline_is_in_order_and_begins_at_submit(one: Job, lifecycle: Lifecycle) -> None:
    """The moments of a job are in order of time, from its submit to its end, with one end."""
    moments = timeline(one, lifecycle)
    assert [moment.at for moment in moments] == sorted(moment.at for moment in moments)
    assert (moments[0].at, moments[-1].at) == (one.submitted, one.plan.ends)
    assert [moment.stage for moment in moments].count("end") == 1


@given(jobs, cancellable, st.floats(0, 3e4))
def test_a_cancelled_job_is_cancelled_for_good_or_was_over(one: Job, lifecycle: Lifecycle, after: float) -> None:
    """A cancel before the end is the end, whenever it comes; one after it is ignored. The order of states holds."""
    amended = cancelled(one, after)
    at, how = ended(amended)
    in_time = one.submitted + after < one.plan.ends
    assert (how == "cancelled") == in_time
    assert at <= one.plan.ends
    moments = timeline(amended, lifecycle)
    assert [moment.at for moment in moments] == sorted(moment.at for moment in moments)
    assert moments[-1].word == lifecycle.outcomes[how]


@given(jobs, st.floats(0, 1), st.floats(0, 1), st.integers(0, 1))
def test_a_queue_position_never_grows(one: Job, first: float, second: float, base: int) -> None:
    """The position is an integer, counts down from the planned place to the base, and never goes back up."""
    length = one.plan.queue_ends - one.submitted
    earlier, later = sorted((first, second))
    before = queue_position(one, one.submitted + earlier * length, base)
    after = queue_position(one, one.submitted + later * length, base)
    assert base <= after <= before <= base + one.plan.queue_position - 1
    assert isinstance(after, int)
    assert queue_position(one, one.plan.queue_ends, base) == base


@given(jobs, lifecycles, st.lists(st.floats(0, 3e4), min_size=1, max_size=6))
def test_changes_over_any_split_are_the_same(one: Job, lifecycle: Lifecycle, offsets: list[float]) -> None:
    """Walking through time in steps sees every change once, as one large step does."""
    stops = sorted(one.submitted + offset for offset in offsets)
    walked, since = [], one.submitted - 1
    for until in stops:
        walked += changes(one, lifecycle, since, until)
        since = until
    assert walked == changes(one, lifecycle, one.submitted - 1, stops[-1])


def test_what_the_request_says_is_not_planned_again() -> None:
    """Provider, model and prompt are those of the job, unless its plan has others, as older ones do."""
    plain = structs.replace(job(), input={"prompt": "a fox", "seed": 7})
    own = {"provider": "hiapi", "model": "m", "prompt": "a fox"}
    assert clip(plain) == own
    planned = own | {"prompt": "a", "fingerprint": "0123456789ab"}
    assert clip(structs.replace(plain, plan=structs.replace(plain.plan, clip=planned))) == planned


def test_what_its_files_decide() -> None:
    """Shape, length and price by what was found; what the files are made to be otherwise stays so."""
    seen = Amendment(at=SUBMITTED + 10, kind="inputs_checked", data={"size": [640, 360], "seconds": 9, "cost": "2.52"})
    plain = job()
    planned = structs.replace(plain, plan=structs.replace(plain.plan, clip={"width": 1, "height": 1, "seconds": 5}))
    checked = planned.amended(seen)
    made = clip(checked)
    assert ([made[name] for name in ("width", "height", "seconds")], checked.cost) == ([640, 360, 9], "2.52")
    shorter = structs.replace(checked, plan=structs.replace(planned.plan, made={"seconds": 1}))
    assert clip(shorter)["seconds"] == 1
    assert planned.amended(Amendment(at=SUBMITTED, kind="cancelled")).cost == planned.cost

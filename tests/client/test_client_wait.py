"""Waiting for a job: when it is looked at, what is borne, and when it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from client import answers as say
from client.hand import Hand, waiting
from client.stand_ins import KINDS, Actor, Answer, Kind
from client.talks.talk import ok
from screentest_client import flows
from screentest_client.errors import (
    ConnectionFailedError,
    JobFailedError,
    RateLimitedError,
    UnexpectedAnswerError,
    WaitTimeoutError,
)
from screentest_client.pace import Waiting
from screentest_client.steps import Request, Response
from screentest_client.wire.base import Wire
from screentest_client.wire.hiapi import HIAPI
from screentest_client.wire.runcomfy import RUNCOMFY
from screentest_client.wire.runflow import RUNFLOW


@pytest.mark.parametrize(
    ("wire", "job_id", "pace", "look"),
    [
        (RUNCOMFY, say.REQUEST_ID, 2.0, say.status("in_queue")),
        (RUNFLOW, say.RUN_ID, 2.0, say.runflow_run("queued")),
        (HIAPI, say.TASK_ID, 3.0, say.detail("queued")),
    ],
)
def test_first_look_is_at_once_and_the_others_at_the_provider_pace(
    wire: Wire, job_id: str, pace: float, look: Any
) -> None:
    """No sleep before the first look; the default pause is what the official clients use."""
    hand = Hand(look, steady=True)

    with pytest.raises(WaitTimeoutError):
        hand.run(flows.wait(wire, job_id, waiting(hand, timeout=7.0)))

    assert isinstance(hand.steps[0], Request)
    assert hand.slept[:2] == [pace, pace]


def test_progress_hears_of_every_look() -> None:
    """`progress` gets the job as each look found it, the last one included."""
    hand = Hand(*(say.detail(state) for state in ("queued", "handling", "archiving")), say.SUCCESS)
    heard: list[str] = []

    hand.run(flows.wait(HIAPI, say.TASK_ID, waiting(hand, progress=lambda job: heard.append(job.state))))

    assert heard == ["queued", "handling", "archiving", "success"]


def test_deadline_gives_one_last_look() -> None:
    """The last pause is cut to what is left, so that a job that ends in it is not missed."""
    hand = Hand(say.detail("queued"), say.detail("handling"), say.SUCCESS)

    job = hand.run(flows.wait(HIAPI, say.TASK_ID, waiting(hand, timeout=5.0, poll=3.0)))

    assert job.outcome == "succeeded"
    assert hand.slept == [3.0, 2.0]


def test_time_of_slow_answers_counts() -> None:
    """The deadline is about time, not about the number of looks."""
    hand = Hand(say.detail("queued"), steady=True, seconds_per_call=20.0)

    with pytest.raises(WaitTimeoutError):
        hand.run(flows.wait(HIAPI, say.TASK_ID, waiting(hand, timeout=30.0)))

    assert hand.slept == [3.0]


def test_sleep_that_takes_no_time_still_brings_the_deadline() -> None:
    """Where sleeping moves another clock than ours, the seconds asked for count."""
    hand = Hand(say.detail("queued"), steady=True, stuck=True)

    with pytest.raises(WaitTimeoutError, match=r"still 'queued' after 10 s.*It goes on, and may be charged"):
        hand.run(flows.wait(HIAPI, say.TASK_ID, waiting(hand, timeout=10.0, poll=4.0)))

    assert hand.slept == [4.0, 4.0, 2.0]


def test_look_has_no_more_time_than_the_wait() -> None:
    """A silent provider is given up at the deadline; only the look that is made there has a moment of its own."""
    hand = Hand(say.detail("queued"), steady=True)
    patient = Hand(say.SUCCESS)

    with pytest.raises(WaitTimeoutError):
        hand.run(flows.wait(HIAPI, say.TASK_ID, waiting(hand, timeout=7.0, poll=4.0)))
    patient.run(flows.wait(HIAPI, say.TASK_ID, waiting(patient, timeout=None)))

    assert [step.most for step in hand.steps if isinstance(step, Request)] == [7.0, 3.0, 2.0]
    assert [step.most for step in patient.steps if isinstance(step, Request)] == [None]


@pytest.mark.parametrize("kind", KINDS)
def test_request_of_a_look_is_cut_to_the_time_of_the_wait(kind: Kind) -> None:
    """Connecting, sending and receiving may each be silent so long; without a deadline as long as for any request."""
    looks = [ok(say.status("completed")), ok(say.SUCCEEDED)]
    actor = Actor(kind, "RunComfy", *looks, *looks)

    actor.do("wait", say.REQUEST_ID, timeout=10.0)
    actor.do("wait", say.REQUEST_ID, timeout=100.0)

    longest = [max(request.extensions["timeout"].values()) for request in actor.requests]
    assert all(2.0 <= seconds <= 10.0 for seconds in longest[:2])
    assert longest[2:] == [30.0, 30.0]


def test_timeout_names_the_job_as_last_seen() -> None:
    """The error carries the job and its id, so that one can wait again."""
    hand = Hand(say.detail("handling"))

    with pytest.raises(WaitTimeoutError, match=say.TASK_ID) as caught:
        hand.run(flows.wait(HIAPI, say.TASK_ID, waiting(hand, timeout=0.0)))

    assert (caught.value.job.id, caught.value.job.state) == (say.TASK_ID, "handling")


@pytest.mark.parametrize(("told", "slept"), [("11", 11.0), ("0.5", 3.0), ("3600", 60.0)])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(status: int, told: str, slept: float) -> None:
    """A look that is asked to wait waits that long, at least a usual pause and at most a minute."""
    hand = Hand((status, {}, {"retry-after": told}), say.SUCCESS)

    hand.run(flows.wait(HIAPI, say.TASK_ID, waiting(hand)))

    assert [slept] == hand.slept


def test_retry_after_beyond_the_deadline_ends_the_wait() -> None:
    """Nobody is asked before the time that they named, and nobody waits for nothing."""
    hand = Hand((429, {}, {"retry-after": "40"}))

    with pytest.raises(WaitTimeoutError, match=r"after 0 s; .* with 40 s to wait where 30 s are left: ") as caught:
        hand.run(flows.wait(HIAPI, say.TASK_ID, waiting(hand, timeout=30.0)))

    assert isinstance(caught.value.__cause__, RateLimitedError)
    assert hand.slept == []


def test_timeout_tells_the_time_that_passed() -> None:
    """A slow answer takes a wait beyond its deadline, and the message does not hide it."""
    hand = Hand(say.detail("queued"), seconds_per_call=6.17)

    with pytest.raises(WaitTimeoutError, match=r"still 'queued' after 6\.2 s\. It goes on"):
        hand.run(flows.wait(HIAPI, say.TASK_ID, waiting(hand, timeout=1.0)))


def test_retry_of_a_submit_keeps_to_the_deadline_of_run() -> None:
    """A pause that the run has no time for is not begun: the refusal is told, with the seconds that it asked for."""
    hand = Hand((429, {}, {"retry-after": "60"}))
    request = HIAPI.submit("m", {}, idempotency_key="k")

    with pytest.raises(RateLimitedError) as caught:
        hand.run(flows.run(HIAPI, request, "m", waiting(hand, timeout=5.0)))

    assert (caught.value.retry_after, hand.slept) == (60.0, [])


def test_run_has_one_time_for_submit_and_wait() -> None:
    """What the retries of the submit took is not given to the wait again."""
    hand = Hand((503, {}, {"retry-after": "4"}), say.CREATED, say.detail("queued"), steady=True)
    request = HIAPI.submit("m", {}, idempotency_key="k")

    with pytest.raises(WaitTimeoutError, match="after 5 s"):
        hand.run(flows.run(HIAPI, request, "m", waiting(hand, timeout=5.0)))

    assert hand.slept == [4.0, 1.0]


def test_server_errors_are_borne_with_growing_pauses() -> None:
    """5xx answers double the pause up to half a minute; a good answer brings the usual pace back."""
    trouble: list[Any] = [(500, {})] * 6
    hand = Hand(*trouble, say.detail("handling"), (502, {}), say.SUCCESS)

    hand.run(flows.wait(HIAPI, say.TASK_ID, waiting(hand, poll=2.0)))

    assert hand.slept == [2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 2.0, 2.0]


def test_five_calls_without_an_answer_end_the_wait() -> None:
    """A provider in trouble answers at times; an address where nobody is never does. The error knows the job."""
    hand = Hand(ConnectionFailedError("nobody"), steady=True)

    with pytest.raises(ConnectionFailedError) as caught:
        hand.run(flows.wait(HIAPI, say.TASK_ID, waiting(hand)))

    assert len(hand.slept) == 4
    assert caught.value.job is not None
    assert caught.value.job.id == say.TASK_ID


CUT = Answer(content=b'{"code": 200, "data": {"taskId"')


@pytest.mark.parametrize("kind", KINDS)
def test_answer_that_is_cut_is_borne_once_the_job_was_seen(kind: Kind) -> None:
    """What a gateway mangled is asked for again, like what it lost: the job is paid for and goes on."""
    actor = Actor(kind, "HiAPI", ok(say.CREATED), CUT, ok(say.detail("handling")), CUT, CUT, ok(say.SUCCESS))

    assert actor.do("run", say.HIAPI_R2V, say.INPUT).outcome == "succeeded"
    assert [round(seconds) for seconds in actor.slept] == [3, 3, 3, 6]


@pytest.mark.parametrize("kind", KINDS)
def test_answer_that_is_cut_is_told_at_once_while_nothing_was_seen(kind: Kind) -> None:
    """The first look at an id may go to a wrong base URL, and no waiting would help."""
    actor = Actor(kind, "HiAPI", CUT)

    with pytest.raises(UnexpectedAnswerError, match="Check that the base URL"):
        actor.do("wait", say.TASK_ID)

    assert actor.slept == []


@pytest.mark.parametrize("kind", KINDS)
def test_five_answers_that_are_cut_end_the_wait(kind: Kind) -> None:
    """What never comes whole is as good as no answer, and the error knows the job."""
    actor = Actor(kind, "HiAPI", ok(say.CREATED), CUT, steady=True)

    with pytest.raises(UnexpectedAnswerError) as caught:
        actor.do("run", say.HIAPI_R2V, say.INPUT)

    assert len(actor.slept) == 4
    assert caught.value.job is not None
    assert caught.value.job.id == say.TASK_ID


def test_runcomfy_result_is_fetched_when_the_status_is_final() -> None:
    """Status until it is completed, then the result, which alone says how it ended."""
    hand = Hand(say.SUBMITTED, say.status("in_queue"), say.status("completed"), say.result("failed", error="no face"))

    with pytest.raises(JobFailedError, match="no face"):
        hand.run(flows.run(RUNCOMFY, RUNCOMFY.submit("a/b", {}), "a/b", waiting(hand)))

    paths = [step.path.rpartition("/")[2] for step in hand.steps if isinstance(step, Request)]
    assert paths == ["b", "status", "status", "result"]


def test_cancelled_job_needs_no_result() -> None:
    """The status says all there is."""
    hand = Hand(say.status("cancelled"))

    job = hand.run(flows.wait(RUNCOMFY, say.REQUEST_ID, waiting(hand, raise_on_failure=False)))

    assert job.outcome == "cancelled"
    assert len(hand.steps) == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"timeout": -1}, "timeout is seconds, zero or more, or None to wait for ever, not -1"),
        ({"timeout": float("nan")}, "timeout is seconds, zero or more, .*not nan"),
        ({"timeout": "10"}, "timeout is seconds, .*not '10'"),
        ({"poll": -1.0}, "poll is seconds, zero or more, or None for the provider's pace, not -1.0"),
        ({"poll": float("inf")}, "poll is seconds, .*not inf"),
        ({"poll": 1e10}, "poll is seconds, .*not 10000000000.0"),
        ({"poll": "2"}, "poll is seconds, .*not '2'"),
        ({"progress": 3}, "progress is None or a function .*not 3"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_impossible_patience_is_refused_before_any_request(kind: Kind, wrong: dict[str, Any], told: str) -> None:
    """A job that is paid for and then not waited for would be lost; a wrong type is a TypeError."""
    actor = Actor(kind, "HiAPI")

    for call in (("run", say.HIAPI_R2V, say.INPUT), ("wait", say.TASK_ID)):
        with pytest.raises((TypeError, ValueError), match=told):
            actor.do(*call, **wrong)

    assert actor.requests == []


def test_no_timeout_waits_for_ever() -> None:
    """None, as elsewhere in Python: only the job's end, or an error, ends the wait."""
    hand = Hand(*[say.detail("handling")] * 50, say.SUCCESS, seconds_per_call=1e6)

    assert hand.run(flows.wait(HIAPI, say.TASK_ID, waiting(hand, timeout=None))).outcome == "succeeded"
    assert hand.slept == [3.0] * 50


def test_clock_is_read_only_through_the_argument() -> None:
    """Two clocks, two deadlines: nothing in a flow knows the time by itself."""
    late: Callable[[], float] = iter([0.0, *[1e9] * 9]).__next__
    flow = flows.wait(HIAPI, say.TASK_ID, Waiting(600.0, None, None, True, late))

    step = next(flow)
    assert isinstance(step, Request)
    with pytest.raises(WaitTimeoutError):
        flow.send(Response(step=step, status=200, content=json.dumps(say.detail("queued")).encode()))

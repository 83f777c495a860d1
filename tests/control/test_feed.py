"""What followers are told: each for himself, at any moment of any clock."""

from __future__ import annotations

import asyncio
import time

from screentest.engine import Engine, Event
from screentest.feed import Feed, Outlook
from screentest.jobs import Amendment, Job
from unit.engines import advance, engine, key, submit
from unit.stepping import stepped

SOON = 5.0  # real seconds in which a follower that does not keep still is told


def happening(number: int) -> Event:
    return Event(float(number), f"job-{number}", "hiapi", "", "", "callback")


def told(outlook: Outlook) -> list[tuple[str, str]]:
    """The changes that the next look tells."""
    return [(one.event.before, one.event.after) for one in stepped(outlook.changes()) if one.event]


def fail(made: Engine, job: Job) -> None:
    """As control does, at the account's present moment."""
    now = stepped(made.now(job.account))
    stepped(made.amend(job, Amendment(at=now, kind="failed")))


def test_who_leaves_leaves_for_himself_alone() -> None:
    """Of two followers who wait for the same, the second one goes; the first one is told what comes."""

    async def listen() -> Event | None:
        feed = Feed(engine()[0])
        first, second = feed.follow(None), feed.follow(None)
        await anext(first)
        await anext(second)
        await second.aclose()  # type: ignore[attr-defined]
        feed.told("somebody", happening(1))
        return (await asyncio.wait_for(anext(first), SOON)).event

    assert asyncio.run(listen()) == happening(1)


def test_a_slow_listener_is_told_at_once_afterwards() -> None:
    """How long he was held up is no measure of how long a look takes."""

    class Late(asyncio.SelectorEventLoop):
        by = 0.0

        def time(self) -> float:
            return time.monotonic() + self.by

    async def listen() -> Event | None:
        feed = Feed(engine()[0])
        following = feed.follow(None)
        await anext(following)
        feed.told("somebody", happening(1))
        await anext(following)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Late)
        loop.by += 1000
        feed.told("somebody", happening(2))
        return (await asyncio.wait_for(anext(following), SOON)).event

    with asyncio.Runner(loop_factory=Late) as runner:
        assert runner.run(listen()) == happening(2)


def test_the_present_moment_of_a_frozen_clock() -> None:
    """What happens while the clock stands is told, and told once."""
    made, _ = engine(speed=0)
    job = submit(made)
    outlook = Outlook(made, job.account)
    assert told(outlook) == []
    fail(made, job)
    assert told(outlook) == [("queued", "fail")]
    second = submit(made)
    assert told(outlook) == []
    fail(made, second)
    assert told(outlook) == [("queued", "fail")]
    made.bells.stir(job.account)
    assert told(outlook) == []


def test_what_was_before_the_first_look() -> None:
    """It is not told later either, when the clock still stands."""
    made, _ = engine(speed=0)
    job = submit(made)
    fail(made, job)
    outlook = Outlook(made, job.account)
    assert told(outlook) == []
    made.bells.stir(job.account)
    assert told(outlook) == []


def test_after_a_reset_of_a_clock_that_was_ahead() -> None:
    """The account is new: its jobs are told of from its start."""
    made, clock = engine()
    submit(made)
    stepped(advance(made, key(), 3600))
    outlook = Outlook(made, None)
    assert told(outlook) == []
    stepped(made.forget(None, []))
    submit(made)
    clock.advance(60)
    assert [after for _, after in told(outlook)] == ["handling", "archiving", "success"]

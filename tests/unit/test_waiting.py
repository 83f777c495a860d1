"""Waiting for a job's end, on whatever clock: woken by every move of the account's time, never by polling."""

from __future__ import annotations

import asyncio

from screentest.clock import ManualClock
from screentest.engine import Engine
from screentest.store.sqlite import SqliteStore
from screentest.system_clock import SystemClock
from unit.engines import advance, engine, key, submit

A_WHILE = 20.0  # real seconds that a waiter would wait, were it not woken
SOON = 5.0  # real seconds in which one that is woken returns


def test_a_job_that_has_ended_is_there_at_once() -> None:
    """Nothing to wait for, not even with no time to wait."""
    made, clock = engine()
    job = submit(made)
    clock.advance(60)
    assert asyncio.run(made.wait_for_end(job, 0)) == job


def test_a_job_on_a_still_clock_is_given_up() -> None:
    """When the time to wait is over and the job is not, there is none."""
    made, _ = engine()
    job = submit(made)
    assert asyncio.run(made.wait_for_end(job, 0)) is None


def test_an_advance_wakes_who_waits() -> None:
    """A waiter on a still clock returns when somebody advances the account past the job's end."""
    made, _ = engine(speed=0)
    job = submit(made)

    async def both() -> object:
        waiting = asyncio.create_task(made.wait_for_end(job, A_WHILE))
        await asyncio.sleep(0)
        await advance(made, key(), 1)
        await asyncio.sleep(0)
        assert not waiting.done()
        await advance(made, key(), 60)
        return await asyncio.wait_for(waiting, SOON)

    assert asyncio.run(both()) == job


def test_another_accounts_advance_wakes_nobody() -> None:
    """Time belongs to an account: a neighbour's advance does not end the wait."""
    made, _ = engine()
    job = submit(made)

    async def both() -> object:
        waiting = asyncio.create_task(made.wait_for_end(job, A_WHILE))
        await asyncio.sleep(0)
        await advance(made, key("sk-two"), 60)
        await asyncio.sleep(0)
        done = waiting.done()
        waiting.cancel()
        return done

    assert asyncio.run(both()) is False


def test_a_thaw_wakes_who_waits() -> None:
    """A waiter on a frozen clock goes on waiting at the new rate when it is thawed."""
    clock = SystemClock()
    made = Engine(SqliteStore(), clock, seed="s", speed=0.0)
    job = submit(made)

    async def both() -> object:
        waiting = asyncio.create_task(made.wait_for_end(job, A_WHILE))
        await asyncio.sleep(0)
        await made.set_rate(key(), 10_000)
        return await asyncio.wait_for(waiting, SOON)

    assert asyncio.run(both()) == job


def test_many_wait_for_one_job() -> None:
    """Every waiter of an account is woken by one advance."""
    made, _ = engine(speed=0)
    job = submit(made)

    async def all_of_them() -> list[object]:
        waiting = [asyncio.create_task(made.wait_for_end(job, A_WHILE)) for _ in range(5)]
        await asyncio.sleep(0)
        await advance(made, key(), 60)
        return list(await asyncio.wait_for(asyncio.gather(*waiting), SOON))

    assert asyncio.run(all_of_them()) == [job] * 5


def test_the_wall_clock_alone_ends_the_wait() -> None:
    """Nobody moves anything: on a fast clock the job's end comes by itself."""
    made = Engine(SqliteStore(), SystemClock(), seed="s", speed=1_000.0)
    job = submit(made)
    assert asyncio.run(made.wait_for_end(job, A_WHILE)) == job


def test_a_still_wall_clock_is_no_busy_loop() -> None:
    """A clock that stands in front of the end is looked at again later, not at once for ever."""
    looks = 0

    class Counted(ManualClock):
        def now(self) -> float:
            nonlocal looks
            looks += 1
            return super().now()

    made = Engine(SqliteStore(), Counted(), seed="s")
    job = submit(made)
    looks = 0
    assert asyncio.run(made.wait_for_end(job, 0.05)) is None
    assert looks < 10

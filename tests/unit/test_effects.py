"""What is due is performed at its own time, whatever else is under way."""

from __future__ import annotations

import asyncio

from screentest.effects import Effects
from screentest.store import Effect
from unit.engines import engine, key


def test_what_is_due_next_does_not_wait_for_what_is_under_way() -> None:
    """One callback hangs at its receiver; the loop wakes for the next one of the account all the same."""
    made, _ = engine()

    async def play() -> tuple[float, list[str]]:
        account = (await made.open_account(key())).id
        now = await made.now(account)
        for name, due in (("slow", now), ("next", now + 5)):
            await made.store.save_effect(Effect(id=name, account=account, job="j", kind="call", due=due, document={}))
        begun, never = list[str](), asyncio.Event()

        async def perform(effect: Effect) -> None:
            begun.append(effect.id)
            await never.wait()

        effects = Effects(made, {"call": perform})
        await effects._perform_due()
        await asyncio.sleep(0)
        return await effects._perform_due(), begun

    assert asyncio.run(play()) == (5.0, ["slow"])


def test_an_advance_ends_with_its_account() -> None:
    """A reset while a callback was under way: the clock of whoever uses the key next is left alone."""
    made, clock = engine()

    async def play() -> float:
        account = (await made.open_account(key())).id
        due = await made.now(account) + 5
        await made.store.save_effect(Effect(id="e", account=account, job="j", kind="call", due=due, document={}))

        async def perform(effect: Effect) -> None:
            await made.forget(account, ())
            await made.open_account(key())

        await Effects(made, {"call": perform}).advance(key(), 86400)
        return await made.now(account)

    assert asyncio.run(play()) == clock.now()

"""An engine on a still clock, and jobs for it."""

from __future__ import annotations

from screentest.accounts import Key, read_key
from screentest.clock import ManualClock
from screentest.effects import Effects
from screentest.engine import Engine, Event
from screentest.jobs import Job
from screentest.orders import Order
from screentest.scenario import Scenario, shipped
from screentest.store.sqlite import SqliteStore
from unit.stepping import stepped

MODELS = {
    "runcomfy": "happyhorse/happyhorse-1.0/reference-to-video",
    "runflow": "alibaba/happy-horse/reference-to-video",
    "hiapi": "happyhorse-1.1/reference-to-video",
}


def key(token: str = "sk-one") -> Key:
    read = read_key(f"Bearer {token}")
    assert read is not None
    return read


def engine(seed: str | None = "s", speed: float = 1.0) -> tuple[Engine, ManualClock]:
    clock = ManualClock()
    return Engine(SqliteStore(), clock, seed=seed, speed=speed), clock


async def advance(made: Engine, account: Key, seconds: float) -> list[Event]:
    """Move an account's clock as control does, with nothing to be done in the world on the way."""
    return await Effects(made, {}).advance(account, seconds)


async def advance_to_next(made: Engine, account: Key) -> list[Event]:
    return await Effects(made, {}).advance_to_next(account)


def submit(made: Engine, provider: str = "hiapi", token: str = "sk-one", name: str = "") -> Job:
    contract = made.contracts[provider]
    model = contract.model(MODELS[provider])
    assert model is not None
    order = Order(
        contract=contract,
        model=model,
        sent=model.example,
        input=model.input.completed(model.example),
        base="http://127.0.0.1:8790",
        origin="http://127.0.0.1:8790",
        prompt="",
        scenario=shipped()[name] if name else Scenario(),
    )
    return stepped(made.submit(key(token), order))

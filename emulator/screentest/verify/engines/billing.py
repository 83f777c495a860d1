"""What an account pays for: its jobs, once each, and nothing else. Shown on an account whose balance is the price
of one job, with nothing but submits; and by what the provider says of the balance, where it says anything."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from screentest.verify.engines import journeys, surface
from screentest.verify.engines.scene import Order, Scene
from screentest.verify.side import Ask
from screentest_contracts.conformance.media import wanted_of
from screentest_contracts.document import Model, Operation
from screentest_contracts.edges import refused
from screentest_contracts.exchange import Exchange
from screentest_contracts.reading import Json

_UNPAID = "accepted, although the balance is less than the price"


def priced(models: Sequence[Model]) -> tuple[Model, Decimal] | None:
    """The first model whose example has a known price, with that price in US dollars."""
    for model in models:
        price = price_of(model, model.example)
        if price:
            return model, price
    return None


def price_of(model: Model, value: Json) -> Decimal | None:
    """What a job with this input costs, None where nobody knows."""
    inputs = model.input.completed(model.input.prepared(value))
    rate = model.price.rate(inputs) if model.price else None
    wanted = wanted_of(model, inputs)
    units = wanted.count if model.price and model.price.per == "output" else wanted.seconds
    return None if rate is None or units is None else Decimal(rate) * Decimal(str(units))


def pay(scene: Scene, operation: Operation, models: Sequence[Model]) -> None:
    """With the price of one job: a refusal costs nothing, a job its price, a replay nothing, and the next job is too
    much. What a failed job cost is there again."""
    found = priced(models)
    if found is None or not scene.side.set_account({"balance": str(found[1])}):
        return
    model, price = found
    order, policy = Order(operation, model, model.example), scene.contract.provider.idempotency
    key = {policy.header: "verify-pay"} if policy else {}
    failing = journeys.failing(order)
    _balance(scene, price, "after nothing")
    if failing:
        made = scene.submit(failing)
        if made:
            journeys.to_end(scene, made, 1.0)
            _balance(scene, price, "after a job that failed")
    _submit(scene, Order(operation, model, next(refused(model)).input))
    _balance(scene, price, "after a refusal")
    first = _submit(scene, order, key)
    if first.status == scene.contract.provider.failures["no-balance"].status:
        _blame(scene, "request.tightened", operation, first, "not paid, although nothing was spent before")
    _balance(scene, Decimal(0), "after one job")
    if key:
        _submit(scene, order, key)
        _balance(scene, Decimal(0), "after a replay")
    over = _submit(scene, order)
    if over.status in operation.answers:
        _blame(scene, "request.loosened", operation, over, _UNPAID)
    scene.side.set_account({"balance": None})


def poor(scene: Scene, order: Order) -> None:
    """An account that cannot pay at all: what is valid is refused for that, what is invalid for itself."""
    if not scene.side.set_account({"key_state": "empty"}):
        return
    _submit(scene, Order(order.operation, order.model, next(refused(order.model)).input))
    answer = _submit(scene, order)
    if answer.status in order.operation.answers:
        _blame(scene, "request.loosened", order.operation, answer, _UNPAID)
    scene.side.set_account({"key_state": None})


def _submit(scene: Scene, order: Order, headers: dict[str, str] | None = None) -> Exchange:
    path, body = surface.order_of(order.operation, order.model, order.value)
    return scene.ask(Ask(method=order.operation.method, path=path, body=body, headers=headers or {}))


def _balance(scene: Scene, due: Decimal, when: str) -> None:
    """Read the balance wherever the provider tells it, and compare."""
    schemas = scene.contract.provider.schemas
    for operation in surface.others(scene.contract):
        tells = any("balance" in schemas[name].get("properties", {}) for name in operation.answers.values())
        if operation.method != "GET" or surface.parameters(operation) or not tells:
            continue
        exchange = scene.ask(Ask(method="GET", path=operation.path))
        said = exchange.answer.get("balance") if isinstance(exchange.answer, dict) else None
        told = said.removeprefix("-").replace(".", "", 1) if isinstance(said, str) else ""
        if isinstance(said, str) and told.isdecimal() and Decimal(said) != due:
            _blame(scene, "constant.changed", operation, exchange, f"{said} {when}, not {due}", "/balance")


def _blame(scene: Scene, kind: str, operation: Operation, exchange: Exchange, said: str, pointer: str = "") -> None:
    judge = scene.session.run.judge
    fact = judge.facts.at("/failures/no-balance/status")
    scene.session.blame([judge.violation(kind, operation.id, exchange, fact, said, pointer=pointer)])

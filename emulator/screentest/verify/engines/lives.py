"""Every kind of life once, in order: what a random play might miss."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from screentest import own_headers
from screentest.scenario import REFUSALS
from screentest.verify.engines import billing, journeys, surface, things
from screentest.verify.engines.scene import Order, Scene
from screentest.verify.session import Run, session
from screentest.verify.side import ONE, TWO, Ask
from screentest_contracts.document import Model
from screentest_contracts.edges import accepted
from screentest_contracts.model import Video

Life = Callable[[Scene, Order], object]

_FINE = 0.07  # seconds: shorter than the shortest state
_DAYS = 2.5 * 86400
_TOLD = ("moderation", "cancelled", "partial", "flagged", "slow: 20s", "slow-queue: 20s")
"""How an emulator is told to let jobs go, beside failures; a provider that has no such thing lets them go as usual."""


def lives(run: Run, models: list[Model]) -> None:
    """Play each life on accounts of its own, then one whole life with every model."""
    for operation in surface.submits(run.contract):
        first = Order(operation, models[0], models[0].example)
        for life in _lives():
            _play(run, life, first)
        _play(run, lambda scene, order: billing.pay(scene, order.operation, list(run.contract.models())), first)
        with session(run, "machine") as one:
            scene = Scene(one)
            for model in models:
                for order in _orders(first, model):
                    _whole(scene, order)


def _play(run: Run, life: Life, order: Order) -> None:
    with session(run, "machine") as one:
        life(Scene(one), order)


def _lives() -> Iterator[Life]:
    yield lambda scene, order: journeys.follow(scene, order, step=_FINE, hook=True)
    yield lambda scene, order: journeys.follow(scene, order, refusals=(500,))
    yield lambda scene, order: journeys.follow(scene, order, refusals=(500, 500))
    yield lambda scene, order: journeys.follow(scene, order, refusals=(500,) * 9)
    yield _failing
    yield _kept
    for stage in ("queue", "run", "end"):
        yield lambda scene, order, stage=stage: journeys.cancel(scene, order, stage)  # type: ignore[misc]
    yield lambda scene, order: journeys.repeat(scene, order, key="verify-1")
    yield lambda scene, order: journeys.repeat(scene, order, key="verify-2", wait=3600)
    yield _long_keys
    yield _crowd
    yield billing.poor
    yield _refused
    yield _waited
    for told in _TOLD:
        yield lambda scene, order, told=told: _told(scene, order, told)  # type: ignore[misc]
    yield lambda scene, order: things.tour(scene)
    yield _toured


def _failing(scene: Scene, order: Order) -> None:
    """A job that fails, where the server can be told to let it, and its callback asked for again."""
    failing = journeys.failing(order) if scene.side.controlled else None
    if failing:
        made = journeys.follow(scene, failing, step=_FINE)
        if made:
            journeys.redeliver(scene, made)
        journeys.walk(scene, ONE)


def _kept(scene: Scene, order: Order) -> None:
    """What was made is fetched, at once and when its links have had their time; callbacks are asked for again."""
    made = journeys.follow(scene, order)
    if made:
        journeys.fetch(scene, made)
        journeys.redeliver(scene, made)
        journeys.outlive(scene, made)
        if scene.side.controlled:
            scene.session.wait(_DAYS)
            scene.look(made)


def _told(scene: Scene, order: Order, told: str) -> None:
    """A job that goes otherwise than usual, where the server can be told so."""
    if scene.side.controlled:
        journeys.follow(scene, order, step=0.5, headers={own_headers.SCENARIO: told})
        journeys.walk(scene, ONE)


def _refused(scene: Scene, order: Order) -> None:
    """Refusals that no request brings about by itself, and too many requests, where the server can be told so."""
    if not scene.side.controlled:
        return
    for name in REFUSALS:
        if name in order.operation.failures:
            scene.submit(order, headers={own_headers.SCENARIO: name})
    if scene.side.set_account({"requests_per_minute": 0}):
        for operation in scene.contract.provider.operations.values():
            if operation.key:
                path = surface.path_of(operation, scene.values(operation))
                scene.ask(Ask(method=operation.method, path=path, raw=b"" if operation.body is None else b"{}"))
        scene.side.set_account({"requests_per_minute": None})


def _waited(scene: Scene, order: Order) -> None:
    """Operations that answer when the job has ended, with one that succeeds and one that fails."""
    for operation in scene.contract.provider.operations.values():
        if operation.billable and surface.waits(operation):
            for one in (order, journeys.failing(order)):
                if one:
                    path, body = surface.order_of(operation, one.model, one.value)
                    scene.ask(Ask(method=operation.method, path=path, body=body, waits=True))


def _long_keys(scene: Scene, order: Order) -> None:
    """The longest idempotency key that there may be, and one more letter."""
    policy = scene.contract.provider.idempotency
    if policy:
        for length in (policy.most_bytes, policy.most_bytes + 1):
            scene.submit(order, headers={policy.header: "k" * length})


def _crowd(scene: Scene, order: Order) -> None:
    """Several jobs of two accounts in every state; each sees its own."""
    for who in (ONE, TWO, ONE, ONE, TWO, ONE):
        scene.submit(order, who=who, hook=who == ONE)
        scene.session.wait(0.9)
    for size in (1, 2, 3, 100):
        journeys.walk(scene, ONE, size)
    for made in [one for one in scene.jobs if one.who == ONE][:2]:
        journeys.spy(scene, made)


def _toured(scene: Scene, order: Order) -> None:
    """What is kept for an account, beside a job of it."""
    more = surface.extras(scene.contract, order.operation) if order.operation.input_at else {}
    made = journeys.follow(scene, Order(order.operation, order.model, order.value, more))
    things.queries(scene)
    things.tour(scene)
    if made:
        journeys.follow(scene, order, step=1.0, hook=True)
        scene.look(made)


def _orders(first: Order, model: Model) -> Iterator[Order]:
    """The model's example, the most and the least that can be asked of it, and with sound and without."""
    yield Order(first.operation, model, model.example)
    for case in accepted(model):
        if case.reason in ("only what is required", "every property"):
            yield Order(first.operation, model, case.input)
    sound = model.output.audio if isinstance(model.output, Video) else None
    for wanted in (True, False) if isinstance(sound, str) else ():
        yield Order(first.operation, model, {**model.example, str(sound): wanted})


def _whole(scene: Scene, order: Order) -> None:
    """From submit to the files, with few looks."""
    made = scene.submit(order, hook=True)
    if made and journeys.to_end(scene, made, 1.0):
        journeys.fetch(scene, made)

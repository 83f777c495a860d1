"""Every edge of every input: first what has to be refused, what would cost least if it were taken first; then what has
to be accepted. Enumerated, never sampled."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from screentest.verify.engines import Effort, surface, things
from screentest.verify.engines.scene import Order, Scene
from screentest.verify.session import Run, session
from screentest.verify.side import Ask
from screentest_contracts.document import Model, Operation
from screentest_contracts.edges import Case, accepted, accepted_by, refused, refused_by
from screentest_contracts.load import Contract

_UNKNOWN_PRICE = Decimal("Infinity")


def run(run: Run, effort: Effort) -> None:
    """Send every case once."""
    models = surface.models(run.contract, effort.depth, effort.only)
    with session(run, "enumerated") as one:
        scene = Scene(one)
        for operation in surface.others(run.contract):
            if operation.body and not operation.job_parameter:
                things.edges_of_bodies(scene, operation)
        for operation in _submits(run.contract, good=False):
            some = models[:1] if surface.waits(operation) and effort.depth != "full" else models
            for ask in refusals(run.contract, operation, some):
                scene.ask(ask)
    with session(run, "enumerated") as one:
        scene = Scene(one)
        for operation in _submits(run.contract, good=True):
            for ask in acceptances(run.contract, operation, models):
                scene.ask(ask)


def refusals(contract: Contract, operation: Operation, models: list[Model]) -> Iterator[Ask]:
    """Submits that break one rule each: of the body around the input, then of each model's input."""
    return _edges(contract, operation, models, good=False)


def acceptances(contract: Contract, operation: Operation, models: list[Model]) -> Iterator[Ask]:
    """Submits at the edges of what is allowed. They make jobs."""
    return _edges(contract, operation, models, good=True)


def _edges(contract: Contract, operation: Operation, models: list[Model], *, good: bool) -> Iterator[Ask]:
    for model in sorted(models, key=worst_price):
        if model is models[0]:
            yield from _around(contract, operation, model, good=good)
        for case in accepted(model) if good else refused(model):
            yield _ask(operation, model, case)


def worst_price(model: Model) -> Decimal:
    """The highest known price of a second or an output; infinite where none is known."""
    known = [Decimal(rate) for rate in model.price.usd.values()] if model.price else []
    return max(known, default=_UNKNOWN_PRICE)


def order(operation: Operation, model: Model) -> Order:
    """The model's example."""
    return Order(operation, model, model.example)


def _submits(contract: Contract, *, good: bool) -> list[Operation]:
    """Operations that wait for the job's end are asked only for what has to be refused."""
    every = [one for one in contract.provider.operations.values() if one.billable and one.model_at and one.answers]
    return [one for one in every if not (good and surface.waits(one))]


def _ask(operation: Operation, model: Model, case: Case) -> Ask:
    path, body = surface.order_of(operation, model, case.input)
    return Ask(method=operation.method, path=path, body=body)


def _around(contract: Contract, operation: Operation, model: Model, *, good: bool) -> Iterator[Ask]:
    """The fields beside the input."""
    if not operation.input_at or not operation.body:
        return
    path, body = surface.order_of(operation, model, model.example)
    schema = contract.body(operation.body)
    for case in (accepted_by if good else refused_by)(schema, body):
        yield Ask(method=operation.method, path=path, body=case.input)

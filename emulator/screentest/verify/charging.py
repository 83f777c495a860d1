"""What jobs cost, as far as the account's balance and the jobs' documents tell: said against the price, never in money.

Two services that know another price, or bill in another currency, still agree that a cancelled job costs nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from decimal import Decimal

from screentest.verify.engines import surface
from screentest.verify.engines.billing import price_of
from screentest.verify.engines.scene import Made, Order, Scene
from screentest.verify.side import Ask
from screentest_contracts.document import Operation
from screentest_contracts.drift.amounts import amount
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import Contract

NOTHING, PRICE, OTHER, SOMETHING = "nothing", "its price", "another amount", "something"
_PLENTY = "1000"

Tell = Callable[[str, str], None]
"""Takes what was charged for, and one of the four words."""


def balance_operation(contract: Contract) -> Operation | None:
    """The operation that tells the account's balance, where there is one."""
    provider = contract.provider
    for operation in provider.operations.values():
        schemas = [provider.schemas[name] for name in operation.answers.values()]
        told = any("balance" in schema.get("properties", {}) for schema in schemas)
        if operation.method == "GET" and not operation.parameters and told:
            return operation
    return None


def balance(operation: Operation | None, send: Callable[[Ask], Exchange]) -> Decimal | None:
    """The balance that the operation tells; None where it tells none."""
    if operation is None:
        return None
    answer = send(Ask(method="GET", path=operation.path)).answer
    return amount(answer.get("balance")) if isinstance(answer, dict) else None


def provide(scene: Scene) -> None:
    """Give the account a balance to be charged, where that can be done."""
    if scene.side.controlled:
        scene.side.set_account({"balance": _PLENTY})


@contextlib.contextmanager
def charged(scene: Scene, order: Order, what: str, tell: Tell) -> Iterator[None]:
    """What this order costs in all, whatever becomes of it in between: by the balance before and after."""
    operation = balance_operation(scene.contract)
    before = balance(operation, scene.ask)
    yield
    after = balance(operation, scene.ask)
    if before is not None and after is not None:
        tell(f"balance, {what}", _against(before - after, order))


def told_costs(scene: Scene, made: Made, what: str, tell: Tell) -> None:
    """What the documents of a job say that it has cost."""
    for operation in surface.reads(scene.contract):
        query = {name: "true" for name in operation.query if "cost" in name}
        exchange = scene.about(operation, made.id, who=made.who, query=query)
        for one in scene.sighted(exchange):
            cost = amount(one.node.get("cost")) if one.id == made.id else None
            if cost is not None:
                tell(f"{operation.id}, {what}", _against(cost, made.order))


def _against(charge: Decimal, order: Order) -> str:
    price = price_of(order.model, order.value)
    if charge == 0:
        return NOTHING
    if price is None:
        return SOMETHING
    return PRICE if charge == price else OTHER

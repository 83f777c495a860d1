"""``/_control/scenarios`` and ``/_control/faults``: arm and disarm rules, for the account or for everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from screentest import scenario
from screentest.control.desk import BadWishError, Desk, owner, read_object
from screentest.faults import FAULTS, BadFaultError, read_faults
from screentest.reception import MEDIA
from screentest.rules import FAULT, SCENARIO, read_rule
from screentest_contracts.reading import ContractError


async def scenarios(desk: Desk, request: Request) -> dict[str, Any]:
    """What is armed and what there is; POST arms, DELETE disarms all."""
    known = {name: {"about": one.about, "argument": one.argument} for name, one in desk.engine.scenarios.items()}
    return await _rules(desk, request, SCENARIO, lambda wish: _check_scenario(desk, wish)) | {"known": known}


async def faults(desk: Desk, request: Request) -> dict[str, Any]:
    """What is armed and what there is; POST arms, DELETE disarms all."""
    known = {name: {"usage": kind.usage, "about": (kind.__doc__ or "").strip()} for name, kind in FAULTS.items()}
    return await _rules(desk, request, FAULT, lambda wish: _check_fault(desk, wish)) | {"known": known}


async def one_scenario(desk: Desk, request: Request) -> dict[str, Any]:
    """Disarm one scenario."""
    return await _disarm(desk, request, SCENARIO)


async def one_fault(desk: Desk, request: Request) -> dict[str, Any]:
    """Disarm one fault."""
    return await _disarm(desk, request, FAULT)


async def _rules(desk: Desk, request: Request, kind: str, check: Callable[[str], None]) -> dict[str, Any]:
    account = owner(request)
    armed: dict[str, Any] = {}
    if request.method == "DELETE":
        armed = {"disarmed": await desk.armed.remove(account, kind, None)}
    elif request.method == "POST":
        try:
            rule = read_rule(kind, await read_object(request), _operations(desk))
        except ContractError as error:
            raise BadWishError(str(error)) from None
        check(rule.wish)
        armed = {"armed": await desk.armed.add(account, kind, rule)}
    rows = await desk.armed.listed(account, kind)
    return armed | {
        f"{kind}s": [
            {"id": rule_id, "for": "this account" if whose else "everybody", kind: rule.wish}
            | {name: value for name, value in rule.document().items() if name not in ("wish", "tried")}
            for rule_id, whose, rule in rows
        ]
    }


async def _disarm(desk: Desk, request: Request, kind: str) -> dict[str, Any]:
    rule = request.path_params["rule"]
    if not await desk.armed.remove(owner(request), kind, rule):
        raise BadWishError(f"no {kind} {rule[:80]!r} is armed here", 404)
    return {"disarmed": 1}


def _operations(desk: Desk) -> dict[str, tuple[str, ...]]:
    return {name: (*one.provider.operations, MEDIA) for name, one in desk.engine.contracts.items()}


def _check_fault(desk: Desk, wish: str) -> None:
    refusals = [one.provider.refusals for one in desk.engine.contracts.values()]
    try:
        read_faults(wish, frozenset().union(*refusals))
    except BadFaultError as error:
        raise BadWishError(str(error)) from None


def _check_scenario(desk: Desk, wish: str) -> None:
    wrong = scenario.check(wish, desk.engine.scenarios)
    if wrong:
        raise BadWishError(wrong)

"""``/_control/contract``: what the providers promise, each fact with how it is known."""

from __future__ import annotations

from typing import Any

from msgspec import structs, to_builtins
from starlette.requests import Request

from screentest.control.deciding import path_for, submitting
from screentest.control.desk import BadWishError, Desk
from screentest.control.explain import told
from screentest_contracts.load import Contract, assumptions


async def index(desk: Desk, request: Request) -> dict[str, Any]:
    """The providers, and every assumption with its choice in force."""
    chosen = next(iter(desk.engine.contracts.values())).chosen
    return {
        "providers": [
            {
                "name": name,
                "title": one.provider.title,
                "base_url": one.provider.base_url,
                "models": len(one.model_ids),
                "operations": len(one.provider.operations),
            }
            for name, one in desk.engine.contracts.items()
        ],
        "assumptions": [
            {**structs.asdict(one), "choices": one.choices, "choice": chosen[name]}
            for name, one in assumptions().items()
        ],
    }


async def provider(desk: Desk, request: Request) -> dict[str, Any]:
    """One provider: its states, operations, failures, callbacks and the names of its models."""
    contract = _contract(desk, request)
    one, file = contract.provider, f"{contract.name}/provider.json#"
    facts = {fact.at: told(contract, fact) for fact in contract.facts_in(file[:-1])}
    return {
        "name": contract.name,
        "title": one.title,
        "base_url": one.base_url,
        "lifecycle": to_builtins(one.lifecycle),
        "operations": [
            {
                "id": name,
                "method": operation.method,
                "path": operation.path,
                "summary": operation.summary,
                "billable": operation.billable,
                "answers": sorted(operation.answers),
                "failures": operation.failures,
                "fact": facts.get(f"{file}/operations/{number}/path"),
            }
            for number, (name, operation) in enumerate(one.operations.items())
        ],
        "failures": [
            {"fact": facts.get(f"{file}/failures/{name}/status"), **structs.asdict(failure)}
            for name, failure in one.failures.items()
        ],
        "callbacks": to_builtins(one.callbacks) if one.callbacks else None,
        "facts": [fact for at, fact in facts.items() if at.startswith((f"{file}/lifecycle/", f"{file}/callbacks/"))],
        "models": contract.model_ids,
    }


async def model(desk: Desk, request: Request) -> dict[str, Any]:
    """One model: its input's schema, an example, and every fact about it."""
    contract, name = _contract(desk, request), request.path_params["model"]
    one = contract.model(name) if name in contract.model_ids else None
    if one is None:
        raise BadWishError(f"no model {name[:120]!r} of {contract.name}", 404)
    operation = submitting(contract)
    return {
        "provider": contract.name,
        "id": one.id,
        "title": one.title,
        "kind": one.output.kind,
        "input": one.input.source,
        "example": one.example,
        "submit": {
            "method": operation.method,
            "path": f"/{contract.name}{path_for(operation, one.id)}",
            "input_at": operation.input_at,
            "model_at": operation.model_place,
            "callback_at": contract.provider.callbacks.url_at if contract.provider.callbacks else None,
        },
        "facts": [told(contract, fact) for fact in contract.facts_in(contract.model_file(one.id))],
    }


def _contract(desk: Desk, request: Request) -> Contract:
    name = request.path_params["provider"]
    if name not in desk.engine.contracts:
        raise BadWishError(f"no provider {name[:40]!r}; there are {', '.join(desk.engine.contracts)}", 404)
    return desk.engine.contracts[name]

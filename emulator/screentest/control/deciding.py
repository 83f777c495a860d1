"""What decided an answer: the facts of the contract that were used, and the request that a job stands for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from screentest.control.explain import told
from screentest.jobs import Job
from screentest_contracts.document import Operation
from screentest_contracts.load import Contract
from screentest_contracts.provenance import Fact

_OF_OPERATION = ("method", "path", "answers")


def behind_job(contract: Contract, job: Job, operations: Collection[str]) -> list[dict[str, Any]]:
    """The facts that decided a job and the answers of these operations, each with what it is about."""
    provider, model = f"{contract.name}/provider.json#", f"{contract.model_file(job.model)}#"
    parts = {"states": f"{provider}/lifecycle/", "links": f"{provider}/outputs/"}
    if contract.provider.callbacks is not None and _url(contract, job):
        parts["callbacks"] = f"{provider}/callbacks/"
    if job.plan.outcome == "failed" or any(one.kind == "failed" for one in job.amendments):
        parts["failure"] = f"{provider}/failures/generation-failed/"
    found = [fact for name, at in parts.items() for fact in _shown(contract, name, at)]
    if job.model in contract.model_ids:
        for name in (str(job.plan.clip["kind"]), "price"):
            found += _shown(contract, name, f"{model}/{name}/")
    return found + [fact for name in sorted(operations) for fact in behind_answer(contract, name)]


def behind_answer(contract: Contract, operation: str) -> list[dict[str, Any]]:
    """The facts about an operation, by its id; none for a download, which is no operation of the contract."""
    names = list(contract.provider.operations)
    if operation not in names:
        return []
    at = f"{contract.name}/provider.json#/operations/{names.index(operation)}/"
    return [fact for name in _OF_OPERATION for fact in _shown(contract, operation, at + name)]


def as_request(contract: Contract, job: Job) -> dict[str, Any]:
    """The request that submits such a job again: method, url and body, without its key."""
    operation = submitting(contract)
    body: dict[str, Any] = dict(job.sent)
    if operation.input_at:
        known = contract.provider.schemas[operation.body or ""]["properties"]
        body = {name: value for name, value in job.extras.items() if name in known}
        body[operation.input_at.strip("/")] = job.sent
    return {"method": operation.method, "url": job.base + path_for(operation, job.model), "body": body}


def submitting(contract: Contract) -> Operation:
    """The operation that submits a job without waiting for its end."""
    return next(one for one in contract.provider.operations.values() if one.input_at is not None)


def path_for(operation: Operation, model: str) -> str:
    """The operation's path for a model."""
    return operation.path.replace("{model_id...}", model)


def _url(contract: Contract, job: Job) -> Any:
    """The receiver of the job's callback, if its request named one."""
    found: Any = job.extras
    assert contract.provider.callbacks is not None, "asked by callers that know"
    for token in contract.provider.callbacks.url_at.strip("/").split("/"):
        found = found.get(token) if isinstance(found, Mapping) else None
    return found


def _shown(contract: Contract, about: str, at: str) -> Iterator[dict[str, Any]]:
    for fact in _facts(contract, at):
        yield {"about": about, **(told(contract, fact) or {})}


def _facts(contract: Contract, at: str) -> Iterator[Fact]:
    return (fact for fact in contract.facts_in(at.partition("#")[0]) if fact.at.startswith(at))

"""Why a request was refused: which rule it broke, which fact says so, and how that fact is known."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from screentest.journal import Entry
from screentest_contracts.document import FAILURES
from screentest_contracts.explain import failure_fact, query_address, rule_address
from screentest_contracts.load import Contract, assumptions
from screentest_contracts.pointers import tokens
from screentest_contracts.provenance import Fact
from screentest_contracts.reading import pointer_token
from screentest_contracts.violation import Violation


def explained(contract: Contract, entry: Entry) -> dict[str, Any] | None:
    """The refusal of a request, rule by rule; None for a request that was not refused."""
    refusal = entry.seen.refusal
    if refusal is None:
        return None
    return {
        "failure": refusal.failure,
        "meaning": FAILURES[refusal.failure],
        "detail": refusal.detail,
        "asked": refusal.asked,
        "answered": told(contract, failure_fact(contract, refusal.failure)),
        "rules": [_rule(contract, entry, violation) for violation in refusal.violations],
    }


def _rule(contract: Contract, entry: Entry, violation: Violation) -> dict[str, Any]:
    return {
        "field": violation.field,
        "pointer": violation.pointer,
        "rule": violation.keyword,
        "got": violation.got,
        "want": violation.want,
        "fact": told(contract, contract.fact(_address(contract, entry, violation))),
    }


def _address(contract: Contract, entry: Entry, violation: Violation) -> str:
    """The address of the rule that was broken: one of the query, of the body as such, or of the model's input in it.

    A submit is checked twice: the body as such, then the model's input inside it.
    """
    operation = contract.provider.operations[entry.seen.operation]
    if operation.body is None:
        return query_address(contract, operation, violation)
    inside = tokens(operation.input_at or "")
    model = contract.model(entry.seen.model) if entry.seen.model else None
    if operation.input_at is not None and model is not None and violation.at[: len(inside)] == inside:
        broken = structs.replace(violation, at=violation.at[len(inside) :])
        return rule_address(contract, f"{contract.model_file(model.id)}#/input", model.input.source, broken)
    home = f"{contract.name}/provider.json#/schemas/{pointer_token(operation.body)}"
    return rule_address(contract, home, contract.provider.schemas[operation.body], violation)


def told(contract: Contract, fact: Fact | None) -> dict[str, Any] | None:
    """A fact as JSON, with the title and the address of its source, or with the question that we answered ourselves."""
    if fact is None:
        return None
    how, where = fact.provenance.how, fact.provenance.source
    shown = {"at": fact.at, "value": fact.value, "how": how, "source": where}
    if how == "chosen":
        return shown | {"question": assumptions()[where].question, "choice": contract.assumed(where)}
    source = contract.provider.sources.get(where)
    return shown | ({"title": source.title, "url": source.url} if source else {})

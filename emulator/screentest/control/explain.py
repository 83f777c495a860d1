"""Why a request was refused: which rule it broke, which fact says so, and how that fact is known."""

from __future__ import annotations

from typing import Any

from screentest.journal import Entry
from screentest_contracts.document import FAILURES
from screentest_contracts.explain import fact_behind, failure_fact
from screentest_contracts.load import Contract, assumptions
from screentest_contracts.provenance import Fact
from screentest_contracts.violation import Path, Violation


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
    schema, inside = _schema(contract, entry, violation.at)
    broken = Violation(at=inside, keyword=violation.keyword, got=violation.got, want=violation.want)
    return {
        "field": violation.field,
        "pointer": violation.pointer,
        "rule": violation.keyword,
        "got": violation.got,
        "want": violation.want,
        "fact": told(contract, fact_behind(contract, schema, broken)),
    }


def _schema(contract: Contract, entry: Entry, at: Path) -> tuple[str, Path]:
    """The address of the schema that was broken, and the path within what it describes.

    A submit is checked twice: the body as such, then the model's input inside it.
    """
    operation = contract.provider.operations[entry.seen.operation]
    inside = tuple(token for token in (operation.input_at or "").split("/") if token)
    model = contract.model(entry.seen.model) if entry.seen.model else None
    if operation.input_at is not None and model is not None and at[: len(inside)] == inside:
        return f"{contract.model_file(model.id)}#/input", at[len(inside) :]
    return f"{contract.name}/provider.json#/schemas/{operation.body}", at


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

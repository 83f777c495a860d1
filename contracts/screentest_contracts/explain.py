"""Which fact stands behind a broken rule, and how that fact is known."""

from __future__ import annotations

from screentest_contracts.load import Contract
from screentest_contracts.provenance import Fact
from screentest_contracts.reading import pointer_token
from screentest_contracts.violation import Path, Violation

_OF_PARENT = {"required": "required", "additionalProperties": "additionalProperties"}
_ACROSS = frozenset({"someOf", "without", "only", "atMost", "total"})
"""Rules about several properties at once; they stand in the list ``rules`` of their object."""


def fact_behind(contract: Contract, schema: str, violation: Violation) -> Fact | None:
    """The fact that a violation breaks. `schema` is the schema's address, such as ``x/models/y.json#/input``.

    `violation.at` starts at what the schema describes. None when no fact of the contract says it.
    """
    if violation.keyword in _ACROSS:
        return contract.fact(f"{schema}/rules")
    if violation.keyword in _OF_PARENT:
        return contract.fact(f"{_inside(schema, violation.at[:-1])}/{_OF_PARENT[violation.keyword]}")
    return contract.fact(f"{_inside(schema, violation.at)}/{violation.keyword}")


def failure_fact(contract: Contract, failure: str) -> Fact | None:
    """The fact that says how the provider answers this kind of failure."""
    return contract.fact(f"{contract.name}/provider.json#/failures/{pointer_token(failure)}/status")


def _inside(schema: str, path: Path) -> str:
    """The address of the schema of the value at `path`."""
    for token in path:
        schema += "/items" if isinstance(token, int) else f"/properties/{pointer_token(token)}"
    return schema

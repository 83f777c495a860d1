"""Which fact stands behind a broken rule, and how that fact is known."""

from __future__ import annotations

from collections.abc import Mapping

from screentest_contracts.document import Operation
from screentest_contracts.load import Contract
from screentest_contracts.pointers import GONE, at, joined
from screentest_contracts.provenance import Fact
from screentest_contracts.reading import Json, pointer_token
from screentest_contracts.rules import DEMANDS, read_rules
from screentest_contracts.violation import Path, Violation

_OF_PARENT = ("required", "additionalProperties")


def rule_address(contract: Contract, home: str, schema: Mapping[str, Json], violation: Violation) -> str:
    """The address of the rule that a violation of `schema` breaks; `violation.at` starts at what the schema describes.

    `home` is the schema's own address, such as ``x/models/y.json#/input``. Which URLs every medium may be, the provider
    says once, and not the schema.
    """
    if violation.keyword in DEMANDS:
        return f"{home}/rules{_number(schema, violation)}"
    inside = _pointer(violation.at[:-1] if violation.keyword in _OF_PARENT else violation.at)
    if violation.keyword == "schemes" and at(schema, f"{inside}/schemes") is GONE:
        inside = inside.removesuffix("/items")  # those of a list's items may stand beside `items`
        if at(schema, f"{inside}/schemes") is GONE:
            return f"{contract.name}/provider.json#/file_inputs/schemes"
    return f"{home}{inside}/{violation.keyword}"


def query_address(contract: Contract, operation: Operation, violation: Violation) -> str:
    """The address of the rule of the operation's query that a violation breaks."""
    shared = operation.query_of and f"/queries/{pointer_token(operation.query_of)}"
    home = shared or f"/operations/{list(contract.provider.operations).index(operation.id)}/query"
    return f"{contract.name}/provider.json#{home}{joined((violation.at[0], violation.keyword))}"


def failure_fact(contract: Contract, failure: str) -> Fact | None:
    """The fact that says how the provider answers this kind of failure."""
    return contract.fact(f"{contract.name}/provider.json#/failures/{pointer_token(failure)}/status")


def _pointer(path: Path) -> str:
    """Where a schema describes the value at `path`."""
    return joined(part for one in path for part in (("items",) if isinstance(one, int) else ("properties", one)))


def _number(schema: Mapping[str, Json], violation: Violation) -> str:
    """Which relation it is, as a part of a pointer; "" where several demand the same of the same property."""
    rules = enumerate(read_rules(schema))
    alike = [index for index, one in rules if one.demand == violation.keyword and violation.at[0] in one.blamed]
    return f"/{alike[0]}" if len(alike) == 1 else ""

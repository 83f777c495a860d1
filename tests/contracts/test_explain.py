"""Where the rule stands that a violation breaks."""

from __future__ import annotations

import pytest

from screentest_contracts.explain import failure_fact, query_address, rule_address
from screentest_contracts.load import load
from screentest_contracts.reading import Json
from screentest_contracts.violation import Path, Violation

HIAPI = load("hiapi")
HOME = "hiapi/models/x.json#/input"
SCHEMA: dict[str, Json] = {
    "type": "object",
    "required": ["a/b"],
    "additionalProperties": False,
    "properties": {
        "a/b": {"type": "string", "maxLength": 3},
        "shots": {"type": "array", "items": {"type": "object", "required": ["text"], "properties": {"text": {}}}},
        "image": {"type": "string", "media": {"kind": "image"}},
        "images": {"type": "array", "media": {"kind": "image"}, "items": {"type": "string"}},
        "link": {"type": "string", "schemes": {"https": True}},
        "links": {"type": "array", "schemes": {"https": True}, "items": {"type": "string"}},
    },
    "rules": [
        {"someOf": ["image", "images"]},
        {"given": "link", "someOf": ["image", "images"]},
        {"given": "image", "without": ["links", "shots"]},
        {"given": "link", "atMost": {"images": 1}},
        {"given": "image", "atMost": {"images": 2}},
    ],
}


@pytest.mark.parametrize(
    ("path", "keyword", "address"),
    [
        ((), "type", f"{HOME}/type"),
        (("a/b",), "maxLength", f"{HOME}/properties/a~1b/maxLength"),
        (("a/b",), "required", f"{HOME}/required"),
        (("more",), "additionalProperties", f"{HOME}/additionalProperties"),
        (("shots", 2, "text"), "required", f"{HOME}/properties/shots/items/required"),
        (("link",), "schemes", f"{HOME}/properties/link/schemes"),
        (("links", 0), "schemes", f"{HOME}/properties/links/schemes"),
        (("image",), "schemes", "hiapi/provider.json#/file_inputs/schemes"),
        (("images", 0), "schemes", "hiapi/provider.json#/file_inputs/schemes"),
        (("image",), "someOf", f"{HOME}/rules/0"),
        (("link",), "someOf", f"{HOME}/rules/1"),
        (("shots",), "without", f"{HOME}/rules/2"),
        (("images",), "atMost", f"{HOME}/rules"),
    ],
)
def test_the_address_of_a_rule(path: Path, keyword: str, address: str) -> None:
    """Beside the value, at its parent, at its list, between properties, or what the provider says of every medium;
    where two relations say the same of one property, all of them."""
    assert rule_address(HIAPI, HOME, SCHEMA, Violation(at=path, keyword=keyword)) == address


@pytest.mark.parametrize(("provider", "operation"), [("runflow", "list-runs"), ("runcomfy", "models")])
def test_the_address_of_a_rule_of_a_query(provider: str, operation: str) -> None:
    """Where operations share it, or with the operation: there is a fact right there."""
    contract = load(provider)
    broken = Violation(at=("limit",), keyword="type")
    address = query_address(contract, contract.provider.operations[operation], broken)
    fact = contract.fact(address)
    assert fact
    assert (fact.at, fact.value) == (address, "integer")


def test_the_fact_behind_a_failure() -> None:
    """Its status: that is what the provider promises of it."""
    fact = failure_fact(HIAPI, "invalid-input")
    assert fact
    assert (fact.at, fact.value) == ("hiapi/provider.json#/failures/invalid-input/status", 400)

"""Which fact a broken rule is: one answer, whether the emulator explains a refusal or the judge finds it missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from driving import Emulator
from screentest_contracts.conformance import Judge
from screentest_contracts.conformance.operations import Found
from screentest_contracts.document import Model
from screentest_contracts.edges import Case, refused
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import PROVIDERS, Contract, load
from screentest_contracts.openapi import request_for
from screentest_contracts.pointers import GONE, at

CONTRACTS = {name: load(name) for name in PROVIDERS}
DOCUMENTS = {name: contract.documents() for name, contract in CONTRACTS.items()}
JUDGES = {name: Judge(contract) for name, contract in CONTRACTS.items()}
SUBMITS = {"runcomfy": "submit", "runflow": "create-run", "hiapi": "create"}
JSON = {"content-type": "application/json"}


def broken_once(model: Model) -> Iterator[Case]:
    """The first of the refused edges of each rule, wherever in a list the rule is broken."""
    seen = set()
    for case in refused(model):
        rule = tuple("*" if isinstance(one, int) else one for one in case.path), case.keyword
        if rule not in seen:
            seen.add(rule)
            yield case


def explained(emulator: Emulator, provider: str, method: str, target: str, body: Any = None) -> list[str]:
    """The address of each fact that the emulator gives for refusing a request."""
    answer = emulator.request(method, f"/{provider}{target}", raw=json.dumps(body).encode(), headers=JSON)
    assert answer.status >= 400, (target, body)
    (newest,) = emulator.get("/_control/requests", query={"limit": 1}).json()["requests"]
    why = emulator.get(f"/_control/requests/{newest['number']}").json()["explain"]
    return [rule["fact"]["at"] for rule in why["rules"]]


def judged(provider: str, method: str, target: str, body: Any = None) -> list[str]:
    """The address of the rule behind each thing that is wrong with a request, by the judge; each is in the contract."""
    contract, judge = CONTRACTS[provider], JUDGES[provider]
    exchange = Exchange(
        method=method,
        url=contract.provider.base_url + target,
        request_headers=JSON,
        request_body=json.dumps(body).encode(),
        status=200,
        who="one",
    )
    found = judge.operations.find(exchange)
    assert isinstance(found, Found)
    addresses = [fault.fact for fault in judge.requests.look(found, exchange).faults]
    for address in addresses:
        file, _, pointer = address.partition("#")
        assert at(DOCUMENTS[provider][file], pointer) is not GONE, address
    return addresses


def facts(contract: Contract, addresses: list[str]) -> list[str]:
    """The facts at these addresses, or right inside."""
    return [fact.at for fact in map(contract.fact, addresses) if fact and fact.at.startswith(tuple(addresses))]


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_rule_of_every_model_is_one_fact(provider: str, emulator: Emulator) -> None:
    """The emulator's explanation and the judge name the same one, and the contract has it."""
    contract = CONTRACTS[provider]
    operation = contract.provider.operations[SUBMITS[provider]]
    for model in contract.models():
        for case in broken_once(model):
            target, body = request_for(operation, model, case.input)
            addresses = judged(provider, operation.method, target, body)
            assert addresses, (model.id, case)
            assert explained(emulator, provider, operation.method, target, body) == facts(contract, addresses), case


@pytest.mark.parametrize(
    ("query", "fact"),
    [("limit=x", "limit/type"), ("limit=0", "limit/minimum"), ("from_prev=x", "from_prev/type")],
)
def test_a_rule_of_a_query_is_one_fact_too(emulator: Emulator, query: str, fact: str) -> None:
    """One of the query's schema, though the operation has no body."""
    wanted = [f"runflow/provider.json#/queries/list/{fact}"]
    assert explained(emulator, "runflow", "GET", f"/v1/runs?{query}") == wanted
    assert set(judged("runflow", "GET", f"/v1/runs?{query}")) <= set(wanted)

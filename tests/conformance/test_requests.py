"""Both directions of validation: what the contract refuses may not be accepted, what it accepts may not be refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from screentest_contracts.conformance import Judge, judge, operation_of
from screentest_contracts.document import Failure, Model, Operation
from screentest_contracts.edges import accepted, refused
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import PROVIDERS, Contract, load
from screentest_contracts.openapi import request_for
from screentest_contracts.pointers import GONE, at

CONTRACTS = {name: load(name) for name in PROVIDERS}
JUDGES = {name: Judge(contract) for name, contract in CONTRACTS.items()}
SUBMITS = {"runcomfy": "submit", "runflow": "create-run", "hiapi": "create"}
JSON = {"content-type": "application/json"}
TAKEN = {"code": 200, "message": "success", "data": {"taskId": "tk-hiapi-01M7ZG26VC4BV6B8TTSMS21DFD"}}


def some_models() -> Iterator[tuple[str, Model]]:
    for name, contract in CONTRACTS.items():
        for index, model in enumerate(contract.models()):
            if index % 6 == 0:
                yield name, model


MODELS = list(some_models())
EACH_MODEL = pytest.mark.parametrize(("provider", "model"), MODELS, ids=[f"{name}-{one.id}" for name, one in MODELS])


def sent(contract: Contract, model: Model, value: Any, status: int, body: Any = None) -> Exchange:
    """A submit of `value` as the model's input, answered with `status`."""
    operation = contract.provider.operations[SUBMITS[contract.name]]
    path, document = request_for(operation, model, value)
    return Exchange(
        method=operation.method,
        url=contract.provider.base_url + path,
        request_headers=JSON,
        request_body=json.dumps(document).encode(),
        status=status,
        headers=JSON,
        body=json.dumps(body).encode(),
        who="one",
    )


def refusal(contract: Contract, failure: Failure) -> dict[str, Any]:
    """A body that says this failure."""
    said = {"runcomfy": "error_message"}.get(contract.name, "message")
    body: dict[str, Any] = {said: "no"}
    place = contract.provider.error_body
    if failure.code is not None:
        body[place.code[1:]] = failure.code
    if place.status:
        body[place.status[1:]] = failure.status
    return body


def submit_of(contract: Contract) -> tuple[Operation, int]:
    operation = contract.provider.operations[SUBMITS[contract.name]]
    return operation, min(operation.answers)


@EACH_MODEL
def test_every_invalid_edge_that_is_accepted_is_found(provider: str, model: Model) -> None:
    """An answer of success to a body that breaks one rule is loosened validation, at a place that the contract has."""
    contract = CONTRACTS[provider]
    documents = contract.documents()
    _, status = submit_of(contract)
    for case in refused(model):
        found = JUDGES[provider].judge(sent(contract, model, case.input, status, {}))
        loosened = [one for one in found if one.kind == "request.loosened"]
        assert loosened, case
        for one in loosened if isinstance(case.input, dict) else ():
            file, _, pointer = one.fact.partition("#")
            here = file == contract.model_file(model.id)
            assert pointer.startswith("/input/") if here else pointer == "/file_inputs/schemes"
            assert at(documents[file], pointer) is not GONE, one.fact


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"reference_image_urls": ["ftp://a/b"]}, "/properties/reference_image_urls/schemes"),
        ({"last_frame_url": "https://a/b.png"}, "/rules/0"),
        ({"first_frame_url": "https://a/b.png", "reference_audio_urls": ["https://a/b.mp3"]}, "/rules/1"),
    ],
)
def test_where_a_rule_stands_that_is_not_beside_the_value(given: dict[str, Any], pointer: str) -> None:
    """That of a list's items, and those between properties."""
    model = CONTRACTS["hiapi"].model("seedance-2-0")
    assert model is not None
    (one,) = JUDGES["hiapi"].judge(sent(CONTRACTS["hiapi"], model, {**model.example, **given}, 200, TAKEN))
    assert one.fact == f"{CONTRACTS['hiapi'].model_file(model.id)}#/input{pointer}"


@EACH_MODEL
def test_every_valid_edge_that_is_refused_is_found(provider: str, model: Model) -> None:
    """A validation error for a body that keeps every rule is tightened validation."""
    contract = CONTRACTS[provider]
    failure = contract.provider.failures["invalid-input"]
    for case in accepted(model):
        exchange = sent(contract, model, case.input, failure.status, refusal(contract, failure))
        assert [one.kind for one in JUDGES[provider].judge(exchange)] == ["request.tightened"], case


@EACH_MODEL
def test_the_right_answers_are_in_order(provider: str, model: Model) -> None:
    """The same bodies the other way round break nothing on the side of the request."""
    contract = CONTRACTS[provider]
    failure = contract.provider.failures["invalid-input"]
    for case in refused(model):
        exchange = sent(contract, model, case.input, failure.status, refusal(contract, failure))
        assert JUDGES[provider].judge(exchange) == []


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("name", ["no-balance", "rate-limited"])
def test_a_refusal_that_is_not_about_the_request_may_meet_any(provider: str, name: str) -> None:
    """An empty account answers the valid and the invalid alike."""
    contract = CONTRACTS[provider]
    model = next(iter(contract.models()))
    failure = contract.provider.failures[name]
    headers = JSON | dict.fromkeys(failure.headers, "5")
    for value in (dict(model.example), {"prompt": 7}):
        exchange = sent(contract, model, value, failure.status, refusal(contract, failure))
        assert JUDGES[provider].judge(replace(exchange, headers=headers)) == []


@pytest.mark.parametrize("declared", ["application/vnd.api+json", "", "application/json"])
def test_a_type_that_is_another_kind_of_json_may_be_refused(declared: str) -> None:
    """As one may that is missing; JSON itself may not."""
    contract, judge = CONTRACTS["hiapi"], JUDGES["hiapi"]
    failure = contract.provider.failures["wrong-content-type"]
    for value in ({}, dict(next(iter(contract.models())).example)):
        refused = sent(contract, next(iter(contract.models())), value, failure.status, refusal(contract, failure))
        found = judge.judge(replace(refused, request_headers={"content-type": declared}))
        assert bool(found) is (declared == "application/json"), value


@pytest.mark.parametrize("choice", [200, 422])
def test_an_advisory_limit_is_neither_kept_nor_broken(choice: int) -> None:
    """Where only an assumption would enforce a limit, both answers are right."""
    contract = load("runflow", {"runflow.prose-limits": "accept"})
    model = contract.model("alibaba/happy-horse/reference-to-video")
    assert model is not None
    failure = contract.provider.failures["invalid-input"]
    body = refusal(contract, failure) if choice == failure.status else {}
    status = choice if choice == failure.status else 201
    kinds = {
        one.kind for one in judge(contract, sent(contract, model, {**model.example, "duration": 16}, status, body))
    }
    assert not kinds & {"request.loosened", "request.tightened"}


@pytest.mark.parametrize(
    "raw",
    [b"[" * 5000 + b"]" * 5000, b'{"a": 1e999}', b'{"a": "\\ud800"}', b'{"a": ' + b"1" * 5000 + b"}"],
    ids=["deep", "huge", "surrogate", "long"],
)
@pytest.mark.parametrize("status", [200, 400])
def test_json_that_servers_differ_about_is_not_judged(raw: bytes, status: int) -> None:
    """Whether such a body is a document at all, nobody documents."""
    contract = CONTRACTS["hiapi"]
    failure = contract.provider.failures["malformed-json"]
    exchange = Exchange(
        method="POST",
        url="https://api.hiapi.ai/v1/tasks",
        request_headers=JSON,
        request_body=raw,
        status=status,
        headers=JSON,
        body=json.dumps(refusal(contract, failure)).encode(),
        who="one",
    )
    kinds = {one.kind for one in JUDGES["hiapi"].judge(exchange)}
    assert not kinds & {"request.loosened", "request.tightened", "status.unexpected"}


@pytest.mark.parametrize(
    ("provider", "method", "url", "operation"),
    [
        ("hiapi", "GET", "https://api.hiapi.ai/v1/tasks/x", "detail"),
        ("hiapi", "GET", "/hiapi/v1/tasks?page=1", "list"),
        ("hiapi", "HEAD", "http://127.0.0.1:1/hiapi/v1/tasks", "list"),
        ("hiapi", "DELETE", "https://api.hiapi.ai/v1/tasks/x", None),
        ("hiapi", "GET", "http://127.0.0.1/runflow/v1/tasks", None),
        ("runcomfy", "POST", "/v1/models/a/b/c", "submit"),
        ("runcomfy", "GET", "/v1/models/categories", "categories"),
        ("runcomfy", "GET", "/media/runcomfy/x/output.mp4", None),
        ("runflow", "POST", "/runflow/v1/models/a/b/runs", "create-run"),
        ("runflow", "GET", "/v1/runs/statuses", "list-run-statuses"),
    ],
)
def test_which_operation_an_exchange_belongs_to(provider: str, method: str, url: str, operation: str | None) -> None:
    """By method and path, at the provider's own address, at the root, or under its name."""
    found = operation_of(CONTRACTS[provider], Exchange(method=method, url=url, status=200))
    assert (found.id if found else None) == operation


def test_a_base_that_is_somewhere_else() -> None:
    """Behind a proxy the operations begin where the caller says."""
    exchange = Exchange(method="GET", url="http://proxy.example/a/b/v1/tasks", status=200)
    assert operation_of(CONTRACTS["hiapi"], exchange) is None
    found = operation_of(CONTRACTS["hiapi"], exchange, base="http://proxy.example/a/b")
    assert found
    assert found.id == "list"

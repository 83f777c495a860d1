"""The OpenAPI document is valid, complete, and says the same as the schemas that judge requests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from screentest_contracts.edges import accepted, refused
from screentest_contracts.load import PROVIDERS, Contract, assumptions, load
from screentest_contracts.openapi import request_for, to_openapi
from screentest_contracts.openapi_schema import PREFIX
from screentest_contracts.reading import Json

OF_A_RUN = {"get-run", "cancel-run", "list-logs", "list-node-runs", "list-deliveries", "redeliver"}
NOT_IN_JSON_SCHEMA = {"maxLengthChinese", "total"}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and operation, each."""
    for path, item in document["paths"].items():
        for operation in item.values():
            yield path, operation


def validator(document: dict[str, Any], name: str) -> jsonschema_rs.Draft202012Validator:
    """A plain JSON Schema validator of one of the document's schemas."""
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    )


def resolved(document: dict[str, Any], pointer: str) -> Json:
    node: Json = document
    for token in pointer.removeprefix("#/").split("/"):
        node = node[token.replace("~1", "/").replace("~0", "~")]
    return node


@pytest.mark.parametrize("place", [None, 0, -1])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_document_is_valid_openapi_and_json(provider: str, place: int | None) -> None:
    """Under the default choices, and under every first or last alternative at once."""
    switched = {
        one.id: one.alternatives[place] for one in assumptions().values() if one.alternatives and place is not None
    }
    document = to_openapi(load(provider, switched))
    validate(json.loads(json.dumps(document, allow_nan=False)))


def test_every_operation_and_model_is_there(contract: Contract) -> None:
    """Each operation once, or once for each model where the path holds the model id; ids are unique."""
    document = to_openapi(contract)
    found = Counter(operation[PREFIX + "operation"] for _, operation in operations(document))
    assert set(found) == set(contract.provider.operations)
    for operation in contract.provider.operations.values():
        in_path = operation.model_at is not None and operation.model_at.startswith("path:")
        assert found[operation.id] == (len(contract.model_ids) * (1 + operation.ownerless) if in_path else 1)
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    for model in contract.models():
        assert f"{model.key}-input" in document["components"]["schemas"]


def test_every_answer_and_failure_is_there(asking: Contract) -> None:
    """Each status of an operation, and under it each failure by name, code and message."""
    for _, written in operations(to_openapi(asking)):
        operation = asking.provider.operations[written[PREFIX + "operation"]]
        failures = [asking.provider.failures[name] for name in operation.failures]
        statuses = {*operation.answers, *(failure.status for failure in failures)}
        assert set(written["responses"]) == {str(status) for status in statuses}
        for failure in failures:
            said = written["responses"][str(failure.status)][PREFIX + "failures"]
            assert (failure.name, failure.code, failure.message) in {(x["name"], x["code"], x["message"]) for x in said}


def test_request_schemas_agree_with_the_judge_of_requests(asking: Contract) -> None:
    """The document's plain schema accepts what the emulator accepts and refuses what it refuses, edge by edge."""
    document = to_openapi(asking)
    for model in asking.models():
        plain = validator(document, f"{model.key}-input")
        for case in accepted(model):
            assert plain.is_valid(case.input), case
        for case in refused(model):
            assert case.keyword in NOT_IN_JSON_SCHEMA or not plain.is_valid(case.input), case


def test_examples_are_whole_requests(contract: Contract) -> None:
    """Each model's example stands in the body as it is sent, and fits the body's schema."""
    document = to_openapi(contract)
    shown = 0
    for path, written in operations(document):
        content = written.get("requestBody", {}).get("content", {}).get("application/json")
        for model in contract.models():
            if content and model.key in content["examples"]:
                operation = contract.provider.operations[written[PREFIX + "operation"]]
                body = content["examples"][model.key]["value"]
                assert request_for(operation, model, model.example)[1] == body
                assert path.endswith(operation.path[-5:]) or model.id.endswith(path[-5:])
                assert jsonschema_rs.is_valid(content["schema"] | {"components": document["components"]}, body)
                shown += 1
    assert shown >= len(contract.model_ids)


@pytest.mark.parametrize(
    ("provider", "operation", "targets", "expression"),
    [
        ("runcomfy", "submit", {"status", "result", "cancel"}, {"request_id": "$response.body#/request_id"}),
        ("runflow", "create-run", OF_A_RUN, {"run_id": "$response.body#/id"}),
        ("hiapi", "create", {"detail"}, {"task_id": "$response.body#/data/taskId"}),
        ("runflow", "run", set(), None),
        ("hiapi", "list", set(), None),
    ],
)
def test_a_submit_links_to_what_takes_its_id(
    provider: str, operation: str, targets: set[str], expression: dict[str, str] | None
) -> None:
    """Links lead from the answer that names a job to every operation on that job; other answers have none."""
    document = to_openapi(load(provider))
    known = {written["operationId"] for _, written in operations(document)}
    for _, written in operations(document):
        if written[PREFIX + "operation"] == operation:
            links = next(iter(written["responses"].values())).get("links", {})
            assert {link["operationId"] for link in links.values()} == targets <= known
            assert all(link["parameters"] == expression for link in links.values())


def test_a_model_id_in_a_path_may_leave_its_owner_out_on_one_route() -> None:
    """Runflow's synchronous route is printed with and without it; both stand in the document."""
    paths = to_openapi(load("runflow"))["paths"]
    assert {"/v1/run/alibaba/happy-horse/reference-to-video", "/v1/run/happy-horse/reference-to-video"} <= set(paths)
    assert "/v1/models/happy-horse/reference-to-video/runs" not in paths


def test_one_endpoint_for_all_models_takes_one_of_their_requests() -> None:
    """HiAPI's body is one of the models' requests, each with its own model id."""
    document = to_openapi(load("hiapi"))
    schema = document["paths"]["/v1/tasks"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    requests = [resolved(document, one["$ref"]) for one in schema["oneOf"]]
    assert [one["properties"]["model"]["const"] for one in requests] == list(load("hiapi").model_ids)
    assert [one["properties"]["input"]["$ref"] for one in requests] == [
        f"#/components/schemas/{model.key}-input" for model in load("hiapi").models()
    ]


def test_what_does_not_bind_is_not_a_plain_keyword() -> None:
    """Advisory and truncating limits, forgiving query parameters and media rules keep their name behind a prefix."""
    advisory = to_openapi(load("runflow", {"runflow.prose-limits": "accept"}))
    runflow = advisory["components"]["schemas"]["happy-horse-r2v-input"]["properties"]
    assert "maxLength" not in runflow["prompt"]
    assert runflow["prompt"][PREFIX + "maxLength"] == 2500
    assert runflow["prompt"][PREFIX + "enforced"] == {"maxLength": "advisory"}
    assert {"minItems", "maxItems", "media"}.isdisjoint(runflow["image_urls"])
    assert runflow["image_urls"][PREFIX + "media"]["max_megabytes"] == 10
    i2v = to_openapi(load("runcomfy"))["components"]["schemas"]["happyhorse-1.0-i2v-input"]["properties"]["prompt"]
    assert "maxLength" not in i2v
    assert (i2v[PREFIX + "overflow"], i2v[PREFIX + "maxLength"]) == ("truncate", 5000)
    page, size = to_openapi(load("hiapi"))["paths"]["/v1/tasks"]["get"]["parameters"]
    assert {"type", "minimum", "maximum"}.isdisjoint(page["schema"] | size["schema"])
    assert (page["schema"]["default"], size["schema"]["default"]) == (1, 10)


def test_every_keyword_of_ours_is_marked(contract: Contract) -> None:
    """Nothing of the contract's own vocabulary leaks into the document under a plain name."""
    ours = {
        "from",
        "note",
        "variants",
        "rules",
        "media",
        "validations",
        "schemes",
        "overflow",
        "empty",
        "advice",
        "enforced",
    }

    def keys(node: Json) -> Iterator[str]:
        if isinstance(node, dict):
            for key, child in node.items():
                yield key
                if not key.startswith(PREFIX):
                    yield from keys(child)
        elif isinstance(node, list):
            for child in node:
                yield from keys(child)

    document = to_openapi(contract)
    assert ours.isdisjoint(keys(document["components"]["schemas"]))
    assert ours.isdisjoint(keys(document["paths"]))


@pytest.mark.parametrize(
    ("provider", "pointer", "said"),
    [
        (
            "runflow",
            "components/schemas/happy-horse-r2v-input/properties/aspect_ratio",
            "documented: api-page; default documented: llms-page",
        ),
        (
            "runcomfy",
            "components/schemas/happyhorse-1.0-r2v-input/properties/image_url_1",
            "documented: r2v-page",
        ),
        (
            "runcomfy",
            "paths/~1v1~1models~1happyhorse~1happyhorse-1.0~1image-to-video/post/responses/200",
            "documented: queue",
        ),
        (
            "runflow",
            "paths/~1v1~1models~1alibaba~1happy-horse~1reference-to-video~1runs/post/responses/201",
            "chosen: runflow.create-status",
        ),
        ("runflow", "paths/~1v1~1health/get", "client: ad-creative"),
        (
            "hiapi",
            "components/schemas/happyhorse-1.1-r2v-input",
            "documented: r2v-page; additionalProperties client: published-schemas",
        ),
        ("hiapi", "components/schemas/Task/properties/storage", "client: python-sdk"),
    ],
)
def test_a_reader_sees_how_each_thing_is_known(provider: str, pointer: str, said: str) -> None:
    """Operations, properties and responses carry one readable line: the usual source, then the exceptions."""
    assert resolved(to_openapi(load(provider)), pointer)[PREFIX + "provenance"] == said


def test_every_property_operation_and_answer_says_how_it_is_known(contract: Contract) -> None:
    """Without exception."""
    document = to_openapi(contract)
    for schema in document["components"]["schemas"].values():
        for one in schema.get("properties", {}).values():
            assert "$ref" in one or PREFIX + "provenance" in one
    for _, written in operations(document):
        assert written[PREFIX + "provenance"]
        operation = contract.provider.operations[written[PREFIX + "operation"]]
        assert all(PREFIX + "provenance" in written["responses"][str(status)] for status in operation.answers)


def test_operations_without_a_key_say_so_and_the_server_can_be_replaced() -> None:
    """The bearer is required everywhere else; the document can point at an emulator."""
    document = to_openapi(load("runflow"), server="http://127.0.0.1:8790/runflow")
    assert document["servers"] == [{"url": "http://127.0.0.1:8790/runflow"}]
    assert to_openapi(load("runflow"))["servers"] == [{"url": "https://api.runflow.io"}]
    assert document["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}
    assert document["security"] == [{"bearer": []}]
    open_ones = [path for path, written in operations(document) if written.get("security") == []]
    assert open_ones == [
        *("/v1/health", "/v1/readiness", "/v1/asset-files/{asset_id}", "/v1/asset-files/{asset_id}"),
        "/v1/public/models",
    ]


def test_the_choices_in_force_are_in_the_document() -> None:
    """A document made under another choice shows it, and shows no other provider's."""
    info = to_openapi(load("hiapi", {"hiapi.data-uris": "accept"}))["info"]
    assert info[PREFIX + "assumptions"]["hiapi.data-uris"] == "accept"
    assert not any(name.startswith(("runcomfy.", "runflow.")) for name in info[PREFIX + "assumptions"])

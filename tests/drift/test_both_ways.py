"""Contracts against contracts and OpenAPI against OpenAPI: nothing differs from itself, and B to A mirrors A to B."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from drift.mutations import mutated
from drift.symmetry import comparable, mirrored
from screentest_contracts.drift.contracts import compare_contracts, contract_differences
from screentest_contracts.drift.difference import Difference
from screentest_contracts.drift.files import ContractFiles, shipped
from screentest_contracts.drift.openapi import compare_openapi, openapi_differences
from screentest_contracts.drift.published import compare_published
from screentest_contracts.load import PROVIDERS, load
from screentest_contracts.openapi import to_openapi
from screentest_contracts.reading import Json

HIAPI = "happyhorse-1.1/reference-to-video"


@cache
def openapi(provider: str) -> dict[str, Json]:
    document: dict[str, Json] = json.loads(json.dumps(to_openapi(load(provider))))
    return document


@pytest.mark.parametrize("provider", PROVIDERS)
def test_nothing_differs_from_itself(provider: str) -> None:
    """A contract, its OpenAPI document, and the one against the other."""
    contract, document = shipped(provider), openapi(provider)

    assert compare_contracts(contract, contract).drifts == ()
    assert compare_openapi(document, copy.deepcopy(document)).drifts == ()
    assert compare_published(contract, document).drifts == ()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_contracts_mirror(provider: str) -> None:
    """Whatever changes in a provider's file or a model's."""
    old = shipped(provider)
    models = dict(old.models or {})
    for seed, name in enumerate(sorted(models)[:12]):
        new = ContractFiles(
            provider=mutated(dict(old.provider), seed), models={**models, name: mutated(models[name], seed)}
        )
        there, back = contract_differences(old, new), contract_differences(new, old)
        assert comparable(mirrored(there)) == comparable(back), seed
        assert there, seed


@pytest.mark.parametrize("provider", ["hiapi"])
def test_openapi_documents_mirror(provider: str) -> None:
    """Whatever changes in a document."""
    for seed in range(3):
        new = mutated(openapi(provider), seed, changes=20)
        there, back = openapi_differences(openapi(provider), new), openapi_differences(new, openapi(provider))
        assert comparable(mirrored(there)) == comparable(back), seed


def _model(change: Callable[[dict[str, Any]], object]) -> ContractFiles:
    """HiAPI's contract with one model changed."""
    contract = shipped("hiapi")
    model = copy.deepcopy(dict((contract.models or {})[HIAPI]))
    change(model)
    return ContractFiles(provider=contract.provider, models={**(contract.models or {}), HIAPI: model})


def _provider(change: Callable[[dict[str, Any]], object]) -> ContractFiles:
    contract = shipped("hiapi")
    provider = copy.deepcopy(dict(contract.provider))
    change(provider)
    return ContractFiles(provider=provider, models=contract.models)


def _inputs(model: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = model["input"]["properties"]
    return found


CHANGES: list[tuple[ContractFiles, str, str]] = [
    (_model(lambda m: m.update(title="Other words")), "wording-only", "/title"),
    (
        _model(lambda m: _inputs(m)["prompt"].update(description="So.")),
        "wording-only",
        "/input/properties/prompt/description",
    ),
    (_model(lambda m: m["example"].update(prompt="So.")), "wording-only", "/example/prompt"),
    (_model(lambda m: m["video"].update(fps=30)), "media-rule-changed", "/video/fps"),
    (
        _model(lambda m: m["price"]["usd_per_second"].update({"720p": "0.1"})),
        "price-changed",
        "/price/usd_per_second/720p",
    ),
    (_model(lambda m: m["input"].pop("additionalProperties")), "bound-loosened", "/input/additionalProperties"),
    (
        _model(lambda m: _inputs(m)["duration"].update(enforced={"maximum": "advisory"})),
        "bound-loosened",
        "/input/properties/duration/enforced",
    ),
    (_model(lambda m: m["input"].update(rules=[{"someOf": ["prompt"]}])), "bound-tightened", "/input/rules"),
    (_provider(lambda p: p.update(body_limit=1000)), "bound-tightened", "/body_limit"),
    (
        _provider(lambda p: p["lifecycle"]["outcomes"].update(failed="failed")),
        "output-field-retyped",
        "/lifecycle/outcomes/failed",
    ),
    (_provider(lambda p: p["failures"]["no-key"].update(status=403)), "endpoint-changed", "/failures/no-key/status"),
    (_provider(lambda p: p["failures"]["no-key"].update(message="No.")), "wording-only", "/failures/no-key/message"),
    (_provider(lambda p: p["callbacks"].update(timeout=5)), "callback-changed", "/callbacks/timeout"),
    (
        _provider(lambda p: p["schemas"]["Task"]["properties"].pop("completed")),
        "output-field-removed",
        "/schemas/Task/properties/completed",
    ),
    (
        _provider(lambda p: p["schemas"]["Callback"]["properties"].pop("status")),
        "callback-changed",
        "/schemas/Callback/properties/status",
    ),
    (_provider(lambda p: p["operations"].pop(1)), "endpoint-changed", "/operations/list"),
    (
        _provider(lambda p: p["operations"][2].update(path="/v2/tasks/{task_id}")),
        "endpoint-changed",
        "/operations/detail/path",
    ),
    (
        _provider(lambda p: p["catalogue"]["named_only"].remove("flux-3")),
        "model-removed",
        "/catalogue/named_only/flux-3",
    ),
]
"""HiAPI's contract with one thing changed, and the class and place of that."""


@pytest.mark.parametrize(("new", "kind", "pointer"), CHANGES, ids=[pointer for _, _, pointer in CHANGES])
def test_contract_against_contract(new: ContractFiles, kind: str, pointer: str) -> None:
    """One change of a contract, one class at its place; the wider ones too (an outcome's word, a callback's field)."""
    found = {(drift.kind, drift.pointer) for drift in compare_contracts(shipped("hiapi"), new).drifts}

    assert (kind, pointer) in found
    assert {one for one, _ in found} == {kind}


def test_models_that_came_and_went() -> None:
    """Said once, with nothing of what is inside."""
    old = shipped("hiapi")
    fewer = ContractFiles(provider=old.provider, models={k: v for k, v in (old.models or {}).items() if k != HIAPI})

    assert [(one.kind, one.model) for one in compare_contracts(old, fewer).drifts] == [("model-removed", HIAPI)]
    assert [(one.kind, one.fact) for one in compare_contracts(fewer, old).drifts] == [("model-added", None)]


def test_a_provider_s_file_alone_says_nothing_of_models() -> None:
    """Without a folder of models next to it none is missed."""
    old = shipped("hiapi")
    assert compare_contracts(old, ContractFiles(provider=old.provider, models=None)).drifts == ()


def test_an_enum_of_integers_is_a_range() -> None:
    """3, 4, 5 is the same as from 3 to 5; another range is a bound."""
    listed = _model(
        lambda m: _replace(m, {"type": "integer", "enum": list(range(3, 16)), "default": 5, "description": "Seconds."})
    )
    shorter = _model(
        lambda m: _replace(m, {"type": "integer", "enum": list(range(3, 11)), "default": 5, "description": "Seconds."})
    )

    assert compare_contracts(shipped("hiapi"), listed).drifts == ()
    (drift,) = compare_contracts(shipped("hiapi"), shorter).drifts
    assert (drift.kind, drift.old, drift.new) == ("bound-tightened", 15, 10)


def _replace(model: dict[str, Any], duration: dict[str, Any]) -> None:
    _inputs(model)["duration"] = duration


def _documents(change: Callable[[dict[str, Any]], object]) -> tuple[Difference, ...]:
    new = copy.deepcopy(openapi("hiapi"))
    change(new)
    return openapi_differences(openapi("hiapi"), new)


def test_openapi_against_openapi() -> None:
    """Operations, answers, bodies, models: each at its address in the document."""
    task = "/components/schemas/Task/properties/taskId"
    (gone,) = _documents(lambda new: new["components"]["schemas"]["Task"]["properties"].pop("taskId"))
    assert (gone.kind, gone.pointer) == ("output-field-removed", task)

    (path,) = _documents(lambda new: new["paths"].pop("/v1/models"))
    assert (path.kind, path.old, path.new) == ("endpoint-changed", "GET /v1/models", None)

    key = "happyhorse-1.1-r2v-input"
    found = _documents(lambda new: new["components"]["schemas"][key]["properties"]["duration"].update(maximum=10))
    assert [one.kind for one in found] == ["bound-tightened"]


def test_a_published_document_that_differs() -> None:
    """Against the contract: a status that was chosen is answered, a field that is documented is missed."""
    document = copy.deepcopy(openapi("runflow"))
    created = next(path for path in document["paths"] if path.endswith("reference-to-video/runs"))
    answers = document["paths"][created]["post"]["responses"]
    answers["200"] = answers.pop("201")
    del document["components"]["schemas"]["happy-horse-r2v-input"]["properties"]["seed"]
    del document["paths"]["/v1/runs/{run_id}"]

    found = {(one.kind, one.model, one.pointer): one for one in compare_published(shipped("runflow"), document).drifts}

    assert len(found) == 3
    status = found["endpoint-changed", "", "/operations/create-run/answers/201"]
    assert status.fact == "chosen: runflow.create-status"
    assert status.meaning == "answers the assumption runflow.create-status"
    seed = found["property-removed", "alibaba/happy-horse/reference-to-video", "/input/properties/seed"]
    assert seed.meaning.startswith("news: we knew it as documented")
    assert ("endpoint-changed", "", "/operations/get-run") in found

"""Runflow's catalogue, account and status: models with their declarations, balance, user, readiness, batches."""

from __future__ import annotations

from typing import Any

import pytest

from driving import Emulator
from providers.runflow_refusals import NO_THING
from providers.samples import IMAGE, RUNFLOW
from screentest_contracts.load import load

MODELS = "/runflow/v1/models"
BALANCE = "/runflow/v1/billing/balance"
DECLARED = {
    *("id", "model_id", "name", "display_name", "description", "variable_type_code", "default_behavior_code"),
    *("validator_code", "validator_attrs", "sort_order", "is_featured", "created_at", "updated_at"),
}
MODEL = {
    *("id", "org_id", "model_creator_id", "slug", "name", "description", "version", "is_public", "is_open_source"),
    *("icon_url", "cover_url", "category_code", "status_code", "family_id", "family_variant_code", "param_count"),
    *("architecture", "license_code", "max_resolution", "lora_support", "fine_tuning", "supports_streaming"),
    *("paper_url", "github_url", "is_official", "availability_status", "seo", "notable_features", "content"),
    *("pricing_note", "created_by", "created_at", "updated_at", "deleted_at", "deleted_by", "inputs", "outputs"),
}


def items(emulator: Emulator, path: str, **options: Any) -> list[dict[str, Any]]:
    answer = emulator.get(path, **options)
    assert answer.status == 200, answer.body
    return list(answer.json()["items"])


def test_a_model(emulator: Emulator) -> None:
    """By owner and slug, with every documented key; its id is the model_id of its runs."""
    model = emulator.get(f"{MODELS}/{RUNFLOW.model}").json()
    assert set(model) == MODEL
    assert (model["slug"], model["status_code"], model["is_public"]) == (
        "happy-horse/reference-to-video",
        "active",
        True,
    )
    assert model["id"] == RUNFLOW.send(emulator).json()["model_id"]
    assert [one["name"] for one in model["outputs"]] == ["outputs", "seed", "timing", "nsfw_detected"]
    assert {one["variable_type_code"] for one in model["outputs"]} == {"json"}


def test_every_model_is_listed_with_and_without_a_key(emulator: Emulator) -> None:
    """All that the contract has, filtered and paged as any list; the public list wants no key."""
    listed = items(emulator, MODELS, query={"limit": 500})
    assert len(listed) == len(load("runflow").model_ids)
    assert items(emulator, "/runflow/v1/public/models", key=None, query={"limit": 500}) == listed
    found = items(emulator, MODELS, query={"q": "slug.eq:'happy-horse/reference-to-video'"})
    assert [one["slug"] for one in found] == ["happy-horse/reference-to-video"]
    assert len(items(emulator, MODELS, query={"limit": 1})) == 1


def test_input_declarations(emulator: Emulator) -> None:
    """Name, type word of the pages, whether it is required, default, and limits; each can be read by its id."""
    path = f"{MODELS}/{RUNFLOW.model}/inputs"
    declared = {one["name"]: one for one in items(emulator, path)}
    assert all(set(one) == DECLARED | {"is_required", "default_value"} for one in declared.values())
    types = {name: one["variable_type_code"] for name, one in declared.items()}
    assert types == {
        "prompt": "string",
        "image_urls": "image_list",
        "aspect_ratio": "string",
        "duration": "integer",
        "enable_safety_checker": "boolean",
        "resolution": "string",
        "seed": "integer",
    }
    assert [name for name, one in declared.items() if one["is_required"]] == ["prompt", "image_urls"]
    assert (declared["duration"]["default_value"], declared["duration"]["validator_attrs"]) == (
        5,
        {"minimum": 3, "maximum": 15},
    )
    assert emulator.get(f"{path}/{declared['prompt']['id']}").json() == declared["prompt"]
    assert emulator.get(f"{MODELS}/any/inputs/{declared['prompt']['id']}").json() == declared["prompt"]


def test_declarations_by_their_default(emulator: Emulator) -> None:
    """A default is of any type: it is found as it is written, and a list of them sorted."""
    path = f"{MODELS}/{RUNFLOW.model}/inputs"

    def names(**query: str) -> list[str]:
        return [one["name"] for one in items(emulator, path, query=query)]

    assert (names(q="default_value:5"), names(q="default_value:true")) == (["duration"], ["enable_safety_checker"])
    assert names(q="default_value.ne:null", sort_by="default_value") == [
        *("resolution", "aspect_ratio", "duration", "enable_safety_checker"),
    ]


def test_models_are_named_in_three_ways(emulator: Emulator) -> None:
    """By owner and slug, by UUID, and `any` for all of them."""
    by_name = items(emulator, f"{MODELS}/{RUNFLOW.model}/examples")
    model_id = by_name[0]["model_id"]
    assert items(emulator, f"{MODELS}/{model_id}/examples") == by_name
    every = items(emulator, f"{MODELS}/any/examples", query={"limit": 500})
    assert len(every) == len(load("runflow").model_ids)
    assert by_name[0] in every
    assert emulator.get(f"{MODELS}/any/examples/{by_name[0]['id']}").json() == by_name[0]


def test_an_example_can_be_run(emulator: Emulator) -> None:
    """The input of every model's example is accepted by that model."""
    names = {one["id"]: name for name in load("runflow").model_ids for one in [emulator.get(f"{MODELS}/{name}").json()]}
    for one in items(emulator, f"{MODELS}/any/examples", query={"limit": 500}):
        answer = emulator.post(f"{MODELS}/{names[one['model_id']]}/runs", {"input": one["input"]})
        assert answer.status == 201, answer.body


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"input": [{"prompt": "a", "image_urls": [IMAGE]}]}, 422),
        ({"input": [{"anything": 1}] * 100}, 422),
        ({"input": []}, 422),
        ({"items": [{"input": {}}]}, 422),
        ({"input": [{}] * 101}, 422),
    ],
)
def test_batches_are_refused(emulator: Emulator, body: dict[str, Any], status: int) -> None:
    """Only template-backed models take them; the guide's `items` is no body either."""
    answer = emulator.post(f"{MODELS}/{RUNFLOW.model}/batches", body)
    assert answer.status == status
    assert ("does not support batches" in answer.json()["message"]) == (0 < len(body.get("input", [])) <= 100)


@pytest.mark.parametrize("path", ["", "/items", "/callback"])
def test_there_is_no_batch(emulator: Emulator, path: str) -> None:
    """Nobody can have made one: 404."""
    answer = emulator.get(f"/runflow/v1/batches/{NO_THING}{path}")
    assert (answer.status, answer.json()["message"]) == (404, "Batch not found")


def test_the_balance_is_what_control_set(emulator: Emulator) -> None:
    """A decimal string; a placeholder until it is set; less after a run that costs; 0 for an empty key."""
    assert emulator.get(BALANCE).json()["balance"] == "1000.00"
    emulator.request("PUT", "/_control/account", {"balance": "10"})
    RUNFLOW.send(emulator)
    balance = emulator.get(BALANCE).json()
    assert (balance["balance"], balance["low_balance_threshold"]) == ("8.60", "0")
    assert emulator.get(BALANCE, key="empty").json()["balance"] == "0.00"
    (listed,) = items(emulator, "/runflow/v1/credit-balances")
    assert (listed["balance"], listed["balance_usd"], listed["id"]) == ("8.60", "8.60", balance["id"])


@pytest.mark.parametrize(("threshold", "told"), [(5, "5"), ("2.50", "2.50"), (0, "0"), (0.5, "0.5")])
def test_the_threshold_of_a_low_balance(emulator: Emulator, threshold: Any, told: str) -> None:
    """Set with the updated_at that was read; a stale one is a conflict."""
    before = emulator.get(BALANCE).json()
    emulator.advance(1)
    body = {"low_balance_threshold": threshold, "updated_at": before["updated_at"]}
    after = emulator.request("PATCH", BALANCE, body)
    assert (after.status, after.json()["low_balance_threshold"]) == (200, told)
    assert after.json()["updated_at"] != before["updated_at"]
    assert emulator.request("PATCH", BALANCE, body).status == 409
    assert emulator.get(BALANCE).json() == after.json()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"low_balance_threshold": -1},
        {"low_balance_threshold": "-1"},
        {"low_balance_threshold": "much"},
        {"low_balance_threshold": None},
        {"low_balance_threshold": 1, "updated_at": "yesterday"},
        {"low_balance_threshold": 1, "updated_at": "2026-13-45T99:99:99Z"},
    ],
)
def test_a_threshold_that_is_none(emulator: Emulator, body: dict[str, Any]) -> None:
    """422."""
    assert emulator.request("PATCH", BALANCE, body).status == 422


def test_me(emulator: Emulator) -> None:
    """A user in one organisation, that of the account's runs; an administrator may cancel."""
    org = RUNFLOW.send(emulator, key="rf_live_x").json()["org_id"]
    for key, role, cancels in (("rf_live_x", "member", False), ("rf_svc_x", "admin", True)):
        me = emulator.get("/runflow/v1/auth/me", key=key, query={"embed": "memberships"}).json()
        (membership,) = me["memberships"]
        assert (membership["org"]["id"], membership["role_code"]) == (org, role)
        assert ("runs:cancel" in membership["scopes"]) == cancels
        assert "runs:create" in membership["scopes"]


def test_readiness(emulator: Emulator) -> None:
    """Per part, without a key."""
    answer = emulator.get("/runflow/v1/readiness", key=None)
    assert (answer.status, set(answer.json()["checks"])) == (200, {"database", "redis"})


def test_an_organisation_can_be_named(emulator: Emulator) -> None:
    """X-Organization-Id is taken everywhere and changes nothing: an account is one organisation."""
    named = emulator.post(RUNFLOW.path, RUNFLOW.body(), headers={"x-organization-id": NO_THING})
    assert named.status == 201
    assert emulator.get("/runflow/v1/runs", headers={"x-organization-id": NO_THING}).json()["items"] == [named.json()]

"""RunComfy's catalogue: lists, filters, pages, categories, and one entry with its price and its input schema."""

from __future__ import annotations

import math
from typing import Any

import pytest

from driving import Emulator
from providers.envelopes import refused
from providers.runcomfy_rows import KLEIN, SEEDREAM, ask, result
from providers.samples import I2V, SEEDANCE, job_id
from screentest_contracts.load import load

LIST, CATEGORIES = "/runcomfy/v1/models", "/runcomfy/v1/models/categories"
ENTRY = {
    *("model_id", "display_name", "description", "kind", "categories", "inputs", "required_inputs", "base_price_usd"),
    *("price_unit", "pricing_note", "model_url"),
}


def listed(emulator: Emulator, **query: Any) -> dict[str, Any]:
    answer = emulator.get(LIST, query=query)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert set(answer.json()) == {"models", "total"}
    return dict(answer.json())


def entry(emulator: Emulator, model: str) -> dict[str, Any]:
    answer = emulator.get(f"{LIST}/{model}")
    assert answer.status == 200
    return dict(answer.json())


def test_a_page_of_the_catalogue(emulator: Emulator) -> None:
    """Entries without schemas; `total` counts all of them."""
    page = listed(emulator)
    assert (len(page["models"]), page["total"]) == (100, 121)
    assert all(set(one) == ENTRY for one in page["models"])


def test_pages_are_a_partition(emulator: Emulator) -> None:
    """limit and offset cut the same list; past its end there is nothing."""
    pages = [listed(emulator, limit=50, offset=offset) for offset in (0, 50, 100, 150)]
    assert [len(page["models"]) for page in pages] == [50, 50, 21, 0]
    assert {page["total"] for page in pages} == {121}
    found = [one["model_id"] for page in pages for one in page["models"]]
    assert found == list(load("runcomfy").model_ids)


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ({"search": "KLING"}, 17),
        ({"search": "seedance-2.5/text"}, 4),
        ({"search": "goes on with"}, 3),
        ({"search": "no such thing"}, 0),
        ({"category": "text-to-image"}, 14),
        ({"category": "text-to-image", "search": "qwen"}, 3),
        ({"category": "nothing"}, 0),
        ({"kind": "model"}, 121),
        ({"kind": "workflow"}, 0),
        ({"surprise": "x"}, 121),
        ({"search": "", "category": ""}, 121),
    ],
)
def test_filters(emulator: Emulator, query: dict[str, str], total: int) -> None:
    """A part of id, name or description in any case; a category; a kind; all of them together. Others are ignored."""
    page = listed(emulator, limit=500, **query)
    assert (len(page["models"]), page["total"]) == (total, total)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"limit": "1.5"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"offset": -1}, "offset"),
        ({"kind": "Model"}, "kind"),
        ({"include_schema": "yes"}, "include_schema"),
    ],
)
def test_a_filter_that_means_nothing(emulator: Emulator, query: dict[str, Any], name: str) -> None:
    """422, with the place in the query; or, by an assumption, as if it were left out."""
    body = refused(emulator.get(LIST, query=query), "runcomfy")
    assert [detail["loc"] for detail in body["detail"]] == [["query", name]]
    assert body["error_code"] == 422001
    lenient = Emulator(switches={"runcomfy.catalogue-filters": "ignore"})
    assert listed(lenient, **query) == listed(lenient)


def test_schemas_in_a_list_on_demand(emulator: Emulator) -> None:
    """include_schema=true adds to each entry what the entry by itself has."""
    page = listed(emulator, include_schema="true", limit=500)
    assert all(set(one) == ENTRY | {"input_schema"} for one in page["models"])
    for one in page["models"][::20]:
        assert one == entry(emulator, one["model_id"])
    assert all(set(one) == ENTRY for one in listed(emulator, include_schema="false")["models"])


def test_categories(emulator: Emulator) -> None:
    """A sorted list of slugs; each is some model's, and each model's is in it."""
    answer = emulator.get(CATEGORIES)
    assert (answer.status, set(answer.json())) == (200, {"categories"})
    names = answer.json()["categories"]
    assert names == sorted(set(names))
    assert set(names) == {name for one in listed(emulator, limit=500)["models"] for name in one["categories"]}
    assert {"text-to-video", "image-to-video", "reference-to-video", "text-to-image", "text-to-audio"} <= set(names)


@pytest.mark.parametrize("model", load("runcomfy").model_ids)
def test_an_entry_is_what_the_official_nodes_ask_for(emulator: Emulator, model: str) -> None:
    """They submit only if it echoes the id and has a unit they know and a finite price."""
    found = entry(emulator, model)
    assert found["model_id"] == model
    assert found["price_unit"] in ("second", "output")
    assert isinstance(found["base_price_usd"], int | float)
    assert math.isfinite(found["base_price_usd"])
    assert found["base_price_usd"] >= 0
    assert found["kind"] == "model"
    assert set(found["required_inputs"]) <= set(found["inputs"]) == set(found["input_schema"]["properties"])
    assert emulator.get(found["model_url"]).json() == found


def test_an_input_schema_speaks_the_providers_words(emulator: Emulator) -> None:
    """Files by format, limits on files as validations; none of the contract's own words."""
    schema = entry(emulator, "bytedance/seedream-5.0-pro/image-to-image")["input_schema"]
    assert schema["required"] == ["prompt", "image"]
    image = schema["properties"]["image"]
    assert (image["type"], image["format"], image["minItems"], image["maxItems"]) == ("array", "image_uris", 1, 10)
    assert {(one["validation_rule"], one["validation_value"]) for one in image["validations"]} == {
        ("file_size_mb<", 30),
        ("width/height>", 0.0625),
        ("width/height<", 16),
        ("width_pixels>", 14),
        ("height_pixels>", 14),
    }
    assert all(one["validation_error"] for one in image["validations"])
    first = entry(emulator, SEEDANCE.model)["input_schema"]["properties"]["first_frame_image_url"]
    assert first["format"] == "image_uri"
    assert len(first["validations"]) == 7
    everything = str(listed(emulator, limit=500, include_schema="true"))
    assert not {"'from'", "'media'", "'enforced'", "'variants'", "'schemes'", "'rules'"} & set(everything.split(": "))


def test_a_limit_of_the_nodes_is_not_published(emulator: Emulator) -> None:
    """Where only the official nodes cap a list, the API has no maxItems."""
    properties = entry(emulator, "google/gemini-omni-flash/reference-to-video")["input_schema"]["properties"]
    assert "maxItems" not in properties["image_urls"]


def test_a_known_price_and_a_placeholder(emulator: Emulator) -> None:
    """The lowest known rate, with all of them in the note; a placeholder says that it is one."""
    known = entry(emulator, SEEDREAM)
    assert (known["base_price_usd"], known["price_unit"]) == (0.04, "output")
    assert "0.08 USD per output with resolution 2K" in known["pricing_note"]
    assert "placeholder" not in known["pricing_note"]
    unknown = entry(emulator, KLEIN)
    assert (unknown["base_price_usd"], "placeholder" in unknown["pricing_note"]) == (0.1, True)
    assert "Sound" in entry(emulator, "kling/kling-video-o3/pro/image-to-video")["pricing_note"]


def test_an_unknown_model(emulator: Emulator) -> None:
    """As for a submit: 400001; a trailing slash is another id, and nothing is redirected."""
    for path in (f"{LIST}/no/such-model", f"{LIST}/{I2V.model}/", f"{LIST}/{I2V.model.upper()}"):
        assert refused(emulator.get(path), "runcomfy")["error_code"] == 400001


@pytest.mark.parametrize("path", [LIST, CATEGORIES, f"{LIST}/{KLEIN}"])
def test_a_bad_token_fails(emulator: Emulator, path: str) -> None:
    """The official nodes check a token by reading an entry; without one nothing is told either."""
    for key in (None, "invalid-1", "revoked-1"):
        assert refused(emulator.get(path, key=key), "runcomfy")["error_code"] == 400004
    assert emulator.get(path, headers={"content-type": "application/json"}).status == 200


@pytest.mark.parametrize(
    ("model", "inputs", "cost"),
    [
        (SEEDREAM, {"resolution": "1K"}, 0.04),
        (SEEDREAM, {"resolution": "2K"}, 0.08),
        (KLEIN, {}, 0.1),
        ("wan-ai/wan-2.7/text-to-image", {"max_images": 5}, 0.5),
        ("happyhorse/happyhorse-1.0/text-to-video", {"duration": 7}, 0.7),
        ("acestep-ai/ace-step/text-to-audio", {"duration": 240}, 0.1),
    ],
)
def test_the_cost_of_a_request(emulator: Emulator, model: str, inputs: dict[str, Any], cost: float) -> None:
    """include_cost=true adds it to a success, from the known price or from the placeholder; else it is not told."""
    job = result(emulator, model, **inputs)["request_id"]
    path = f"/runcomfy/v1/requests/{job}/result"
    assert emulator.get(path, query={"include_cost": "true"}).json()["cost"] == pytest.approx(cost)
    for query in ({}, {"include_cost": "false"}, {"include_cost": ""}):
        assert "cost" not in emulator.get(path, query=query).json()


@pytest.mark.parametrize("wish", ["wrong-duration", "wrong-kind: audio", "many-outputs", "no-output"])
def test_a_wrong_file_changes_no_price(emulator: Emulator, wish: str) -> None:
    """What was asked for is what costs."""
    model = "happyhorse/happyhorse-1.0/text-to-video"
    job = result(emulator, model, duration=10, prompt=f"a fox [[{wish}]]")["request_id"]
    path = f"/runcomfy/v1/requests/{job}/result"
    assert emulator.get(path, query={"include_cost": "true"}).json()["cost"] == pytest.approx(1.0)


@pytest.mark.parametrize("model", [SEEDREAM, KLEIN])
def test_what_costs_nothing_has_no_unknown_price(emulator: Emulator, model: str) -> None:
    """A failure and a cancelled job count among the jobs, and not among those of which nobody knows the price."""
    job_id(ask(model, prompt="[[fail]]")(emulator))
    cancelled = job_id(ask(model)(emulator))
    assert emulator.post(f"/runcomfy/v1/requests/{cancelled}/cancel").status == 202
    emulator.advance(60)
    told = emulator.get("/_control/spend").json()
    assert (told["jobs"], told["usd"], told["jobs_of_unknown_price"]) == (2, 0, 0)


@pytest.mark.parametrize("prompt", ["[[fail]]", "a fox"])
def test_no_cost_and_no_input_before_or_without_success(emulator: Emulator, prompt: str) -> None:
    """Neither while it runs, nor after a failure."""
    job = job_id(ask(KLEIN, prompt=prompt)(emulator))
    path = f"/runcomfy/v1/requests/{job}/result"
    assert not {"cost", "input"} & set(emulator.get(path, query={"include_cost": "true"}).json())
    emulator.advance(60)
    told = emulator.get(path, query={"include_cost": "true"}).json()
    assert ({"cost", "input"} <= set(told)) is (prompt == "a fox")

"""Runflow's video models: every one makes its clip at its price; lengths are text for some and numbers for others."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from driving import Answer, Emulator
from providers.movies import frames_of, has_sound, size_of
from providers.samples import IMAGE
from screentest.samples.files import content as sample_file
from screentest.samples.names import parse
from screentest_contracts.edges import accepted, refused
from screentest_contracts.load import load

KLING, KLING_I2V = "kuaishou/kling-video/v3/pro/text-to-video", "kuaishou/kling-video/v3/pro/image-to-video"
SEEDANCE, SEEDANCE_I2V = "bytedance/seedance/2.0/text-to-video", "bytedance/seedance/2.0/image-to-video"
VEO = "google/veo3.1/fast"
WAN = "alibaba/wan/v2.7/text-to-video"
HORSE, EDIT = "alibaba/happy-horse/image-to-video", "alibaba/happy-horse/video-edit"
FILM = "https://films.example/walk.mp4"
MADE = [
    (HORSE, {"image_url": IMAGE}, (1920, 1080), 5, "1.40", True),
    (HORSE, {"image_url": IMAGE, "resolution": "720p", "duration": 3}, (1280, 720), 3, "0.42", True),
    ("alibaba/happy-horse/text-to-video", {"prompt": "a", "aspect_ratio": "1:1"}, (1440, 1440), 5, "1.40", True),
    (EDIT, {"prompt": "a", "video_url": FILM, "resolution": "720p"}, (1280, 720), 5, "1.40", True),
    (KLING, {"prompt": "a", "duration": "3", "generate_audio": False}, (1920, 1080), 3, "0.336", False),
    (KLING, {"multi_prompt": [{"prompt": "a"}], "aspect_ratio": "1:1"}, (1440, 1440), 5, None, True),
    (KLING_I2V, {"start_image_url": IMAGE, "prompt": "a"}, (1920, 1080), 5, None, True),
    (SEEDANCE, {"prompt": "a", "duration": "auto"}, (1280, 720), 5, "1.5170", True),
    (SEEDANCE, {"prompt": "a", "duration": "4", "resolution": "480p"}, (864, 496), 4, None, True),
    (SEEDANCE_I2V, {"prompt": "a", "image_url": IMAGE}, (1280, 720), 5, "1.5120", True),
    ("bytedance/seedance/2.0/fast/text-to-video", {"prompt": "a"}, (1280, 720), 5, "1.2095", True),
    (VEO, {"prompt": "a", "duration": "4s", "generate_audio": False}, (1280, 720), 4, "0.4", False),
    (VEO, {"prompt": "a", "duration": "6s", "aspect_ratio": "9:16"}, (720, 1280), 6, None, True),
    ("google/veo3.1", {"prompt": "a"}, (1280, 720), 8, "1.6", True),
    ("google/veo3.1/lite", {"prompt": "a", "duration": "4s"}, (1280, 720), 4, "0.12", True),
    ("google/veo3.1/fast/image-to-video", {"prompt": "a", "image_url": IMAGE}, (1280, 720), 8, "0.8", True),
    (WAN, {"prompt": "a", "duration": 2}, (1920, 1080), 2, "0.2", True),
    ("alibaba/wan/v2.7/image-to-video", {"prompt": "a", "image_url": IMAGE}, (1920, 1080), 5, "0.5", True),
]


def send(emulator: Emulator, model: str, **inputs: Any) -> Answer:
    return emulator.post(f"/runflow/v1/models/{model}/runs", {"input": inputs})


def film(seconds: int) -> bytes:
    return sample_file(parse(f"640x360-{seconds}s.mp4"), fps=24)


def as_asset(emulator: Emulator, content: bytes) -> str:
    opened = emulator.post(
        "/runflow/v1/asset-uploads", {"filename": "a.mp4", "mime_type": "video/mp4", "size_bytes": 1}
    ).json()
    emulator.request("PUT", opened["upload_url"], raw=content, key=None, headers={"content-type": "video/mp4"})
    assert emulator.post(f"/runflow/v1/asset-uploads/{opened['asset_id']}/confirmations").status == 201
    return f"runflow://assets/{opened['asset_id']}"


def as_data(emulator: Emulator, content: bytes) -> str:
    return f"data:video/mp4;base64,{b64encode(content).decode()}"


@pytest.mark.parametrize("given", [as_asset, as_data])
@pytest.mark.parametrize(("long", "seconds", "cost"), [(3, 3, 0.84), (10, 10, 2.8), (41, 15, 4.2)])
def test_an_edit_is_as_long_as_its_film(
    emulator: Emulator, given: Callable[[Emulator, bytes], str], long: int, seconds: int, cost: float
) -> None:
    """15 seconds at most, and priced so: in the record, in the totals, and in the balance."""
    emulator.request("PUT", "/_control/account", {"balance": 10})
    run = send(emulator, EDIT, prompt="a", video_url=given(emulator, film(long)), resolution="720p").json()["id"]
    emulator.advance(60)
    record = emulator.get(f"/runflow/v1/runs/{run}").json()
    assert (record["output"]["outputs"][0]["duration"], float(record["cost"])) == (seconds, cost)
    assert emulator.get(f"/_control/jobs/{run}").json()["cost"] == record["cost"]
    assert emulator.get("/_control/spend").json()["usd"] == cost
    assert float(emulator.get("/runflow/v1/billing/balance").json()["balance"]) == pytest.approx(10 - cost)
    made = emulator.get(record["output"]["outputs"][0]["url"]).body
    assert frames_of(made) == 24 * seconds


def test_an_edit_that_costs_more_than_there_is(emulator: Emulator) -> None:
    """The balance was enough for what was known at submit; the rest is owed, and the next run is refused."""
    emulator.request("PUT", "/_control/account", {"balance": 2})
    edit = {"prompt": "a", "video_url": as_asset(emulator, film(15)), "resolution": "720p"}
    run = send(emulator, EDIT, **edit).json()["id"]
    emulator.advance(60)
    assert emulator.get(f"/runflow/v1/runs/{run}").json()["status_code"] == "succeeded"
    assert float(emulator.get("/runflow/v1/billing/balance").json()["balance"]) == pytest.approx(-2.2)
    assert send(emulator, EDIT, **edit).status == 402


@pytest.mark.parametrize("end", ["fail", "late"])
def test_an_edit_that_does_not_succeed(emulator: Emulator, end: str) -> None:
    """What was planned to fail costs nothing however long the film; what fails after it was measured is given back."""
    emulator.request("PUT", "/_control/account", {"balance": 10})
    prompt = "[[fail]]" if end == "fail" else "a"
    edit = {"prompt": prompt, "video_url": as_asset(emulator, film(15)), "resolution": "720p"}
    run = send(emulator, EDIT, **edit).json()["id"]
    emulator.advance(2)
    if end == "late":
        assert emulator.get("/_control/spend").json()["usd"] == 4.2
        emulator.post(f"/_control/jobs/{run}", {"fail": {}})
    emulator.advance(60)
    assert emulator.get(f"/runflow/v1/runs/{run}").json()["status_code"] == "failed"
    assert emulator.get("/_control/spend").json()["usd"] == 0
    assert float(emulator.get("/runflow/v1/billing/balance").json()["balance"]) == 10


def test_an_edit_of_another_length_on_demand(emulator: Emulator) -> None:
    """A scenario's length wins over the film's, and the price is that of what was asked for."""
    edit = {"prompt": "[[wrong-duration]]", "video_url": as_asset(emulator, film(10)), "resolution": "720p"}
    run = send(emulator, EDIT, **edit).json()["id"]
    emulator.advance(60)
    record = emulator.get(f"/runflow/v1/runs/{run}").json()
    assert (record["output"]["outputs"][0]["duration"], float(record["cost"])) == (1, 2.8)


def test_every_model_is_in_the_table() -> None:
    """But for the one that all other tests use."""
    assert {row[0] for row in MADE} == set(load("runflow").model_ids) - {"alibaba/happy-horse/reference-to-video"}


@pytest.mark.parametrize(("model", "inputs", "size", "seconds", "cost", "sound"), MADE)
def test_what_a_model_makes(
    emulator: Emulator, model: str, inputs: Any, size: Any, seconds: int, cost: str | None, sound: bool
) -> None:
    """The size, length and sound that were asked for, at the price of the pages; an unknown price is null."""
    run = send(emulator, model, **inputs).json()["id"]
    emulator.advance(60)
    record = emulator.get(f"/runflow/v1/runs/{run}").json()
    (artefact,) = record["output"]["outputs"]
    film = emulator.get(artefact["url"]).body
    assert (artefact["width"], artefact["height"]) == size_of(film) == size
    assert (artefact["duration"], frames_of(film), has_sound(film)) == (seconds, seconds * 24, sound)
    assert record["cost"] == cost


@pytest.mark.parametrize(
    ("model", "inputs", "good", "bad"),
    [
        (KLING, {"prompt": "a"}, ["3", "15"], [5, "2", "16", "5s", "auto", 5.0]),
        (KLING_I2V, {"prompt": "a", "start_image_url": IMAGE}, ["3", "15"], [5, "2", "16", None]),
        (SEEDANCE, {"prompt": "a"}, ["auto", "4", "15"], [5, "3", "16", "4s", "AUTO"]),
        (VEO, {"prompt": "a"}, ["4s", "6s", "8s"], [8, "8", "5s", "auto"]),
        (WAN, {"prompt": "a"}, [2, 15, 5.0], ["5", 1, 16]),
        (HORSE, {"image_url": IMAGE}, [3, 15], ["5", 2, 16]),
    ],
)
def test_lengths_are_text_here_and_numbers_there(
    emulator: Emulator, model: str, inputs: Any, good: list[Any], bad: list[Any]
) -> None:
    """Kling, Seedance and Veo take text, each in its own spelling; Happy Horse and Wan take whole numbers."""
    for duration in good:
        assert send(emulator, model, **inputs, duration=duration).status == 201, duration
    for duration in bad:
        answer = send(emulator, model, **inputs, duration=duration)
        assert (answer.status, answer.json()["errors"][0]["loc"]) == (422, ["body", "input", "duration"]), duration


@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        ({"prompt": "a"}, 201),
        ({"multi_prompt": [{"prompt": "a"}]}, 201),
        ({}, 422),
        ({"prompt": "a", "multi_prompt": [{"prompt": "a"}]}, 422),
    ],
)
def test_kling_takes_one_kind_of_prompt(emulator: Emulator, inputs: Any, status: int) -> None:
    """Exactly one of prompt and multi_prompt."""
    assert send(emulator, KLING, **inputs).status == status


@pytest.mark.parametrize("name", ["image_url", "start_image_url"])
def test_the_first_frame_has_a_name_of_its_own(emulator: Emulator, name: str) -> None:
    """Kling's page calls it start_image_url."""
    assert send(emulator, KLING_I2V, prompt="a", **{name: IMAGE}).status == (201 if name == "start_image_url" else 422)


def test_veo_takes_its_tolerance_as_text(emulator: Emulator) -> None:
    """From "1" to "6"."""
    assert send(emulator, VEO, prompt="a", safety_tolerance="6").status == 201
    assert send(emulator, VEO, prompt="a", safety_tolerance=6).status == 422


@pytest.mark.parametrize("model_id", load("runflow").model_ids)
def test_every_edge_of_a_schema(model_id: str) -> None:
    """What the schema takes makes a run, and what it refuses is a 422 that names the field."""
    emulator = Emulator()
    model = load("runflow").model(model_id)
    assert model
    for case in accepted(model):
        assert send(emulator, model_id, **case.input).status == 201, case
    for wrong in refused(model):
        body = {"input": wrong.input}
        answer = emulator.post(f"/runflow/v1/models/{model_id}/runs", body)
        assert answer.status == 422, wrong
        assert all(name in json.dumps(answer.json(), ensure_ascii=False) for name in map(str, wrong.path)), wrong

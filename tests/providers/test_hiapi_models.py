"""HiAPI's models: what each takes and refuses, in which words, what it makes, and what the catalogue says of it."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from driving import Answer, Emulator
from providers.envelopes import refused
from providers.movies import frames_of, has_sound, size_of
from providers.samples import HIAPI, job_id
from screentest_contracts.edges import accepted
from screentest_contracts.edges import refused as refused_cases
from screentest_contracts.load import load

MODELS = {model.id: model for model in load("hiapi").models()}
EACH = pytest.mark.parametrize("name", MODELS)
IMAGE = "https://images.example/1.png"


def create(emulator: Emulator, name: str, /, **inputs: Any) -> Answer:
    return emulator.post(HIAPI.path, {"model": name, "input": inputs})


def outputs(emulator: Emulator, name: str, /, **inputs: Any) -> dict[str, bytes]:
    """The finished task's files by type."""
    made = job_id(create(emulator, name, **inputs))
    emulator.advance(60)
    output = emulator.get(f"{HIAPI.path}/{made}").json()["data"]["output"]
    return {item["type"]: emulator.get(item["url"], key=None).body for item in output}


def test_the_models() -> None:
    """Every model of the fact sheet whose parameters are known."""
    assert set(MODELS) == {
        *("happyhorse-1.1/reference-to-video", "happyhorse-1.1/text-to-video", "happyhorse-1.1/image-to-video"),
        *("happyhorse-1-0", "happyhorse-1.0", "seedance-2-0", "seedance-2.0", "seedance-2.0-fast", "seedance-2.0-mini"),
        *("kling-3.0-omni/text-to-video", "kling-3.0-omni/image-to-video", "veo-3.1-fast/text-to-video"),
    }


@EACH
def test_what_a_model_takes(emulator: Emulator, name: str) -> None:
    """Its example, and every value at an edge of its schema, becomes a task."""
    assert create(emulator, name, **MODELS[name].example).status == 200
    for case in accepted(MODELS[name]):
        assert create(emulator, name, **case.input).status == 200, case.reason


@EACH
def test_what_a_model_refuses(emulator: Emulator, name: str) -> None:
    """Each single mistake is 400 INVALID_REQUEST, and makes no task."""
    for case in refused_cases(MODELS[name]):
        answer = emulator.post(HIAPI.path, {"model": name, "input": case.input})
        assert (answer.status, answer.json()["error_code"]) == (400, "INVALID_REQUEST"), case.reason
    assert emulator.get(HIAPI.path).json()["data"]["total"] == 0


@EACH
def test_unknown_parameters_are_refused_by_every_model(emulator: Emulator, name: str) -> None:
    """In the one message that was seen from the live service."""
    said = refused(create(emulator, name, **MODELS[name].example, loop=True), "hiapi")
    assert said["message"] == "additional properties 'loop' not allowed"


@pytest.mark.parametrize(
    ("model", "inputs", "message"),
    [
        ("happyhorse-1.1/text-to-video", {"prompt": "a", "audio": True}, "additional properties 'audio' not allowed"),
        ("happyhorse-1.1/text-to-video", {"prompt": "a", "seed": 1}, "additional properties 'seed' not allowed"),
        ("seedance-2.0", {"prompt": "a fox", "seed": 1}, "additional properties 'seed' not allowed"),
        ("happyhorse-1.1/text-to-video", {}, "missing property 'prompt'"),
        ("happyhorse-1.1/text-to-video", {"prompt": "a", "duration": "5"}, "got string, want integer"),
        ("happyhorse-1.1/text-to-video", {"prompt": "a", "duration": 2}, "minimum: got 2, want 3"),
        ("happyhorse-1.1/text-to-video", {"prompt": "a", "duration": 16}, "maximum: got 16, want 15"),
        ("happyhorse-1.1/text-to-video", {"prompt": "a", "resolution": "4k"}, "value must be one of '720p', '1080p'"),
        ("happyhorse-1.1/image-to-video", {"image_urls": []}, "minItems: got 0, want 1"),
        ("kling-3.0-omni/image-to-video", {"image_urls": [IMAGE] * 3}, "maxItems: got 3, want 2"),
        ("seedance-2-0", {"prompt": "ab"}, "minLength: got 2, want 3"),
        ("veo-3.1-fast/text-to-video", {"prompt": "a", "duration": 5}, "value must be one of 4, 6, 8"),
        ("seedance-2.0-fast", {"prompt": "a fox", "reference_image_urls": []}, "minItems: got 0, want 1"),
        ("happyhorse-1.1/reference-to-video", {}, "at '': missing properties 'prompt', 'reference_image'"),
    ],
)
def test_the_words_of_a_refusal(emulator: Emulator, model: str, inputs: dict[str, Any], message: str) -> None:
    """The wording of the Go validator that the known message comes from."""
    assert message in refused(create(emulator, model, **inputs), "hiapi")["message"]


@pytest.mark.parametrize("model", ["seedance-2-0", "seedance-2.0", "seedance-2.0-fast", "seedance-2.0-mini"])
def test_seedance_modes(emulator: Emulator, model: str) -> None:
    """A last frame needs a first one; frames and references exclude each other."""

    def status(**inputs: Any) -> int:
        return create(emulator, model, prompt="a fox", **inputs).status

    assert status(first_frame_url=IMAGE) == 200
    assert status(first_frame_url=IMAGE, last_frame_url=IMAGE) == 200
    assert status(last_frame_url=IMAGE) == 400
    for name, most in (("reference_image_urls", 9), ("reference_video_urls", 3), ("reference_audio_urls", 3)):
        assert status(**{name: [IMAGE] * most}) == 200
        assert status(**{name: [IMAGE] * (most + 1)}) == 400
        assert status(**{name: [IMAGE]}, first_frame_url=IMAGE) == 400
        least = model in ("seedance-2.0-fast", "seedance-2.0-mini") and name == "reference_image_urls"
        assert status(**{name: []}, first_frame_url=IMAGE) == (400 if least else 200)


def test_media_may_be_assets_and_data_where_the_pages_say_so(emulator: Emulator) -> None:
    """Seedance and Kling take asset ids and data URIs; HappyHorse takes URLs only."""
    for url in ("asset://image-1", "data:image/png;base64,iVBORw0KGgo="):
        assert create(emulator, "seedance-2.0", prompt="a fox", first_frame_url=url).status == 200
        assert create(emulator, "kling-3.0-omni/image-to-video", image_urls=[url]).status == 200
        assert create(emulator, "happyhorse-1.1/image-to-video", image_urls=[url]).status == 400


def test_whole_floats_are_integers(emulator: Emulator) -> None:
    """5.0 is an integer to JSON Schema, "5" and 5.5 are none."""
    answers = [create(emulator, "happyhorse-1-0", prompt="a", duration=one).status for one in (5.0, "5", 5.5)]
    assert answers == [200, 400, 400]


@pytest.mark.parametrize(
    ("model", "inputs", "size", "frames", "sound"),
    [
        ("happyhorse-1.1/text-to-video", {"prompt": "a", "duration": 3}, (1920, 1080), 72, True),
        ("happyhorse-1-0", {"prompt": "a", "resolution": "720p", "aspect_ratio": "3:4"}, (832, 1088), 120, True),
        ("seedance-2.0", {"prompt": "a fox", "aspect_ratio": "9:16"}, (720, 1280), 120, True),
        (
            "seedance-2.0-fast",
            {"prompt": "a fox", "resolution": "480p", "generate_audio": False},
            (864, 496),
            120,
            False,
        ),
        ("seedance-2-0", {"prompt": "a fox", "aspect_ratio": "adaptive", "duration": 4}, (1280, 720), 96, True),
        ("kling-3.0-omni/text-to-video", {"prompt": "a", "aspect_ratio": "1:1", "sound": True}, (960, 960), 120, True),
        ("kling-3.0-omni/image-to-video", {"image_urls": [IMAGE]}, (1280, 720), 120, False),
        ("veo-3.1-fast/text-to-video", {"prompt": "a", "resolution": "4k", "duration": 4}, (3840, 2160), 96, True),
    ],
)
def test_what_a_model_makes(
    emulator: Emulator, model: str, inputs: dict[str, Any], size: tuple[int, int], frames: int, sound: bool
) -> None:
    """A clip of the size, length and sound that was asked for."""
    movie = outputs(emulator, model, **inputs)["video"]
    assert (size_of(movie), frames_of(movie), has_sound(movie)) == (size, frames, sound)


def test_a_last_frame(emulator: Emulator) -> None:
    """Where it is asked for, a picture of the clip's size comes with the clip, told by its type."""
    asked = outputs(emulator, "seedance-2.0", prompt="a fox", return_last_frame=True)
    assert set(asked) == {"video", "last_frame"}
    assert asked["last_frame"][:3] == b"\xff\xd8\xff"
    assert set(outputs(emulator, "seedance-2.0", prompt="a fox", return_last_frame=False)) == {"video"}


def test_every_item_can_be_fetched_until_it_expires() -> None:
    """A first frame has a link and a lifetime like the clip's."""
    emulator = Emulator(switches={"hiapi.first-frame": "always"})
    made = job_id(HIAPI.send(emulator))
    emulator.advance(60)
    output = emulator.get(f"{HIAPI.path}/{made}").json()["data"]["output"]

    assert [item["type"] for item in output] == ["video", "first_frame"]
    assert len({item["expireAt"] for item in output}) == 1
    picture = emulator.get(output[1]["url"], key=None)
    assert (picture.status, picture.headers["content-type"]) == (200, "image/jpeg")
    emulator.advance(8 * 86400)
    assert [emulator.get(item["url"]).status for item in output] == [404, 404]


def test_a_model_known_by_name_only(emulator: Emulator) -> None:
    """It counts as unknown, unless that is switched; then it takes anything and makes a clip."""
    assert create(emulator, "wan3.0-video", prompt="a").status == 400
    accepting = Emulator(switches={"all.unknown-schema": "accept"})
    movie = outputs(accepting, "wan3.0-video", prompt="a", whatever=[1])["video"]
    assert size_of(movie) == (1280, 720)
    assert create(accepting, "no-such-model", prompt="a").status == 400


def test_the_list_of_models(emulator: Emulator) -> None:
    """Every model that can be used, each an object with an id."""
    answer = emulator.get("/hiapi/v1/models")
    assert (answer.status, set(answer.json())) == (200, {"data"})
    rows = answer.json()["data"]
    assert [row["id"] for row in rows] == list(MODELS)
    assert all(row["output_type"] == "video" and row["supported_endpoint_types"] == ["task"] for row in rows)


def test_prices_are_read_without_a_key(emulator: Emulator) -> None:
    """A row for each model and each of its routes, with exactly one duration factor and a positive number."""
    rows = emulator.get("/hiapi/api/pricing", key=None).json()["data"]
    assert {row["model_name"] for row in rows} == {name + route for name in MODELS for route in ("", "@ext", "@beta")}
    for row in rows:
        assert row["factors"] == ["duration"]
        assert row["base_usd_value"] > 0
        assert row["policies"] == []


def test_a_placeholder_is_not_spent(emulator: Emulator) -> None:
    """A task's price stays unknown, whatever the price list says."""
    HIAPI.send(emulator)
    emulator.advance(60)
    spend = emulator.get("/_control/spend").json()
    assert (spend["usd"], spend["jobs"], spend["jobs_of_unknown_price"]) == (0, 1, 1)


@EACH
def test_a_published_schema_is_the_one_that_is_enforced(emulator: Emulator, name: str) -> None:
    """It judges model and input as one object, and comes to the same verdicts as the server."""
    answer = emulator.get("/hiapi/api/models/content", key=None, query={"name": name})
    schema = answer.json()["data"]["input_schema"]
    judge = jsonschema_rs.Draft202012Validator(schema)

    assert (schema["required"][0], schema["properties"]["model"]["enum"]) == ("model", [name])
    assert judge.is_valid({"model": name, **MODELS[name].example})
    for case in accepted(MODELS[name]):
        assert judge.is_valid({"model": name, **case.input}), case.reason
    for case in refused_cases(MODELS[name]):
        if isinstance(case.input, dict):
            assert not judge.is_valid({"model": name, **case.input}), case.reason


def test_the_schema_of_an_unknown_model(emulator: Emulator) -> None:
    """Refused like an unknown model in a create."""
    assert emulator.get("/hiapi/api/models/content", key=None, query={"name": "x"}).status == 400


def test_the_site_is_served_by_its_own_name(emulator: Emulator) -> None:
    """www.hiapi.ai has the price list and the schemas."""
    headers = {"host": "www.hiapi.ai"}
    assert emulator.get("/api/pricing", key=None, headers=headers).status == 200
    assert emulator.get("/api/models/content", key=None, headers=headers, query={"name": "seedance-2.0"}).status == 200

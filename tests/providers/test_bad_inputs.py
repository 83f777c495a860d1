"""One broken rule at a time, for every model: the provider's status, the field, and its own words."""

from __future__ import annotations

from typing import Any

import pytest

from driving import Emulator
from providers.envelopes import message, refused
from providers.samples import ABSENT, HIAPI, I2V, IMAGE, R2V, RUNFLOW, SEEDANCE, Sample

Row = tuple[Sample, str, Any, str]

RUNCOMFY: list[Row] = [
    (R2V, "prompt", ABSENT, "field required"),
    (R2V, "image_url_1", ABSENT, "field required"),
    (R2V, "prompt", 5, "expected string, got number"),
    (R2V, "prompt", None, "expected string, got null"),
    (R2V, "prompt", "x" * 5001, "must have at most 5000 characters, got 5001"),
    (R2V, "image_url_1", [IMAGE], "expected string, got array"),
    (R2V, "aspect_ratio", "21:9", "must be one of '16:9', '9:16', '1:1', '4:3', '3:4'"),
    (R2V, "aspect_ratio", 1.0, "expected string, got number"),
    (R2V, "resolution", "720p", "must be one of '720P', '1080P'"),
    (R2V, "resolution", "480P", "must be one of '720P', '1080P'"),
    (R2V, "duration", 2, "must be one of 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"),
    (R2V, "duration", 16, "must be one of 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"),
    (R2V, "duration", "5", "expected integer, got string"),
    (R2V, "duration", 5.5, "expected integer, got number"),
    (R2V, "duration", True, "expected integer, got boolean"),
    (R2V, "seed", -1, "must be at least 0, got -1"),
    (R2V, "seed", 2**31, "must be at most 2147483647, got 2147483648"),
    (R2V, "watermark", "false", "expected boolean, got string"),
    (R2V, "watermark", 0, "expected boolean, got number"),
    (I2V, "prompt", ABSENT, "field required"),
    (I2V, "image_url", ABSENT, "field required"),
    (I2V, "prompt", {}, "expected string, got object"),
    (I2V, "resolution", "1080p", "must be one of '720P', '1080P'"),
    (I2V, "duration", 0, "must be one of 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"),
    (I2V, "seed", "0", "expected integer, got string"),
    (SEEDANCE, "prompt", ABSENT, "field required"),
    (SEEDANCE, "first_frame_image_url", ABSENT, "field required"),
    (SEEDANCE, "resolution", "480P", "must be one of '480p', '720p', '1080p'"),
    (SEEDANCE, "ratio", "4:5", "must be one of '16:9', '4:3', '1:1', '3:4', '9:16', '21:9', 'adaptive'"),
    (SEEDANCE, "duration", 3, "must be one of 4, 5, 6, 7, 8, 9, 10, 11, 12"),
    (SEEDANCE, "duration", 13, "must be one of 4, 5, 6, 7, 8, 9, 10, 11, 12"),
    (SEEDANCE, "generate_audio", "yes", "expected boolean, got string"),
    (SEEDANCE, "camera_fixed", 1, "expected boolean, got number"),
]
RUNFLOW_ROWS: list[Row] = [
    (RUNFLOW, "prompt", ABSENT, "Field required"),
    (RUNFLOW, "image_urls", ABSENT, "Field required"),
    (RUNFLOW, "prompt", 5, "Input should be a valid string, got number"),
    (RUNFLOW, "prompt", "x" * 2501, "Text should have at most 2500 characters, has 2501"),
    (RUNFLOW, "image_urls", IMAGE, "Input should be a valid array, got string"),
    (RUNFLOW, "image_urls", [], "List should have at least 1 items, has 0"),
    (RUNFLOW, "image_urls", [IMAGE] * 10, "List should have at most 9 items, has 10"),
    (RUNFLOW, "aspect_ratio", "4:5", "Input should be one of '16:9', '9:16', '1:1', '4:3', '3:4'"),
    (RUNFLOW, "resolution", "720P", "Input should be one of '720p', '1080p'"),
    (RUNFLOW, "duration", 2, "Input should be greater than or equal to 3"),
    (RUNFLOW, "duration", 16, "Input should be less than or equal to 15"),
    (RUNFLOW, "duration", "5", "Input should be a valid integer, got string"),
    (RUNFLOW, "enable_safety_checker", "no", "Input should be a valid boolean, got string"),
    (RUNFLOW, "seed", -1, "Input should be greater than or equal to 0"),
    (RUNFLOW, "seed", 2**31, "Input should be less than or equal to 2147483647"),
]
HIAPI_ROWS: list[Row] = [
    (HIAPI, "prompt", ABSENT, "at '': missing property 'prompt'"),
    (HIAPI, "reference_image", ABSENT, "at '': missing property 'reference_image'"),
    (HIAPI, "reference_image", IMAGE, "at '/reference_image': got string, want array"),
    (HIAPI, "reference_image", [], "at '/reference_image': minItems: got 0, want 1"),
    (HIAPI, "reference_image", [IMAGE] * 10, "at '/reference_image': maxItems: got 10, want 9"),
    (HIAPI, "resolution", "480p", "at '/resolution': value must be one of '720p', '1080p'"),
    (
        HIAPI,
        "aspect_ratio",
        "2:1",
        "at '/aspect_ratio': value must be one of '16:9', '9:16', '3:4', '4:3', '4:5', '5:4', '1:1', '9:21', '21:9'",
    ),
    (HIAPI, "duration", "5", "at '/duration': got string, want integer"),
    (HIAPI, "duration", 2, "at '/duration': minimum: got 2, want 3"),
    (HIAPI, "duration", 16, "at '/duration': maximum: got 16, want 15"),
    (HIAPI, "audio", True, "additional properties 'audio' not allowed"),
    (HIAPI, "seed", 1, "additional properties 'seed' not allowed"),
    (HIAPI, "callback", {"url": "https://a.example"}, "additional properties 'callback' not allowed"),
    (HIAPI, "model", "happyhorse-1.1/reference-to-video", "additional properties 'model' not allowed"),
]


def of(row: Row) -> str:
    return f"{row[0]}-{row[1]}-{str(row[2])[:20]}"


@pytest.mark.parametrize("row", RUNCOMFY, ids=of)
def test_runcomfy(emulator: Emulator, row: Row) -> None:
    """422 with code 422001; `detail` locates the one broken rule, and the message names field and rule."""
    sample, name, value, said = row
    answer = sample.send(emulator, **{name: value})
    body = refused(answer, "runcomfy")
    assert (answer.status, body["error_code"]) == (422, 422001)
    assert [(entry["loc"], entry["msg"]) for entry in body["detail"]] == [(["body", name], said)]
    assert body["error_message"] == f"ValidationError: {name}: {said}"


@pytest.mark.parametrize("row", RUNFLOW_ROWS, ids=of)
def test_runflow(emulator: Emulator, row: Row) -> None:
    """422 VALIDATION_ERROR; `errors` locates the broken rule in the body's input."""
    sample, name, value, said = row
    answer = sample.send(emulator, **{name: value})
    body = refused(answer, "runflow")
    assert (answer.status, body["code"]) == (422, "VALIDATION_ERROR")
    assert [(entry["loc"], entry["msg"]) for entry in body["errors"]] == [(["body", "input", name], said)]
    assert body["message"] == f"input.{name}: {said}"


@pytest.mark.parametrize("row", HIAPI_ROWS, ids=of)
def test_hiapi(emulator: Emulator, row: Row) -> None:
    """400 INVALID_REQUEST, worded like the Go validator that the one known live message comes from."""
    sample, name, value, said = row
    answer = sample.send(emulator, **{name: value})
    body = refused(answer, "hiapi")
    assert (answer.status, body["error_code"], body["message"]) == (400, "INVALID_REQUEST", said)


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("https://images.example/1.png", True),
        ("http://127.0.0.1:9/1.png", True),
        ("http://localhost/1.png", True),
        ("data:image/png;base64,AAAA", True),
        ("http://images.example/1.png", False),
        ("ftp://images.example/1.png", False),
        ("images.example/1.png", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("", False),
        ("runflow://assets/1", False),
    ],
)
def test_runcomfy_file_inputs(emulator: Emulator, url: str, accepted: bool) -> None:
    """RunComfy takes https, plain http on loopback only, and data URIs."""
    assert R2V.send(emulator, image_url_1=url).status == (200 if accepted else 422)
    assert I2V.send(emulator, image_url=url).status == (200 if accepted else 422)
    assert SEEDANCE.send(emulator, first_frame_image_url=url).status == (200 if accepted else 422)


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("https://images.example/1.png", True),
        ("http://images.example/1.png", True),
        ("runflow://assets/019a3f5e-7c1d-7abc-8def-0123456789ab", False),
        ("data:image/png;base64,AAAA", True),
        ("runflow://elsewhere/1", False),
        ("ftp://images.example/1.png", False),
        ("", False),
    ],
)
def test_runflow_file_inputs(emulator: Emulator, url: str, accepted: bool) -> None:
    """Runflow takes http and https, references to assets that exist, and data URIs, at any place of the list."""
    answer = RUNFLOW.send(emulator, image_urls=[IMAGE, url])
    assert answer.status == (201 if accepted else 422)
    if not accepted:
        assert answer.json()["errors"][0]["loc"] == ["body", "input", "image_urls", 1]


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("https://images.example/1.png", True),
        ("http://images.example/1.png", True),
        ("data:image/png;base64,AAAA", False),
        ("asset://1", False),
        ("1.png", False),
    ],
)
def test_hiapi_file_inputs(emulator: Emulator, url: str, accepted: bool) -> None:
    """HiAPI's page says URLs: http and https."""
    answer = HIAPI.send(emulator, reference_image=[IMAGE, url])
    assert answer.status == (200 if accepted else 400)
    if not accepted:
        assert "'/reference_image/1'" in message(refused(answer, "hiapi"), "hiapi")


@pytest.mark.parametrize(
    ("sample", "changes"),
    [
        (R2V, {"image_url_2": ""}),
        (R2V, {"image_url_3": IMAGE}),
        (R2V, {f"image_url_{number}": IMAGE for number in range(2, 10)}),
        (R2V, {"prompt": "no tags at all"}),
        (R2V, {"prompt": "x" * 5000}),
        (R2V, {"prompt": "马" * 5000}),
        (R2V, {"duration": 5.0, "seed": 2147483647, "watermark": True}),
        (R2V, {"webhook": "https://a.example", "image_url_10": 5}),
        (I2V, {"prompt": "x" * 6000}),
        (SEEDANCE, {"prompt": "x" * 3000}),
        (SEEDANCE, {"ratio": "21:9", "duration": 12, "generate_audio": False, "camera_fixed": False}),
        (RUNFLOW, {"image_urls": [IMAGE] * 9, "prompt": "x" * 2500, "duration": 15, "seed": 0}),
        (RUNFLOW, {"surprise": {"deep": [1]}}),
        (HIAPI, {"reference_image": [IMAGE] * 9, "aspect_ratio": "9:21", "duration": 3.0}),
        (HIAPI, {"prompt": "x" * 20000}),
    ],
)
def test_accepted_inputs(emulator: Emulator, sample: Sample, changes: dict[str, Any]) -> None:
    """What is at a bound, empty where that means absent, too long where it is cut, unknown where that is ignored."""
    assert sample.send(emulator, **changes).status == (201 if sample is RUNFLOW else 200)


def test_all_broken_rules_are_told(emulator: Emulator) -> None:
    """A request with three mistakes hears of all three."""
    body = R2V.send(emulator, prompt=5, duration=2, seed=-1).json()
    assert {entry["loc"][1] for entry in body["detail"]} == {"prompt", "duration", "seed"}


@pytest.mark.parametrize(
    ("changes", "loc"),
    [
        ({"input": None}, ["body", "input"]),
        ({"input": []}, ["body", "input"]),
        ({"metadata": "text"}, ["body", "metadata"]),
        ({"client_ref": "x" * 256}, ["body", "client_ref"]),
        ({"client_ref": 5}, ["body", "client_ref"]),
        ({"callback_url": "https://a.example/" + "x" * 2048}, ["body", "callback_url"]),
        ({"callback_url": 5}, ["body", "callback_url"]),
    ],
)
def test_runflow_fields_beside_the_input(emulator: Emulator, changes: dict[str, Any], loc: list[str]) -> None:
    """The run's own fields are checked as well, and located."""
    answer = emulator.post(RUNFLOW.path, RUNFLOW.body() | changes)
    assert (answer.status, [entry["loc"] for entry in answer.json()["errors"]]) == (422, [loc])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": 5}, "at '/model': got number, want string"),
        ({"input": []}, "at '/input': got array, want object"),
        ({"input": None}, "at '/input': got null, want object"),
        ({"callback": "https://a.example"}, "at '/callback': got string, want object"),
        ({"callback": {}}, "at '/callback': missing property 'url'"),
        (
            {"callback": {"url": "https://a.example", "when": "always"}},
            "at '/callback/when': value must be 'final'",
        ),
        (
            {"callback": {"url": "ftp://a.example"}},
            "at '/callback/url': 'ftp://a.example' is not valid uri (https, http)",
        ),
        ({"callback": {"url": "/relative"}}, "at '/callback/url': '/relative' is not valid uri (https, http)"),
    ],
)
def test_hiapi_fields_beside_the_input(emulator: Emulator, changes: dict[str, Any], said: str) -> None:
    """model, input and callback are checked as well."""
    answer = emulator.post(HIAPI.path, HIAPI.body() | changes)
    assert (answer.status, answer.json()["error_code"], answer.json()["message"]) == (400, "INVALID_REQUEST", said)


@pytest.mark.parametrize("missing", ["model", "input"])
def test_hiapi_without_model_or_input(emulator: Emulator, missing: str) -> None:
    """Both are required."""
    body = {name: value for name, value in HIAPI.body().items() if name != missing}
    answer = emulator.post(HIAPI.path, body)
    assert (answer.status, answer.json()["message"]) == (400, f"at '': missing property '{missing}'")


@pytest.mark.parametrize(
    "changes",
    [
        {"callback": {"url": "https://a.example"}},
        {"callback": {"url": "http://127.0.0.1:9/hook", "when": "final"}},
        {"surprise": 1},
    ],
)
def test_hiapi_accepted_fields_beside_the_input(emulator: Emulator, changes: dict[str, Any]) -> None:
    """A callback over https or http, and unknown fields beside the input, are taken."""
    assert emulator.post(HIAPI.path, HIAPI.body() | changes).status == 200

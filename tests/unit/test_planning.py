"""The plan of a job: how long, how it ends, what clip. Request, seed and chance decide, once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.jobs import fingerprint
from screentest.media.artefact import artefacts
from screentest.media.clip import Clip
from screentest.scenario.value import Scenario
from screentest_contracts.load import load
from unit.pictures import data_uri
from unit.planned import (
    ACE,
    FLUX,
    HIAPI,
    I2V,
    KLEIN,
    LTX,
    MODELS,
    MUSIC,
    NOW,
    OUTPAINT,
    QWEN,
    R2V,
    RUNFLOW,
    SEEDANCE,
    WAN,
    Request,
    clip,
    plan,
)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (R2V, {"width": 1920, "height": 1080, "seconds": 5, "audio": True, "label": "1080P 16:9"}),
        (I2V, {"width": 1920, "height": 1080, "seconds": 5, "audio": True, "label": "1080P"}),
        (
            SEEDANCE,
            {"width": 864, "height": 496, "seconds": 5, "audio": True, "label": "480p adaptive", "camera_fixed": True},
        ),
        (RUNFLOW, {"width": 1920, "height": 1080, "seconds": 5, "audio": True, "label": "1080p 16:9"}),
        (HIAPI, {"width": 1920, "height": 1080, "seconds": 5, "audio": True, "label": "1080p 16:9"}),
    ],
)
def test_the_clip_of_a_request_that_leaves_all_to_the_defaults(request_: Request, expected: dict[str, Any]) -> None:
    """Size, length and sound are the documented defaults, at 24 frames a second, without watermark."""
    expected = {"camera_fixed": False, "fps": 24, "watermark": None, "prompt": "p"} | expected
    made = clip(request_)
    assert {name: made[name] for name in expected} == expected


@pytest.mark.parametrize("request_", MODELS)
def test_the_clip_can_be_drawn(request_: Request) -> None:
    """A plan's clip is exactly the fields of a `Clip`, of values that it takes."""
    (made,) = artefacts(clip(request_), "output").values()
    assert isinstance(made, Clip)
    assert (made.provider, made.model) == request_[:2]


def test_seedance_without_audio_and_with_a_moving_camera() -> None:
    """generate_audio and camera_fixed are honoured."""
    made = clip(SEEDANCE, generate_audio=False, camera_fixed=False)
    assert (made["audio"], made["camera_fixed"]) == (False, False)


@pytest.mark.parametrize("request_", [R2V, I2V])
def test_a_watermark_when_asked_for(request_: Request) -> None:
    """RunComfy's HappyHorse clips bear the watermark only if the request says so."""
    assert (clip(request_)["watermark"], clip(request_, watermark=True)["watermark"]) == (None, "Happy Horse")


def test_a_clip_as_long_as_asked() -> None:
    """The duration is the request's."""
    assert [clip(HIAPI, duration=seconds)["seconds"] for seconds in (3, 15)] == [3, 15]


def test_a_whole_float_is_an_integer() -> None:
    """JSON Schema takes 5.0 for an integer, and so does the clip."""
    assert repr(clip(HIAPI, duration=5.0)["seconds"]) == "5"


@pytest.mark.parametrize(("asked", "made"), [(0, 1), (-3, 1), (1000, 41), (10**300, 41)])
def test_a_duration_beyond_what_can_be_drawn(asked: int, made: int) -> None:
    """Where an assumption lets any duration pass, the clip has the nearest length that can be made."""
    assert clip(RUNFLOW, duration=asked)["seconds"] == made


@pytest.mark.parametrize("request_", [R2V, I2V])
@pytest.mark.parametrize("changes", [{}, {"seed": 0}])
def test_runcomfy_draws_a_seed_for_zero(request_: Request, changes: dict[str, int]) -> None:
    """Seed 0 or none lets the provider pick: drawn at submit, another for every job, from 1 to 2147483647."""
    seeds = [clip(request_, chance, **changes)["seed"] for chance in range(20)]
    assert len(set(seeds)) == 20
    assert all(1 <= seed <= 2_147_483_647 for seed in seeds)


@pytest.mark.parametrize("request_", [R2V, I2V, RUNFLOW])
@pytest.mark.parametrize("seed", [1, 42, 2_147_483_647])
def test_a_seed_that_was_asked_for_is_kept(request_: Request, seed: int) -> None:
    """A seed of 1 or more is the clip's, whatever chance says."""
    assert [clip(request_, chance, seed=seed)["seed"] for chance in (1, 2)] == [seed, seed]


def test_runflow_takes_zero_for_a_seed() -> None:
    """Runflow's page does not call 0 random, so it is a seed like any other."""
    assert [clip(RUNFLOW, chance, seed=0)["seed"] for chance in (1, 2)] == [0, 0]


@pytest.mark.parametrize("request_", [SEEDANCE, HIAPI, RUNFLOW])
def test_without_a_seed_the_request_decides(request_: Request) -> None:
    """Where no seed is asked for, the same request makes the same clip, and another request another."""
    assert clip(request_, 1) == clip(request_, 2)
    assert clip(request_, 1)["seed"] != clip(request_, 1, prompt="q")["seed"]


@pytest.mark.parametrize("request_", [R2V, I2V, RUNFLOW])
def test_the_same_request_and_seed_make_the_same_clip(request_: Request) -> None:
    """With a seed, chance has no say in any part of the clip."""
    assert clip(request_, 1, seed=7) == clip(request_, 2, seed=7)


def test_the_fingerprint_is_known() -> None:
    """The fingerprint of a request is the same on any machine."""
    assert fingerprint("hiapi", "m", {"prompt": "é", "duration": 5}) == "39299d7f6ec2"


def test_the_fingerprint_does_not_depend_on_the_order_of_keys() -> None:
    """The canonical request has its keys in order."""
    assert fingerprint("p", "m", {"a": 1, "b": 2}) == fingerprint("p", "m", {"b": 2, "a": 1})


@given(
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4),
)
def test_a_fingerprint_is_one_of_its_request(one: dict[str, Any], other: dict[str, Any]) -> None:
    """12 hex digits; equal for equal inputs and different for different ones."""
    print_ = fingerprint("p", "m", one)
    assert len(print_) == 12
    assert int(print_, 16) >= 0
    assert (print_ == fingerprint("p", "m", other)) == (one == other)


@given(st.integers(0, 10**6))
def test_the_usual_pace(chance: int) -> None:
    """A job queues for about a second and runs for about three, and has 1 to 4 places in the queue."""
    made = plan(HIAPI, chance=chance)
    assert 0.8 <= made.queue_ends - NOW <= 1.2
    assert 2.5 <= made.ends - made.queue_ends <= 3.5
    assert 1 <= made.queue_position <= 4


def test_the_same_chance_makes_the_same_plan() -> None:
    """A plan follows from its generator's state."""
    assert plan(R2V, chance=5) == plan(R2V, chance=5)
    assert plan(R2V, chance=5) != plan(R2V, chance=6)


def test_a_scenario_changes_the_end_and_nothing_else() -> None:
    """A job that is to fail takes as long and makes the same clip as one that is not."""
    usual = plan(HIAPI)
    failing = plan(HIAPI, scenario=Scenario(outcome="failed", code="nsfw"))
    assert (usual.outcome, failing.outcome, failing.failure) == ("succeeded", "failed", ("nsfw", ""))
    assert (usual.ends, usual.clip) == (failing.ends, failing.clip)


def test_the_label_names_what_was_asked() -> None:
    """The picture tells the resolution and the ratio in the provider's own spelling."""
    assert clip(R2V, resolution="720P", aspect_ratio="3:4")["label"] == "720P 3:4"


def test_image_to_video_has_the_shape_of_its_image() -> None:
    """The plan of image-to-video looks at a data URI's own size."""
    made = clip(I2V, image_url=data_uri(450, 800), resolution="720P")
    assert (made["width"], made["height"]) == (720, 1280)


@pytest.mark.parametrize(("asked", "seconds"), [("5", 5), ("20", 20), ("auto", 5)])
def test_a_duration_in_words(asked: str, seconds: int) -> None:
    """Some models spell the number as text; `auto` is a constant."""
    assert clip(FLUX, duration=asked)["seconds"] == seconds


def test_a_frame_rate_that_was_asked_for() -> None:
    """LTX lets the caller choose."""
    assert [clip(LTX, **changes)["fps"] for changes in ({}, {"fps": 50})] == [25, 50]


@pytest.mark.parametrize(
    ("request_", "changes", "expected"),
    [
        (WAN, {}, {"count": 1, "format": "png", "width": 1024, "height": 1024, "transparent": False}),
        (WAN, {"max_images": 4, "image_size": "portrait_16_9"}, {"count": 4, "width": 576, "height": 1024}),
        (QWEN, {"output_format": "webp", "background": "transparent"}, {"format": "webp", "transparent": True}),
        (KLEIN, {"width": 65, "height": 2048}, {"width": 65, "height": 2048, "label": ""}),
    ],
)
def test_the_pictures_of_a_request(request_: Request, changes: dict[str, Any], expected: dict[str, Any]) -> None:
    """How many, of which size and format; nothing of a clip."""
    made = clip(request_, **changes)
    assert made["kind"] == "image"
    assert {name: made[name] for name in expected} == expected
    assert not {"seconds", "fps", "audio"} & set(made)


@pytest.mark.parametrize(
    ("request_", "changes", "expected"),
    [
        (ACE, {}, {"milliseconds": 60_000, "rate": 44100}),
        (OUTPAINT, {"extend_before_duration": 1.25}, {"milliseconds": 61_250}),
        (MUSIC, {"music_length_ms": 5001}, {"milliseconds": 5001, "rate": 44100}),
        (MUSIC, {"output_format": "wav_22khz"}, {"milliseconds": 40_000, "rate": 22050}),
    ],
)
def test_the_recording_of_a_request(request_: Request, changes: dict[str, Any], expected: dict[str, Any]) -> None:
    """How long and how fine; nothing of a picture."""
    made = clip(request_, **changes)
    assert made["kind"] == "audio"
    assert {name: made[name] for name in expected} == expected
    assert not {"width", "height", "fps", "count"} & set(made)


@pytest.mark.parametrize("request_", [QWEN, ACE])
def test_a_random_seed_of_a_picture_or_recording(request_: Request) -> None:
    """-1 lets the provider pick; any other seed is kept."""
    assert len({clip(request_, chance)["seed"] for chance in range(9)}) == 9
    assert [clip(request_, chance, seed=3)["seed"] for chance in (1, 2)] == [3, 3]


@pytest.mark.parametrize("model_id", load("runcomfy").model_ids)
def test_what_every_model_makes_can_be_made(model_id: str) -> None:
    """Its example gives fields that the makers of files take as they are."""
    model = load("runcomfy").model(model_id)
    assert model is not None
    made = clip(("runcomfy", model_id, dict(model.example)))
    (artefact,) = artefacts(made, "output").values()
    assert (artefact.provider, artefact.model) == ("runcomfy", model_id)
    assert made["kind"] == model.output.kind

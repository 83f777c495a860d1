"""All files of one job's input: got, examined and judged, over real sockets."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import asdict

from inputs.answering import samples_served
from screentest.input_files.looks import Look, plan_of_checks
from screentest.input_files.rules import Assumed
from screentest.inspection import Inspection, inspect
from screentest.network.egress import Egress
from screentest.network.fetching import Fetched, Unreachable, fetch
from screentest.samples.files import content
from screentest.samples.names import parse
from screentest_contracts.load import load
from screentest_contracts.schema import InputSchema

SEEDANCE = ("runcomfy", "bytedance/seedance-v1.5-pro/image-to-video", "first_frame_image_url")
HAPPYHORSE = ("hiapi", "happyhorse-1.1/reference-to-video", "reference_image")


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with samples_served() as served:
        yield served


async def get(look: Look, limit: int) -> Fetched | Unreachable:
    return await fetch(look.url, egress=Egress(), limit_bytes=limit, timeout=5)


def inspected(looks: tuple[Look, ...], outside: str = "assume-valid") -> Inspection:
    return asyncio.run(inspect(looks, get=get, outside=outside, assumed=Assumed()))


def looks(model: tuple[str, str, str], value: Any) -> tuple[Look, ...]:
    provider, name, field = model
    found = load(provider).model(name)
    assert found
    return plan_of_checks(found.input, {field: value})


def said(model: tuple[str, str, str], value: Any, outside: str = "assume-valid") -> str | None:
    broken = inspected(looks(model, value), outside).broken
    return broken.text if broken else None


@pytest.mark.parametrize(
    ("sample", "text"),
    [
        ("1280x720.png", None),
        ("301x301.webp", None),
        ("300x400.jpg", "The image must be at least 300 pixels wide and high."),
        ("6000x4000.png", "The image may not be wider or higher than 6000 pixels."),
        ("400x1000.png", "The aspect ratio must lie between 0.4 and 2.5."),
        ("1280x720.png?bytes=29999999", None),
        ("1280x720.png?bytes=30000000", "The file must be smaller than 30 MB."),
        ("1280x720.png?bytes=60000000", "The file must be smaller than 30 MB."),
    ],
)
def test_documented_texts(origin: str, sample: str, text: str | None) -> None:
    """Samples of the right size reach every one of Seedance's rules, and the job says the contract's text."""
    assert said(SEEDANCE, f"{origin}/inputs/{sample}") == text


@pytest.mark.parametrize(
    ("sample", "text"),
    [
        ("400x400.png", None),
        ("399x800.jpg", "the image is 399x800 pixels; the short side must be at least 400 pixels"),
        ("800x800.gif", "the image is GIF; it must be JPEG, PNG or WebP"),
        ("3s.mp4", "the file is video (MP4); an image is expected"),
        ("800x800.png?truncate=0.9", "the PNG file is incomplete, its end is missing"),
        ("800x800.png?truncate=0", "the file is empty; an image is expected"),
        ("800x800.png?type=text/html", None),
        ("800x800.jpg?bytes=20000001", "the file is 20000001 bytes; it must be at most 20 MB"),
        ("800x800.jpg?bytes=25000001", "the file is more than 20000001 bytes; it must be at most 20 MB"),
    ],
)
def test_own_sentences(origin: str, sample: str, text: str | None) -> None:
    """Without a documented text the job says ours, with the item of the list that is meant."""
    urls = [f"{origin}/inputs/800x800.png", f"{origin}/inputs/{sample}"]
    assert said(HAPPYHORSE, urls) == (text and f"reference_image.1: {text}")


def test_a_file_that_cannot_be_got(origin: str) -> None:
    """The reason stands behind the field; the first item in order is the one that is told."""
    missing = f"{origin}/inputs/800x800.png?status=404"
    assert said(HAPPYHORSE, [missing, "http://127.0.0.1:1/a.png"]) == f"reference_image.0: {missing} answers 404"
    broken = inspected(looks(HAPPYHORSE, [missing])).broken
    assert broken
    assert broken.rule == "reach"


@pytest.mark.parametrize(
    ("outside", "text"),
    [
        ("assume-valid", None),
        ("unreachable", "reference_image.0: the URL cannot be reached"),
        (
            "fetch",
            "reference_image.0: http://203.0.113.5/a.jpg is outside this machine; "
            "--allow-egress 203.0.113.5 would let it through",
        ),
    ],
)
def test_files_elsewhere(outside: str, text: str | None) -> None:
    """By the assumption: valid unseen, unreachable, or fetched where that is allowed."""
    assert said(HAPPYHORSE, ["http://203.0.113.5/a.jpg"], outside) == text


def test_data_uris_are_read() -> None:
    """A data URI is judged like any file, and what was seen can be stored as JSON."""
    uri = "data:image/jpeg;base64," + base64.b64encode(content(parse("1280x720.png"))).decode()
    found = inspected(looks(SEEDANCE, uri))
    assert found.broken is None
    file = found.files["first_frame_image_url"]
    assert (file.format, file.width, file.height) == ("png", 1280, 720)
    assert json.loads(json.dumps(asdict(file))) == asdict(file)
    assert said(SEEDANCE, "data:image/png;base64,***") == "first_frame_image_url: the data URI is not base64"


def test_lists_are_judged_together(origin: str) -> None:
    """Files that are each short enough may be too long together; those unseen count nothing."""
    rule = {"kind": "audio", "seconds_max": 10, "total_seconds_max": 15}
    schema = InputSchema({"properties": {"audios": {"type": "array", "media": rule, "items": {"type": "string"}}}})
    elsewhere = "https://static.example/long.mp3"

    def found(*samples: str) -> Inspection:
        return inspected(
            plan_of_checks(schema, {"audios": [*(f"{origin}/inputs/{one}" for one in samples), elsewhere]})
        )

    assert found("7s.wav", "8s.mp3").broken is None
    broken = found("8s.wav", "8s.mp3").broken
    assert broken
    assert (broken.field, broken.rule) == ("audios", "total_seconds_max")
    alone = found("8s.wav", "11s.wav").broken
    assert alone
    assert alone.text == "audios.1: the audio is 11 s long; it must be at most 10 s long"


def test_nothing_to_look_at() -> None:
    """An input without files is in order."""
    assert inspected(()) == Inspection()

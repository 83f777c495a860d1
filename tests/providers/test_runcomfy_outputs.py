"""What RunComfy's models make: videos, pictures and recordings, under the right key, on the emulator's own origin."""

from __future__ import annotations

import io
import struct
import wave
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from driving import ORIGIN, Emulator
from providers.movies import frames_of, has_sound, size_of
from providers.runcomfy_rows import links, result, seconds
from screentest_contracts.document import Model
from screentest_contracts.load import load

CONTRACT = load("runcomfy")
EACH = pytest.mark.parametrize("model", list(CONTRACT.models()), ids=lambda model: str(model.key))
TYPES = {"video": "video/mp4", "image": "image/", "audio": "audio/wav"}
T2V, WAN = "google/gemini-omni-flash/text-to-video", "wan-ai/wan-2.7"
GPT, QWEN = "openai/gpt-image-2/text-to-image", "qwen/qwen-image-2.1/text-to-image"


def picture(emulator: Emulator, model: str, **inputs: Any) -> Image.Image:
    """The first picture of a finished request, decoded."""
    image = Image.open(io.BytesIO(emulator.get(links(result(emulator, model, **inputs))[0]).body))
    image.load()
    return image


def movie(emulator: Emulator, model: str, **inputs: Any) -> bytes:
    return emulator.get(links(result(emulator, model, **inputs))[0]).body


@EACH
def test_every_model_makes_what_it_is_for(emulator: Emulator, model: Model) -> None:
    """One file of its kind, linked on the origin that was called, served with its type to anybody."""
    answer = result(emulator, model.id)
    assert list(answer["output"]) == [model.output.kind]
    (link,) = links(answer)
    assert link.startswith(f"{ORIGIN}/media/runcomfy/{answer['request_id']}/output.")
    file = emulator.request("HEAD", link, key=None)
    assert file.status == 200
    assert file.headers["content-type"].startswith(TYPES[model.output.kind])
    assert int(file.headers["content-length"]) > 300


@pytest.mark.parametrize("model", ["happyhorse/happyhorse-1.0/text-to-video", "qwen/qwen-image-3.0/text-to-image"])
def test_the_same_request_and_seed_make_the_same_file(emulator: Emulator, model: str) -> None:
    """And another seed makes another."""
    files = [emulator.get(links(result(emulator, model, seed=seed))[0]) for seed in (7, 7, 8)]
    assert files[0].body == files[1].body != files[2].body
    assert files[0].headers["etag"] == files[1].headers["etag"] != files[2].headers["etag"]


def test_several_pictures_are_numbered_and_differ(emulator: Emulator) -> None:
    """num_images and max_images give so many links, each to another picture of the same size."""
    for model, name in ((f"{WAN}/edit", "num_images"), (f"{WAN}/text-to-image", "max_images")):
        answer = result(emulator, model, **{name: 3})
        assert list(answer["output"]) == ["images"]
        urls = links(answer)
        assert [url.rpartition("/")[2] for url in urls] == ["output-1.png", "output-2.png", "output-3.png"]
        assert len({emulator.get(url).body for url in urls}) == 3
        assert emulator.get(urls[0].replace("-1", "-4")).status == 404
        assert emulator.get(urls[0].replace("-1", "")).status == 404


@pytest.mark.parametrize(
    ("asked", "kind", "extension"), [("png", "PNG", "png"), ("jpeg", "JPEG", "jpg"), ("webp", "WEBP", "webp")]
)
def test_pictures_come_in_the_format_that_was_asked_for(
    emulator: Emulator, asked: str, kind: str, extension: str
) -> None:
    """Type, name and bytes agree, and the size is that of the resolution and the ratio."""
    link = links(result(emulator, GPT, output_format=asked, resolution="2k", aspect_ratio="16:9"))[0]
    assert link.endswith(f"/output.{extension}")
    file = emulator.get(link)
    assert file.headers["content-type"] == f"image/{asked}"
    image = Image.open(io.BytesIO(file.body))
    assert (image.format, image.size) == (kind, (2736, 1536))


@pytest.mark.parametrize(
    ("model", "inputs", "size"),
    [
        ("blackforestlabs/flux-2-klein/4b/text-to-image", {"width": 65, "height": 2048}, (65, 2048)),
        ("blackforestlabs/flux-3/image", {}, (1024, 768)),
        ("blackforestlabs/flux-3/image", {"image_size": "square"}, (512, 512)),
        ("google/nano-banana-2-lite/text-to-image", {}, (1024, 1024)),
        ("google/nano-banana-2-lite/text-to-image", {"aspect_ratio": "8:1"}, (2896, 368)),
        ("google/nano-banana-2-lite/edit", {}, (1360, 768)),
        ("bytedance/seedream-5.0-pro/text-to-image", {"resolution": "1K", "aspect_ratio": "2:3"}, (832, 1248)),
        (GPT, {"resolution": "4k", "aspect_ratio": "16:9"}, (3840, 2160)),
    ],
)
def test_the_size_of_a_picture(emulator: Emulator, model: str, inputs: dict[str, Any], size: tuple[int, int]) -> None:
    """By sides, by name, by resolution and ratio, or like the input image."""
    assert picture(emulator, model, **inputs).size == size


def test_a_transparent_background_can_be_seen_through(emulator: Emulator) -> None:
    """In part: the writing stays. An opaque picture has no transparency at all."""
    image = picture(emulator, QWEN, background="transparent").convert("RGBA")
    assert image.getchannel("A").getextrema() == (0, 255)
    assert "A" not in picture(emulator, QWEN).convert("RGB").getbands()
    assert "transparency" not in picture(emulator, QWEN).info


@pytest.mark.parametrize(
    ("model", "inputs", "size"),
    [
        ("bytedance/seedance-2.5/text-to-video/480p", {}, (854, 480)),
        ("bytedance/seedance-2.5/text-to-video/4k", {"aspect_ratio": "21:9"}, (4398, 1886)),
        ("bytedance/seedance-2.0/pro", {"resolution": "4k", "aspect_ratio": "3:4"}, (2494, 3326)),
        ("wan-ai/wan-3.0/text-to-video", {"resolution": "480p"}, (832, 480)),
        ("kling/kling-3.0/4k/text-to-video", {"aspect_ratio": "1:1"}, (2880, 2880)),
        ("lightricks/ltx-2.5/text-to-video/fast", {"resolution": "1440p", "aspect_ratio": "9:16"}, (1440, 2560)),
        ("minimax/minimax-h3-open/text-to-video", {"aspect_ratio": "9:21"}, (480, 1120)),
    ],
)
def test_the_size_of_a_video(emulator: Emulator, model: str, inputs: dict[str, Any], size: tuple[int, int]) -> None:
    """By the family's table; the tier may be in the id."""
    assert size_of(movie(emulator, model, **inputs)) == size


@pytest.mark.parametrize(
    ("model", "inputs", "frames"),
    [
        ("blackforestlabs/flux-3/text-to-video", {"duration": "7"}, 7 * 24),
        ("blackforestlabs/flux-3/text-to-video", {"duration": "auto"}, 5 * 24),
        ("lightricks/ltx-2.5/text-to-video/pro", {"duration": "6", "fps": 50}, 6 * 50),
        ("pixverse/pixverse-c1/text-to-video", {"duration": 1}, 24),
        ("bytedance/seedance-2.5/text-to-video/480p", {"duration": 30}, 30 * 24),
    ],
)
def test_the_length_of_a_video(emulator: Emulator, model: str, inputs: dict[str, Any], frames: int) -> None:
    """Numbers, numbers spelled as text, and words for "as you like"; at the frame rate that was asked for."""
    assert frames_of(movie(emulator, model, **inputs)) == frames


def test_a_reference_video_silences_the_sound_switch(emulator: Emulator) -> None:
    """Kling O3 reference: `sound` has no effect beside `video`."""
    model = "kling/kling-video-o3/pro/reference-to-video"
    assert has_sound(movie(emulator, model, sound=True))
    assert not has_sound(movie(emulator, model, sound=True, video="https://example.com/a.mp4"))


@pytest.mark.parametrize(
    ("model", "inputs", "lasts", "rate"),
    [
        ("acestep-ai/ace-step-1.5/text-to-audio", {"duration": 5}, 5, 44100),
        ("acestep-ai/ace-step/audio-outpaint", {"extend_before_duration": 1.5}, 61.5, 44100),
        (
            "elevenlabs/elevenlabs/music-generation",
            {"music_length_ms": 5250, "output_format": "wav_16khz"},
            5.25,
            16000,
        ),
        ("bytedance/seed-audio-1.0/text-to-audio", {"sample_rate": 8000}, 30, 8000),
    ],
)
def test_the_length_and_rate_of_a_recording(
    emulator: Emulator, model: str, inputs: dict[str, Any], lasts: float, rate: int
) -> None:
    """Seconds, milliseconds, or what is added to a source of unknown length; samples a second by number or by word."""
    file = movie(emulator, model, **inputs)
    assert seconds(file) == pytest.approx(lasts, abs=1e-3)
    with wave.open(io.BytesIO(file)) as recording:
        assert (recording.getframerate(), recording.getnchannels(), recording.getsampwidth()) == (rate, 1, 2)


def test_an_mp3_is_a_wav_and_says_so(emulator: Emulator) -> None:
    """There is no encoder: the file says what it is, in name, type and bytes."""
    (link,) = links(result(emulator, "elevenlabs/elevenlabs/music-generation", output_format="mp3_high_quality"))
    file = emulator.get(link)
    assert link.endswith(".wav")
    assert file.headers["content-type"] == "audio/wav"
    assert file.body[:4] == b"RIFF"


@pytest.mark.parametrize("model", [GPT, "acestep-ai/ace-step/text-to-audio"])
def test_ranges_and_validators_work_for_every_kind(emulator: Emulator, model: str) -> None:
    """206 for a part, 304 for what is known, HEAD with the headers of GET: as for videos."""
    (link,) = links(result(emulator, model))
    whole = emulator.get(link)
    part = emulator.get(link, headers={"range": "bytes=4-11"})
    assert (part.status, part.body) == (206, whole.body[4:12])
    assert part.headers["content-range"] == f"bytes 4-11/{len(whole.body)}"
    assert emulator.get(link, headers={"if-none-match": whole.headers["etag"]}).status == 304
    head = emulator.request("HEAD", link)
    assert (head.status, head.headers) == (200, whole.headers)


def test_a_link_before_the_end_or_after_a_failure_leads_nowhere(emulator: Emulator) -> None:
    """404, as for videos."""
    for prompt in ("a fox", "[[fail]]"):
        answer = emulator.post(f"/runcomfy/v1/models/{GPT}", {"prompt": prompt})
        link = f"/media/runcomfy/{answer.json()['request_id']}/output.png"
        assert emulator.get(link).status == 404
        emulator.advance(60)
        assert emulator.get(link).status == (404 if "fail" in prompt else 200)


def test_media_under_the_name_of_the_real_storage() -> None:
    """The official command line client downloads from *.runcomfy.net only: a choice makes links use such a host."""
    host = "playgrounds-storage-public.runcomfy.net"
    emulator = Emulator(switches={"runcomfy.media-host": host})
    (link,) = links(result(emulator, T2V))
    parts = urlsplit(link)
    assert (parts.scheme, parts.hostname, parts.port) == ("http", host, 8790)
    answer = emulator.get(link, key=None, headers={"host": parts.netloc})
    assert (answer.status, answer.headers["content-type"]) == (200, "video/mp4")
    assert struct.unpack_from(">4s", answer.body, 4) == (b"ftyp",)

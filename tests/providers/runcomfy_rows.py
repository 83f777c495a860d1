"""What each choice about RunComfy's catalogue and further models changes: (assumption, choice, look, before, after)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from driving import Answer, Emulator
from providers.looks import SQUARE, Look, status
from providers.movies import frames_of, has_sound, size_of
from providers.samples import job_id

KLING, FLUX, ACE_STEP = "kling/kling-3.0", "blackforestlabs/flux-3/text-to-video", "acestep-ai/ace-step"
KLEIN, SEEDREAM = "blackforestlabs/flux-2-klein/4b/text-to-image", "bytedance/seedream-5.0-pro/text-to-image"
HAPPYHORSE, GEMINI = "alibaba/happyhorse-1.1/text-to-video", "google/gemini-omni-flash"
VIDEO = "https://example.com/a.mp4"


def ask(model: str, **inputs: Any) -> Callable[[Emulator], Answer]:
    """A submit of the model's example with changes; None leaves a field out."""

    def submit(emulator: Emulator) -> Answer:
        found = emulator.engine.contracts["runcomfy"].model(model)
        assert found is not None
        body = {name: value for name, value in {**found.example, **inputs}.items() if value is not None}
        return emulator.post(f"/runcomfy/v1/models/{model}", body)

    return submit


def result(emulator: Emulator, model: str, **inputs: Any) -> dict[str, Any]:
    """The result of a finished request."""
    job = job_id(ask(model, **inputs)(emulator))
    emulator.advance(60)
    return dict(emulator.get(f"/runcomfy/v1/requests/{job}/result").json())


def links(answer: dict[str, Any]) -> list[str]:
    """The links of a result's output, under whatever key."""
    (found,) = answer["output"].values()
    return [found] if isinstance(found, str) else list(found)


def made(model: str, measure: Callable[[bytes], Any], **inputs: Any) -> Look:
    """What is measured of the first file that the model makes."""
    return lambda emulator: measure(emulator.get(links(result(emulator, model, **inputs))[0], key=None).body)


def keys(model: str) -> Look:
    return lambda emulator: list(result(emulator, model)["output"])


def image_size(png: bytes) -> tuple[int, int]:
    """Width and height in a PNG's header."""
    width, height = struct.unpack_from(">II", png, 16)
    return width, height


def rate(wav: bytes) -> int:
    return int(struct.unpack_from("<I", wav, 24)[0])


def seconds(wav: bytes) -> float:
    """How long a WAV of 16 bits and one channel lasts."""
    return len(wav[wav.index(b"data") + 8 :]) / 2 / rate(wav)


def magic(file: bytes) -> bytes:
    return file[:4]


def twice_alike(emulator: Emulator) -> bool:
    """Whether the same request without a seed gives the same file again."""
    look = made(f"{ACE_STEP}/text-to-audio", bytes)
    return bool(look(emulator) == look(emulator))


def listed(**query: Any) -> Callable[[Emulator], Answer]:
    return lambda emulator: emulator.get("/runcomfy/v1/models", query=query)


def base_price(emulator: Emulator) -> float:
    return float(emulator.get(f"/runcomfy/v1/models/{KLEIN}").json()["base_price_usd"])


ROWS: list[tuple[str, str, Look, Any, Any]] = [
    ("audio-output-key", "audios", keys(f"{ACE_STEP}/text-to-audio"), ["audio"], ["audios"]),
    ("image-output-key", "images", keys(KLEIN), ["image"], ["images"]),
    ("input-echo", "never", lambda emulator: "input" in result(emulator, KLEIN), True, False),
    (
        "media-host",
        "playgrounds-storage-public.runcomfy.net",
        lambda emulator: urlsplit(links(result(emulator, KLEIN))[0]).netloc,
        "127.0.0.1:8790",
        "playgrounds-storage-public.runcomfy.net:8790",
    ),
    ("catalogue-key", "public", status(lambda emulator: emulator.get("/runcomfy/v1/models", key=None)), 401, 200),
    ("catalogue-filters", "ignore", status(listed(limit=0)), 422, 200),
    ("catalogue-page", "500", lambda emulator: len(listed()(emulator).json()["models"]), 100, 121),
    ("placeholder-price", "0", base_price, 0.1, 0),
    ("placeholder-price", "1", base_price, 0.1, 1),
    ("prose-limits", "accept", status(ask("lightricks/ltx-2.5/audio-to-video/pro", prompt=None)), 422, 200),
    ("node-limits", "refuse", status(ask(f"{GEMINI}/reference-to-video", image_urls=[SQUARE] * 17)), 200, 422),
    ("seed-audio-pcm", "refuse", status(ask("bytedance/seed-audio-1.0/text-to-audio", output_format="pcm")), 200, 422),
    (
        "minimax.required-images",
        "prose",
        status(ask("minimax/minimax-h3-open/reference-to-video", reference_images=None, reference_videos=[VIDEO])),
        422,
        200,
    ),
    (
        "happyhorse.long-prompt",
        "refuse",
        status(ask("alibaba/happyhorse-1.1/image-to-video", prompt="x" * 5001)),
        200,
        422,
    ),
    ("happyhorse.chinese", "yes", status(ask("happyhorse/happyhorse-1.0/video-edit", prompt="马" * 2501)), 200, 422),
    ("happyhorse.size-table", "short-side", made(HAPPYHORSE, size_of, ratio="1:1"), (1440, 1440), (1080, 1080)),
    (
        "wan.size-table",
        "short-side",
        made("wan-ai/wan-2.7/text-to-video", size_of, aspect_ratio="1:1"),
        (1440, 1440),
        (1080, 1080),
    ),
    (
        "seedance-2.size-table",
        "short-side",
        made("bytedance/seedance-2.5/text-to-video/480p", size_of, aspect_ratio="1:1"),
        (640, 640),
        (480, 480),
    ),
    (
        "kling.size-table",
        "short-side",
        made(f"{KLING}/standard/text-to-video", size_of, aspect_ratio="1:1"),
        (960, 960),
        (720, 720),
    ),
    ("flux-3.size-table", "same-area", made(FLUX, size_of, aspect_ratio="1:1"), (720, 720), (960, 960)),
    (
        "runway.size-table",
        "same-area",
        made("runwayml/runway-aleph-2/video-to-video", size_of, target_aspect_ratio="1:1"),
        (720, 720),
        (960, 960),
    ),
    (
        "minimax.size-table",
        "same-area",
        made("minimax/minimax-h3/text-to-video", size_of, aspect_ratio="1:1"),
        (768, 768),
        (1024, 1024),
    ),
    (
        "pixverse.size-table",
        "same-area",
        made("pixverse/pixverse-c1/text-to-video", size_of, aspect_ratio="1:1", resolution="540p"),
        (540, 540),
        (720, 720),
    ),
    ("unstated-tier", "720p", made(f"{KLING}/pro/text-to-video", size_of), (1920, 1080), (1280, 720)),
    ("unstated-tier", "1080p", made(f"{KLING}/standard/text-to-video", size_of), (1280, 720), (1920, 1080)),
    ("unstated-length", "8", made(FLUX, frames_of), 120, 192),
    ("unstated-length", "10", made(FLUX, frames_of), 120, 240),
    ("unstated-audio", "no", made(f"{GEMINI}/text-to-video", has_sound), True, False),
    (
        "followed-shape",
        "16:9",
        made(f"{KLING}/standard/image-to-video", size_of, start_image_url=SQUARE),
        (960, 960),
        (1280, 720),
    ),
    ("random-seed", "no", twice_alike, False, True),
    (
        "image-sizes",
        "long-side",
        made(SEEDREAM, image_size, aspect_ratio="16:9", resolution="1K"),
        (1360, 768),
        (1024, 576),
    ),
    (
        "image-tier",
        "2k",
        made("ideogram-ai/ideogram-v4/text-to-image", image_size, output_format="png"),
        (1024, 1024),
        (2048, 2048),
    ),
    ("image-format", "jpeg", made(KLEIN, magic), b"\x89PNG", b"\xff\xd8\xff\xe0"),
    ("image-format", "webp", made(KLEIN, magic), b"\x89PNG", b"RIFF"),
    ("audio-rate", "24000", made(f"{ACE_STEP}/text-to-audio", rate), 44100, 24000),
    ("audio-rate", "48000", made(f"{ACE_STEP}/text-to-audio", rate), 44100, 48000),
    ("audio-length", "10", made(f"{ACE_STEP}/audio-inpaint", seconds), 30, 10),
    ("audio-length", "60", made(f"{ACE_STEP}/audio-inpaint", seconds), 30, 60),
]

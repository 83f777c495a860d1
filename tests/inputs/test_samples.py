"""Samples are real files: read by Pillow and ffmpeg, of the very size and weight that was asked for."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from inputs.files import ffmpeg_decodes, pillow_sees
from media import ffmpeg
from screentest.input_files.file import examine
from screentest.input_files.image_header import size_from_url
from screentest.samples import names
from screentest.samples.files import colour, content
from screentest.samples.names import STILLS, BadNameError, parse
from screentest.samples.padding import NoRoomError

LEAST = {"png": 12, "jpg": 4, "jpeg": 4, "webp": 8, "gif": 5, "bmp": 1, "wav": 8, "mp3": 10, "mp4": 8, "mov": 8}

sides = st.one_of(st.integers(1, 40), st.integers(1, 700))
stills = st.sampled_from(sorted(STILLS))


@settings(max_examples=150)
@example(16, 16, "jpg")
@example(17, 1, "jpg")
@example(1, 8192, "webp")
@example(8192, 1, "gif")
@example(126 * 127 // 2, 1, "gif")
@example(64, 64, "png")
@given(sides, sides, stills)
def test_an_image_has_its_size_and_one_colour(width: int, height: int, extension: str) -> None:
    """Pillow decodes every image to the last pixel; a JPEG's colour is off by a shade at most."""
    file = content(parse(f"{width}x{height}.{extension}"))
    with Image.open(io.BytesIO(file)) as image:
        assert image.size == (width, height)
        assert image.format == {"jpg": "JPEG"}.get(extension, extension.upper())
        pixels = image.convert("RGB").tobytes()
    for channel, wanted in enumerate(colour(width, height)):
        assert all(abs(value - wanted) <= 2 for value in set(pixels[channel::3]))


@pytest.mark.parametrize("extension", sorted(LEAST))
@settings(max_examples=15)
@given(width=sides, height=sides, more=st.integers(0, 200_000))
def test_a_sample_weighs_what_it_should(width: int, height: int, extension: str, more: int) -> None:
    """Filled up to any weight, to the byte, a file is still whole and shows the same."""
    name = f"{width}x{height}.{extension}" if extension in STILLS else f"1s.{extension}"
    plain = content(parse(name))
    filled = content(parse(name), len(plain) + LEAST[extension] + more)
    assert len(filled) == len(plain) + LEAST[extension] + more
    assert examine(filled).whole in (True, None)
    told = [(file.format, file.width, file.height, file.seconds) for file in (examine(plain), examine(filled))]
    assert told[0] == told[1]
    if extension in STILLS:
        assert pillow_sees(filled) == pillow_sees(plain)


@pytest.mark.parametrize("extension", sorted(LEAST))
def test_weights_below_the_least(extension: str) -> None:
    """A file cannot be lighter than it is, nor heavier by less than its padding takes; the error says the least."""
    sample = parse(f"64x48.{extension}" if extension in STILLS else f"1s.{extension}")
    own = len(content(sample))
    assert len(content(sample, own)) == own
    for size in (1, own - 1, *range(own + 1, own + min(LEAST[extension], 3))):
        with pytest.raises(NoRoomError, match=f"has {own} bytes by itself; it can have"):
            content(sample, size)


def test_the_one_weight_that_a_gif_cannot_have() -> None:
    """A comment of no bytes takes three, one of a block five or more: four cannot be filled."""
    own = len(content(parse("64x48.gif")))
    assert len(content(parse("64x48.gif"), own + 3)) == own + 3
    with pytest.raises(NoRoomError, match="ask for one more or less"):
        content(parse("64x48.gif"), own + 4)


@pytest.mark.parametrize("extension", sorted(STILLS))
@pytest.mark.parametrize("filled", [None, 100_001])
def test_ffmpeg_takes_every_image(extension: str, filled: int | None) -> None:
    """ffmpeg, told to be strict, has nothing to complain about."""
    file = content(parse(f"333x257.{extension}"), filled)
    raw = ffmpeg_decodes(file, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24")
    assert len(raw) == 333 * 257 * 3


@pytest.mark.parametrize("extension", sorted(STILLS))
def test_the_largest_image_is_small_and_quick(extension: str) -> None:
    """67 million pixels take no time to write, little room, and a decoder agrees with the header."""
    started = time.process_time()
    file = content(parse(f"8192x8192.{extension}"))
    assert time.process_time() - started < 0.5
    assert len(file) < (8.5e6 if extension == "bmp" else 1.2e6)
    assert (examine(file).width, examine(file).height, examine(file).whole) == (8192, 8192, True)


@pytest.mark.parametrize(
    ("name", "kind", "seconds"), [("1s.wav", "wav", 1), ("3600s.wav", "wav", 3600), ("5s.mp3", "mp3", 5)]
)
def test_sounds_last_as_long_as_they_say(name: str, kind: str, seconds: int) -> None:
    """By our reader; for short ones ffmpeg decodes every sample."""
    file = content(parse(name))
    assert (examine(file).format, round(examine(file).seconds or 0, 1)) == (kind, seconds)
    if seconds < 60:
        samples = ffmpeg_decodes(file, "-f", "s16le", "-ac", "1", "-ar", "8000")
        assert len(samples) / 16000 == pytest.approx(seconds, abs=0.15)


@pytest.mark.parametrize(
    ("name", "size", "seconds", "fps"),
    [("3s.mp4", (640, 360), 3, 24), ("320x240-1s.mov", (320, 240), 1, 8), ("64x400-2s.mp4", (64, 400), 2, 60)],
)
def test_films(name: str, size: tuple[int, int], seconds: int, fps: int) -> None:
    """A film has the sides, the length and the rate of the wish; ffmpeg decodes all of it."""
    file = content(parse(name), fps=fps)
    seen = examine(file)
    assert (seen.format, seen.width, seen.height, seen.seconds) == (name[-3:], *size, seconds)
    assert seen.fps == pytest.approx(fps)
    decoded = ffmpeg.decode(file)
    assert (decoded.width, decoded.height, len(decoded.times)) == (*size, seconds * fps)


def test_the_same_wish_is_the_same_file() -> None:
    """Nothing in a file depends on when or where it is made; another size has another colour."""
    assert content(parse("640x480.png")) == content(parse("640x480.png"))
    assert colour(640, 480) != colour(480, 640)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "640x480",
        "640x480.svg",
        "0x480.png",
        "640x0.png",
        "8193x10.png",
        "99999x10.png",
        "640x480-3s.png",
        "3s.png",
        "-3s.mp4",
        "640x480-.png",
        "640x480.mp4",
        "0s.mp4",
        "42s.mp4",
        "641x480-3s.mp4",
        "0x0-3s.mp4",
        "62x64-3s.mp4",
        "640x4803s.mp4",
        "640x480-3s.wav",
        "3601s.wav",
        "1.5s.wav",
        "٣s.wav",
        "640x480.PNG",
        "a/640x480.png",
    ],
)
def test_names_that_mean_nothing(name: str) -> None:
    """The error shows how a name looks, and within which bounds."""
    with pytest.raises(BadNameError, match=r"is called like|are put together like"):
        parse(name)


@given(st.text(max_size=20) | st.from_regex(r"\d{0,5}x?\d{0,5}-?\d{0,3}s?\.(png|mp4|wav|xyz)", fullmatch=True))
def test_any_name_is_a_sample_or_not(name: str) -> None:
    """Nothing else is raised, and the size that a URL tells is the one that is served."""
    try:
        sample = parse(name)
    except BadNameError:
        assert names.from_path(names.PREFIX + name) is None
        return
    assert names.from_path(names.PREFIX + name) == sample
    still = sample.extension in STILLS
    told = size_from_url(f"http://127.0.0.1:8790/inputs/{name}")
    assert told == ((sample.width, sample.height) if still else None)

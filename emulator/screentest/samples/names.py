"""What a sample's name asks for: ``640x480.png``, ``5s.wav``, ``3s.mp4``, ``1080x1920-3s.mp4``."""

from __future__ import annotations

import re

from msgspec import Struct

PREFIX = "/inputs/"
SIDES = range(1, 8193)
FILM_SIDES = range(64, 4401)
FILM_SECONDS = range(1, 42)
SOUND_SECONDS = range(1, 3601)
STILLS = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
}
FILMS = {"mp4": "video/mp4", "mov": "video/quicktime"}
SOUNDS = {"wav": "audio/wav", "mp3": "audio/mpeg"}
MEDIA_TYPES = STILLS | FILMS | SOUNDS

_FILM_SIZE = (640, 360)
_NAME = re.compile(r"(?:([0-9]{1,5})x([0-9]{1,5}))?(-?)(?:([0-9]{1,5})s)?\.([a-z0-9]{1,5})")


class BadNameError(ValueError):
    """No sample has this name; the message says which have."""


class Sample(Struct, frozen=True):
    """A wish for one file. Sides are 0 for a sound, `seconds` 0 for a still."""

    width: int
    height: int
    seconds: int
    extension: str

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.extension]


def parse(name: str) -> Sample:
    """The sample of that name. Raises BadNameError."""
    found = _NAME.fullmatch(name)
    if not found or found[5] not in MEDIA_TYPES:
        raise BadNameError(
            f"a sample is called like 640x480.png, 5s.wav, 3s.mp4 or 1080x1920-3s.mp4 ({', '.join(MEDIA_TYPES)})"
        )
    width, height, dash, seconds, extension = found.groups()
    has_size, has_length = width is not None, seconds is not None
    if (has_size and has_length) != bool(dash):
        raise BadNameError(f"{name}: size and length are put together like 1080x1920-3s.mp4")
    if extension in FILMS and not has_size:
        width, height = _FILM_SIZE
    sample = Sample(int(width or 0), int(height or 0), int(seconds or 0), extension)
    if extension in STILLS:
        return _still(sample, has_size and not has_length)
    if extension in SOUNDS:
        return _sound(sample, has_length and not has_size)
    return _film(sample)


def from_path(path: str) -> Sample | None:
    """The sample under this path of a URL, if there is one."""
    try:
        return parse(path.removeprefix(PREFIX)) if path.startswith(PREFIX) else None
    except BadNameError:
        return None


def _still(sample: Sample, fits: bool) -> Sample:
    if not fits or sample.width not in SIDES or sample.height not in SIDES:
        raise BadNameError(f"an image is called like 640x480.{sample.extension}, each side {_span(SIDES)} pixels")
    return sample


def _sound(sample: Sample, fits: bool) -> Sample:
    if not fits or sample.seconds not in SOUND_SECONDS:
        raise BadNameError(f"a sound is called like 5s.{sample.extension}, {_span(SOUND_SECONDS)} seconds")
    return sample


def _film(sample: Sample) -> Sample:
    sides = (sample.width, sample.height)
    if sample.seconds not in FILM_SECONDS or any(side % 2 or side not in FILM_SIDES for side in sides):
        raise BadNameError(
            f"a film is called like 3s.{sample.extension} or 1080x1920-3s.{sample.extension}, {_span(FILM_SECONDS)} "
            f"seconds, each side an even number of pixels, {_span(FILM_SIDES)}"
        )
    return sample


def _span(numbers: range) -> str:
    return f"{numbers[0]} to {numbers[-1]}"

"""The request for one video: everything that decides its bytes, and nothing else."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import Struct, structs

GENERATOR = 1
"""Part of every digest. Raised whenever the bytes of any clip change, so that no cache keeps the old ones."""

SIDES = range(64, 5121)
SECONDS = range(1, 42)
RATES = range(8, 61)


class Clip(Struct, frozen=True, kw_only=True):
    """One video to make. Two equal clips are the same bytes, in any process.

    ``width`` and ``height`` are even, in pixels; ``seconds`` and ``fps`` are whole. The text fields are shown in the
    picture; what is not ASCII shows as ``?`` there and in full in the file's tags. Raises ValueError, with a sentence
    for the user, for a clip that cannot be drawn.
    """

    media_type: ClassVar = "video/mp4"
    extension: ClassVar = "mp4"
    heading: ClassVar = "synthetic video"

    width: int
    height: int
    seconds: int
    fps: int = 24
    audio: bool = True
    watermark: str | None = None
    seed: int = 0
    camera_fixed: bool = False
    provider: str = ""
    model: str = ""
    prompt: str = ""
    label: str = ""
    fingerprint: str = ""

    def __post_init__(self) -> None:
        for name, side in (("width", self.width), ("height", self.height)):
            if not _is_whole(side, SIDES) or side % 2:
                raise ValueError(f"{name} must be an even number of pixels from {_span(SIDES)}, not {side}")
        if not _is_whole(self.seconds, SECONDS):
            raise ValueError(f"seconds must be a whole number from {_span(SECONDS)}, not {self.seconds}")
        if not _is_whole(self.fps, RATES):
            raise ValueError(f"fps must be a whole number from {_span(RATES)}, not {self.fps}")

    @property
    def frames(self) -> int:
        """The number of pictures."""
        return self.seconds * self.fps

    def facts(self) -> list[str]:
        """What was asked for, apart from the prompt, in a few words each."""
        return [
            f"{self.width}x{self.height}",
            *filter(None, [self.label]),
            f"{self.seconds} s",
            f"{self.fps} fps",
            f"audio {'on' if self.audio else 'off'}",
            *(["camera fixed"] if self.camera_fixed else []),
            f"seed {self.seed}",
            *filter(None, [self.fingerprint]),
        ]

    def digest(self) -> str:
        """64 hex digits that name the bytes of this clip: the ETag, and the key of any cache."""
        return digest(structs.asdict(self))


def digest(fields: Mapping[str, Any]) -> str:
    """64 hex digits that name the bytes made from these fields by this version of the generator."""
    return hashlib.sha256(json.dumps({**fields, "generator": GENERATOR}, sort_keys=True).encode()).hexdigest()


def _is_whole(value: object, allowed: range) -> bool:
    """5.0 is in a range as well, but nothing that counts frames takes it."""
    return isinstance(value, int) and value in allowed


def _span(numbers: range) -> str:
    return f"{numbers[0]} to {numbers[-1]}"

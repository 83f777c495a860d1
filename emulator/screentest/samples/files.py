"""A sample's wish in, its bytes out."""

from __future__ import annotations

import struct
from collections.abc import Callable

from screentest.samples import bmp, gif, jpeg, png, sounds, webp
from screentest.samples.names import FILMS, SOUNDS, Sample
from screentest.samples.padding import room

MOST_BYTES = 128 * 2**20
"""The heaviest sample, more than any provider takes."""

_LEAST_BOX = 8
_STILLS: dict[str, Callable[[int, int, tuple[int, int, int], int | None], bytes]] = {
    "png": png.flat,
    "jpg": jpeg.flat,
    "jpeg": jpeg.flat,
    "webp": webp.flat,
    "gif": gif.flat,
    "bmp": bmp.flat,
}
_SOUNDS = {"wav": sounds.wav, "mp3": sounds.mp3}


def content(sample: Sample, size: int | None = None, fps: int = 24) -> bytes:
    """The file, always the same for the same wish; `size` fills it up to so many bytes, `fps` is of films.

    Raises NoRoomError for a size below the file's own, ValueError for pictures per second that no film has.
    """
    if sample.extension in SOUNDS:
        return _SOUNDS[sample.extension](sample.seconds, size)
    if sample.extension in FILMS:
        return _film(sample, size, fps)
    return _STILLS[sample.extension](sample.width, sample.height, colour(sample.width, sample.height), size)


def colour(width: int, height: int) -> tuple[int, int, int]:
    """A colour of medium brightness that follows from the size, so that two sizes seldom look alike."""
    mixed = (width * 2654435761 ^ height * 40503) & 0xFFFFFF
    return 64 + (mixed >> 16) // 2, 64 + (mixed >> 8 & 0xFF) // 2, 64 + (mixed & 0xFF) // 2


def _film(sample: Sample, size: int | None, fps: int) -> bytes:
    """Our own synthetic clip, imported when first used; a free box behind it fills it up."""
    from screentest.media.clip import Clip
    from screentest.media.render import render

    film = render(
        Clip(width=sample.width, height=sample.height, seconds=sample.seconds, fps=fps, label="screentest sample input")
    )
    if sample.extension == "mov":  # the same boxes under QuickTime's brand
        film = film[:8] + b"qt  " + film[12:]
    padding = room(len(film), size, _LEAST_BOX)
    return film + (struct.pack(">I4s", padding, b"free") + bytes(padding - _LEAST_BOX) if padding else b"")

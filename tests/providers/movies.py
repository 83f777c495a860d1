"""What an MP4 says of itself, read from its boxes."""

from __future__ import annotations

import struct


def size_of(movie: bytes) -> tuple[int, int]:
    """Width and height in the video track's header: 16.16 fixed point, the last eight bytes of the first tkhd."""
    at = movie.index(b"tkhd") - 4
    (length,) = struct.unpack_from(">I", movie, at)
    width, height = struct.unpack_from(">II", movie, at + length - 8)
    return width >> 16, height >> 16


def frames_of(movie: bytes) -> int:
    """The number of pictures: the sample count in the first stsz."""
    return int(struct.unpack_from(">I", movie, movie.index(b"stsz") + 12)[0])


def has_sound(movie: bytes) -> bool:
    """Whether there is a track of sound."""
    return b"mp4a" in movie

"""A lossless WebP of one colour: each channel has an alphabet of one letter, so a pixel takes no bits at all."""

from __future__ import annotations

import struct

from screentest.samples.padding import room

_LEAST_CHUNK = 8


def flat(width: int, height: int, colour: tuple[int, int, int], size: int | None = None) -> bytes:
    """The file. `size` in bytes is filled with an unknown chunk, as the format allows. Raises NoRoomError."""
    red, green, blue = colour
    fields = [(0x2F, 8), (width - 1, 14), (height - 1, 14), (0, 1), (0, 3)]  # signature, sides, no alpha, version
    fields += [(0, 1), (0, 1), (0, 1)]  # no transform, no colour cache, one set of codes
    for letter in (green, red, blue, 255):
        fields += [(1, 1), (0, 1), (1, 1), (letter, 8)]  # a simple code of one letter of eight bits
    fields += [(1, 1), (0, 1), (0, 1), (0, 1)]  # distances, of which there are none
    picture = _chunk(b"VP8L", _packed(fields))
    padding = room(12 + len(picture), size, _LEAST_CHUNK)
    surplus = padding % 2  # chunks have even lengths; what is behind the last one, readers ignore
    body = b"WEBP" + picture + (_chunk(b"scRn", bytes(padding - surplus - _LEAST_CHUNK)) if padding else b"")
    return _chunk(b"RIFF", body) + bytes(surplus)


def _packed(fields: list[tuple[int, int]]) -> bytes:
    """(value, bits) pairs, the least significant bit first."""
    number = at = 0
    for value, bits in fields:
        number |= value << at
        at += bits
    return number.to_bytes(-(-at // 8), "little")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content + bytes(len(content) % 2)

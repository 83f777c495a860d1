"""A BMP of one colour: one bit a pixel, two equal colours in the palette."""

from __future__ import annotations

import struct

from screentest.samples.padding import room

_HEADERS = 14 + 40 + 8


def flat(width: int, height: int, colour: tuple[int, int, int], size: int | None = None) -> bytes:
    """The file. `size` in bytes is filled by a gap before the pixels. Raises NoRoomError."""
    red, green, blue = colour
    pixels = -(-width // 32) * 4 * height
    padding = room(_HEADERS + pixels, size, 1)
    start = _HEADERS + padding
    head = struct.pack("<2sIHHI", b"BM", start + pixels, 0, 0, start)
    head += struct.pack("<IiiHHIIiiII", 40, width, height, 1, 1, 0, pixels, 2835, 2835, 2, 2)
    return head + bytes((blue, green, red, 0)) * 2 + bytes(padding + pixels)

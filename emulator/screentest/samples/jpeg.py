"""A baseline JPEG of one colour, as cameras make them: YCbCr, chroma halved both ways.

Only the first block of each component says a value. Every later one says "no difference, nothing more" in two bits of
zero, because the tables give those two the shortest codes.
"""

from __future__ import annotations

import struct

from screentest.samples.padding import room, shares

_JFIF = b"JFIF\0\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_COMPONENTS = ((1, 0x22), (2, 0x11), (3, 0x11))  # number, sampling
_BLOCKS = (4, 1, 1)  # in a square of 16x16 pixels
_UNIT = 16
_CATEGORIES = range(1, 12)
_MOST_COMMENT = 65537
_LEAST_COMMENT = 4


def flat(width: int, height: int, colour: tuple[int, int, int], size: int | None = None) -> bytes:
    """The file; decoders differ by a shade. `size` in bytes is filled with comments. Raises NoRoomError."""
    frame = struct.pack(">BHHB", 8, height, width, len(_COMPONENTS))
    frame += b"".join(bytes((number, sampling, 0)) for number, sampling in _COMPONENTS)
    scan = bytes((len(_COMPONENTS), *(byte for number, _ in _COMPONENTS for byte in (number, 0)), 0, 63, 0))
    parts = [
        b"\xff\xd8",
        _segment(0xE0, _JFIF),
        _segment(0xDB, b"\0" + b"\x01" * 64),
        _segment(0xC0, frame),
        # Difference 0 is "0", the other sizes of difference have five bits; "no more coefficients" is "0" too.
        _segment(0xC4, b"\0" + _lengths({1: 1, 5: len(_CATEGORIES)}) + bytes((0, *_CATEGORIES))),
        _segment(0xC4, b"\x10" + _lengths({1: 1}) + b"\0"),
        _segment(0xDA, scan),
        _picture(width, height, colour).replace(b"\xff", b"\xff\0"),
        b"\xff\xd9",
    ]
    padding = room(sum(map(len, parts)), size, _LEAST_COMMENT)
    if padding:
        comments = (_segment(0xFE, bytes(share - _LEAST_COMMENT)) for share in shares(padding, _MOST_COMMENT))
        parts.insert(4, b"".join(comments))
    return b"".join(parts)


def _picture(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """The coded blocks, filled up to whole bytes with ones."""
    bits = "".join(
        _difference(8 * (level - 128)) + "0" + "00" * (blocks - 1)
        for level, blocks in zip(_ycbcr(colour), _BLOCKS, strict=True)
    )
    units = -(-width // _UNIT) * -(-height // _UNIT)
    bits += "00" * sum(_BLOCKS) * (units - 1)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _difference(value: int) -> str:
    """A DC difference: the code of its size in bits, then the bits; negative ones are written less one."""
    if not value:
        return "0"
    size = abs(value).bit_length()
    code = 0b10000 + _CATEGORIES.index(size)
    return f"{code:05b}{value if value > 0 else value + (1 << size) - 1:0{size}b}"


def _ycbcr(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """ITU-R BT.601 in full range, as JFIF has it."""
    red, green, blue = colour
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return round(luma), round(128 + (blue - luma) / 1.772), round(128 + (red - luma) / 1.402)


def _lengths(counts: dict[int, int]) -> bytes:
    """How many codes there are of each length from 1 to 16."""
    return bytes(counts.get(length, 0) for length in range(1, 17))


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

"""A GIF of one colour.

LZW turns a run of one letter into codes for runs of 1, 2, 3 ... pixels. Here the table is cleared before its codes
outgrow eight bits: each code is a byte, and each full table is the same 127 of them.
"""

from __future__ import annotations

import struct

from screentest.samples.padding import NoRoomError, room, shares

_CODE_BITS = 7
_CLEAR, _END = 128, 129
_CODES = bytes((0, *range(130, 255)))  # for runs of 1, 2, 3 ... 126 pixels
_RUN = len(_CODES) * (len(_CODES) + 1) // 2
_LEAST_COMMENT = 3
_MOST_BLOCK = 255


def flat(width: int, height: int, colour: tuple[int, int, int], size: int | None = None) -> bytes:
    """The file. `size` in bytes is filled with a comment. Raises NoRoomError."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80 | _CODE_BITS - 1, 0, 0)
    head += bytes(colour) * (1 << _CODE_BITS)
    picture = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0)
    picture += bytes((_CODE_BITS,)) + _blocks(_letters(width * height), _MOST_BLOCK) + b";"
    padding = room(len(head) + len(picture), size, _LEAST_COMMENT)
    if padding == _LEAST_COMMENT + 1:  # a block of one byte would be its length alone
        raise NoRoomError(f"a GIF cannot be filled by {padding} bytes; ask for one more or less")
    return head + (_comment(padding - _LEAST_COMMENT) if padding else b"") + picture


def _letters(pixels: int) -> bytes:
    runs, rest = divmod(pixels, _RUN)
    last = bytearray((_CLEAR,))
    for length, code in enumerate(_CODES, 1):
        if rest < length:
            break
        last.append(code)
        rest -= length
    if rest:  # shorter than the last run, so its code exists
        last.append(_CODES[rest - 1])
    return (bytes((_CLEAR,)) + _CODES) * runs + bytes(last) + bytes((_END,))


def _blocks(content: bytes, most: int) -> bytes:
    """Blocks with their length in front, and the empty one that ends them."""
    parts = (content[at : at + most] for at in range(0, len(content), most))
    return b"".join(bytes((len(part),)) + part for part in parts) + b"\0"


def _comment(length: int) -> bytes:
    """A comment whose blocks, with their lengths, take so many bytes."""
    lengths = shares(length, _MOST_BLOCK + 1) if length else []
    return b"!\xfe" + b"".join(bytes((share - 1,)) + bytes(share - 1) for share in lengths) + b"\0"

"""A PNG of one colour. Its rows are all the same, so one band of them is compressed and used again and again."""

from __future__ import annotations

import struct
import zlib

from screentest.samples.padding import room

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BAND = 64
_TRUE_COLOUR = 2
_LEAST_CHUNK = 12


def flat(width: int, height: int, colour: tuple[int, int, int], size: int | None = None) -> bytes:
    """The file, 8 bits a channel. `size` in bytes is filled with a private chunk. Raises NoRoomError."""
    header = struct.pack(">IIBBBBB", width, height, 8, _TRUE_COLOUR, 0, 0, 0)
    row = b"\0" + bytes(colour) * width
    chunks = [_chunk(b"IHDR", header), _chunk(b"IDAT", _compressed(row, height))]
    end = _chunk(b"IEND", b"")
    padding = room(len(_SIGNATURE) + sum(map(len, chunks)) + len(end), size, _LEAST_CHUNK)
    if padding:
        chunks.insert(1, _chunk(b"scRn", bytes(padding - _LEAST_CHUNK)))  # by its case: private, may be ignored
    return b"".join([_SIGNATURE, *chunks, end])


def _compressed(row: bytes, count: int) -> bytes:
    """A zlib stream of `count` equal rows. A full flush ends on a whole byte and refers to nothing before it."""
    bands, rest = divmod(count, _BAND)
    band = row * _BAND
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(band) + packer.flush(zlib.Z_FULL_FLUSH) if bands else b""
    last = packer.compress(row * rest) + packer.flush()
    check = 1
    for _ in range(bands):
        check = zlib.adler32(band, check)
    check = zlib.adler32(row * rest, check)
    return b"\x78\xda" + packed * bands + last + struct.pack(">I", check)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(name)))

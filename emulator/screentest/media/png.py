"""Dots to a PNG, by zlib alone: with a palette where that holds all colours."""

import zlib
from collections.abc import Mapping
from struct import pack

from screentest.media.raster import DOT, Raster

_PALETTE, _RGB, _RGBA = 3, 2, 6  # colour types
_MOST_IN_PALETTE = 256
_AS_ABOVE = 2  # the filter that takes the line above for a prediction: a repeated line is zeros


def png(picture: Raster, texts: Mapping[str, str]) -> bytes:
    """The complete file; ``texts`` are shown by programs that tell what is in a file."""
    is_indexed = len(picture.colours) <= _MOST_IN_PALETTE
    depth = len(picture.colours[0])
    kind = _PALETTE if is_indexed else _RGBA if depth == len("RGBA") else _RGB
    header = pack(">IIBBBBB", picture.width, picture.height, 8, kind, 0, 0, 0)
    chunks = [_chunk(b"IHDR", header), *(_text(name, text) for name, text in texts.items())]
    if is_indexed:
        chunks.append(_chunk(b"PLTE", b"".join(colour[:3] for colour in picture.colours)))
        if depth == len("RGBA"):
            chunks.append(_chunk(b"tRNS", b"".join(colour[3:] for colour in picture.colours)))
    pixels = [bytes([number]) for number in range(_MOST_IN_PALETTE)] if is_indexed else picture.colours
    chunks.append(_chunk(b"IDAT", zlib.compress(_lines(picture, pixels), 1)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + _chunk(b"IEND", b"")


def _lines(picture: Raster, pixels: list[bytes]) -> bytes:
    """The filtered lines; ``pixels`` are the bytes of each colour."""
    dots = [pixel * DOT for pixel in pixels]
    length = picture.width * len(pixels[0])
    again = bytes([_AS_ABOVE]) + bytes(length)
    lines: list[bytes] = []
    above = None
    for row in picture.rows:
        lines += [again if row is above else b"\0" + b"".join([dots[number] for number in row])[:length]]
        lines += [again] * (DOT - 1)
        above = row
    return b"".join(lines[: picture.height])


def _text(name: str, text: str) -> bytes:
    """An international text, uncompressed and in no particular language."""
    return _chunk(b"iTXt", name.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8", "replace"))


def _chunk(name: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + name + content + pack(">I", zlib.crc32(name + content))

"""What an MP4 or QuickTime file says about itself: length, sides, pictures per second, and whether all of it is there.

For the films of other people. It reads headers only and takes what cameras and editors write, where the reader of our
own clips (`screentest.media.mp4_reader`) wants every sample to add up; and it never believes a count enough to make
room for it. A rotation of the picture is not applied.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from msgspec import Struct

_TOP = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_QUICKTIME = b"qt  "
_MOST_BOXES = 512  # on one level
_MOST_TRACKS = 16
_UNKNOWN = (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)


class MovieHeader(Struct, frozen=True):
    """`format` is mp4, mov or m4a. Sides in pixels, 0 without a picture; `seconds` and `fps` None when not told."""

    format: str
    width: int
    height: int
    seconds: float | None
    fps: float | None
    whole: bool


class _Span(Struct, frozen=True):
    """The content of a box: where it begins and ends, and where its header says it should end."""

    name: bytes
    start: int
    end: int
    meant: int

    @property
    def cut(self) -> bool:
        return self.meant > self.end


def is_movie(head: bytes) -> bool:
    return head[4:8] in _TOP


def read_movie(data: bytes) -> MovieHeader:
    """The header of a file that `is_movie`. What a damaged file does not tell is 0 or None."""
    top = {box.name: box for box in _boxes(data, 0, len(data))}
    whole = b"moov" in top and b"mdat" in top and not any(box.cut for box in top.values())
    moov = top.get(b"moov", _Span(b"", 0, 0, 0))
    tracks = {_handler(data, track): track for track in reversed(_tracks(data, moov))}
    picture = tracks.get(b"vide")
    width, height = _sides(data, picture) if picture else (0, 0)
    brand = data[8:12] if data[4:8] == b"ftyp" else _QUICKTIME  # QuickTime is older than ftyp
    name = "mov" if brand == _QUICKTIME else "mp4"
    return MovieHeader(
        format="m4a" if b"soun" in tracks and not picture else name,
        width=width,
        height=height,
        seconds=_seconds(data, moov, b"mvhd"),
        fps=_rate(data, picture) if picture else None,
        whole=whole,
    )


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Span]:
    """The boxes side by side in a span, to the first that cannot be one."""
    for _ in range(_MOST_BOXES):
        if end - start < 8:
            return
        size, name = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1 and end - start >= 16:
            size, header = struct.unpack_from(">Q", data, start + 8)[0], 16
        elif size == 0:  # to the end of the file
            size = end - start
        if size < header:
            return
        yield _Span(name, start + header, min(start + size, end), start + size)
        start += size


def _tracks(data: bytes, moov: _Span) -> list[_Span]:
    return [box for box in _boxes(data, moov.start, moov.end) if box.name == b"trak"][:_MOST_TRACKS]


def _find(data: bytes, span: _Span, *path: bytes) -> _Span | None:
    found: _Span | None = span
    for name in path:
        if found is None:
            return None
        found = next((box for box in _boxes(data, found.start, found.end) if box.name == name), None)
    return found


def _handler(data: bytes, track: _Span) -> bytes:
    handler = _find(data, track, b"mdia", b"hdlr")
    return data[handler.start : handler.end][8:12] if handler else b""


def _sides(data: bytes, track: _Span) -> tuple[int, int]:
    """Width and height, the last eight bytes of the track's header, in 1/65536 pixels."""
    header = _find(data, track, b"tkhd")
    if header is None or header.end - header.start < 84 or header.cut:
        return 0, 0
    width, height = struct.unpack_from(">II", data, header.end - 8)
    return width >> 16, height >> 16


def _rate(data: bytes, track: _Span) -> float | None:
    """Pictures per second: how many there are over how long they last."""
    media = _find(data, track, b"mdia")
    sizes = _find(data, media, b"minf", b"stbl", b"stsz") if media else None
    seconds = _seconds(data, media, b"mdhd") if media else None
    if sizes is None or seconds is None or sizes.end - sizes.start < 12:
        return None
    (count,) = struct.unpack_from(">I", data, sizes.start + 8)
    return count / seconds if count else None


def _seconds(data: bytes, parent: _Span, name: bytes) -> float | None:
    """The length that an mvhd or mdhd tells, None when it does not know."""
    header = _find(data, parent, name)
    content = data[header.start : header.end] if header else b""
    try:
        layout, at = (">IQ", 20) if content[0] == 1 else (">II", 12)
        scale, duration = struct.unpack_from(layout, content, at)
    except (struct.error, IndexError):
        return None
    return duration / scale if scale and duration not in _UNKNOWN else None

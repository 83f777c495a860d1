"""Format, width and height of an image from the first bytes of its file, and whether the file ends where it should.

Nothing is decoded, so a header that announces 50000x50000 pixels costs what any header costs. The format is what the
bytes say, never what a name or a Content-Type says. EXIF orientation is not applied: sides are those of the stored
picture.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from urllib.parse import urlsplit

from screentest.input_files import data_uri
from screentest.samples import names
from screentest_contracts.urls import is_loopback

Size = tuple[int, int]

FORMATS = ("png", "jpeg", "webp", "gif", "bmp", "tiff", "heic", "avif")

_HEAD = 65536
_MOST_MARKERS = 4096
_MOST_TAGS = 64
_WEBP_HEAD = 30
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN = 0xDA
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
_JPEG_END = b"\xff\xd9"
_BRANDS = {b"avif": "avif", b"avis": "avif"} | dict.fromkeys((b"heic", b"heix", b"hevc", b"mif1", b"msf1"), "heic")


def size_from_url(url: str) -> Size | None:
    """The size that a URL tells by itself: a data URI's own header, or /inputs/WxH on this machine. Else None."""
    if data_uri.is_data_uri(url):
        return image_size(data_uri.beginning(url, _HEAD)) or image_size(data_uri.beginning(url, len(url)))
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    sample = names.from_path(parts.path) if is_loopback(parts.hostname or "") else None
    return (sample.width, sample.height) if sample and not sample.seconds else None


def image_format(head: bytes) -> str:
    """One of `FORMATS`, by the magic bytes; "" when the file is no image."""
    if head.startswith(_PNG):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return "bmp"
    if head[:4] in (b"II*\0", b"MM\0*"):
        return "tiff"
    return _BRANDS.get(head[8:12], "") if head[4:8] == b"ftyp" else ""


def image_size(head: bytes) -> Size | None:
    """(width, height) in pixels, or None when the bytes are no complete image header."""
    read = _SIZES.get(image_format(head))
    try:
        size = read(head) if read else None
    except (struct.error, IndexError):
        return None
    return size if size and min(size) > 0 else None


def is_whole(data: bytes) -> bool | None:
    """Whether an image file reaches to its own end; None where the format has no cheap sign of it.

    Bytes behind the end are no fault: cameras put previews and films there.
    """
    match image_format(data):
        case "png":
            return _PNG_END in data
        case "jpeg":
            scan = _jpeg_marker(data, frozenset({_SCAN}))
            return scan is not None and data.rfind(_JPEG_END, scan) >= 0
        case "webp":
            return len(data) >= 8 + int.from_bytes(data[4:8], "little")
        case "gif":
            return data.rstrip(b"\0").endswith(b";")
        case "bmp":
            return len(data) >= int.from_bytes(data[2:6], "little")
    return None


def _png(head: bytes) -> Size | None:
    width, height = struct.unpack_from(">II", head, 16)
    return (width, height) if head[12:16] == b"IHDR" else None


def _jpeg(head: bytes) -> Size | None:
    frame = _jpeg_marker(head, _FRAME_MARKERS)
    if frame is None:
        return None
    height, width = struct.unpack_from(">HH", head, frame + 5)
    return width, height


def _jpeg_marker(data: bytes, wanted: frozenset[int]) -> int | None:
    """Where the first segment with one of these markers begins. Gives up after some thousand segments or fill bytes."""
    at = 2
    for _ in range(_MOST_MARKERS):
        if at + 4 > len(data) or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in wanted:
            return at
        elif marker == _SCAN:
            return None
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _webp(head: bytes) -> Size | None:
    kind = head[12:16] if len(head) >= _WEBP_HEAD else b""
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", head, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    return None


def _gif(head: bytes) -> Size:
    width, height = struct.unpack_from("<HH", head, 6)
    return width, height


def _bmp(head: bytes) -> Size:
    if struct.unpack_from("<I", head, 14)[0] == 12:  # the header of OS/2
        width, height = struct.unpack_from("<HH", head, 18)
    else:
        width, height = struct.unpack_from("<ii", head, 18)
    return width, abs(height)  # a negative height: rows from the top


def _tiff(head: bytes) -> Size | None:
    """The sides out of the first directory, entries of 12 bytes: tag, type, count, value."""
    order = "<" if head[:1] == b"I" else ">"
    at = struct.unpack_from(order + "I", head, 4)[0]
    sides = {}
    for number in range(min(struct.unpack_from(order + "H", head, at)[0], _MOST_TAGS)):
        entry = at + 2 + 12 * number
        tag, kind = struct.unpack_from(order + "HH", head, entry)
        sides[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), head, entry + 8)[0]
    return (sides[256], sides[257]) if 256 in sides and 257 in sides else None


def _heif(head: bytes) -> Size | None:
    """The largest extent of any picture in the file, which may hold tiles and thumbnails too."""
    best, at = (0, 0), head.find(b"ispe", 0, _HEAD)
    while at >= 0:
        width, height = struct.unpack_from(">II", head, at + 8)
        best = max(best, (width, height), key=lambda size: size[0] * size[1])
        at = head.find(b"ispe", at + 4, _HEAD)
    return best


_SIZES: dict[str, Callable[[bytes], Size | None]] = {
    "png": _png,
    "jpeg": _jpeg,
    "webp": _webp,
    "gif": _gif,
    "bmp": _bmp,
    "tiff": _tiff,
    "heic": _heif,
    "avif": _heif,
}

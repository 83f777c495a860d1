"""Width and height of a PNG, JPEG or WEBP from the first bytes of the file, for clips that follow their first frame."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from urllib.parse import unquote_to_bytes, urlsplit

from screentest_contracts.schema import is_loopback

Size = tuple[int, int]

_HEAD = 65536
_MOST_MARKERS = 4096
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_INPUT_PATH = re.compile(r"/inputs/(\d{1,5})x(\d{1,5})\.\w+$")


def size_from_url(url: str) -> Size | None:
    """The size that a URL tells by itself: a data URI's own header, or /inputs/WxH on this machine. Else None."""
    if url.startswith("data:"):
        return image_size(_data_uri_head(url))
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    found = _INPUT_PATH.search(parts.path) if is_loopback(parts.hostname or "") else None
    return (int(found[1]), int(found[2])) if found and int(found[1]) and int(found[2]) else None


def image_size(head: bytes) -> Size | None:
    """(width, height) in pixels, or None when the bytes are no complete image header."""
    try:
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            return _positive(struct.unpack_from(">II", head, 16))
        if head.startswith(b"\xff\xd8"):
            return _jpeg(head)
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return _webp(head)
    except (struct.error, IndexError):
        return None
    return None


def _data_uri_head(uri: str) -> bytes:
    meta, _, payload = uri.partition(",")
    if not meta.endswith(";base64"):
        return unquote_to_bytes(payload[:_HEAD])
    try:
        return base64.b64decode(payload[: _HEAD * 4 // 3 // 4 * 4] + "==")
    except (binascii.Error, ValueError):
        return b""


def _jpeg(head: bytes) -> Size | None:
    at = 2
    for _ in range(_MOST_MARKERS):
        if head[at] != 0xFF:
            return None
        marker = head[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _FRAME_MARKERS:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return _positive((width, height))
        else:
            at += 2 + int(struct.unpack_from(">H", head, at + 2)[0])
    return None


def _webp(head: bytes) -> Size | None:
    kind = head[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return _positive((width & 0x3FFF, height & 0x3FFF))
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", head, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    return None


def _positive(size: tuple[int, ...]) -> Size | None:
    width, height = size
    return (width, height) if width and height else None

"""What a file that a caller gave as input is: kind, format, weight, sides, length. Decided by its bytes alone."""

from __future__ import annotations

import re

from msgspec import Struct

from screentest.input_files import image_header
from screentest.input_files.movie_header import is_movie, read_movie
from screentest.input_files.sound_header import read_sound

_NAMES = {"jpeg": "JPEG", "webp": "WebP", "webm": "WebM", "mkv": "Matroska", "ogg": "Ogg", "ogg_opus": "Ogg Opus"}
_KINDS = {"image": "image", "video": "video", "audio": "sound"}
_TEXTS = (
    (re.compile(rb"(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)?(?:<!doctype svg[^>]*>\s*)?<svg\b", re.I | re.S), "SVG"),
    (re.compile(rb"(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.I | re.S), "HTML"),
    (re.compile(rb"<\?xml\b", re.I), "XML"),
    (re.compile(rb'[{\[]\s*["{\[\]}]'), "JSON"),
)
_MAGIC = (
    (b"\x1aE\xdf\xa3", "mkv"),
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "GZIP"),
)
_SNIFFED = 2048


class InputFile(Struct, frozen=True, kw_only=True):
    """One file, examined. `size` counts bytes; `more` says that it goes on beyond them, unread.

    `kind` is image, video, audio, or "" for anything else; then `format` is a word such as HTML, or "" when nothing
    is known about it. Sides are 0, `seconds` and `fps` None where the file does not tell or has none. `whole` is None
    where the format has no sign of its end.
    """

    kind: str
    format: str
    size: int
    more: bool = False
    whole: bool | None = None
    width: int = 0
    height: int = 0
    seconds: float | None = None
    fps: float | None = None

    @property
    def described(self) -> str:
        """What it is, as in "the file is ..."."""
        if not self.size:
            return "empty"
        if not self.format:
            return "of no known format"
        return f"{_KINDS[self.kind]} ({self.shown_format})" if self.kind else self.format

    @property
    def shown_format(self) -> str:
        """The format's name in a sentence."""
        return shown_format(self.format)


def examine(data: bytes, *, more: bool = False) -> InputFile:
    """Examine a file's bytes; `more`: these are not all. Never raises, and takes time for the headers only."""
    size = len(data)
    format_name = image_header.image_format(data)
    if format_name:
        width, height = image_header.image_size(data) or (0, 0)
        whole = image_header.is_whole(data)
        return InputFile(
            kind="image", format=format_name, size=size, more=more, whole=whole, width=width, height=height
        )
    if is_movie(data):
        return _movie(data, more)
    sound = read_sound(data)
    if sound:
        return InputFile(
            kind="audio", format=sound.format, size=size, more=more, whole=sound.whole, seconds=sound.seconds
        )
    return _other(data, more)


def shown_format(name: str) -> str:
    """A format's name in a sentence."""
    return _NAMES.get(name, name.upper() if name.islower() else name)


def _movie(data: bytes, more: bool) -> InputFile:
    movie = read_movie(data)
    return InputFile(
        kind="audio" if movie.format == "m4a" else "video",
        format=movie.format,
        size=len(data),
        more=more,
        whole=movie.whole,
        width=movie.width,
        height=movie.height,
        seconds=movie.seconds,
        fps=movie.fps,
    )


def _other(data: bytes, more: bool) -> InputFile:
    """Films that are known by name only, and what people send by mistake."""
    head = data[:_SNIFFED]
    found = next((name for magic, name in _MAGIC if head.startswith(magic)), "")
    if found == "mkv" and b"webm" in head[:64]:
        found = "webm"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        found = "avi"
    if not found:
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        found = next((name for pattern, name in _TEXTS if pattern.match(text)), "")
    kind = "video" if found in ("mkv", "webm", "avi") else ""
    return InputFile(kind=kind, format=found, size=len(data), more=more)

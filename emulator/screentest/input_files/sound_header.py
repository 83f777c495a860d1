"""Format and length of a sound file from its headers: WAV, FLAC, Ogg (Opus, Vorbis), MP3, AAC."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from msgspec import Struct

FORMATS = ("wav", "flac", "ogg_opus", "ogg", "mp3", "aac")

_HEAD = 65536
_MOST_CHUNKS = 512
_MOST_FRAMES = 200_000  # more than an hour of MP3
_UNKNOWN_SIZE = 0xFFFFFFFF  # by writers that cannot go back to the header
_OPUS_RATE = 48_000

_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


class SoundHeader(Struct, frozen=True):
    """`seconds` is None when the file does not tell; `whole` None where the format has no sign of its end."""

    format: str
    seconds: float | None
    whole: bool | None


class _Frame(Struct, frozen=True):
    """One frame of MP3: its length in bytes, and what it holds."""

    size: int
    samples: int
    rate: int
    tag_at: int  # where a Xing or Info tag would be, from the frame's start


def read_sound(data: bytes) -> SoundHeader | None:
    """The header of a sound file; None when the file is no sound that is known here."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return _wav(data)
    if data[:4] == b"fLaC":
        return SoundHeader("flac", _flac_seconds(data), None)
    if data[:4] == b"OggS":
        return _ogg(data)
    if data[:2] in (b"\xff\xf1", b"\xff\xf9"):
        return SoundHeader("aac", None, None)
    start = _behind_id3(data)
    return SoundHeader("mp3", _mp3_seconds(data, start), None) if start or _mp3_frame(data, 0) else None


def _wav(data: bytes) -> SoundHeader:
    rate, length = 0, None
    for name, at, size in _chunks(data):
        if name == b"fmt " and size >= 16 and at + 16 <= len(data):
            (rate,) = struct.unpack_from("<I", data, at + 8)  # bytes a second
        elif name == b"data":
            length = min(size, len(data) - at)
            break
    announced = int.from_bytes(data[4:8], "little")
    whole = length is not None and (announced == _UNKNOWN_SIZE or len(data) >= announced + 8)
    return SoundHeader("wav", length / rate if rate and length is not None else None, whole)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and announced size of each chunk of a RIFF file."""
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        name, size = struct.unpack_from("<4sI", data, at)
        yield name, at + 8, size
        at += 8 + size + size % 2


def _flac_seconds(data: bytes) -> float | None:
    """From STREAMINFO, the first block: 20 bits of rate, 8 of channels and depth, 36 of samples."""
    if len(data) < 26 or data[4] & 0x7F:
        return None
    bits = int.from_bytes(data[18:26], "big")
    rate, samples = bits >> 44, bits & (1 << 36) - 1
    return samples / rate if rate and samples else None


def _ogg(data: bytes) -> SoundHeader:
    """The last page tells the number of samples before its end."""
    opus, vorbis = data.find(b"OpusHead", 0, 256), data.find(b"\x01vorbis", 0, 256)
    if opus >= 0:
        rate, skipped = _OPUS_RATE, int.from_bytes(data[opus + 10 : opus + 12], "little")
    else:
        rate, skipped = int.from_bytes(data[vorbis + 12 : vorbis + 16], "little") if vorbis >= 0 else 0, 0
    page = data.rfind(b"OggS", max(0, len(data) - _HEAD))
    granule = int.from_bytes(data[page + 6 : page + 14], "little", signed=True)
    seconds = (granule - skipped) / rate if rate and granule > skipped else None
    # The flag of the last page of the stream; several streams in one file would say so earlier.
    ended = page >= 0 and len(data) > page + 5 and bool(data[page + 5] & 4)
    return SoundHeader("ogg_opus" if opus >= 0 else "ogg", seconds, ended)


def _behind_id3(data: bytes) -> int:
    """Where the sound begins behind an ID3 tag, whose size has seven bits a byte; 0 without one."""
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    return 10 + sum((byte & 0x7F) << 7 * (3 - place) for place, byte in enumerate(data[6:10]))


def _mp3_seconds(data: bytes, at: int) -> float | None:
    """The number of frames, from the tag that encoders put into the first one or else by walking them."""
    first = _mp3_frame(data, at)
    if first is None:
        return None
    tag = data[at + first.tag_at : at + first.tag_at + 12]
    if tag[:4] in (b"Xing", b"Info") and len(tag) == 12 and tag[7] & 1:
        return int.from_bytes(tag[8:12], "big") * first.samples / first.rate
    samples = 0
    for _ in range(_MOST_FRAMES):
        frame = _mp3_frame(data, at)
        if frame is None:
            break
        samples += frame.samples
        at += frame.size
    return samples / first.rate


def _mp3_frame(data: bytes, at: int) -> _Frame | None:
    """The frame of MPEG layer III whose four bytes of header stand here."""
    head = int.from_bytes(data[at : at + 4], "big") if len(data) >= at + 4 else 0
    version, layer = head >> 19 & 3, head >> 17 & 3
    kilobits, rate = head >> 12 & 15, head >> 10 & 3
    if head >> 21 != 0x7FF or version == 1 or layer != 1 or rate == 3:
        return None
    hertz = _RATES[version][rate]
    bits = 1000 * (_MPEG1 if version == 3 else _MPEG2)[kilobits]
    samples = 1152 if version == 3 else 576
    mono = head >> 6 & 3 == 3
    side = (17 if mono else 32) if version == 3 else (9 if mono else 17)
    size = samples // 8 * bits // hertz + (head >> 9 & 1)
    return _Frame(size, samples, hertz, 4 + side) if bits else None

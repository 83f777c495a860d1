"""A recording to a WAV: 16 bits, mono, a short beep at each second whose pitch follows from the seed, and silence."""

import sys
from array import array
from struct import pack

from screentest.media import aac
from screentest.media.palette import look
from screentest.media.recording import Recording
from screentest.media.wording import title

_LOUDEST = 9000
_BEEPS_A_SECOND = 8  # how many beeps would fill a second
_FADE = 16  # the part of a beep, at either end, in which it grows or fades


def wav(recording: Recording) -> bytes:
    """The complete file."""
    second = _second(recording.rate, round(aac.PITCHES[look(recording.seed).beep % len(aac.PITCHES)]))
    size = 2 * recording.samples
    samples = (second * (size // len(second) + 1))[:size]
    comment = " | ".join([*recording.facts(), *([f"prompt: {recording.prompt}"] if recording.prompt else [])])
    chunks = (
        (b"fmt ", pack("<HHIIHH", 1, 1, recording.rate, 2 * recording.rate, 2, 16)),
        (b"LIST", b"INFO" + _chunk(b"INAM", _text(title(recording))) + _chunk(b"ICMT", _text(comment))),
        (b"data", samples),
    )
    content = b"WAVE" + b"".join(_chunk(name, content) for name, content in chunks)
    return _chunk(b"RIFF", content)


def _second(rate: int, pitch: int) -> bytes:
    """One second: a beep, then silence. A triangle in whole numbers, so that it is the same on every machine."""
    beep, period = rate // _BEEPS_A_SECOND, rate // pitch
    fade = beep // _FADE
    samples = array("h")
    for i in range(beep):
        place = i % period
        height = abs(4 * _LOUDEST * place // period - 2 * _LOUDEST) - _LOUDEST
        samples.append(height * min(i, beep - i, fade) // fade)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes() + bytes(2 * (rate - beep))


def _text(text: str) -> bytes:
    return text.encode("utf-8", "replace") + b"\0"


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + pack("<I", len(content)) + content + b"\0" * (len(content) % 2)

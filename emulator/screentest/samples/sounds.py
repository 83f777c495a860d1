"""Sounds of whole seconds: a WAV with a tone, an MP3 that is silent."""

from __future__ import annotations

import math
import struct

from screentest.samples.padding import room

_RATE = 8_000
_PITCH = 440
_LEAST_CHUNK = 8
_MP3_RATE = 32_000
_MP3_FRAME = 1152  # samples: 36 ms, so 250 frames are nine seconds
_MP3_HEADER = bytes.fromhex("fffb18c0")  # MPEG 1 layer III, 32 kbit/s, 32 kHz, mono, no checksum
_MP3_BYTES = 144


def wav(seconds: int, size: int | None = None) -> bytes:
    """8000 samples a second, 8 bits, mono. `size` in bytes is filled with a JUNK chunk. Raises NoRoomError."""
    second = bytes(128 + round(40 * math.sin(2 * math.pi * _PITCH * n / _RATE)) for n in range(_RATE))
    head = b"WAVE" + struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _RATE, _RATE, 1, 8)
    sound = struct.pack("<4sI", b"data", seconds * _RATE) + second * seconds
    padding = room(8 + len(head) + len(sound), size, _LEAST_CHUNK)
    surplus = padding % 2  # chunks have even lengths; what is behind the last one, readers ignore
    if padding:
        junk = padding - surplus - _LEAST_CHUNK
        head += struct.pack("<4sI", b"JUNK", junk) + bytes(junk)
    return struct.pack("<4sI", b"RIFF", len(head) + len(sound)) + head + sound + bytes(surplus)


def mp3(seconds: int, size: int | None = None) -> bytes:
    """32 kHz, mono, each frame empty and so silent. `size` in bytes is filled with an ID3 tag. Raises NoRoomError."""
    frames = -(-seconds * _MP3_RATE // _MP3_FRAME)
    sound = (_MP3_HEADER + bytes(_MP3_BYTES - len(_MP3_HEADER))) * frames
    padding = room(len(sound), size, 10)
    if not padding:
        return sound
    content = padding - 10
    return b"ID3\x04\0\0" + bytes(content >> 7 * place & 0x7F for place in (3, 2, 1, 0)) + bytes(content) + sound

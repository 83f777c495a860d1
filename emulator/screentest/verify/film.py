"""What a downloaded file is, for the monitor to compare with what was asked for."""

from __future__ import annotations

import struct

from screentest.input_files.image_header import image_format, image_size
from screentest.input_files.sound_header import read_sound
from screentest.media.mp4_reader import probe
from screentest_contracts.conformance import Film

UNREADABLE = "nothing that can be played"


def film_of(data: bytes) -> Film:
    """Kind, sides, length and sound of a file; the kind is UNREADABLE for one that is damaged or nothing known."""
    if image_format(data):
        size = image_size(data)
        return Film(kind="image", width=size[0], height=size[1]) if size else Film(kind=UNREADABLE)
    sound = read_sound(data)
    if sound is not None:
        return Film(kind="audio", seconds=sound.seconds)
    try:
        movie = probe(data)
        picture, seconds = movie.video, float(movie.seconds)
    except (ValueError, LookupError, ArithmeticError, struct.error):
        return Film(kind=UNREADABLE)
    return Film(
        kind="video", width=picture.width, height=picture.height, seconds=seconds, sound=movie.audio is not None
    )

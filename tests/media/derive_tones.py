"""How the AAC frames in ``screentest.media.aac`` were made: ``python -m media.derive_tones`` prints them again.

A tone whose period divides the 1024 samples of a frame settles into one repeating frame. Another ffmpeg may choose
other bits for the same sound.
"""

import subprocess
from collections import Counter
from collections.abc import Iterator

import imageio_ffmpeg

from screentest.media import aac

_ADTS_HEADER, _ADTS_HEADER_WITH_CHECKSUM = 7, 9


def kept() -> dict[int, bytes]:
    """The frames that are in use; the key times 46.875 Hz is the pitch."""
    return {round(pitch * aac.FRAME / aac.RATE): aac.beeps(1, i)[0] for i, pitch in enumerate(aac.PITCHES)}


def source(key: int) -> str:
    """The tone as an ffmpeg filter; 0 is silence."""
    if key == 0:
        return f"anullsrc=r={aac.RATE}:cl=mono"
    return f"sine=frequency={key * aac.RATE / aac.FRAME}:sample_rate={aac.RATE},volume=-9dB"


def steady_frame(filtered: str) -> bytes:
    """The frame that four seconds of this consist of, once the encoder has settled."""
    encode = ["-t", "4", "-ac", "1", "-c:a", "aac", "-aac_coder", "fast", "-b:a", "64000", "-f", "adts", "-"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", filtered, *encode]
    stream = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    frame, count = Counter(list(_frames(stream))[20:-10]).most_common(1)[0]
    if count < 100:
        raise ValueError(f"this tone does not settle: {filtered}")
    return frame


def _frames(stream: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(stream):
        length = (stream[at + 3] & 3) << 11 | stream[at + 4] << 3 | stream[at + 5] >> 5
        has_checksum = not stream[at + 1] & 1
        yield stream[at + (_ADTS_HEADER_WITH_CHECKSUM if has_checksum else _ADTS_HEADER) : at + length]
        at += length


if __name__ == "__main__":
    for tone in (0, *kept()):
        print(tone, steady_frame(source(tone)).hex())

"""Sound without an encoder: a short beep at the start of every second.

A tone whose period divides the 1024 samples of an AAC frame is, once it is steady, the same frame again and again.
Eight such frames and the silent one are kept here as hex. They are AAC-LC, 48 kHz, mono, quiet (27 dB below full
scale), from ffmpeg's own encoder (``tests/media/derive_tones.py``).
"""

RATE = 48_000
"""Samples per second."""
FRAME = 1024
"""Samples per frame."""
CONFIG = bytes.fromhex("1188")
"""AudioSpecificConfig: AAC-LC, 48 kHz, one channel."""

_BEEP = 6_000  # samples: an eighth of a second

_SILENCE = bytes.fromhex("01182007")
# The pitch is the key times 46.875 Hz, the frequency whose period is one frame.
_TONES = {
    8: "00fe342ce0d1100b420f6b635f73b4000c95374e12573b21ccfef013fb79ce897345f59a64a31488e0",
    9: "00fe34845660688b5201d081c944afdfeced2633554195125e9f22ae764f99fde221f6eb9d91e68beb04a7852c5c38",
    10: "00fe34805660618805a200e8c17ad8d7de9d8dd680c85374e12573c21ccfef213fb71cec97336759a64a3243bd1e",
    11: (
        "00e43480567050934602d200b4201d0813f6944afd629f34aab6000a"
        "892f4f91573c27ccbef390fb6bcec8f336758253c2973324f23181c0"
    ),
    12: "00e43380766058840fa1057db635f77d8190a6e9c24ae7a43997de927f6cf9e12e64ceb34c946941c0",
    14: (
        "00fe34809660588b4201d08074202d10074201d10074202d6c6beff67"
        "5b6cd54a03214dc78495cf48731fbda4fed773d25cc59d669928d201c"
    ),
    16: "00fe3300b660518805a1066b635c5bac0c85371e12573e21cc3ef893fb55cf497316759a64a30a03bf01c0",
    18: (
        "00fe3480d65040934601d380b4204d6c7ee1d3989bd377406429b8f092b9f90e5ff7d49fda5e7c4b9833acd30a34a148ca124948c9c0"
    ),
}
PITCHES = tuple(key * RATE / FRAME for key in _TONES)
"""Frequencies of the beeps in hertz."""
_FRAMES = tuple(map(bytes.fromhex, _TONES.values()))


def beeps(seconds: int, pitch: int) -> list[bytes]:
    """AAC frames that cover so many seconds; the last may reach past the end. ``pitch`` picks a tone, modulo 8."""
    tone = _FRAMES[pitch % len(_FRAMES)]
    count = -(-seconds * RATE // FRAME)
    return [tone if i * FRAME % RATE < _BEEP else _SILENCE for i in range(count)]

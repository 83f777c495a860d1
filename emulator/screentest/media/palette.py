"""What follows from the seed: colours, the speed of the ball, the direction of the pan, the pitch of the beep.

Whole numbers only: floating point could round differently elsewhere, and the same clip has to be the same bytes.
"""

import hashlib

from msgspec import Struct

from screentest.media.intra import PAPER_STEP, Chroma

_RADIUS = 64
_QUARTER = (64, 62, 55, 45, 32, 17)  # 64 * cos(0, 15, ... 75 degrees)
_HUES = 24
_PAPERS = (32, 216, 44, 200, 16, 232)  # dark and light in turn: the next seed looks different at once
_HARMONY = (0, _HUES // 3, _HUES // 2, -_HUES // 3)  # the panel: like the mosaic, a triad, or its opposite


class Look(Struct, frozen=True):
    """How one seed looks and sounds.

    ``paper`` is the luma and ``panel`` the chroma of the area with the text; ``trough``, ``fill`` and ``accent`` are
    those of the progress bar. ``ball`` and ``pan`` are even pixels per frame; a negative ``pan`` goes right.
    """

    seed: int
    hue: int
    paper: int
    trough: int
    fill: int
    panel: Chroma
    accent: Chroma
    ball: int
    pan: int
    beep: int

    def tiles(self, count: int) -> list[tuple[int, Chroma]]:
        """Luma and chroma of so many tiles of the mosaic: neighbours of the seed's hue, with an odd one out."""
        noise = hashlib.shake_128(f"tiles {self.seed}".encode()).digest(3 * count)
        return [self._tile(*noise[3 * i : 3 * i + 3]) for i in range(count)]

    def _tile(self, light: int, turn: int, strength: int) -> tuple[int, Chroma]:
        hue = self.hue + turn % 7 - 3
        if turn > 242:
            hue += _HUES // 2
        return 64 + 16 * (light % 9), _chroma(hue, 20 + strength % 33)


def look(seed: int) -> Look:
    """The look of a seed, which may be any whole number."""
    noise = hashlib.sha256(f"look {seed}".encode()).digest()
    hue = noise[0] % _HUES
    paper = _PAPERS[seed % len(_PAPERS)]
    is_light = paper > 128
    panel_hue = hue + _HARMONY[noise[5] % len(_HARMONY)]
    return Look(
        seed=seed,
        hue=hue,
        paper=paper,
        trough=paper - 32 if is_light else paper + 32,
        fill=100 if is_light else 148,
        panel=_chroma(panel_hue, 16 if is_light else 24),
        accent=_chroma(hue, 44),
        ball=2 + 2 * (noise[1] % 4),
        pan=2 if noise[2] % 2 else -2,
        beep=noise[3],
    )


def _chroma(hue: int, strength: int) -> Chroma:
    """A point on the colour circle: ``hue`` in steps of 15 degrees, ``strength`` its distance from grey."""
    return _offset(_cosine(hue), strength), _offset(_cosine(hue - _HUES // 4), strength)


def _offset(cosine: int, strength: int) -> int:
    return 128 + cosine * strength // (_RADIUS * PAPER_STEP) * PAPER_STEP


def _cosine(hue: int) -> int:
    quarter, step = divmod(hue % _HUES, len(_QUARTER))
    if quarter == 0:
        return _QUARTER[step]
    if quarter == 1:
        return -_QUARTER[-step] if step else 0
    if quarter == 2:
        return -_QUARTER[step]
    return _QUARTER[-step] if step else 0

"""The first picture of a clip: one IDR slice of Intra_16x16 macroblocks that hold DC levels only.

The picture is a grid of *dots*, 4x4 pixels each, sixteen to a macroblock; a chroma plane has one value per macroblock.
At luma QP 40 the residual that a decoder adds to its prediction is exactly ``4 * H c H`` (H the 4x4 Hadamard matrix, c
the sixteen levels). So the picture comes out exact when the dots of a macroblock differ by multiples of 64 among
themselves and by multiples of 4 from those of their neighbours. At chroma QP 34 a single level c adds ``4 * c``.
Prediction is from the left, in the first column from above: rows that look the same are then the same bits.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct

from screentest.media.cavlc import ZIGZAG, chroma_dc, luma_dc, ue
from screentest.media.h264 import FRAME_NUMBER_BITS, IDR, nal

Dots = tuple[int, ...]
Luma = int | Dots
"""A flat macroblock, or its sixteen dots in raster order."""
Chroma = tuple[int, int]
"""Cb and Cr of a macroblock."""

INK_STEP = 64
"""Dots within one macroblock may differ by multiples of this."""
PAPER_STEP = 4
"""Anything else, luma and chroma, may differ by multiples of this."""

_LEVEL = 16 * PAPER_STEP  # what one transformed unit of residual has to be divided by
_VERTICAL, _HORIZONTAL, _FLAT_128 = 0, 1, 2  # Intra_16x16 prediction modes; without neighbours DC means 128
_CHROMA_MODE = {_VERTICAL: 2, _HORIZONTAL: 1, _FLAT_128: 0}
_REPEAT = ue(1 + _HORIZONTAL) + ue(_CHROMA_MODE[_HORIZONTAL]) + "11"  # no change of QP, no coefficients: one byte


class BlockRow(Struct, frozen=True, eq=False):
    """One row of macroblocks. Rows that look the same should be the same object: they are coded once."""

    luma: Sequence[Luma]
    chroma: Sequence[Chroma]


def idr(rows: Iterable[BlockRow]) -> bytes:
    """The NAL unit of the picture. Dots that break the steps above raise ValueError."""
    slice_header = ue(0) + ue(7) + ue(0) + "0" * FRAME_NUMBER_BITS + ue(0) + "00" + ue(0) + ue(1)
    parts = [slice_header]
    known: dict[tuple[BlockRow, Luma, Chroma], str] = {}
    above: BlockRow | None = None
    for row in rows:
        if above is None:
            bits = _row(row, _FLAT_128, (128,) * 4, (128, 128))
        else:
            key = (row, above.luma[0], above.chroma[0])
            if key not in known:
                known[key] = _row(row, _VERTICAL, _sixteen(above.luma[0])[12:], above.chroma[0])
            bits = known[key]
        parts.append(bits)
        above = row
    return nal(IDR, "".join(parts))


def _row(row: BlockRow, first_mode: int, edge: Dots, chroma: Chroma) -> str:
    """The bits of one row; ``edge`` and ``chroma`` are what its first macroblock is predicted from."""
    parts: list[str] = []
    mode, flat = first_mode, -1
    for luma, colour in zip(row.luma, row.chroma, strict=True):
        if luma == flat and colour == chroma:
            parts.append(_REPEAT)
            continue
        dots = _sixteen(luma)
        parts.append(_block(mode, dots, edge, colour[0] - chroma[0], colour[1] - chroma[1]))
        mode, edge, chroma = _HORIZONTAL, dots[3::4], colour
        flat = luma if isinstance(luma, int) else -1
    return "".join(parts)


def _sixteen(luma: Luma) -> Dots:
    return (luma,) * 16 if isinstance(luma, int) else luma


@lru_cache(16384)
def _block(mode: int, dots: Dots, edge: Dots, cb: int, cr: int) -> str:
    """One macroblock: its dots, the four dots that it is predicted from, and the change of its chroma."""
    predicted = [edge[i >> 2] for i in range(16)] if mode == _HORIZONTAL else [edge[i & 3] for i in range(16)]
    transformed = _hadamard([dot - guess for dot, guess in zip(dots, predicted, strict=True)])
    if any(value % _LEVEL for value in transformed) or cb % PAPER_STEP or cr % PAPER_STEP:
        raise ValueError(f"these dots cannot be coded exactly: {dots} after {edge}")
    levels = [transformed[i] // _LEVEL for i in ZIGZAG]
    with_chroma = 1 if cb or cr else 0
    bits = ue(1 + mode + 4 * with_chroma) + ue(_CHROMA_MODE[mode]) + "1" + luma_dc(levels)
    if with_chroma:
        bits += chroma_dc(cb // PAPER_STEP) + chroma_dc(cr // PAPER_STEP)
    return bits


def _hadamard(values: Sequence[int]) -> list[int]:
    """H m H of sixteen values in raster order (8.5.10): first along the rows, then along the columns."""
    result = list(values)
    for step, starts in ((1, (0, 4, 8, 12)), (4, (0, 1, 2, 3))):
        for i in starts:
            j, k, m = i + step, i + 2 * step, i + 3 * step
            a, b, c, d = result[i], result[j], result[k], result[m]
            result[i], result[j], result[k], result[m] = a + b + c + d, a + b - c - d, a - b - c + d, a - b + c - d
    return result

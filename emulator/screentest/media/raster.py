"""A drawn picture as dots of few colours, which is what the writers of image files start from."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from screentest.media.h264 import BLOCK
from screentest.media.intra import BlockRow, Chroma
from screentest.media.layout import DOTS

DOT = BLOCK // DOTS
"""Pixels along the side of a dot."""

_OPAQUE, _CLEAR = b"\xff", b"\x00"


class Raster(Struct, frozen=True):
    """``rows`` holds the number of each dot's colour, row by row of dots, past the right and lower edge of the picture.

    Rows that look the same are often the same object. ``colours`` are all RGB, or all RGBA.
    """

    width: int
    height: int
    rows: list[Sequence[int]]
    colours: list[bytes]


def raster(blocks: Sequence[BlockRow], width: int, height: int, clear: int | None = None) -> Raster:
    """The picture of these rows of macroblocks; the first ``clear`` of them can be seen through, if it is given."""
    colours = _Colours()
    made: dict[tuple[BlockRow, bytes], list[Sequence[int]]] = {}
    rows: list[Sequence[int]] = []
    for y, row in enumerate(blocks):
        alpha = b"" if clear is None else _CLEAR if y < clear else _OPAQUE
        if (row, alpha) not in made:
            made[row, alpha] = _lines(row, colours, alpha)
        rows += made[row, alpha]
    return Raster(width, height, rows, list(colours.numbers))


class _Colours:
    """The number of each colour, in the order in which they appear."""

    def __init__(self) -> None:
        self.numbers: dict[bytes, int] = {}
        self._known: dict[tuple[int, Chroma, bytes], int] = {}

    def number(self, luma: int, chroma: Chroma, alpha: bytes) -> int:
        known = self._known.get((luma, chroma, alpha))
        if known is None:
            known = self.numbers.setdefault(_rgb(luma, chroma) + alpha, len(self.numbers))
            self._known[luma, chroma, alpha] = known
        return known


def _lines(row: BlockRow, colours: _Colours, alpha: bytes) -> list[Sequence[int]]:
    """The lines of dots in a row of macroblocks; where it holds nothing but flat ones they are the same object."""
    if all(isinstance(luma, int) for luma in row.luma):
        numbers = (colours.number(luma, chroma, alpha) for luma, chroma in _flat(row))
        return [[number for number in numbers for _ in range(DOTS)]] * DOTS
    lines: list[list[int]] = [[] for _ in range(DOTS)]
    for luma, chroma in zip(row.luma, row.chroma, strict=True):
        if isinstance(luma, int):
            flat = [colours.number(luma, chroma, alpha)] * DOTS
            for line in lines:
                line += flat
        else:
            dots = [colours.number(value, chroma, alpha) for value in luma]
            for i, line in enumerate(lines):
                line += dots[i * DOTS : (i + 1) * DOTS]
    return [*lines]


def _flat(row: BlockRow) -> Iterator[tuple[int, Chroma]]:
    for luma, chroma in zip(row.luma, row.chroma, strict=True):
        assert isinstance(luma, int), "a row of flat macroblocks"
        yield luma, chroma


def _rgb(luma: int, chroma: Chroma) -> bytes:
    """BT.709, limited range, in whole numbers: the same bytes on every machine."""
    y, cb, cr = 298 * (luma - 16) + 128, chroma[0] - 128, chroma[1] - 128
    return bytes(min(max(value >> 8, 0), 255) for value in (y + 459 * cr, y - 55 * cb - 136 * cr, y + 541 * cb))

"""A picture in the making: paper and colour per macroblock, and a sheet of ink over all of it.

Ink is one of four tones per dot: none, or 64, 128 or 192 away from the paper, which is what ``intra`` codes exactly.
It is lighter on dark paper and darker on light paper.
"""

from collections.abc import Sequence
from functools import lru_cache

from screentest.media.font import Face
from screentest.media.intra import INK_STEP, BlockRow, Chroma, Dots, Luma
from screentest.media.layout import DOTS

_TONE_BITS = 2
_NO_INK = (0, 0, 0, 0)


class Canvas:
    """``columns`` x ``rows`` macroblocks."""

    def __init__(self, columns: int, rows: int) -> None:
        self._columns = columns
        self._width = columns * DOTS
        self._papers: list[BlockRow] = [BlockRow((), ())] * rows
        self._ink = [0] * (rows * DOTS)

    def band(self, top: int, bottom: int, paper: Sequence[int], chroma: Sequence[Chroma]) -> None:
        """Lay paper over whole rows: luma and chroma per column."""
        self._papers[top:bottom] = [BlockRow(paper, chroma)] * (bottom - top)

    def write(self, x: int, y: int, text: str, face: Face, tone: int, scale: int = 1) -> None:
        """Ink a line of text, its upper left corner at dot (x, y). Every character is as wide as the advance."""
        self.ink(x, y, [tone * row for row in face.rows(text, scale)], len(text) * face.advance * scale)

    def ink(self, x: int, y: int, rows: Sequence[int], width: int) -> None:
        """Put rows of ``width`` tones, two bits each and the leftmost highest, at dot (x, y), over what is there."""
        shift = _TONE_BITS * (self._width - x - width)
        keep = ~(((1 << _TONE_BITS * width) - 1) << shift)
        for i, row in enumerate(rows, y):
            self._ink[i] = self._ink[i] & keep | row << shift

    def block_rows(self) -> list[BlockRow]:
        """The finished picture. Rows without ink that look the same are the same object."""
        return [self._block_row(y, row) for y, row in enumerate(self._papers)]

    def _block_row(self, y: int, row: BlockRow) -> BlockRow:
        ink = self._ink[y * DOTS : (y + 1) * DOTS]
        if not any(ink):
            return row
        # One byte holds the four dots of a macroblock in one dot row.
        blocks = zip(*(line.to_bytes(self._columns, "big") for line in ink), strict=True)
        return BlockRow([_inked(paper, block) for paper, block in zip(row.luma, blocks, strict=True)], row.chroma)


def _inked(paper: Luma, block: tuple[int, ...]) -> Luma:
    if block == _NO_INK:
        return paper
    assert isinstance(paper, int)
    return _dots(paper, block)


@lru_cache(16384)
def _dots(paper: int, block: tuple[int, ...]) -> Dots:
    step = -INK_STEP if paper > 128 else INK_STEP
    return tuple(paper + step * (line >> shift & 3) for line in block for shift in (6, 4, 2, 0))

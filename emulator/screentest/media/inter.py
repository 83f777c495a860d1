"""The pictures after the first: P slices that only move what is already there.

A macroblock is either skipped or one 16x16 vector of whole pixels without residual, so the result is a plain copy.
Vectors are predicted from their neighbours, and a *skipped* macroblock moves too when its neighbours do (8.4.1.1):
a panning area costs a few bits per row.
"""

from collections.abc import Iterable, Mapping

from screentest.media.cavlc import se, ue
from screentest.media.h264 import FRAME_NUMBER_BITS, PREDICTED, nal

Vector = tuple[int, int]
"""Where a macroblock copies from, relative to itself: pixels right, pixels down. Even, to keep chroma whole as well."""
Row = Mapping[int, Vector]
"""Column -> vector; a column without one stays as it is."""
Field = Mapping[int, Row]
"""Macroblock row -> vectors."""

_STILL: Vector = (0, 0)
_NO_ROW: Row = {}
_QUARTERS = 4


class MotionCoder:
    """Codes the P pictures of one clip: ``columns`` x ``rows`` macroblocks.

    ``backdrops`` are motion that many pictures share, coded once. Their rows must lie above all others.
    """

    def __init__(self, columns: int, rows: int, backdrops: Iterable[Field] = ()) -> None:
        self._columns = columns
        self._count = columns * rows
        self._backdrops = [(backdrop, *self._code(backdrop, {}, 0)) for backdrop in backdrops]

    def picture(self, number: int, field: Field, backdrop: int | None = None) -> bytes:
        """The NAL unit of picture ``number`` (1 follows the IDR picture).

        ``field`` is its motion, ``backdrop`` the index of the one that it has in addition.
        """
        above, shared, coded_until = ({}, "", 0) if backdrop is None else self._backdrops[backdrop]
        bits, coded_until = self._code(field, above, coded_until)
        if coded_until < self._count:
            bits += ue(self._count - coded_until)
        return nal(PREDICTED, _slice_header(number) + shared + bits)

    def _code(self, field: Field, above_field: Field, position: int) -> tuple[str, int]:
        """The bits of these rows, and the number of macroblocks up to the last coded one.

        ``position`` is that number before the first row. Macroblocks in between are skipped.
        """
        parts: list[str] = []
        known: dict[tuple[int, int], list[tuple[int, str]]] = {}
        for y in sorted(field):
            row = field[y]
            above = field.get(y - 1) or above_field.get(y - 1) or _NO_ROW
            key = (id(row), id(above) if y else 0)  # a panning area repeats one row: code it once
            if key not in known:
                known[key] = _row(row, above, self._columns, top=y == 0)
            start = y * self._columns
            for x, bits in known[key]:
                parts.append(ue(start + x - position) + bits)
                position = start + x + 1
        return "".join(parts), position


def _slice_header(number: int) -> str:
    frame_number = format(number % (1 << FRAME_NUMBER_BITS), f"0{FRAME_NUMBER_BITS}b")
    return ue(0) + ue(5) + ue(0) + frame_number + "000" + ue(0) + ue(1)


def _row(row: Row, above: Row, columns: int, *, top: bool) -> list[tuple[int, str]]:
    """(column, bits) of every macroblock that a skip would not move as it should."""
    coded: list[tuple[int, str]] = []
    # A column that stays needs a look as well when its neighbours move: a skip might carry it along.
    beside = (x + 1 for x in row if x + 1 < columns and x + 1 in above)
    for x in sorted({*row, *beside}):
        vector = row.get(x, _STILL)
        left = row.get(x - 1, _STILL)
        over = above.get(x, _STILL)
        predicted = left if top else _predict(left, over, above, x, columns)
        carried = _STILL if top or left == _STILL or over == _STILL else predicted
        if vector != carried:
            across = _QUARTERS * (vector[0] - predicted[0])
            down = _QUARTERS * (vector[1] - predicted[1])
            coded.append((x, "1" + se(across) + se(down) + "1"))
    return coded


def _predict(left: Vector, over: Vector, above: Row, x: int, columns: int) -> Vector:
    """The median of left, above, and above to the right - to the left in the last column (8.4.1.3)."""
    corner = above.get(x + 1 if x + 1 < columns else x - 1, _STILL)
    if over in (corner, left):
        return over
    return (
        sorted((left[0], over[0], corner[0]))[1],
        sorted((left[1], over[1], corner[1]))[1],
    )

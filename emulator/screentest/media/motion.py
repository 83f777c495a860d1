"""What moves from one frame to the next, as motion vectors: everything is copied, nothing is drawn again."""

from collections.abc import Iterator

from screentest.media.h264 import BLOCK
from screentest.media.inter import Field, Row, Vector
from screentest.media.layout import Bar, Counter, Layout, Rail


class Pan:
    """The mosaic moves sideways: every macroblock copies from ``pixels`` to its right, or left when negative.

    A copy from beyond the edge repeats the pixels at the edge, which is just right until the next tile comes in.
    Then the macroblock at the edge copies from where that tile was, one period of the mosaic away.
    """

    def __init__(self, layout: Layout, pixels: int) -> None:
        steady: dict[int, Vector] = dict.fromkeys(range(layout.columns), (pixels, 0))
        if pixels > 0:
            edge, vector, self._start = layout.columns - 1, pixels - layout.period * BLOCK, layout.columns * BLOCK
        else:
            edge, vector, self._start = 0, pixels + layout.period * BLOCK, 0
        self._pixels = abs(pixels)
        self._tile = layout.tile * BLOCK
        rows = range(layout.mosaic)
        self.fields: tuple[Field, Field] = (
            dict.fromkeys(rows, steady),
            dict.fromkeys(rows, steady | {edge: (vector, 0)}),
        )

    def phase(self, frame: int) -> int:
        """Which of the two fields leads to this frame: the second when a tile comes in."""
        return 1 if (self._start + (frame - 1) * self._pixels) % self._tile == 0 else 0


def fields(layout: Layout, frames: int, fps: int) -> Iterator[Field]:
    """For every frame after the first: how the ball, the digits and the progress bar move."""
    rail, counter, bar = layout.deck.rail, layout.deck.counter, layout.deck.bar
    for frame in range(1, frames):
        field: dict[int, Row] = {}
        if rail:
            field |= dict.fromkeys(range(rail.top, rail.top + rail.size), _roll(rail, frame))
        if counter:
            digits = _count(layout, counter, frame, fps)
            field |= dict.fromkeys(range(counter.top, counter.top + counter.height), digits)
        field[bar.top] = _progress(bar, frame, frames)
        yield field


def _roll(rail: Rail, frame: int) -> Row:
    """Every macroblock under the ball, before or after, copies from where it was: the rail looks the same all along."""
    before, after = rail.position(frame - 1), rail.position(frame)
    first = min(before, after) // BLOCK
    last = (max(before, after) + rail.size * BLOCK - 1) // BLOCK
    return dict.fromkeys(range(first, last + 1), (before - after, 0))


def _count(layout: Layout, counter: Counter, frame: int, fps: int) -> Row:
    """A digit that changes is copied from its stamp below the picture."""
    row: dict[int, Vector] = {}
    before, after = counter.reading(frame - 1, fps), counter.reading(frame, fps)
    for column, old, new in zip(counter.digits, before, after, strict=True):
        if old != new:
            x, y = layout.stamp(int(new))
            vector = ((x - column) * BLOCK, (y - counter.top) * BLOCK)
            row |= dict.fromkeys(range(column, column + counter.scale), vector)
    return row


def _progress(bar: Bar, frame: int, frames: int) -> Row:
    before, after = bar.edge(frame - 1, frames), bar.edge(frame, frames)
    row: dict[int, Vector] = {}
    last_full = before // BLOCK - 1
    for column in range(before // BLOCK, -(-after // BLOCK)):
        # Either filled to its end: copy one that is; or filled in part: copy what holds the edge at the right place.
        is_full = (column + 1) * BLOCK <= after
        row[column] = ((last_full - column) * BLOCK, 0) if is_full else (before - after, 0)
    return row

"""The first frame of a clip: a mosaic in the seed's colours, the caption, and the deck."""

from dataclasses import dataclass

from screentest.media.canvas import Canvas
from screentest.media.clip import Clip
from screentest.media.font import NARROW
from screentest.media.h264 import BLOCK
from screentest.media.intra import BlockRow
from screentest.media.layout import DOTS, Bar, Counter, Layout, Plate, Rail, plan
from screentest.media.palette import Look, look
from screentest.media.wording import BRIGHT, MUTED

_FAINT = 1
_BALLS = {
    1: [".##.", "####", "####", ".##."],
    2: ["..####..", ".######.", *["########"] * 4, ".######.", "..####.."],
}


@dataclass(frozen=True, slots=True)
class Picture:
    """Frame 0, and what one has to know to make the others from it."""

    look: Look
    layout: Layout
    rows: list[BlockRow]


def draw(clip: Clip) -> Picture:
    """Draw the first frame."""
    style = look(clip.seed)
    layout = plan(clip, style.ball)
    canvas = Canvas(layout.columns, layout.rows)
    canvas.band(0, layout.rows, [style.paper] * layout.columns, [style.panel] * layout.columns)
    _mosaic(canvas, layout, style)
    _caption(canvas, layout)
    _bar(canvas, layout.deck.bar, layout.columns, style)
    if layout.deck.rail:
        _rail(canvas, layout.deck.rail, layout)
    if layout.deck.counter:
        _counter(canvas, layout.deck.counter, layout)
    if layout.deck.plate:
        _plate(canvas, layout.deck.plate)
    return Picture(style, layout, canvas.block_rows())


def _mosaic(canvas: Canvas, layout: Layout, style: Look) -> None:
    across = layout.period // layout.tile
    down = max(min(2, layout.mosaic), round(layout.mosaic / layout.tile))
    tiles = style.tiles(across * down)
    places = [x % layout.period // layout.tile for x in range(layout.columns)]
    for i in range(down):
        row = tiles[i * across : (i + 1) * across]
        top, bottom = i * layout.mosaic // down, (i + 1) * layout.mosaic // down
        canvas.band(top, bottom, [row[p][0] for p in places], [row[p][1] for p in places])


def _caption(canvas: Canvas, layout: Layout) -> None:
    spare = (layout.deck.top - layout.mosaic) * DOTS - layout.caption.height
    top = layout.mosaic * DOTS + spare // 2
    for line in layout.caption.lines:
        canvas.write(layout.left * DOTS, top + line.top, line.text, line.face, line.tone, line.scale)


def _rail(canvas: Canvas, rail: Rail, layout: Layout) -> None:
    width, height = (layout.right - layout.left) * DOTS, rail.size * DOTS
    canvas.ink(layout.left * DOTS, rail.top * DOTS + height // 2 - 1, [_line(width, _FAINT)] * 2, width)
    ball = [BRIGHT * int(row.replace("#", "1").replace(".", "0"), 4) for row in _BALLS[rail.size]]
    canvas.ink(rail.low // BLOCK * DOTS, rail.top * DOTS, ball, height)


def _counter(canvas: Canvas, counter: Counter, layout: Layout) -> None:
    top, scale = counter.top * DOTS, counter.scale
    for column, face, text in counter.words:
        if face is NARROW:
            canvas.write(column * DOTS, top, text, face, MUTED, scale)
        else:  # on the same baseline
            canvas.write(column * DOTS, top + (scale - 1) * NARROW.height, text, face, MUTED)
    for column in counter.digits:
        canvas.write(column * DOTS, top, "0", NARROW, BRIGHT, scale)
    for digit in range(10):
        column, row = layout.stamp(digit)
        canvas.write(column * DOTS, row * DOTS, str(digit), NARROW, BRIGHT, scale)


def _bar(canvas: Canvas, bar: Bar, columns: int, style: Look) -> None:
    parts = (
        (bar.left, style.paper, style.panel),
        (1, style.fill, style.accent),
        (bar.right - bar.left - 1, style.trough, style.panel),
        (columns - bar.right, style.paper, style.panel),
    )
    paper = [luma for count, luma, _ in parts for _ in range(count)]
    canvas.band(bar.top, bar.top + 1, paper, [chroma for count, _, chroma in parts for _ in range(count)])


def _plate(canvas: Canvas, plate: Plate) -> None:
    """Letters in the tone of the paper, on a plate in the tone of ink."""
    width, height = plate.width * DOTS, plate.height * DOTS
    rows = [_line(width, MUTED)] * height
    text_width = len(plate.text) * plate.face.advance
    right = (width - text_width) // 2
    top = (height - plate.face.height + 1) // 2
    for y, row in enumerate(plate.face.rows(plate.text), top):
        rows[y] -= MUTED * row << 2 * right
    canvas.ink(plate.left * DOTS, plate.top * DOTS, rows, width)


def _line(width: int, tone: int) -> int:
    """A row of dots that all have the same tone."""
    return tone * int("1" * width, 4)

"""Pictures: a mosaic in the seed's colours and the caption; for the first frame of a clip also the deck."""

from msgspec import Struct

from screentest.media.canvas import Canvas
from screentest.media.clip import Clip
from screentest.media.font import NARROW
from screentest.media.h264 import BLOCK
from screentest.media.intra import BlockRow
from screentest.media.layout import DOTS, Bar, Counter, Layout, Page, Plate, Rail, plan, poster
from screentest.media.palette import Look, look
from screentest.media.still import Still
from screentest.media.wording import BRIGHT, MUTED

_FAINT = 1
_BALLS = {
    1: [".##.", "####", "####", ".##."],
    2: ["..####..", ".######.", *["########"] * 4, ".######.", "..####.."],
}


class Picture(Struct, frozen=True):
    """Frame 0, and what one has to know to make the others from it."""

    look: Look
    layout: Layout
    rows: list[BlockRow]


def draw(clip: Clip) -> Picture:
    """Draw the first frame."""
    style = look(clip.seed)
    layout = plan(clip, style.ball)
    canvas = _page(layout, style)
    _bar(canvas, layout.deck.bar, layout.columns, style)
    if layout.deck.rail:
        _rail(canvas, layout.deck.rail, layout)
    if layout.deck.counter:
        _counter(canvas, layout.deck.counter, layout)
    if layout.deck.plate:
        _plate(canvas, layout.deck.plate)
    return Picture(style, layout, canvas.block_rows())


def draw_still(still: Still) -> tuple[list[BlockRow], int]:
    """A picture that does not move: its rows of macroblocks, and how many of them are the mosaic."""
    page = poster(still, still.width, still.height)
    return _page(page, look(still.seed)).block_rows(), page.mosaic


def _page(page: Page, style: Look) -> Canvas:
    canvas = Canvas(page.columns, page.rows)
    canvas.band(0, page.rows, [style.paper] * page.columns, [style.panel] * page.columns)
    _mosaic(canvas, page, style)
    _caption(canvas, page)
    return canvas


def _mosaic(canvas: Canvas, page: Page, style: Look) -> None:
    across = page.period // page.tile
    down = max(min(2, page.mosaic), round(page.mosaic / page.tile))
    tiles = style.tiles(across * down)
    places = [x % page.period // page.tile for x in range(page.columns)]
    for i in range(down):
        row = tiles[i * across : (i + 1) * across]
        top, bottom = i * page.mosaic // down, (i + 1) * page.mosaic // down
        canvas.band(top, bottom, [row[p][0] for p in places], [row[p][1] for p in places])


def _caption(canvas: Canvas, page: Page) -> None:
    spare = (page.bottom - page.mosaic) * DOTS - page.caption.height
    top = page.mosaic * DOTS + spare // 2
    for line in page.caption.lines:
        canvas.write(page.left * DOTS, top + line.top, line.text, line.face, line.tone, line.scale)


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

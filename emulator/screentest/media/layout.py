"""Where things stand in the picture, in macroblocks of 16x16 pixels.

From top to bottom: the mosaic, the caption, and the deck: a ball on its rail, the frame counter, the progress bar.
Below the picture lie rows that the stream crops away: they hold the ten digits that the counter copies from.
"""

from typing import Any

from msgspec import Struct, structs

from screentest.media.clip import Clip
from screentest.media.font import COMPACT, LARGE, NARROW, Face, printable
from screentest.media.h264 import BLOCK
from screentest.media.wording import Caption, Subject, caption

DOTS = 4
"""Dots along the side of a macroblock."""

_WORD = "frame"
_ROOMY = 24  # rows from which there are gaps, and the watermark is in the large face
_SPACIOUS = 44  # rows from which there are more, and the counter may be large
_LONGEST_PERIOD = 127  # columns: as far as a motion vector may reach


class Counter(Struct, frozen=True):
    """``frame 073/120 03:01``: words that stay, and the columns where the digits that change begin.

    A digit is ``scale`` columns wide and ``height`` rows high; ``words`` are (column, face, text).
    """

    top: int
    scale: int
    words: tuple[tuple[int, Face, str], ...]
    digits: tuple[int, ...]
    number_length: int

    @property
    def height(self) -> int:
        return 2 * self.scale

    @property
    def right(self) -> int:
        """The column after the last digit."""
        return self.digits[-1] + self.scale

    def reading(self, frame: int, fps: int) -> str:
        """What the digits show in a frame; as many as there are columns."""
        second, rest = divmod(frame, fps)
        return f"{frame:0{self.number_length}}{second:02}{rest:02}"[: len(self.digits)]


class Rail(Struct, frozen=True):
    """The track of the ball, which measures ``size`` macroblocks.

    ``low`` and ``high`` bound its left side, in pixels; ``speed`` is in pixels per frame.
    """

    top: int
    size: int
    speed: int
    low: int
    high: int

    def position(self, frame: int) -> int:
        """The left side of the ball in a frame: to and fro at a steady speed."""
        steps = (self.high - self.low) // self.speed
        return self.low + self.speed * (steps - abs(steps - frame % (2 * steps)))


class Bar(Struct, frozen=True):
    """The progress bar from column ``left`` to ``right``."""

    top: int
    left: int
    right: int

    def edge(self, frame: int, frames: int) -> int:
        """The end of the filled part in a frame, in pixels: one macroblock at first, everything in the last frame."""
        start = (self.left + 1) * BLOCK
        return start + (self.right * BLOCK - start) // 2 * frame // (frames - 1) * 2


class Plate(Struct, frozen=True):
    """The watermark on its plate."""

    left: int
    top: int
    width: int
    height: int
    face: Face
    text: str


class Deck(Struct, frozen=True):
    """The lower part of the picture, from row ``top``. What a small picture has no room for is missing."""

    top: int
    bar: Bar
    counter: Counter | None
    plate: Plate | None
    rail: Rail | None


class Page(Struct, frozen=True, kw_only=True):
    """What every picture has: the mosaic and, from row ``mosaic`` to row ``bottom``, the caption."""

    columns: int
    rows: int
    left: int
    right: int
    tile: int
    period: int
    mosaic: int
    bottom: int
    caption: Caption


class Layout(Page, frozen=True, kw_only=True):
    """Everything of a clip in its place. ``rows`` counts the cropped ones as well, ``visible`` does not."""

    visible: int
    deck: Deck

    def stamp(self, digit: int) -> tuple[int, int]:
        """Column and row where a digit stands ready below the picture."""
        scale = self.deck.counter.scale if self.deck.counter else 1
        per_row = _stamps_per_row(self.columns, scale)
        left = min(self.left, self.columns - per_row * scale)
        return left + digit % per_row * scale, self.visible + digit // per_row * 2 * scale


def plan(clip: Clip, ball_speed: int) -> Layout:
    """Place everything that the clip's size has room for; ``ball_speed`` is in pixels per frame."""
    left, right = _margins(clip.width)
    deck = _deck(clip, clip.height // BLOCK, left, right, ball_speed)
    scale = deck.counter.scale if deck.counter else 1
    columns, visible = _ceil(clip.width, BLOCK), _ceil(clip.height, BLOCK)
    rows = visible + 2 * scale * _ceil(10, _stamps_per_row(columns, scale))
    return Layout(**_page(clip, clip.width, clip.height, deck.top), rows=rows, visible=visible, deck=deck)


def poster(subject: Subject, width: int, height: int) -> Page:
    """Place mosaic and caption of a picture that does not move; sides in pixels."""
    return Page(**_page(subject, width, height, height // BLOCK), rows=_ceil(height, BLOCK))


def _page(subject: Subject, width: int, height: int, bottom: int) -> dict[str, Any]:
    """The fields of a `Page` but its rows; ``bottom`` is the row where something else begins."""
    columns, full = _ceil(width, BLOCK), height // BLOCK
    left, right = _margins(width)
    # Dots above and below the caption; it leaves one row in so many to the mosaic.
    pad, share = (6, 4) if full >= _SPACIOUS else (3, 5) if full >= _ROOMY else (1, 6)
    room = bottom - max(1, full // share)
    text = caption(subject, (right - left) * DOTS, room * DOTS - 2 * pad)
    tile = max(1, columns // 12)
    return {
        "columns": columns,
        "left": left,
        "right": right,
        "tile": tile,
        "period": min(columns - 1, _LONGEST_PERIOD) // tile * tile,
        "mosaic": bottom - (_ceil(text.height + 2 * pad, DOTS) if text.lines else 0),
        "bottom": bottom,
        "caption": text,
    }


def _margins(width: int) -> tuple[int, int]:
    """The columns between which everything but the mosaic stands."""
    columns = width // BLOCK
    margin = 2 if columns >= 40 else 1 if columns >= 12 else 0
    return margin, columns - margin


def _deck(clip: Clip, full: int, left: int, right: int, ball_speed: int) -> Deck:
    """The things at the bottom, built upwards from row ``full``."""
    roomy = full >= _ROOMY
    top = full - (2 if roomy else 1)
    bar = Bar(top, left, right)
    plate = _plate(clip, left, right, LARGE if roomy else COMPACT)
    gap = 1 if roomy else 0
    counter = None
    if full >= 6 or not plate:
        room = (plate.left - 1 if plate else right) - left
        counter = _counter(left, right - left, clip.frames, large_within=room if full >= _SPACIOUS else 0)
        top -= counter.height + gap
        counter = structs.replace(counter, top=top)
    if plate:
        beside = counter is not None and counter.right < plate.left
        top = bar.top - gap - max(plate.height, counter.height) if counter and beside else top - plate.height - gap
        plate = structs.replace(plate, top=top)
    top -= 1 if full >= _SPACIOUS else 0
    with_rail = full >= (20 if plate else 7)
    rail = _rail(top, left, right, 2 if full >= 20 else 1, ball_speed) if with_rail else None
    return Deck(rail.top if rail else top, bar, counter, plate, rail)


def _rail(bottom: int, left: int, right: int, size: int, speed: int) -> Rail | None:
    """The ball keeps one macroblock away from the ends: what it uncovers is copied from its neighbourhood."""
    low, highest = (left + 1) * BLOCK, (right - 1 - size) * BLOCK
    steps = (highest - low) // speed
    return Rail(bottom - size, size, speed, low, low + steps * speed) if steps > 1 else None


def _counter(left: int, width: int, frames: int, large_within: int) -> Counter:
    """As much of ``frame 073/120 03:01`` as fits; the number of the frame always does.

    It is large when all of it fits into ``large_within`` columns like that.
    """
    length, total = max(3, len(str(frames))), f"/{frames}"
    word = _ceil((len(_WORD) + 1) * LARGE.advance, DOTS)
    with_total = length + len(total)
    with_clock = with_total + 1 + len("00:00")
    scale = 2 if word + 2 * with_clock <= large_within else 1
    start = left + word if word + scale * with_clock <= width else left
    words: list[tuple[int, Face, str]] = [(left, LARGE, _WORD)] if start > left else []
    digits = [*range(length)]
    if with_total <= width:
        words.append((start + length * scale, NARROW, total))
    if with_clock <= width:
        clock = with_total + 1
        words.append((start + (clock + 2) * scale, NARROW, ":"))
        digits += [clock, clock + 1, clock + 3, clock + 4]
    return Counter(0, scale, tuple(words), tuple(start + digit * scale for digit in digits), length)


def _plate(clip: Clip, left: int, right: int, face: Face) -> Plate | None:
    """The watermark at the right, cut to the width."""
    pad = 2  # dots on either side
    text = printable(clip.watermark or "")
    text = text[: ((right - left) * DOTS - 2 * pad + 1) // face.advance]
    if not text:
        return None
    width = _ceil(len(text) * face.advance - 1 + 2 * pad, DOTS)
    return Plate(right - width, 0, width, 3 if face is LARGE else 2, face, text)


def _stamps_per_row(columns: int, scale: int) -> int:
    return min(10, columns // scale)


def _ceil(amount: int, unit: int) -> int:
    return -(-amount // unit)

"""A second, simple renderer: paints any frame of a clip from scratch, pixel by pixel, without codec or vectors.

It starts from the first frame as ``picture`` draws it and knows by itself what moves and how.
"""

from collections.abc import Sequence
from typing import NamedTuple

from screentest.media.clip import Clip
from screentest.media.font import NARROW
from screentest.media.picture import Picture, draw

BLOCK = 16


class Frame(NamedTuple):
    """Rows of bytes of the luma and chroma planes, one byte per sample."""

    luma: list[bytes]
    cb: list[bytes]
    cr: list[bytes]

    def planes(self) -> tuple[bytes, bytes, bytes]:
        return b"".join(self.luma), b"".join(self.cb), b"".join(self.cr)


def paint(clip: Clip, number: int, picture: Picture | None = None) -> Frame:
    """Frame ``number`` of the clip, as a decoder has to show it."""
    picture = picture or draw(clip)
    frame = _first(picture)
    if not clip.camera_fixed:
        _shift_mosaic(frame, picture, number)
    _move_ball(frame, picture, number)
    _show_time(frame, picture, clip, number)
    _fill_bar(frame, picture, clip, number)
    half = (clip.width // 2, clip.height // 2)
    return Frame(
        [row[: clip.width] for row in frame.luma[: clip.height]],
        [row[: half[0]] for row in frame.cb[: half[1]]],
        [row[: half[0]] for row in frame.cr[: half[1]]],
    )


def _first(picture: Picture) -> Frame:
    frame = Frame([], [], [])
    for row in picture.rows:
        for dot_row in range(4):
            dots = [[luma] * 4 if isinstance(luma, int) else luma[4 * dot_row : 4 * dot_row + 4] for luma in row.luma]
            frame.luma.extend([b"".join(bytes([dot]) * 4 for block in dots for dot in block)] * 4)
        frame.cb.extend([b"".join(bytes([u]) * 8 for u, _ in row.chroma)] * 8)
        frame.cr.extend([b"".join(bytes([v]) * 8 for _, v in row.chroma)] * 8)
    return frame


def _shift_mosaic(frame: Frame, picture: Picture, number: int) -> None:
    height, period = picture.layout.mosaic * BLOCK, picture.layout.period * BLOCK
    shift = number * picture.look.pan
    for plane, scale in ((frame.luma, 1), (frame.cb, 2), (frame.cr, 2)):
        for y in range(height // scale):
            row = plane[y]
            pattern, start = row[: period // scale], shift // scale % (period // scale)
            plane[y] = (pattern[start:] + pattern * (len(row) // len(pattern) + 1))[: len(row)]


def _move_ball(frame: Frame, picture: Picture, number: int) -> None:
    rail = picture.layout.deck.rail
    if rail is None:
        return
    x, step = rail.low, rail.speed
    for _ in range(number):
        if not rail.low <= x + step <= rail.high:
            step = -step
        x += step
    size = rail.size * BLOCK
    for y in range(rail.top * BLOCK, rail.top * BLOCK + size):
        row = frame.luma[y]
        ball, bare = row[rail.low : rail.low + size], row[rail.high + size : rail.high + size + 1] * size
        row = row[: rail.low] + bare + row[rail.low + size :]
        frame.luma[y] = row[:x] + ball + row[x + size :]


def _show_time(frame: Frame, picture: Picture, clip: Clip, number: int) -> None:
    counter = picture.layout.deck.counter
    if counter is None:
        return
    seconds, frames = number // clip.fps, number % clip.fps
    digits = str(number).rjust(max(3, len(str(clip.seconds * clip.fps))), "0") + f"{seconds:02d}{frames:02d}"
    for column, digit in zip(counter.digits, digits, strict=False):
        for i, line in enumerate(NARROW.glyphs[digit]):
            ink = _ink(picture.look.paper, line, 4 * counter.scale)
            for y in range(4 * counter.scale):
                _put(frame.luma, counter.top * BLOCK + i * 4 * counter.scale + y, column * BLOCK, ink)


def _ink(paper: int, dots: str, pixels: int) -> bytes:
    bright = paper + 192 if paper < 128 else paper - 192
    return b"".join(bytes([bright if dot == "#" else paper]) * pixels for dot in dots)


def _fill_bar(frame: Frame, picture: Picture, clip: Clip, number: int) -> None:
    bar, look = picture.layout.deck.bar, picture.look
    start, end = (bar.left + 1) * BLOCK, bar.right * BLOCK
    last = clip.seconds * clip.fps - 1
    steps = (end - start) // 2 * number // last  # it grows by pairs of pixels
    fills = ((frame.luma, 1, look.fill), (frame.cb, 2, look.accent[0]), (frame.cr, 2, look.accent[1]))
    for plane, scale, value in fills:
        for y in range(bar.top * BLOCK // scale, (bar.top + 1) * BLOCK // scale):
            _put(
                plane, y, bar.left * BLOCK // scale, bytes([value]) * ((start + 2 * steps - bar.left * BLOCK) // scale)
            )


def _put(plane: list[bytes], y: int, x: int, pixels: Sequence[int]) -> None:
    plane[y] = plane[y][:x] + bytes(pixels) + plane[y][x + len(pixels) :]

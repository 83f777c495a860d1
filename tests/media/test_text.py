"""The text in the picture, read back from decoded frames dot by dot."""

import pytest

from media import ffmpeg
from screentest.media.clip import Clip
from screentest.media.font import COMPACT, FACES, LARGE, NARROW, Face, printable
from screentest.media.picture import Picture, draw
from screentest.media.render import render
from screentest.media.wording import caption

DOT = 4
FULL = Clip(
    width=1280,
    height=720,
    seconds=5,
    seed=42,
    watermark="AI Generated",
    provider="hiapi",
    model="seedance-1-5-pro",
    prompt="A cat riding a red bicycle through the rain at night, neon reflections. 雨",
    label="720p 16:9",
    fingerprint="a1b2c3d4e5f6",
)


class Page:
    """One decoded frame, read as dots of ink or paper."""

    def __init__(self, luma: bytes, picture: Picture, width: int) -> None:
        self._luma, self._width, self._paper = luma, width, picture.look.paper

    def line(self, x: int, y: int, face: Face, length: int, scale: int = 1, *, inverse: bool = False) -> str:
        """The characters at dot (x, y); ``~`` where there is no glyph that looks like that."""
        shapes = {glyph: c for c, glyph in reversed(face.glyphs.items())}
        return "".join(
            shapes.get(self._glyph(x + i * face.advance * scale, y, face, scale, inverse), "~") for i in range(length)
        )

    def _glyph(self, x: int, y: int, face: Face, scale: int, inverse: bool) -> tuple[str, ...]:
        return tuple(
            "".join(
                "#" if self._is_ink(x + column * scale, y + row * scale) != inverse else "."
                for column in range(face.width)
            )
            for row in range(face.height)
        )

    def _is_ink(self, x: int, y: int) -> bool:
        centre = self._luma[(y * DOT + DOT // 2) * self._width + x * DOT + DOT // 2]
        return abs(centre - self._paper) > 32


def _pages(clip: Clip, frames: list[int]) -> tuple[Picture, list[Page]]:
    picture = draw(clip)
    decoded = ffmpeg.planes(render(clip), frames, clip.width, clip.height)
    return picture, [Page(luma, picture, clip.width) for luma, _, _ in decoded]


def _caption(picture: Picture, page: Page) -> list[str]:
    layout = picture.layout
    spare = (layout.deck.top - layout.mosaic) * DOT - layout.caption.height
    top = layout.mosaic * DOT + spare // 2
    return [
        page.line(layout.left * DOT, top + line.top, line.face, len(line.text), line.scale)
        for line in layout.caption.lines
    ]


def test_a_person_can_read_the_whole_request() -> None:
    """Headline, provider, model, size, label, length, rate, sound, seed, fingerprint, prompt; ``?`` beyond ASCII."""
    picture, (page,) = _pages(FULL, [0])
    assert _caption(picture, page) == [
        "SCREENTEST - SYNTHETIC VIDEO",
        "hiapi / seedance-1-5-pro",
        "1280x720  720p 16:9  5 s  24 fps  audio on",
        "seed 42  a1b2c3d4e5f6",
        "A cat riding a red bicycle through the rain at",
        "night, neon reflections. ?",
    ]


@pytest.mark.parametrize(("width", "height"), [(864, 496), (496, 864), (1920, 1080), (640, 640)])
def test_the_counter_counts(width: int, height: int) -> None:
    """Frame 73 of 120 at 24 frames per second is second 3, frame 1."""
    picture, pages = _pages(Clip(width=width, height=height, seconds=5), [0, 73, 119])
    counter = picture.layout.deck.counter
    assert counter is not None
    y, scale, baseline = counter.top * DOT, counter.scale, (counter.scale - 1) * NARROW.height
    seen = []
    for page in pages:
        word = page.line(picture.layout.left * DOT, y + baseline, LARGE, 5)
        seen.append(f"{word} {page.line(counter.digits[0] * DOT, y, NARROW, 7, scale)}")
        seen[-1] += f" {page.line(counter.digits[3] * DOT, y, NARROW, 5, scale)}"
    assert seen == ["frame 000/120 00:00", "frame 073/120 03:01", "frame 119/120 04:23"]


def test_more_than_999_frames_are_counted_in_four_digits() -> None:
    """41 seconds at 60 frames per second."""
    clip = Clip(width=496, height=280, seconds=41, fps=60)
    picture, (page,) = _pages(clip, [2459])
    counter = picture.layout.deck.counter
    assert counter is not None
    assert page.line(counter.digits[0] * DOT, counter.top * DOT, NARROW, 9) == "2459/2460"


@pytest.mark.parametrize(
    ("width", "height"), [(1920, 1080), (864, 496), (496, 864), (640, 640), (2206, 946), (320, 240), (64, 64)]
)
def test_the_watermark_stands_lower_right(width: int, height: int) -> None:
    """In the lower right quarter, as much of it as fits, and it reads as it should; without it, other pixels."""
    clip = Clip(width=width, height=height, seconds=1, watermark="AI Generated")
    picture, (page,) = _pages(clip, [0])
    plate = picture.layout.deck.plate
    assert plate is not None
    text = plate.text
    width_left = plate.width * DOT - len(text) * plate.face.advance
    x = plate.left * DOT + width_left - width_left // 2
    y = plate.top * DOT + (plate.height * DOT - plate.face.height + 1) // 2
    read = page.line(x, y, plate.face, len(text), inverse=True)
    expected = text.upper() if plate.face is COMPACT else text
    assert expected == (read.upper() if plate.face is COMPACT else read)
    assert text == "AI Generated"[: len(text)]
    assert len(text) == 12 or width < 200
    assert (plate.left + plate.width) * 16 > width * 0.9
    assert plate.top * 16 >= height // 2 or height < 100


def test_a_clip_without_a_watermark_has_no_plate() -> None:
    """None and a blank text are both no watermark."""
    for text in (None, "", "  \n"):
        assert draw(Clip(width=864, height=496, seconds=1, watermark=text)).layout.deck.plate is None


def test_every_fact_is_in_the_picture_at_480p() -> None:
    """At the smallest size that a provider offers nothing but the end of the prompt may be missing."""
    for width, height in ((864, 496), (496, 864), (640, 640), (752, 560), (560, 752), (992, 432)):
        clip = Clip(
            width=width,
            height=height,
            seconds=5,
            seed=2**31 - 1,
            watermark="AI Generated",
            audio=False,
            camera_fixed=True,
            provider="runcomfy",
            model="seedance-1-5-pro-t2v",
            prompt=FULL.prompt * 9,
            label="480p 16:9",
            fingerprint="a1b2c3d4e5f6",
        )
        lines = draw(clip).layout.caption.lines
        text = " ".join(line.text for line in lines).replace("pro- t2v", "pro-t2v")
        facts = ["SCREENTEST", "runcomfy /", "seedance-1-5-pro-t2v", f"{width}x{height}", "480p 16:9", "5 s"]
        facts += ["24 fps", "audio off", "camera fixed", "seed 2147483647", "a1b2c3d4e5f6", "A cat"]
        assert [fact for fact in facts if fact not in text] == [], (width, height)
        assert text.endswith("..")


def test_lines_stay_inside_and_apart() -> None:
    """No line is wider than its room, none lies on the next, whatever the room and the text."""
    for width in (16, 40, 72, 116, 200, 464):
        for height in (0, 4, 12, 30, 62, 90, 140):
            for prompt in ("", "x" * 500, "word " * 100):
                clip = Clip(width=1280, height=720, seconds=5, model="m" * 70, prompt=prompt, label="1080p 16:9")
                made = caption(clip, width, height)
                assert made.height <= height
                for line in made.lines:
                    assert len(line.text) * line.face.advance * line.scale - 1 <= width
                for line, following in zip(made.lines, made.lines[1:], strict=False):
                    assert line.bottom <= following.top


def test_unprintable_text_becomes_printable() -> None:
    """White space is one blank, everything beyond ASCII or invisible is a question mark."""
    assert printable("  a\tb\n\nc ") == "a b c"
    assert printable("caf\u00e9 \x00 \ud800 雨") == "caf? ? ? ?"


def test_faces_are_complete_and_unambiguous() -> None:
    """Every ASCII character has a glyph, and no two characters that differ look the same."""
    for face in (LARGE, COMPACT):
        assert {*map(chr, range(32, 127))} == set(face.glyphs)
        shapes = {c.upper() if face is COMPACT else c: glyph for c, glyph in face.glyphs.items()}
        assert len(shapes) == len(set(shapes.values()))
    for face in FACES.values():
        sizes = {(len(glyph), *map(len, glyph)) for glyph in face.glyphs.values()}
        assert sizes == {(face.height, *[face.width] * face.height)}

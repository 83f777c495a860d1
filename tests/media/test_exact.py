"""Every sample of a frame is what a second, simple renderer paints."""

import pytest

from media import ffmpeg
from media.painter import paint
from media.sizes import EVERY
from screentest.media.clip import Clip
from screentest.media.layout import plan
from screentest.media.motion import Pan, fields
from screentest.media.palette import look
from screentest.media.picture import draw
from screentest.media.render import render

PROMPT = "".join(map(chr, range(32, 127)))


@pytest.mark.parametrize(
    ("clip", "frames"),
    [
        (Clip(width=320, height=240, seconds=2, seed=1, watermark="AI Generated", prompt=PROMPT), range(48)),
        (Clip(width=320, height=240, seconds=1, fps=60, seed=3, camera_fixed=True, prompt=PROMPT), range(60)),
        (Clip(width=864, height=496, seconds=5, seed=4, watermark="AI Generated", prompt=PROMPT), range(0, 120, 17)),
        (Clip(width=496, height=864, seconds=5, seed=5, camera_fixed=True, prompt=PROMPT), (0, 1, 24, 119)),
        (Clip(width=1920, height=1080, seconds=2, seed=6, watermark="x", prompt=PROMPT), (0, 1, 10, 47)),
        (Clip(width=834, height=1112, seconds=3, seed=8, prompt=PROMPT), (0, 1, 35, 71)),
        (Clip(width=2206, height=946, seconds=1, fps=8, seed=9, prompt=PROMPT), (0, 1, 2, 7)),
        (Clip(width=66, height=82, seconds=20, fps=60, seed=2, prompt=PROMPT), (0, 1, 500, 1199)),
    ],
    ids=lambda value: f"{value.width}x{value.height}-{value.fps}" if isinstance(value, Clip) else "",
)
def test_decoded_frames_are_exact(clip: Clip, frames: range | tuple[int, ...]) -> None:
    """Luma and chroma, to the last sample: ball, digits, progress, pan, and everything that stands still."""
    wanted = list(frames)
    decoded = ffmpeg.planes(render(clip), wanted, clip.width, clip.height)
    picture = draw(clip)
    for number, got in zip(wanted, decoded, strict=True):
        for name, expected, plane in zip(("luma", "cb", "cr"), paint(clip, number, picture).planes(), got, strict=True):
            assert expected == plane, f"{name} of frame {number}"


@pytest.mark.parametrize(("width", "height"), [(864, 496), (834, 1112)])
def test_another_decoder_agrees(width: int, height: int) -> None:
    """Cisco's OpenH264, which shares no code with ffmpeg's own decoder, makes the same pictures."""
    if not ffmpeg.has_decoder("libopenh264"):
        pytest.skip("this ffmpeg has no OpenH264")
    data = render(Clip(width=width, height=height, seconds=2, prompt=PROMPT, watermark="AI Generated"))
    pictures = ffmpeg.fingerprints(data, "h264")
    assert len(pictures) == 48
    assert pictures == ffmpeg.fingerprints(data, "libopenh264")


def test_a_fixed_camera_and_a_moving_one_look_different() -> None:
    """With a moving camera the mosaic pans, too; with a fixed one it stands still."""
    for is_fixed in (True, False):
        clip = Clip(width=640, height=360, seconds=1, camera_fixed=is_fixed)
        rows = draw(clip).layout.mosaic * 16
        first, last = ffmpeg.planes(render(clip), [0, 23], clip.width, clip.height)
        mosaic = slice(0, rows * clip.width)
        assert is_fixed == (first[0][mosaic] == last[0][mosaic])
        assert first[0] != last[0]


@pytest.mark.parametrize("fps", [8, 24, 60])
def test_no_vector_is_longer_than_a_level_allows(fps: int) -> None:
    """Within 2048 pixels across and 256 down, the limits of level 3.0, and even, so that chroma moves whole samples."""
    for width, height in EVERY:
        clip = Clip(width=width, height=height, seconds=1, fps=fps)
        style = look(clip.seed)
        layout = plan(clip, style.ball)
        moves = [*Pan(layout, style.pan).fields, *fields(layout, clip.frames, clip.fps)]
        vectors = {vector for field in moves for row in field.values() for vector in row.values()}
        assert all(-2048 <= x < 2048 and -256 <= y < 256 and x % 2 == y % 2 == 0 for x, y in vectors), (width, height)

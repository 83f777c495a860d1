"""ffmpeg decodes every kind of clip without a word, and sees exactly what was asked for."""

import random

import pytest

from media import ffmpeg
from media.sizes import DOCUMENTED, EVERY
from screentest.media.clip import Clip
from screentest.media.mp4_reader import probe
from screentest.media.render import render

PROMPT = "A cat riding a red bicycle through the rain at night, neon reflections, cinematic wide shot"


def _judge(clip: Clip) -> None:
    data = render(clip)
    seen = ffmpeg.decode(data)
    assert (clip.width, clip.height) == (seen.width, seen.height)
    assert list(range(clip.frames)) == seen.times
    assert (clip.seconds * 48_000 if clip.audio else None) == seen.audio
    movie = probe(data)
    assert clip.seconds == movie.seconds == movie.video.seconds


@pytest.mark.parametrize(
    "clip",
    [
        Clip(width=1920, height=1080, seconds=3, model="seedance-1-5-pro", prompt=PROMPT, watermark="AI Generated"),
        Clip(width=1080, height=1920, seconds=2, audio=False, seed=1, prompt=PROMPT),
        Clip(width=2206, height=946, seconds=2, seed=2, camera_fixed=True, prompt=PROMPT),
        Clip(width=864, height=496, seconds=12, seed=3, prompt=PROMPT),
        Clip(width=496, height=864, seconds=4, seed=4, audio=False, watermark="Happy Horse", prompt=PROMPT),
        Clip(width=834, height=1112, seconds=3, fps=25, seed=5, prompt=PROMPT),
        Clip(width=1470, height=630, seconds=2, fps=30, seed=6, watermark="AI Generated", prompt=PROMPT),
        Clip(width=320, height=240, seconds=41, seed=7, watermark="AI Generated", prompt=PROMPT),
        Clip(width=64, height=64, seconds=20, fps=60, seed=8, watermark="x" * 99, prompt=PROMPT),
    ],
    ids=lambda clip: f"{clip.width}x{clip.height}-{clip.seconds}s-{clip.fps}fps",
)
def test_a_full_decode_is_clean_and_exact(clip: Clip) -> None:
    """Size, every frame at its time, every audio sample or no audio track, and not one warning."""
    _judge(clip)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_every_documented_size_decodes(part: int) -> None:
    """Each size that a provider documents, and unusual ones, for the shortest time that a clip may last."""
    for i, (width, height) in enumerate(EVERY[part::4]):
        _judge(Clip(width=width, height=height, seconds=1, fps=8, seed=i, audio=i % 2 == 0, prompt=PROMPT))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_random_clips_decode(seed: int) -> None:
    """Any even size, rate and length, with text of any kind."""
    dice = random.Random(seed)
    _judge(
        Clip(
            width=dice.randrange(64, 1300, 2),
            height=dice.randrange(64, 1300, 2),
            seconds=dice.randint(1, 4),
            fps=dice.randint(8, 60),
            audio=dice.random() < 0.5,
            watermark=dice.choice((None, "AI Generated", "\N{SNOWMAN}" * 40)),
            seed=dice.randrange(-(2**40), 2**40),
            camera_fixed=dice.random() < 0.3,
            model="".join(map(chr, dice.choices(range(32, 127), k=60))),
            prompt="".join(map(chr, dice.choices(range(1, 0xD800), k=300))),
        )
    )


def test_a_player_sees_profile_colour_and_tags() -> None:
    """Constrained Baseline, BT.709, AAC LC mono, constant rate; the title and the comment carry the request."""
    clip = Clip(width=1280, height=720, seconds=1, provider="hiapi", model="seedance-1-5-pro", prompt="雨 at night")
    text = ffmpeg.description(render(clip))
    assert "h264 (Constrained Baseline)" in text
    assert "yuv420p(tv, bt709, progressive), 1280x720 [SAR 1:1 DAR 16:9]" in text
    assert "24 fps, 24 tbr" in text
    assert "aac (LC) (mp4a / 0x6134706D), 48000 Hz, mono" in text
    assert "title : screentest synthetic video - hiapi / seedance-1-5-pro" in text
    assert "comment : 1280x720 | 1 s | 24 fps | audio on | seed 0 | prompt: 雨 at night" in text


def test_all_documented_sizes_are_drawn_with_all_their_parts() -> None:
    """From 480p up nothing is left out: caption, ball, whole counter, and watermark when there is one."""
    from screentest.media.layout import plan

    for width, height in DOCUMENTED:
        layout = plan(Clip(width=width, height=height, seconds=5, watermark="AI Generated", prompt=PROMPT), 4)
        deck = layout.deck
        assert deck.rail is not None
        assert deck.counter is not None
        assert deck.plate is not None
        assert (len(deck.counter.digits), deck.plate.text) == (7, "AI Generated"), (width, height)
        assert layout.mosaic * 16 >= height // 6

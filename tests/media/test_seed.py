"""Same request, same bytes; another seed, another picture."""

import hashlib
import itertools
import subprocess
import sys

import pytest
from msgspec.structs import replace

from media import ffmpeg
from screentest.media.clip import GENERATOR, Clip
from screentest.media.render import render

CLIP = Clip(
    width=864,
    height=496,
    seconds=5,
    provider="hiapi",
    model="seedance-1-5-pro",
    prompt="A cat riding a red bicycle",
    label="480p 16:9",
    fingerprint="a1b2c3d4e5f6",
)
GOLDEN = {
    1: [
        (CLIP, "048e706b4921d324cc3bfda4922e2eb5b5618067de9dcd44bab9fa805fbfe943"),
        (
            replace(CLIP, width=1920, height=1080, seconds=15, watermark="AI Generated", seed=42),
            "9b1da90acb074663d58aab94e03ef7d2b9b8550fe330839ae82e38e2c373c1c1",
        ),
        (
            replace(CLIP, width=320, height=240, seconds=3, fps=30, audio=False, camera_fixed=True, seed=-1),
            "4c982ce657b10e89c80f388aaf25d5ff6b17f03e2675573b863008761a1cc39f",
        ),
    ]
}


@pytest.mark.parametrize(("clip", "digest"), GOLDEN[GENERATOR], ids=["480p", "1080p", "small"])
def test_the_bytes_of_a_generator_never_change(clip: Clip, digest: str) -> None:
    """When this fails on purpose: raise GENERATOR in clip.py and write the new digests under its number."""
    assert digest == hashlib.sha256(render(clip)).hexdigest()


def test_another_process_makes_the_same_bytes() -> None:
    """Nothing depends on hash randomisation or on what was rendered before."""
    render(replace(CLIP, seed=99))
    code = f"""
import hashlib
from screentest.media.clip import Clip
from screentest.media.render import render
print(hashlib.sha256(render({CLIP})).hexdigest())
"""
    here = hashlib.sha256(render(CLIP)).hexdigest()
    paths = {"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "11"}
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=paths, text=True)
    assert here == there.stdout.strip()


@pytest.mark.parametrize(("width", "height"), [(864, 496), (320, 240)])
def test_another_seed_is_visibly_another_picture(width: int, height: int) -> None:
    """First frames of neighbouring seeds differ by at least 20 of 255 on average over all pixels and colours."""
    frames = [ffmpeg.rgb(render(replace(CLIP, width=width, height=height, seconds=1, seed=n))) for n in range(6)]
    for seed, (one, other) in enumerate(itertools.pairwise(frames)):
        # A prime step samples all columns and colours; every pixel would take seconds.
        pairs = list(zip(one[::31], other[::31], strict=True))
        assert sum(abs(a - b) for a, b in pairs) / len(pairs) >= 20, f"seeds {seed} and {seed + 1}"


def test_the_seed_also_changes_motion_and_sound() -> None:
    """Over a few seeds there are several speeds of the ball, both directions of the pan, and several pitches."""
    from screentest.media.palette import look

    looks = [look(seed) for seed in range(20)]
    assert {2, 4, 6, 8} == {style.ball for style in looks}
    assert {-2, 2} == {style.pan for style in looks}
    assert len({style.beep % 8 for style in looks}) >= 5

"""The sound: a beep at each second, and nothing else."""

import itertools

import pytest

from media import derive_tones, ffmpeg
from screentest.media import aac
from screentest.media.clip import Clip
from screentest.media.palette import look
from screentest.media.render import render


@pytest.mark.parametrize("seed", range(8))
def test_a_beep_starts_each_second_and_the_rest_is_silence(seed: int) -> None:
    """An eighth of a second of the seed's pitch, then silence until the next second."""
    samples = ffmpeg.sound(render(Clip(width=64, height=64, seconds=3, seed=seed)))
    assert len(samples) == 3 * aac.RATE
    pitch = aac.PITCHES[look(seed).beep % len(aac.PITCHES)]
    for second in range(3):
        start = second * aac.RATE
        beep = samples[start + 1024 : start + 5 * 1024]
        crossings = sum(1 for a, b in itertools.pairwise(beep) if a < 0 <= b)
        assert abs(crossings - pitch * len(beep) / aac.RATE) <= 1
        assert 1_000 < max(beep) < 3_000
        assert max(map(abs, samples[start + 9_000 : start + aac.RATE - 2_000])) <= 1


@pytest.mark.slow
def test_the_frames_come_from_an_encoder() -> None:
    """The hex in ``aac`` is what ffmpeg makes of the same tones, or at least sounds like it."""
    for key, kept in derive_tones.kept().items():
        fresh = derive_tones.steady_frame(derive_tones.source(key))
        assert abs(len(fresh) - len(kept)) <= 8, f"tone {key}"


def test_no_sound_means_no_track() -> None:
    """A silent clip is not a clip with silence."""
    assert ffmpeg.decode(render(Clip(width=64, height=64, seconds=2, audio=False))).audio is None

"""Recordings: WAVs of exactly the length and rate that were asked for, with a beep at each second."""

import io
import wave
from array import array
from itertools import pairwise

import pytest
from msgspec.structs import fields, replace

from media import ffmpeg
from screentest.media.artefact import artefacts, render
from screentest.media.recording import Recording

USUAL = Recording(milliseconds=2500, rate=16000, seed=4, provider="runcomfy", model="acestep-ai/ace-step", prompt="雨")


def samples(recording: Recording) -> list[int]:
    with wave.open(io.BytesIO(render(recording))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, recording.rate)
        return array("h", file.readframes(file.getnframes())).tolist()


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("milliseconds", [1, 40, 999, 1000, 5250, 61_500])
def test_length_and_rate_are_exact(milliseconds: int, rate: int) -> None:
    """To the sample."""
    made = samples(replace(USUAL, milliseconds=milliseconds, rate=rate))
    assert len(made) == milliseconds * rate // 1000


def test_a_beep_at_each_second() -> None:
    """An eighth of a second of sound, then silence; it begins and ends softly and does not clip."""
    made = samples(USUAL)
    for second in range(3):
        start = second * 16000
        assert max(made[start : start + 2000]) > 6000
        assert set(made[start + 2000 : start + 16000]) <= {0}
        assert made[start] == 0
    assert max(map(abs, made)) <= 9000


def test_another_seed_has_another_pitch() -> None:
    """Counted by how often the sound changes its sign."""
    pitches = set()
    for seed in range(20):
        made = samples(replace(USUAL, seed=seed))[:2000]
        pitches.add(sum(one < 0 <= other for one, other in pairwise(made)))
    assert len(pitches) >= 4


def test_the_same_recording_is_the_same_bytes() -> None:
    """And the file tells what it is, in its own script."""
    assert render(USUAL) == render(replace(USUAL))
    assert "2.5 s | 16000 Hz | seed 4 | prompt: 雨".encode() in render(USUAL)
    assert b"screentest synthetic audio - runcomfy / acestep-ai/ace-step" in render(USUAL)


def test_ffmpeg_sees_what_was_asked_for() -> None:
    """An independent reader agrees about rate and tags."""
    seen = ffmpeg.description(render(USUAL))
    assert "pcm_s16le ([1][0][0][0] / 0x0001), 16000 Hz, mono" in seen
    assert "title : screentest synthetic audio - runcomfy / acestep-ai/ace-step" in seen


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("milliseconds", 0, "milliseconds must be a whole number from 1 to 600000, not 0"),
        ("rate", 7999, "rate must be a whole number from 8000 to 48000, not 7999"),
    ],
)
def test_a_recording_that_cannot_be_made_is_refused_with_a_sentence(field: str, value: object, sentence: str) -> None:
    """The message names the field, what is possible, and what came."""
    with pytest.raises(ValueError, match="must be") as refused:
        replace(USUAL, **{field: value})
    assert sentence == str(refused.value)


OTHER = {
    "milliseconds": 2501,
    "rate": 8000,
    "seed": 5,
    "provider": "hiapi",
    "model": "m",
    "prompt": "p",
    "label": "x",
    "fingerprint": "0123456789ab",
}


@pytest.mark.parametrize("name", [field.name for field in fields(Recording)])
def test_every_field_changes_the_digest(name: str) -> None:
    """Two requests that differ in anything have different ETags."""
    assert USUAL.digest() != replace(USUAL, **{name: OTHER[name]}).digest()


def test_a_recording_by_name() -> None:
    """The name says what the file is."""
    made = {"kind": "audio", "milliseconds": 1000, "rate": 44100, "seed": 1}
    assert list(artefacts(made, "output")) == ["output.wav"]

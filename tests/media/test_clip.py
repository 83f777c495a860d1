"""The request: what it refuses, and what its digest depends on."""

import subprocess
import sys

import pytest
from msgspec.structs import fields, replace

from screentest.media import clip as module
from screentest.media.clip import Clip

USUAL = Clip(width=864, height=496, seconds=5)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("width", 865, "width must be an even number of pixels from 64 to 5120, not 865"),
        ("width", 62, "width must be an even number of pixels from 64 to 5120, not 62"),
        ("height", 5122, "height must be an even number of pixels from 64 to 5120, not 5122"),
        ("seconds", 0, "seconds must be a whole number from 1 to 41, not 0"),
        ("seconds", 42, "seconds must be a whole number from 1 to 41, not 42"),
        ("seconds", 2.5, "seconds must be a whole number from 1 to 41, not 2.5"),
        ("seconds", 5.0, "seconds must be a whole number from 1 to 41, not 5.0"),
        ("fps", 0, "fps must be a whole number from 8 to 60, not 0"),
    ],
)
def test_a_clip_that_cannot_be_drawn_is_refused_with_a_sentence(field: str, value: object, sentence: str) -> None:
    """The message names the field, what is possible, and what came."""
    with pytest.raises(ValueError, match="must be") as refused:
        replace(USUAL, **{field: value})
    assert sentence == str(refused.value)


def test_frames_are_seconds_times_rate() -> None:
    """Five seconds at 24 frames per second are 120 frames."""
    assert USUAL.frames == 120


OTHER = {
    "width": 866,
    "height": 498,
    "seconds": 6,
    "fps": 25,
    "audio": False,
    "watermark": "AI Generated",
    "seed": 1,
    "camera_fixed": True,
    "provider": "hiapi",
    "model": "m",
    "prompt": "p",
    "label": "480p",
    "fingerprint": "0123456789ab",
}


@pytest.mark.parametrize("name", [field.name for field in fields(Clip)])
def test_every_field_changes_the_digest(name: str) -> None:
    """Two requests that differ in anything have different ETags."""
    assert USUAL.digest() != replace(USUAL, **{name: OTHER[name]}).digest()


def test_the_generator_changes_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new version of the generator must not be served from an old cache."""
    before = USUAL.digest()
    monkeypatch.setattr(module, "GENERATOR", module.GENERATOR + 1)
    assert before != USUAL.digest()


def test_the_digest_is_the_same_in_another_process() -> None:
    """64 hex digits that do not depend on hash randomisation, also for text that UTF-8 cannot hold."""
    clip = "Clip(width=864, height=496, seconds=5, prompt='\\ud800 \\u96e8')"
    code = f"from screentest.media.clip import Clip; print({clip}.digest())"
    paths = {"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "7"}
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=paths, text=True)
    assert replace(USUAL, prompt="\ud800 雨").digest() == printed.stdout.strip()
    assert len(printed.stdout.strip()) == 64

"""Clips that follow their first frame, through the wire: the size in the file is that of the image's shape."""

from __future__ import annotations

import pytest

from driving import Emulator
from providers.movies import size_of
from providers.samples import I2V, SEEDANCE, finished, job_id
from unit.pictures import data_uri


@pytest.mark.parametrize(
    ("image", "expected"), [((900, 1600), (720, 1280)), ((1600, 900), (1280, 720)), ((600, 600), (960, 960))]
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_image_to_video(emulator: Emulator, image: tuple[int, int], kind: str, expected: tuple[int, int]) -> None:
    """The first frame of a data URI decides, whatever its format."""
    url = finished(emulator, I2V, image_url=data_uri(*image, kind), resolution="720P", duration=3)
    assert size_of(emulator.get(url).body) == expected


@pytest.mark.parametrize(("image", "expected"), [((1200, 500), (992, 432)), ((600, 800), (560, 752))])
def test_seedance_adaptive(emulator: Emulator, image: tuple[int, int], expected: tuple[int, int]) -> None:
    """The default ratio takes the listed one nearest to the image."""
    url = finished(emulator, SEEDANCE, first_frame_image_url=data_uri(*image), duration=4)
    assert size_of(emulator.get(url).body) == expected


@pytest.mark.parametrize(("image", "said"), [((310, 3000), "ratio"), ((3000, 310), "ratio"), ((200, 200), "300")])
def test_an_image_that_breaks_a_rule_fails_the_job(emulator: Emulator, image: tuple[int, int], said: str) -> None:
    """The request is accepted; the job fails when generation begins, and the error names the field and the limit."""
    job = job_id(I2V.send(emulator, image_url=data_uri(*image)))
    emulator.advance(60)
    result = emulator.get(f"/runcomfy/v1/requests/{job}/result").json()
    assert result["status"] == "failed"
    assert "image_url" in result["error"]
    assert said in result["error"]

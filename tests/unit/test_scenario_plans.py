"""What a scenario does to a job's plan: times, place, and files that differ from what was asked for."""

from __future__ import annotations

import math

import pytest

from screentest.media.artefact import artefacts
from screentest.paces import PACES
from screentest.scenario import Scenario
from unit.planned import ACE, HIAPI, KLEIN, NOW, WAN, Request, plan


def test_times_and_place_of_a_scenario() -> None:
    """What the scenario says replaces what chance decided; the rest is as it would have been."""
    usual = plan(HIAPI)
    slow = plan(HIAPI, scenario=Scenario(run=90))
    assert (slow.queue_ends, slow.ends - slow.queue_ends) == (usual.queue_ends, 90)
    waiting = plan(HIAPI, scenario=Scenario(queue=math.inf, queue_position=250))
    assert (waiting.queue_ends, waiting.ends, waiting.queue_position) == (math.inf, math.inf, 250)


def test_a_job_whose_callback_comes_early_ends_at_once() -> None:
    """There is something to tell before the submit is answered."""
    early = plan(HIAPI, scenario=Scenario(callback="early", run=90))
    assert (early.queue_ends, early.ends) == (NOW, NOW)


@pytest.mark.parametrize(("name", "queue", "run"), [(name, pace.queue, pace.run) for name, pace in PACES.items()])
def test_paces(name: str, queue: tuple[float, float], run: tuple[float, float]) -> None:
    """A pace gives the ranges of seconds; pictures and recordings have their own."""
    video, still = plan(HIAPI, pace=name), plan(WAN, pace=name)
    assert queue[0] - 1e-6 <= video.queue_ends - NOW <= queue[1] + 1e-6
    assert run[0] - 1e-6 <= video.ends - video.queue_ends <= run[1] + 1e-6
    low, high = PACES[name].still
    assert low - 1e-6 <= still.ends - still.queue_ends <= high + 1e-6


@pytest.mark.parametrize("request_", [pytest.param(HIAPI, id="video"), pytest.param(WAN, id="image"), ACE])
@pytest.mark.parametrize("kind", ["video", "image", "audio"])
@pytest.mark.parametrize("outputs", [None, 0, 1, 3])
def test_kind_and_number_of_outputs(request_: Request, kind: str, outputs: int | None) -> None:
    """Any model can be made to return any number of any kind, all different; what was asked for stays in the plan."""
    made = plan(request_, scenario=Scenario(kind=kind, outputs=outputs))
    found = artefacts({**made.clip, **made.made}, "output").values()
    assert len(found) == (1 if outputs is None else outputs)
    assert all(one.media_type.startswith(kind) for one in found)
    assert len({one.digest() for one in found}) == len(found)
    assert made.clip == plan(request_).clip


def test_a_wrong_length_and_size() -> None:
    """The file differs from what was asked for, and only in that."""
    usual, wrong = plan(HIAPI), plan(HIAPI, scenario=Scenario(seconds=1, width=320, height=240))
    assert wrong.clip == usual.clip
    assert wrong.made == {"seconds": 1, "width": 320, "height": 240}


def test_a_size_means_nothing_to_a_recording() -> None:
    """What cannot differ is left alone."""
    assert plan(ACE, scenario=Scenario(seconds=1, width=320)).made == {}


def test_a_picture_of_odd_sides_becomes_a_video_of_even_ones() -> None:
    """A video of the nearest size that can be drawn."""
    made = plan(KLEIN, scenario=Scenario(kind="video"), width=65, height=2047).made
    assert (made["width"], made["height"]) == (64, 2046)

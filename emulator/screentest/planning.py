"""Decide a job's whole future at submit: how long it queues and runs, how it ends, what clip it makes. Pure."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from screentest.framing import frame_size
from screentest.jobs import Plan
from screentest.scenario import Scenario
from screentest_contracts.document import Model, Video

_LARGEST_SEED = 2**31 - 1
_LONGEST_QUEUE = 4


@dataclass(frozen=True, slots=True)
class Pace:
    """How long jobs usually take, as ranges of seconds."""

    queue: tuple[float, float]
    run: tuple[float, float]


QUICK = Pace(queue=(0.8, 1.2), run=(2.6, 3.4))


def make_plan(
    provider: str,
    model: Model,
    inputs: Mapping[str, Any],
    *,
    now: float,
    rng: random.Random,
    scenario: Scenario,
    unfetched: str,
    pace: Pace = QUICK,
) -> Plan:
    """The plan of a job submitted at `now` with complete `inputs`; the same `rng` state gives the same plan."""
    queue_ends = now + rng.uniform(*pace.queue)
    ends = queue_ends + rng.uniform(*pace.run)
    drawn = rng.randint(1, _LARGEST_SEED)
    return Plan(
        queue_ends=queue_ends,
        ends=ends,
        outcome="failed" if scenario.name == "fail" else "succeeded",
        failure=(scenario.argument, ""),
        queue_position=rng.randint(1, _LONGEST_QUEUE),
        clip=_clip(provider, model, inputs, scenario.prompt, drawn, unfetched),
    )


def _clip(
    provider: str, model: Model, inputs: Mapping[str, Any], prompt: str, drawn: int, unfetched: str
) -> dict[str, Any]:
    video = model.video
    width, height = frame_size(video, inputs, unfetched)
    print_ = fingerprint(provider, model.id, inputs)
    return {
        "width": width,
        "height": height,
        "seconds": inputs[video.seconds],
        "fps": video.fps,
        "audio": video.audio if isinstance(video.audio, bool) else inputs[video.audio],
        "watermark": video.watermark_text if video.watermark and inputs[video.watermark] else None,
        "seed": _seed(video, inputs, print_, drawn),
        "camera_fixed": bool(video.camera_fixed and inputs[video.camera_fixed]),
        "provider": provider,
        "model": model.id,
        "prompt": prompt,
        "label": " ".join(str(inputs[name]) for name in (video.tier, video.ratio) if name),
        "fingerprint": print_,
    }


def _seed(video: Video, inputs: Mapping[str, Any], print_: str, drawn: int) -> int:
    """The seed as asked; drawn where the provider calls the value random; else it follows from the request."""
    asked = inputs.get(video.seed) if video.seed else None
    if asked in video.random_seeds:
        return drawn
    return int(asked) if asked is not None else int(print_, 16) % _LARGEST_SEED + 1


def fingerprint(provider: str, model: str, inputs: Mapping[str, Any]) -> str:
    """12 hex digits of the canonical request: the same request has the same, on any machine."""
    canonical = json.dumps([provider, model, inputs], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]

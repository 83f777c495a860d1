"""Decide a job's whole future at submit: how long it queues and runs, how it ends, what it makes. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from screentest.framing import frame_size, tier_of
from screentest.jobs import Plan, fingerprint
from screentest.media.clip import SECONDS, SIDES
from screentest.paces import PACES, QUICK, Pace
from screentest.scenario import USUAL, Scenario
from screentest_contracts.model import Audio, Frame, Image, Model, Output, Video

_LARGEST_SEED = 2**31 - 1
_LONGEST_QUEUE = 4


def make_plan(
    provider: str,
    model: Model,
    inputs: Mapping[str, Any],
    *,
    now: float,
    rng: random.Random,
    prompt: str,
    scenario: Scenario,
    unfetched: str,
    pace: Pace = PACES[QUICK],
) -> Plan:
    """The plan of a job submitted at `now` with complete `inputs`; the same `rng` state gives the same plan.

    `prompt` is what the picture shows; `scenario` says what goes otherwise than usual.
    """
    queue, run = _times(pace, model.output, scenario, rng)
    position = 1 + int(rng.random() * _LONGEST_QUEUE)
    asked = _asked(provider, model, inputs, prompt, rng, unfetched)
    return Plan(
        queue_ends=now + queue,
        ends=now + queue + run,
        outcome=scenario.outcome,
        failure=(scenario.code, scenario.message),
        queue_position=position if scenario.queue_position is None else scenario.queue_position,
        clip=asked,
        made=_otherwise(asked, scenario),
        link_seconds=scenario.link_seconds,
        truncated=scenario.truncated,
        flagged=scenario.flagged,
    )


def _times(pace: Pace, output: Output, scenario: Scenario, rng: random.Random) -> tuple[float, float]:
    """Seconds in the queue and running. A callback before the answer is that of a job which ended at once."""
    queue = rng.uniform(*pace.queue)
    run = rng.uniform(*(pace.run if output.kind == "video" else pace.still))
    if scenario.callback == "early":
        return 0.0, 0.0
    return queue if scenario.queue is None else scenario.queue, run if scenario.run is None else scenario.run


def _otherwise(asked: Mapping[str, Any], scenario: Scenario) -> dict[str, Any]:
    """The fields in which the files differ from what was asked for."""
    if scenario is USUAL:
        return {}
    kind = scenario.kind or asked["kind"]
    found: dict[str, Any] = {}
    if kind != asked["kind"]:
        found = {name: value for name, value in _SAMPLES[kind].items() if name not in asked} | {"kind": kind}
        if kind == "video":  # its sides are even, and shorter than a picture's may be
            found |= {name: min(asked[name] // 2 * 2, SIDES[-1]) for name in ("width", "height") if name in asked}
    wanted: dict[str, Any] = {"count": scenario.outputs}
    if kind != "audio":
        wanted |= {"width": scenario.width, "height": scenario.height}
    if kind == "video":
        wanted |= {"seconds": scenario.seconds}
    return found | {name: value for name, value in wanted.items() if value is not None}


_SAMPLES: Mapping[str, dict[str, Any]] = {
    "video": {"width": 1280, "height": 720, "seconds": 5, "fps": 24, "audio": True},
    "image": {"width": 1280, "height": 720, "format": "png"},
    "audio": {"milliseconds": 5000, "rate": 44100},
}
"""What a model makes that does not make this kind of thing."""


def _asked(
    provider: str, model: Model, inputs: Mapping[str, Any], prompt: str, rng: random.Random, unfetched: str
) -> dict[str, Any]:
    """The fields of what the job is to make, by its `kind`, but for what its request says already."""
    output = model.output
    made: dict[str, Any] = {
        "kind": output.kind,
        "seed": _seed(provider, model, inputs, rng),
        "label": _label(output, inputs),
    }
    if prompt != inputs.get("prompt", ""):  # without its directive, or shorter
        made["prompt"] = prompt
    if isinstance(output, Frame):
        made["width"], made["height"] = frame_size(output, inputs, unfetched)
    match output:
        case Video():
            return made | _clip(output, inputs)
        case Image():
            return made | _still(output, inputs)
        case Audio():
            return made | _recording(output, inputs)


def _clip(video: Video, inputs: Mapping[str, Any]) -> dict[str, Any]:
    made = {
        "seconds": min(max(SECONDS[0], _seconds(video, inputs)), SECONDS[-1]),
        "fps": video.fps if isinstance(video.fps, int) else inputs[video.fps],
        "audio": video.audio if isinstance(video.audio, bool) else inputs[video.audio],
    }
    if video.watermark and inputs[video.watermark]:
        made["watermark"] = video.watermark_text
    if video.camera_fixed and inputs[video.camera_fixed]:
        made["camera_fixed"] = True
    if video.frames:
        made["frames"] = [name for name, when in video.frames.items() if when is True or inputs.get(str(when))]
    return made


def _seconds(video: Video, inputs: Mapping[str, Any]) -> int:
    """How long the clip is asked to be; some inputs spell the number as text, or have a word for "as you like"."""
    asked = inputs.get(video.seconds) if video.seconds else None
    if isinstance(asked, str):
        number = asked.removesuffix("s")
        asked = int(number) if number.isdecimal() else None
    return int(asked if asked is not None else video.fixed_seconds or SECONDS[0])


def _still(image: Image, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "count": int(inputs.get(image.count) or 1) if image.count else 1,
        "format": inputs[image.format] if image.format else image.fixed_format,
        "transparent": bool(image.background and inputs[image.background] == "transparent"),
    }


def _recording(audio: Audio, inputs: Mapping[str, Any]) -> dict[str, Any]:
    thousandths = {"s": 1000, "ms": 1}[audio.unit]
    asked = sum(inputs.get(name) or 0 for name in audio.seconds)
    rate = inputs.get(audio.rate) if audio.rate else None
    return {
        "milliseconds": round(asked * thousandths) + 1000 * audio.fixed_seconds,
        "rate": rate if isinstance(rate, int) else audio.rates.get(str(rate), audio.fixed_rate),
    }


def _label(output: Output, inputs: Mapping[str, Any]) -> str:
    """Tier and ratio as the request spells them."""
    if not isinstance(output, Frame):
        return ""
    ratio = inputs.get(output.ratio) if output.ratio else None
    return " ".join(filter(None, (tier_of(output, inputs), ratio)))


def _seed(provider: str, model: Model, inputs: Mapping[str, Any], rng: random.Random) -> int:
    """The seed as asked; drawn where the provider calls the value random; else it follows from the request."""
    output = model.output
    asked = inputs.get(output.seed) if output.seed else None
    if asked in output.random_seeds:
        return rng.randint(1, _LARGEST_SEED)
    if asked is not None:
        return int(asked)
    return int(fingerprint(provider, model.id, inputs), 16) % _LARGEST_SEED + 1

"""Requests for models of every kind, and the plans of their jobs."""

from __future__ import annotations

import random
from typing import Any

from screentest.jobs import Job, Plan
from screentest.jobs import clip as made_by
from screentest.paces import PACES, QUICK
from screentest.planning import make_plan
from screentest.scenario.value import USUAL, Scenario
from screentest_contracts.load import load

NOW = 1_800_000_000.0
IMAGE = "https://images.example/1.png"
R2V = ("runcomfy", "happyhorse/happyhorse-1.0/reference-to-video", {"image_url_1": IMAGE, "prompt": "p"})
I2V = ("runcomfy", "happyhorse/happyhorse-1.0/image-to-video", {"image_url": IMAGE, "prompt": "p"})
SEEDANCE = ("runcomfy", "bytedance/seedance-v1.5-pro/image-to-video", {"first_frame_image_url": IMAGE, "prompt": "p"})
RUNFLOW = ("runflow", "alibaba/happy-horse/reference-to-video", {"image_urls": [IMAGE], "prompt": "p"})
HIAPI = ("hiapi", "happyhorse-1.1/reference-to-video", {"reference_image": [IMAGE], "prompt": "p"})
FLUX = ("runcomfy", "blackforestlabs/flux-3/text-to-video", {"prompt": "p"})
LTX = ("runcomfy", "lightricks/ltx-2.5/text-to-video/pro", {"prompt": "p"})
WAN = ("runcomfy", "wan-ai/wan-2.7/text-to-image", {"prompt": "p"})
QWEN = ("runcomfy", "qwen/qwen-image-2.1/text-to-image", {"prompt": "p"})
KLEIN = ("runcomfy", "blackforestlabs/flux-2-klein/4b/text-to-image", {"prompt": "p"})
ACE = ("runcomfy", "acestep-ai/ace-step/text-to-audio", {"tags": "waltz"})
OUTPAINT = ("runcomfy", "acestep-ai/ace-step/audio-outpaint", {"tags": "waltz", "audio": "https://example.com/a.wav"})
MUSIC = ("runcomfy", "elevenlabs/elevenlabs/music-generation", {"prompt": "p"})
MODELS = [R2V, I2V, SEEDANCE, RUNFLOW, HIAPI]
Request = tuple[str, str, dict[str, Any]]


def plan(request: Request, *, chance: int = 1, scenario: Scenario = USUAL, pace: str = QUICK, **changes: Any) -> Plan:
    """The plan of a request with the model's defaults, and `changes` to its input."""
    provider, model_id, inputs = request
    model = load(provider).model(model_id)
    assert model is not None
    return make_plan(
        provider,
        model,
        model.input.completed(inputs | changes),
        now=NOW,
        rng=random.Random(chance),
        prompt="p",
        scenario=scenario,
        pace=PACES[pace],
        unfetched="1280x720",
    )


def clip(request: Request, chance: int = 1, **changes: Any) -> dict[str, Any]:
    """What the request's job makes, and what is so where nothing is said of it."""
    provider, model, inputs = request
    job = Job(
        id="j1",
        provider=provider,
        account="a",
        model=model,
        submitted=NOW,
        sent={},
        input=inputs | changes,
        base="",
        origin="",
        plan=plan(request, chance=chance, **changes),
    )
    return {"watermark": None, "camera_fixed": False, **made_by(job)}

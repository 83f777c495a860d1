"""Requests that the five models accept, written out by hand, and short ways to send them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from driving import KEY, Answer, Emulator

JSON = {"content-type": "application/json"}
IMAGE = "https://images.example/1.png"


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT: Any = _Absent()
"""A change that leaves a field out."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One model's submit: where it is sent, and the least input that is accepted. `wrap` puts the input into a body."""

    name: str
    provider: str
    model: str
    path: str
    input: Mapping[str, Any]
    wrapped: bool

    def __str__(self) -> str:
        return self.name

    def body(self, **changes: Any) -> dict[str, Any]:
        """The request's body with changes to the input; ABSENT leaves a field out."""
        inputs = {name: value for name, value in {**self.input, **changes}.items() if value is not ABSENT}
        if not self.wrapped:
            return inputs
        return {"input": inputs} | ({"model": self.model} if self.provider == "hiapi" else {})

    def send(self, emulator: Emulator, *, key: str | None = KEY, **changes: Any) -> Answer:
        return emulator.post(self.path, self.body(**changes), key=key)


def _runcomfy(name: str, model: str, **inputs: Any) -> Sample:
    return Sample(name, "runcomfy", model, f"/runcomfy/v1/models/{model}", inputs, wrapped=False)


R2V = _runcomfy("r2v", "happyhorse/happyhorse-1.0/reference-to-video", image_url_1=IMAGE, prompt="character1 waves")
I2V = _runcomfy("i2v", "happyhorse/happyhorse-1.0/image-to-video", image_url=IMAGE, prompt="a slow pan")
SEEDANCE = _runcomfy(
    "seedance", "bytedance/seedance-v1.5-pro/image-to-video", first_frame_image_url=IMAGE, prompt="a breeze"
)
RUNFLOW = Sample(
    "runflow",
    "runflow",
    "alibaba/happy-horse/reference-to-video",
    "/runflow/v1/models/alibaba/happy-horse/reference-to-video/runs",
    {"prompt": "character1 waves", "image_urls": [IMAGE]},
    wrapped=True,
)
SYNC = Sample(
    "sync",
    "runflow",
    "happy-horse/reference-to-video",
    "/runflow/v1/run/happy-horse/reference-to-video",
    {"prompt": "character1 waves", "image_urls": [IMAGE]},
    wrapped=False,
)
HIAPI = Sample(
    "hiapi",
    "hiapi",
    "happyhorse-1.1/reference-to-video",
    "/hiapi/v1/tasks",
    {"prompt": "[Image 1] waves", "reference_image": [IMAGE]},
    wrapped=True,
)
MODELS = [R2V, I2V, SEEDANCE, RUNFLOW, HIAPI]
ONE_EACH = [R2V, RUNFLOW, HIAPI]
POSTS = [R2V, RUNFLOW, SYNC, HIAPI]
"""One sample of every operation that submits."""

EACH_MODEL = pytest.mark.parametrize("sample", MODELS, ids=str)
EACH_PROVIDER = pytest.mark.parametrize("sample", ONE_EACH, ids=str)
EACH_POST = pytest.mark.parametrize("sample", POSTS, ids=str)


def job_id(answer: Answer) -> str:
    """The id in the answer to a submit."""
    assert answer.status in (200, 201, 202), answer.body
    said = answer.json()
    found: str = said.get("id") or said.get("request_id") or said["data"]["taskId"]
    return found


def reading(sample: Sample, job: str) -> str:
    """The path that shows a job: RunComfy's result, Runflow's run, HiAPI's task."""
    where = {"runcomfy": f"requests/{job}/result", "runflow": f"runs/{job}", "hiapi": f"tasks/{job}"}
    return f"/{sample.provider}/v1/{where[sample.provider]}"


def output_url(emulator: Emulator, sample: Sample, job: str, *, key: str = KEY) -> str:
    """The link to a finished job's video."""
    shown = emulator.get(reading(sample, job), key=key).json()
    if sample.provider == "hiapi":
        return str(shown["data"]["output"][0]["url"])
    return str(shown["output"]["video"] if sample.provider == "runcomfy" else shown["output"]["outputs"][0]["url"])


def finished(emulator: Emulator, sample: Sample, *, key: str = KEY, **changes: Any) -> str:
    """Submit, let the job end, and answer the link to its video."""
    job = job_id(sample.send(emulator, key=key, **changes))
    emulator.advance(60, key)
    return output_url(emulator, sample, job, key=key)

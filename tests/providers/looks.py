"""Things to look at in answers: what a choice of an assumption changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from driving import Answer, Emulator
from providers.samples import HIAPI, IMAGE, JSON, R2V, RUNFLOW, SYNC, Sample, finished, job_id, output_url, reading
from screentest.samples import png
from screentest.sender import Posted
from unit.pictures import as_data_uri, data_uri

DAY = 86400
SQUARE = data_uri(500, 500)

RECEIVER = "http://127.0.0.1:9999/hook"

Look = Callable[[Emulator], Any]


def code(answer: Answer) -> tuple[int, Any]:
    """Status and business code, in whatever envelope."""
    body = answer.json()
    return answer.status, body.get("error_code", body.get("code"))


def refusal(ask: Callable[[Emulator], Answer]) -> Look:
    return lambda emulator: code(ask(emulator))


def status(ask: Callable[[Emulator], Answer]) -> Look:
    return lambda emulator: ask(emulator).status


def sent(sample: Sample, *, key: str = "sk-test", **changes: Any) -> Callable[[Emulator], Answer]:
    return lambda emulator: sample.send(emulator, key=key, **changes)


def raw(sample: Sample, body: bytes, headers: Mapping[str, str] = JSON) -> Callable[[Emulator], Answer]:
    return lambda emulator: emulator.post(sample.path, raw=body, headers=headers)


def body(sample: Sample, **more: Any) -> Callable[[Emulator], Answer]:
    return lambda emulator: emulator.post(sample.path, sample.body() | more)


def task(model: str, **inputs: Any) -> Callable[[Emulator], Answer]:
    """A create of another of HiAPI's models."""
    return lambda emulator: emulator.post(HIAPI.path, {"model": model, "input": inputs})


def clip_of(model: str, measure: Callable[[bytes], Any], **inputs: Any) -> Look:
    """What is measured of the clip that one of HiAPI's models makes."""

    def look(emulator: Emulator) -> Any:
        job = job_id(task(model, **inputs)(emulator))
        emulator.advance(60)
        return measure(emulator.get(output_url(emulator, HIAPI, job)).body)

    return look


def movie(sample: Sample, measure: Callable[[bytes], Any], **changes: Any) -> Look:
    return lambda emulator: measure(emulator.get(finished(emulator, sample, **changes)).body)


def shown(sample: Sample, **changes: Any) -> Callable[[Emulator], dict[str, Any]]:
    """The finished job's document."""

    def look(emulator: Emulator) -> dict[str, Any]:
        job = job_id(sample.send(emulator, **changes))
        emulator.advance(60)
        return dict(emulator.get(reading(sample, job)).json())

    return look


def unfinished(emulator: Emulator) -> Answer:
    return emulator.get(reading(R2V, job_id(R2V.send(emulator))))


def failed_status(emulator: Emulator) -> str:
    job = job_id(R2V.send(emulator, prompt="[[fail]]"))
    emulator.advance(60)
    return str(emulator.get(f"/runcomfy/v1/requests/{job}/status").json()["status"])


def cancelled(emulator: Emulator) -> dict[str, Any]:
    job = job_id(R2V.send(emulator))
    said = emulator.post(f"/runcomfy/v1/requests/{job}/cancel").json()
    return {name: said[name] for name in ("status", "outcome")}


def last_position(emulator: Emulator) -> int:
    """The queue position shortly before the run begins."""
    job, positions = job_id(R2V.send(emulator)), []
    while "queue_position" in (now := emulator.get(f"/runcomfy/v1/requests/{job}/status").json()):
        positions.append(now["queue_position"])
        emulator.advance(0.02)
    return int(positions[-1])


def after(sample: Sample, days: float) -> Look:
    """What a link answers so many days after it was read."""

    def look(emulator: Emulator) -> int:
        url = finished(emulator, sample)
        emulator.advance(days * DAY)
        return emulator.get(url).status

    return look


def tail(sample: Sample, text: str, **changes: Any) -> Look:
    """What happens to a character behind `text`: refused with its prompt, cut off, or part of the film."""

    def look(emulator: Emulator) -> str:
        if sample.send(emulator, prompt=text + "a").status in (400, 422):
            return "refused"
        urls = [finished(emulator, sample, prompt=text + end, **changes) for end in "ab"]
        return "cut" if len({emulator.get(url).headers["etag"] for url in urls}) == 1 else "whole"

    return look


def seeds_drawn(emulator: Emulator) -> bool:
    """Whether seed 0 gives another seed each time."""
    return bool(shown(RUNFLOW, seed=0)(emulator)["output"]["seed"] != 0)


def without_owner(emulator: Emulator) -> str:
    return str(emulator.post(SYNC.path, SYNC.body(duration="x")).json()["code"])


def top_level(emulator: Emulator) -> int:
    return body(HIAPI, surprise=1)(emulator).status


def bearer(emulator: Emulator) -> list[int]:
    """Keys of HiAPI's and Runflow's shapes, and another, at each of the two."""
    keys = ("sk-x", "rf_live_x", "rf_svc_x", "anything")
    return [sample.send(emulator, key=key).status for sample in (HIAPI, RUNFLOW) for key in keys]


def nested(emulator: Emulator) -> set[str]:
    return set(HIAPI.send(emulator, key="invalid").json())


def long_runs(emulator: Emulator) -> tuple[int, int, int]:
    """Statuses of 16 seconds, ten images, and a prompt of 2501 characters."""
    return (
        RUNFLOW.send(emulator, duration=16).status,
        RUNFLOW.send(emulator, image_urls=[IMAGE] * 10).status,
        RUNFLOW.send(emulator, prompt="x" * 2501).status,
    )


def lifetime(emulator: Emulator) -> int:
    task = shown(HIAPI)(emulator)["data"]
    return int(task["output"][0]["expireAt"] - task["completed"])


def _called_back(emulator: Emulator, sample: Sample, more: Mapping[str, Any], **changes: Any) -> list[dict[str, Any]]:
    """The events of an hour in which a receiver refuses every callback of one job."""
    emulator.receiver = Posted(500, "")
    emulator.post(sample.path, {**sample.body(**changes), **more})
    return [event for event in emulator.advance(3600) if event["kind"] == "callback"]


def attempt_times(sample: Sample, more: Mapping[str, Any]) -> Look:
    """Seconds of each callback attempt after the first."""

    def look(emulator: Emulator) -> list[int]:
        events = _called_back(emulator, sample, more)
        return [round(event["at"] - events[0]["at"]) for event in events]

    return look


def stamp_is_real(emulator: Emulator) -> bool:
    """Whether a callback of an advanced account carries the machine's time."""
    emulator.request("PUT", "/_control/account", {"callback_secret": "s" * 16})
    emulator.advance(7200)
    _called_back(emulator, HIAPI, {"callback": {"url": RECEIVER}})
    return int(emulator.posted[0][2]["X-HiAPI-Timestamp"]) == int(emulator.clock.now())


def failed_output(emulator: Emulator) -> bool:
    """Whether Runflow's callback of a failed run says why in its output."""
    _called_back(emulator, RUNFLOW, {"callback_url": RECEIVER}, prompt="[[fail]]")
    return json.loads(emulator.posted[0][1])["output"] is not None


def ends_as(sample: Sample, **changes: Any) -> Look:
    """How a job ends: the word of its last document."""

    def look(emulator: Emulator) -> str:
        document = shown(sample, **changes)(emulator)
        return str(document.get("status") or document.get("status_code"))

    return look


def flat_png(width: int, height: int, size: int | None = None) -> str:
    """A data URI of a real PNG of one colour, so many bytes long."""
    return as_data_uri(png.flat(width, height, (90, 120, 60), size))

"""Whole lives of jobs, written once and driven against a sound emulator and against planted defects."""

from __future__ import annotations

from typing import Any

from conformance.watching import HOOK, SECRET, Watched
from driving import KEY, Answer
from providers.samples import HIAPI, I2V, R2V, RUNFLOW, SEEDANCE, Sample, job_id, reading

SAMPLES = {"runcomfy": R2V, "runflow": RUNFLOW, "hiapi": HIAPI}
ALL = (R2V, I2V, SEEDANCE, RUNFLOW, HIAPI)


def body_with_hook(sample: Sample, url: str = HOOK, **changes: Any) -> dict[str, Any]:
    """A submit that asks to be notified, where the provider notifies."""
    body = sample.body(**changes)
    if sample.provider == "runflow":
        body["callback_url"] = url
    elif sample.provider == "hiapi":
        body["callback"] = {"url": url}
    return body


def documents(sample: Sample, job: str) -> list[str]:
    """Every path that shows a job."""
    more = [f"/runcomfy/v1/requests/{job}/status"] if sample.provider == "runcomfy" else []
    return [*more, reading(sample, job)]


def look(emulator: Watched, sample: Sample, job: str, key: str = KEY) -> None:
    for path in documents(sample, job):
        emulator.get(path, key=key)


def follow(emulator: Watched, sample: Sample, **changes: Any) -> str:
    """Submit with a callback, poll to the end in small steps, and twice beyond."""
    job = job_id(emulator.post(sample.path, body_with_hook(sample, **changes)))
    for _ in range(24):
        look(emulator, sample, job)
        emulator.advance(0.25)
    look(emulator, sample, job)
    return job


def fetch(emulator: Watched, sample: Sample, job: str) -> list[Answer]:
    """Follow every link to an output that the job shows."""
    shown = emulator.get(reading(sample, job)).json()
    texts = _texts(shown)
    return [emulator.get(text, key=None) for text in texts if "/media/" in text]


def cancel(emulator: Watched, sample: Sample, job: str, key: str = KEY) -> Answer:
    if sample.provider == "runcomfy":
        return emulator.post(f"/runcomfy/v1/requests/{job}/cancel", key=key)
    return emulator.post(f"/runflow/v1/admin/runs/{job}/cancellation", {"reason": "not needed"}, key=key)


def sign_callbacks(emulator: Watched, sample: Sample, key: str = KEY) -> None:
    """Give the account a secret that signs its callbacks."""
    if sample.provider == "hiapi":
        assert emulator.request("PUT", "/_control/account", {"callback_secret": SECRET}, key=key).status == 200
        emulator.secret = SECRET
    else:
        emulator.secret = emulator.post("/runflow/v1/callback-secrets", {"label": "x"}, key=key).json()["plain_secret"]


def pages(emulator: Watched, sample: Sample, size: int = 2) -> None:
    """Read the list of jobs page by page, to its end."""
    if sample.provider == "hiapi":
        for number in range(1, 4):
            emulator.get(f"/hiapi/v1/tasks?size={size}&page={number}")
        return
    cursor = None
    while True:
        query = {"limit": size} | ({"pq": cursor} if cursor else {})
        cursor = emulator.get("/runflow/v1/runs", query=query).json().get("next")
        if not isinstance(cursor, str) or len(emulator.exchanges) > 60:
            return


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for child in children for text in _texts(child)]

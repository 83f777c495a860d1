"""Short ways to misbehave, and to ask for the verdict on it."""

from __future__ import annotations

from typing import Any

from driving import KEY, Answer, Emulator
from providers.samples import HIAPI, Sample, job_id, reading

FAULT = "screentest-fault"
RECEIVER = "http://127.0.0.1:9999/hook"


def verdict(emulator: Emulator, key: str = KEY, **query: Any) -> dict[str, Any]:
    answer = emulator.get("/_control/verdict", key=key, query=query)
    assert answer.status == 200, answer.body
    return dict(answer.json())


def found(emulator: Emulator, **query: Any) -> list[str]:
    """The kinds of the findings."""
    return [one["kind"] for one in verdict(emulator, **query)["findings"]]


def checked(emulator: Emulator, kind: str) -> int:
    """How many things of a kind were judged; 0 where it was not."""
    return next((one["checked"] for one in verdict(emulator)["judged"] if one["kind"] == kind), 0)


def why_not(emulator: Emulator, kind: str) -> str:
    return next(str(one["why"]) for one in verdict(emulator)["not_judged"] if one["kind"] == kind)


def only(emulator: Emulator, kind: str, **query: Any) -> dict[str, Any]:
    """The one finding there is."""
    (one,) = verdict(emulator, **query)["findings"]
    assert one["kind"] == kind
    assert set(one) == {"kind", "message", "job", "requests", "advice"}
    return dict(one)


def look(emulator: Emulator, sample: Sample, job: str, times: int, every: float) -> None:
    """A client's loop: read the job, wait."""
    for _ in range(times):
        assert emulator.get(reading(sample, job)).status == 200
        emulator.advance(every)


def submit(emulator: Emulator, sample: Sample, fault: str = "", key: str = "", **changes: Any) -> Answer:
    headers = ({FAULT: fault} if fault else {}) | ({"idempotency-key": key} if key else {})
    return emulator.post(sample.path, sample.body(**changes), headers=headers)


def notified(emulator: Emulator, sample: Sample, scenario: str = "") -> str:
    """A job whose callback was delivered; the delivery's id."""
    prompt = f"a fox [[{scenario}]]" if scenario else "a fox"
    receiver: dict[str, Any] = {"callback": {"url": RECEIVER}} if sample is HIAPI else {"callback_url": RECEIVER}
    job = job_id(emulator.post(sample.path, sample.body(prompt=prompt) | receiver))
    emulator.advance(20)
    (one,) = emulator.get("/_control/deliveries", query={"job": job}).json()["deliveries"]
    return str(one["id"])

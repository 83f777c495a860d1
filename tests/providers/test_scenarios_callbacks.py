"""How callbacks go under scenarios: late, twice, out of order, early, badly signed, never."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from driving import Answer, Emulator
from providers.samples import HIAPI, RUNFLOW, Sample, job_id
from screentest.sender import Posted
from screentest_contracts.load import load
from screentest_contracts.signing import verify

HOOK = "http://127.0.0.1:9/hook"
HOOKS: dict[str, dict[str, Any]] = {"runflow": {"callback_url": HOOK}, "hiapi": {"callback": {"url": HOOK}}}
SECRET = "whsec_0123456789abcdef"
EACH = pytest.mark.parametrize("sample", [RUNFLOW, HIAPI], ids=str)


def asked(emulator: Emulator, sample: Sample, scenario: str = "", **more: Any) -> Answer:
    """A submit that names a receiver, under a scenario if there is one."""
    headers = {"screentest-scenario": scenario} if scenario else {}
    return emulator.post(sample.path, sample.body(**more) | HOOKS[sample.provider], headers=headers)


def told(emulator: Emulator) -> list[str]:
    """The jobs whose callbacks came, in order."""
    bodies = [json.loads(body) for _, body, _ in emulator.posted]
    return [str(body.get("taskId") or body["run_id"]) for body in bodies]


def sign_in(emulator: Emulator) -> None:
    assert emulator.request("PUT", "/_control/account", {"callback_secret": SECRET}).status == 200


def verdict(emulator: Emulator, sample: Sample) -> str:
    """What a receiver says of the last callback's signature."""
    policy = load(sample.provider).provider.callbacks
    assert policy is not None
    _, body, headers = emulator.posted[-1]
    return verify(policy.signature, SECRET, headers, body, int(emulator.clock.now()))


@EACH
def test_late(emulator: Emulator, sample: Sample) -> None:
    """The first attempt comes that much after the end; the schedule goes on from there."""
    emulator.receiver = Posted(500, "")
    asked(emulator, sample, "late-callback: 5m")
    events = emulator.advance(3600)
    end = next(event["at"] for event in events if event["to"] in ("succeeded", "success"))
    attempts = [event["at"] - end for event in events if event["kind"] == "callback"]
    policy = load(sample.provider).provider.callbacks
    assert policy is not None
    assert attempts == pytest.approx([300 + offset for offset in policy.offsets], abs=1e-3)


@EACH
def test_duplicate(emulator: Emulator, sample: Sample) -> None:
    """The same bytes twice, one right after the other, as two attempts of one delivery; then no more."""
    asked(emulator, sample, "duplicate-callback")
    emulator.advance(3600)
    (_, first, headers), (_, second, again) = emulator.posted
    assert (first, headers) == (second, again)
    (delivery,) = emulator.get("/_control/deliveries").json()["deliveries"]
    assert (delivery["state"], len(delivery["attempts"])) == ("delivered", 2)


@EACH
def test_a_duplicate_that_is_refused_at_first(emulator: Emulator, sample: Sample) -> None:
    """Refused attempts are repeated by the schedule, and two more are delivered."""
    emulator.receiver = Posted(500, "")
    asked(emulator, sample, "duplicate-callback")
    emulator.advance(5)
    assert len(emulator.posted) == 1
    emulator.receiver = Posted(200, "")
    emulator.advance(3600)
    assert len(emulator.posted) == 3


@EACH
def test_out_of_order(emulator: Emulator, sample: Sample) -> None:
    """A job's callback waits until the account's next one was made, and follows it at once."""
    first = job_id(asked(emulator, sample, "out-of-order-callback"))
    emulator.advance(20)
    assert emulator.posted == []
    second = job_id(asked(emulator, sample))
    emulator.advance(20)
    assert told(emulator) == [second, first]


@EACH
def test_out_of_order_with_nothing_to_wait_for(emulator: Emulator, sample: Sample) -> None:
    """It comes a minute after the end all the same; another account's callbacks do not count."""
    job = job_id(asked(emulator, sample, "out-of-order-callback"))
    emulator.post(sample.path, sample.body() | HOOKS[sample.provider], key="sk-other")
    emulator.advance(30, key="sk-other")
    emulator.advance(50)
    assert job not in told(emulator)
    emulator.advance(20)
    assert told(emulator)[-1] == job


class Curious(Emulator):
    """An emulator whose receiver reads the job while it is being told of it: [told, read]."""

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Posted:
        document = json.loads(body)
        if "run_id" in document:
            shown = self.get(f"/runflow/v1/runs/{document['run_id']}").json()["status_code"]
        else:
            shown = self.get(f"/hiapi/v1/tasks/{document['taskId']}").json()["data"]["status"]
        self.seen = [document["status"], shown]
        return await super()._post(url, body, headers, timeout)


@EACH
def test_early(sample: Sample) -> None:
    """The callback is there before the answer, tells of the end, and the job has ended when it comes."""
    emulator = Curious(speed=0)
    submitted = asked(emulator, sample, "early-callback")
    final = "succeeded" if sample is RUNFLOW else "success"
    assert (emulator.seen, len(emulator.posted)) == ([final, final], 1)
    assert submitted.headers["screentest-scenario"] == "early-callback"
    if sample is RUNFLOW:
        assert (submitted.json()["status_code"], submitted.json()["output"]) == ("queued", None)
    emulator.advance(3600)
    assert len(emulator.posted) == 1


@EACH
def test_early_and_refused(emulator: Emulator, sample: Sample) -> None:
    """The submit is answered after one attempt; the rest follows the schedule."""
    emulator.receiver = Posted(500, "")
    assert asked(emulator, sample, "early-callback").status in (200, 201)
    assert len(emulator.posted) == 1
    emulator.advance(3600)
    policy = load(sample.provider).provider.callbacks
    assert policy is not None
    assert len(emulator.posted) == len(policy.offsets)


@EACH
def test_unsigned(emulator: Emulator, sample: Sample) -> None:
    """No signature although the account has a secret."""
    sign_in(emulator)
    asked(emulator, sample, "unsigned-callback")
    emulator.advance(60)
    assert verdict(emulator, sample) == "not signed"


@EACH
def test_wrong_secret(emulator: Emulator, sample: Sample) -> None:
    """A signature in the right form that does not fit."""
    sign_in(emulator)
    asked(emulator, sample, "wrong-secret-callback")
    emulator.advance(60)
    assert verdict(emulator, sample) == "wrong signature"
    asked(emulator, sample)
    emulator.advance(60)
    assert verdict(emulator, sample) == ""


@EACH
def test_never(emulator: Emulator, sample: Sample) -> None:
    """The job ends and nobody is told."""
    asked(emulator, sample, "no-callback")
    assert [event["to"] for event in emulator.advance(3600)][-1] in ("succeeded", "success")
    assert (emulator.posted, emulator.get("/_control/deliveries").json()["deliveries"]) == ([], [])


@EACH
def test_usual_jobs_are_not_touched(emulator: Emulator, sample: Sample) -> None:
    """One callback, on time, without a word about scenarios."""
    asked(emulator, sample)
    emulator.advance(60)
    (delivery,) = emulator.get("/_control/deliveries").json()["deliveries"]
    assert (delivery["manner"], delivery["delay"], len(emulator.posted)) == ("on-time", 0, 1)


def test_no_receiver(emulator: Emulator) -> None:
    """Without a callback URL the scenario means nothing, and the answer says so."""
    submitted = HIAPI.send(emulator, prompt="[[duplicate-callback]]")
    assert "the request names no receiver of callbacks" in submitted.headers["screentest-warning"]


def test_an_admins_cancel_of_a_a_job_that_was_to_tell_late(emulator: Emulator) -> None:
    """What ends the job after all makes its callback due, late by as much as was asked for."""
    live, admin = "rf_live_x", "rf_svc_x"
    body = RUNFLOW.body() | HOOKS["runflow"]
    run = job_id(emulator.post(RUNFLOW.path, body, key=live, headers={"screentest-scenario": "late-callback: 50s"}))
    emulator.advance(1, live)
    assert emulator.post(f"/runflow/v1/admin/runs/{run}/cancellation", {"reason": "enough"}, key=admin).status == 201
    emulator.advance(49, live)
    assert emulator.posted == []
    emulator.advance(2, live)
    assert json.loads(emulator.posted[0][1])["event"] == "run.cancelled"

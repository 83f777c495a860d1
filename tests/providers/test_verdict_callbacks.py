"""What the verdict says of callbacks, once the code under test reports on which it acted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from driving import KEY, ORIGIN, Answer, Emulator
from providers.judging import checked, found, notified, only, why_not
from providers.samples import HIAPI, RUNFLOW, Sample, job_id
from screentest.app import App
from screentest.sender import Posted

KEYED = pytest.mark.parametrize("sample", [RUNFLOW, HIAPI], ids=str)


def process(emulator: Emulator, delivery: str, times: int = 1, key: str | None = KEY) -> Answer:
    for _ in range(times):
        answer = emulator.post(f"/_control/deliveries/{delivery}/processed", key=key)
    return answer


@KEYED
def test_processed_twice(emulator: Emulator, sample: Sample) -> None:
    """A receiver that acts on a duplicate; one that remembers the job is fine, and was judged."""
    delivery = notified(emulator, sample, "duplicate-callback")
    process(emulator, delivery)
    assert found(emulator) == []
    assert checked(emulator, "processed-twice") == 1
    process(emulator, delivery)
    told = only(emulator, "processed-twice")
    assert "came 2 times and was acted upon 2 times" in told["message"]


@KEYED
def test_processed_again_when_sent_again(emulator: Emulator, sample: Sample) -> None:
    """The same body in a second delivery is the same news."""
    delivery = notified(emulator, sample)
    process(emulator, delivery)
    again = emulator.post(f"/_control/deliveries/{delivery}/resend").json()["id"]
    emulator.advance(1)
    assert found(emulator) == []
    process(emulator, again)
    assert only(emulator, "processed-twice")["job"]


def test_a_delivery_named_by_its_job(emulator: Emulator) -> None:
    """A receiver knows the job from the body: its id stands for the newest delivery."""
    delivery = notified(emulator, HIAPI)
    job = emulator.get(f"/_control/deliveries/{delivery}").json()["job"]
    answer = process(emulator, job)
    assert (answer.json()["id"], answer.json()["processed"]) == (delivery, 1)


def test_a_delivery_of_nobody(emulator: Emulator) -> None:
    """An id that is none, a job without callbacks and another account's delivery are 404."""
    delivery = notified(emulator, HIAPI)
    job = job_id(HIAPI.send(emulator))
    assert [process(emulator, name).status for name in ("none", job)] == [404, 404]
    assert process(emulator, delivery, key="sk-other").status == 404
    assert process(emulator, delivery, key=None).json()["processed"] == 1


def test_processing_that_nobody_reports(emulator: Emulator) -> None:
    """Without a word from the code under test it is not known what it did, and the reason says how to tell."""
    notified(emulator, HIAPI, "duplicate-callback")
    assert "/processed" in why_not(emulator, "processed-twice")


def test_callbacks_that_came_once(emulator: Emulator) -> None:
    """No duplicate came, so that nobody knows what it would have done."""
    process(emulator, notified(emulator, HIAPI))
    assert "more than once" in why_not(emulator, "processed-twice")


def test_a_report_while_the_answer_is_awaited() -> None:
    """A receiver may report before it answers: storing the attempt does not take the report back."""

    async def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Posted:
        assert process(reporting, json.loads(body)["taskId"]).status == 200
        return Posted(200, "")

    reporting = Emulator()
    reporting.app = App(reporting.engine, reporting.settings, ORIGIN, post=post)
    delivery = notified(reporting, HIAPI)
    assert reporting.get(f"/_control/deliveries/{delivery}").json()["processed"] == 1


@KEYED
@pytest.mark.parametrize("scenario", ["unsigned-callback", "wrong-secret-callback"])
def test_processed_badly_signed(emulator: Emulator, sample: Sample, scenario: str) -> None:
    """A receiver that does not verify; one that reports good callbacks only is fine, and was judged."""
    emulator.request("PUT", "/_control/account", {"callback_secret": "whsec_1"})
    process(emulator, notified(emulator, sample))
    bad = notified(emulator, sample, scenario)
    assert found(emulator) == []
    assert checked(emulator, "processed-badly-signed") == 1
    process(emulator, bad)
    assert scenario.removesuffix("-callback") in only(emulator, "processed-badly-signed")["message"]


def test_a_secret_of_runflows_own_signs_too(emulator: Emulator) -> None:
    """The account has no secret at control, but one that it made at the provider."""
    emulator.post("/runflow/v1/callback-secrets", {"label": "mine"})
    process(emulator, notified(emulator, RUNFLOW, "unsigned-callback"))
    assert found(emulator) == ["processed-badly-signed"]


def test_a_receiver_that_refuses_what_is_badly_signed(emulator: Emulator) -> None:
    """Its refusal says enough: nothing need be reported."""
    emulator.request("PUT", "/_control/account", {"callback_secret": "whsec_1"})
    emulator.receiver = Posted(401, "")
    notified(emulator, HIAPI, "wrong-secret-callback")
    assert checked(emulator, "processed-badly-signed") == 1


def test_without_a_secret_nothing_is_badly_signed(emulator: Emulator) -> None:
    """An account whose callbacks are never signed cannot verify them."""
    process(emulator, notified(emulator, HIAPI, "unsigned-callback"))
    assert found(emulator) == []
    assert "callback_secret" in why_not(emulator, "processed-badly-signed")


def test_reports_survive_a_restart(tmp_path: Path) -> None:
    """What was reported is kept with the delivery; the journal of requests is not."""
    before = Emulator(db=str(tmp_path / "kept.sqlite"))
    delivery = notified(before, HIAPI, "duplicate-callback")
    process(before, delivery, times=2)
    before.store.shut()

    after = Emulator(db=str(tmp_path / "kept.sqlite"))
    assert found(after) == ["processed-twice"]
    assert "there were no requests" in why_not(after, "key-in-url")

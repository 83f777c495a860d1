"""Callbacks on a clock that is moved by hand: bodies, signatures, schedules; the receiver is in memory."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import hiapi
import pytest

from driving import KEY, Emulator
from screentest.sender import Posted
from screentest_contracts.load import load
from screentest_contracts.signing import sign, verify

VECTOR = json.loads((Path(__file__).parents[2] / "fixtures/vectors/hiapi-signature.json").read_text())
RECEIVER = "http://127.0.0.1:9999/hook"
IMAGE = "https://example.com/fox.jpg"


def hiapi_task(emulator: Emulator, prompt: str = "a fox", **more: Any) -> str:
    body = {
        "model": "happyhorse-1.1/reference-to-video",
        "input": {"prompt": prompt, "reference_image": [IMAGE]},
        "callback": {"url": RECEIVER},
    }
    return str(emulator.post("/hiapi/v1/tasks", body | more).json()["data"]["taskId"])


def runflow_run(emulator: Emulator, prompt: str = "a fox", **more: Any) -> str:
    body = {"input": {"prompt": prompt, "image_urls": [IMAGE]}, "callback_url": RECEIVER}
    path = "/runflow/v1/models/alibaba/happy-horse/reference-to-video/runs"
    return str(emulator.post(path, body | more).json()["id"])


def set_secret(emulator: Emulator, secret: str) -> None:
    assert emulator.request("PUT", "/_control/account", {"callback_secret": secret}).status == 200


def attempts(events: list[dict[str, Any]]) -> list[tuple[float, str]]:
    """When each attempt was made, counted from the first, and what came of it."""
    made = [(event["at"], event["to"]) for event in events if event["kind"] == "callback"]
    return [(round(at - made[0][0], 3), said) for at, said in made]


def test_hiapi_sends_the_task_without_envelope_and_storage(emulator: Emulator) -> None:
    """One POST of the finished task; its fields are those of the detail but for storage; unsigned without a secret."""
    task = hiapi_task(emulator)
    emulator.advance(60)

    ((url, body, headers),) = emulator.posted
    detail = emulator.get(f"/hiapi/v1/tasks/{task}").json()["data"]
    assert url == RECEIVER
    assert json.loads(body) == {name: value for name, value in detail.items() if name != "storage"}
    assert headers == {"content-type": "application/json"}


def test_hiapi_tells_of_a_failure(emulator: Emulator) -> None:
    """A task that fails has its error at the top level and no output."""
    hiapi_task(emulator, "a fox [[fail: nsfw]]")
    emulator.advance(60)

    told = json.loads(emulator.posted[0][1])
    assert told["status"] == "fail"
    assert told["error"]["code"] == "nsfw"
    assert "output" not in told


def test_the_official_verifier_accepts_a_signed_callback(emulator: Emulator) -> None:
    """The official SDK verifies the bytes and the two headers; another secret or another byte does not pass."""
    set_secret(emulator, "whsec_0123456789abcdef")
    hiapi_task(emulator)
    emulator.advance(60)

    ((_, body, headers),) = emulator.posted
    signed = (headers["X-HiAPI-Signature"], headers["X-HiAPI-Timestamp"])
    now = int(emulator.clock.now())
    scheme = load("hiapi").provider.callbacks
    assert scheme is not None
    assert hiapi_accepts(body, signed, "whsec_0123456789abcdef", now)
    assert not hiapi_accepts(body, signed, "whsec_another_secret_", now)
    assert not hiapi_accepts(body + b" ", signed, "whsec_0123456789abcdef", now)
    assert verify(scheme.signature, "whsec_0123456789abcdef", headers, body, now) == ""


def hiapi_accepts(body: bytes, signed: tuple[str, str], secret: str, now: int) -> bool:
    """What hiapi.verify_webhook says, at a time of our choice."""
    try:
        hiapi.verify_webhook(body, signature=signed[0], timestamp=signed[1], secret=secret, now=now)
    except hiapi.WebhookVerificationError:
        return False
    return True


def test_the_signature_is_that_of_the_official_vector() -> None:
    """Secret, time stamp and body of the kept vector give its signature."""
    policy = load("hiapi").provider.callbacks
    assert policy is not None

    headers = sign(policy.signature, VECTOR["secret"], VECTOR["body"].encode(), VECTOR["timestamp"])

    assert headers == {
        "X-HiAPI-Signature": VECTOR["signature"],
        "X-HiAPI-Timestamp": str(VECTOR["timestamp"]),
    }


@pytest.mark.parametrize(
    ("late", "said"), [(300, ""), (301, "time stamp out of tolerance"), (-301, "time stamp out of tolerance")]
)
def test_a_stamp_is_good_for_five_minutes(late: int, said: str) -> None:
    """Both ways, as the official verifier counts."""
    policy = load("hiapi").provider.callbacks
    assert policy is not None
    headers = sign(policy.signature, VECTOR["secret"], b"{}", 1000)

    assert verify(policy.signature, VECTOR["secret"], headers, b"{}", 1000 + late) == said


def test_hiapi_tries_four_times(emulator: Emulator) -> None:
    """At once, and 1, 5 and 20 minutes after the first attempt; then it gives up, and the task stays as it is."""
    emulator.receiver = Posted(500, "no")
    task = hiapi_task(emulator)

    events = emulator.advance(3600)

    assert attempts(events) == [(0, "500"), (60, "500"), (300, "500"), (1200, "500")]
    assert emulator.get("/_control/deliveries").json()["deliveries"][0]["state"] == "given-up"
    assert emulator.get(f"/hiapi/v1/tasks/{task}").json()["data"]["status"] == "success"


def test_a_delivery_ends_with_the_first_2xx(emulator: Emulator) -> None:
    """A receiver that recovers is told once more, and not again."""
    emulator.receiver = Posted(503, "")
    hiapi_task(emulator)
    emulator.advance(10)
    emulator.receiver = Posted(204, "")

    events = emulator.advance(3600)

    assert attempts(events) == [(0, "204")]
    (delivery,) = emulator.get("/_control/deliveries").json()["deliveries"]
    assert (delivery["state"], [one["status"] for one in delivery["attempts"]]) == ("delivered", [503, 204])


def test_each_attempt_is_signed_anew_over_the_same_bytes(emulator: Emulator) -> None:
    """The body stays, the time stamp is that of the attempt."""
    set_secret(emulator, "s" * 16)
    emulator.receiver = Posted(500, "")
    hiapi_task(emulator)
    emulator.advance(10)
    emulator.clock.advance(60)
    emulator.advance(60)

    (_, first, one), (_, second, two) = emulator.posted[:2]
    assert first == second
    assert int(two["X-HiAPI-Timestamp"]) == int(one["X-HiAPI-Timestamp"]) + 60


def test_no_callback_url_no_callback(emulator: Emulator) -> None:
    """Nothing is owed to nobody."""
    body = {"model": "happyhorse-1.1/reference-to-video", "input": {"prompt": "a", "reference_image": [IMAGE]}}
    emulator.post("/hiapi/v1/tasks", body)
    emulator.advance(60)

    assert emulator.posted == []
    assert emulator.get("/_control/deliveries").json() == {"deliveries": []}


def test_advance_to_next_stands_at_each_attempt(emulator: Emulator) -> None:
    """Status changes and attempts come one after the other; the callback follows the end."""
    hiapi_task(emulator)

    seen = []
    while events := emulator.post("/_control/clock", {"advance_to": "next"}).json()["events"]:
        seen += [(event["kind"], event["to"]) for event in events]

    assert seen == [("status", "handling"), ("status", "archiving"), ("status", "success"), ("callback", "200")]


def test_runflow_sends_its_envelope(emulator: Emulator) -> None:
    """run.completed with the normalised output and the metadata as it came; a request id of its own."""
    run = runflow_run(emulator, metadata={"order": 7})
    emulator.advance(60)

    ((_, body, headers),) = emulator.posted
    told, record = json.loads(body), emulator.get(f"/runflow/v1/runs/{run}").json()
    assert set(told) == {
        *("event", "run_id", "status", "output", "duration_ms", "created_at", "completed_at", "metadata")
    }
    assert (told["event"], told["run_id"], told["status"]) == ("run.completed", run, "succeeded")
    assert told["output"]["outputs"][0]["type"] == "video"
    assert told["metadata"] == {"order": 7}
    assert told["completed_at"].endswith("+00:00")
    assert headers["runflow-request-id"] == record["request_id"]
    assert "Runflow-Signature" not in headers


def test_runflow_signs_the_body_alone(emulator: Emulator) -> None:
    """64 hex digits of HMAC-SHA256 over the raw bytes, the secret taken as it is."""
    set_secret(emulator, "whsec_abc")
    runflow_run(emulator)
    emulator.advance(60)

    ((_, body, headers),) = emulator.posted
    assert headers["Runflow-Signature"] == hmac.new(b"whsec_abc", body, hashlib.sha256).hexdigest()


def test_runflow_tells_of_a_failure(emulator: Emulator) -> None:
    """run.failed, and output is an error envelope."""
    runflow_run(emulator, "a fox [[fail: nsfw]]")
    emulator.advance(60)

    told = json.loads(emulator.posted[0][1])
    assert told["event"] == "run.failed"
    assert told["output"]["code"] == "nsfw"


def test_runflow_backs_off(emulator: Emulator) -> None:
    """Five attempts, each after twice the pause of the one before."""
    emulator.receiver = Posted(500, "")
    runflow_run(emulator)

    events = emulator.advance(3600)

    assert attempts(events) == [(0, "500"), (10, "500"), (30, "500"), (70, "500"), (150, "500")]


def test_accounts_do_not_see_each_other_s_deliveries(emulator: Emulator) -> None:
    """The bearer selects; without one all are listed."""
    hiapi_task(emulator)

    assert len(emulator.get("/_control/deliveries", key=KEY).json()["deliveries"]) == 1
    assert emulator.get("/_control/deliveries", key="sk-other").json()["deliveries"] == []
    assert len(emulator.get("/_control/deliveries", key=None).json()["deliveries"]) == 1


def test_runcomfy_has_no_callbacks() -> None:
    """The Model API documents none, and the contract says so."""
    assert load("runcomfy").provider.callbacks is None

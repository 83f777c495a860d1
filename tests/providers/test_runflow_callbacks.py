"""Runflow: idempotency keys, an administrator's cancel, delivery records, redelivery, and the secrets that sign."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from driving import Emulator
from providers.runflow_refusals import ADMIN, IDEMPOTENT, NO_RUN, OWNER, uploaded
from providers.samples import IMAGE, RUNFLOW, job_id
from screentest.sender import Posted

RECEIVER = "http://127.0.0.1:9999/hook"
RUNS, SECRETS = "/runflow/v1/runs", "/runflow/v1/callback-secrets"
DELIVERY = {
    *("id", "run_id", "callback_url", "payload_bytes", "payload", "signing_secret_id", "is_automatic", "status_code"),
    *("failure_reason_code", "failure_detail", "attempt_count", "max_attempts", "next_attempt_at", "created_at"),
    *("updated_at", "completed_at", "attempts"),
}
ATTEMPT = {
    *("id", "delivery_id", "attempt_number", "status_code", "response_body", "response_time_ms", "error_message"),
    "created_at",
}


def called_back(emulator: Emulator, seconds: float = 60, **changes: Any) -> str:
    """A run with a receiver, so many seconds old."""
    run = job_id(emulator.post(RUNFLOW.path, RUNFLOW.body(**changes) | {"callback_url": RECEIVER}))
    emulator.advance(seconds)
    return run


def deliveries(emulator: Emulator, run: str) -> list[dict[str, Any]]:
    answer = emulator.get(f"{RUNS}/{run}/callback")
    assert answer.status == 200, answer.body
    return list(answer.json())


def cancellation(emulator: Emulator, run: str, body: Any = None, key: str = ADMIN) -> tuple[int, dict[str, Any]]:
    answer = emulator.post(f"/runflow/v1/admin/runs/{run}/cancellation", body, key=key)
    return answer.status, answer.json()


def test_the_same_request_again_is_the_same_run(emulator: Emulator) -> None:
    """The stored 201 to the byte, however far the run is by now; one run exists."""
    first = emulator.post(RUNFLOW.path, RUNFLOW.body(), headers=IDEMPOTENT)
    emulator.advance(60)
    again = emulator.post(RUNFLOW.path, RUNFLOW.body(), headers=IDEMPOTENT)
    assert (again.status, again.body) == (first.status, first.body)
    assert len(emulator.get(RUNS).json()["items"]) == 1


def test_the_key_is_the_accounts_and_the_paths_for_a_day(emulator: Emulator) -> None:
    """Another account's key is another; after 24 hours it is free; another body, even one blank more, is a conflict."""
    first = job_id(emulator.post(RUNFLOW.path, RUNFLOW.body(), headers=IDEMPOTENT))
    theirs = emulator.post(RUNFLOW.path, RUNFLOW.body(), headers=IDEMPOTENT, key="rf_live_other")
    assert job_id(theirs) != first
    raw = json.dumps(RUNFLOW.body()).encode() + b" "
    spaced = emulator.post(RUNFLOW.path, raw=raw, headers=IDEMPOTENT | {"content-type": "application/json"})
    assert (spaced.status, spaced.json()["code"]) == (409, "CONFLICT")
    emulator.advance(86400)
    assert job_id(emulator.post(RUNFLOW.path, RUNFLOW.body(), headers=IDEMPOTENT)) != first


def test_a_replay_is_not_judged_again(emulator: Emulator) -> None:
    """An account that is empty by now still gets its first answer; a refused request keeps no key."""
    assert emulator.post(RUNFLOW.path, RUNFLOW.body(duration=99), headers=IDEMPOTENT).status == 422
    first = emulator.post(RUNFLOW.path, RUNFLOW.body(), headers=IDEMPOTENT)
    emulator.request("PUT", "/_control/account", {"key_state": "empty"})
    assert emulator.post(RUNFLOW.path, RUNFLOW.body(), headers=IDEMPOTENT).body == first.body
    assert emulator.post(RUNFLOW.path, RUNFLOW.body()).status == 402


@pytest.mark.parametrize("body", [None, {}, {"reason": None}, {"reason": "abc"}, {"reason": "x" * 500}])
def test_an_administrator_cancels(emulator: Emulator, body: Any) -> None:
    """201 and canceled, with or without a reason; again is 200 and changes nothing; it stays so."""
    run = job_id(RUNFLOW.send(emulator, key=OWNER))
    status, record = cancellation(emulator, run, body)
    assert (status, record["status_code"], record["output"]) == (201, "canceled", None)
    assert cancellation(emulator, run, body) == (200, record)
    emulator.advance(60, key=OWNER)
    assert emulator.get(f"{RUNS}/{run}", key=OWNER).json() == record


@pytest.mark.parametrize("reason", ["ab", "x" * 501, 5])
def test_a_reason_has_a_length(emulator: Emulator, reason: Any) -> None:
    """3 to 500 characters."""
    run = job_id(RUNFLOW.send(emulator, key=OWNER))
    assert cancellation(emulator, run, {"reason": reason})[0] == 422


def test_only_the_owners_administrator_cancels(emulator: Emulator) -> None:
    """An ordinary key may not, whatever the run; another's administrator does not see it."""
    run = job_id(RUNFLOW.send(emulator, key=OWNER))
    for asked in (run, NO_RUN, "x"):
        assert cancellation(emulator, asked, key=OWNER)[1]["code"] == "PERMISSION_DENIED"
    assert cancellation(emulator, run, key="rf_svc_other")[0] == 404
    assert emulator.get(f"{RUNS}/{run}", key=OWNER).json()["status_code"] == "queued"


def test_what_is_over_is_not_cancelled(emulator: Emulator) -> None:
    """200 with the run as it is."""
    run = job_id(RUNFLOW.send(emulator, key=OWNER))
    emulator.advance(60, key=OWNER)
    status, record = cancellation(emulator, run)
    assert (status, record["status_code"]) == (200, "succeeded")


def test_a_cancelled_run_costs_what_was_charged(emulator: Emulator) -> None:
    """Nothing while it was queued; all of it once it had been dispatched. No refund."""
    queued, running = (job_id(RUNFLOW.send(emulator, key=OWNER, seed=seed)) for seed in (1, 2))
    early = cancellation(emulator, queued)[1]
    emulator.advance(2, key=OWNER)
    late = cancellation(emulator, running)[1]
    assert (early["cost"], early["started_at"]) == (None, None)
    assert (late["cost"], bool(late["started_at"])) == ("1.40", True)
    assert emulator.get("/_control/spend", key=OWNER).json()["usd"] == 1.4


def test_a_cancel_calls_back_once(emulator: Emulator) -> None:
    """run.cancelled, with two l's and no output; neither the second cancel nor the planned end sends one."""
    run = job_id(emulator.post(RUNFLOW.path, RUNFLOW.body() | {"callback_url": RECEIVER}, key=OWNER))
    cancellation(emulator, run)
    emulator.advance(1, key=OWNER)
    cancellation(emulator, run)
    emulator.advance(600, key=OWNER)
    ((_, body, _),) = emulator.posted
    told = json.loads(body)
    assert (told["event"], told["status"], told["output"]) == ("run.cancelled", "canceled", None)


def test_a_delivery_record(emulator: Emulator) -> None:
    """An array of one, with the bytes as they were sent, and the attempt."""
    run = called_back(emulator)
    (delivery,) = deliveries(emulator, run)
    assert set(delivery) == DELIVERY
    (attempt,) = delivery["attempts"]
    assert set(attempt) == ATTEMPT
    ((url, body, _),) = emulator.posted
    assert (delivery["callback_url"], delivery["payload_bytes"].encode()) == (url, body)
    assert delivery["payload"] == json.loads(body)
    assert (delivery["status_code"], delivery["is_automatic"], delivery["signing_secret_id"]) == (
        "delivered",
        True,
        None,
    )
    assert (delivery["attempt_count"], delivery["max_attempts"], delivery["next_attempt_at"]) == (1, 5, None)
    assert (attempt["attempt_number"], attempt["status_code"], attempt["delivery_id"]) == (1, 200, delivery["id"])
    assert delivery["created_at"] == delivery["completed_at"] == attempt["created_at"]


def test_a_delivery_on_its_way(emulator: Emulator) -> None:
    """Before the end there is none; then it is pending with the next attempt's time, and at last it has failed."""
    emulator.receiver = Posted(500, "no")
    run = called_back(emulator, 0)
    assert deliveries(emulator, run) == []
    emulator.advance(10)
    (delivery,) = deliveries(emulator, run)
    assert (delivery["status_code"], delivery["failure_detail"], bool(delivery["next_attempt_at"])) == (
        "pending",
        "HTTP 500",
        True,
    )
    emulator.advance(600)
    (delivery,) = deliveries(emulator, run)
    assert (delivery["status_code"], delivery["failure_reason_code"]) == ("failed", "http_error")
    assert [one["response_body"] for one in delivery["attempts"]] == ["no"] * 5
    assert delivery["completed_at"] == delivery["attempts"][-1]["created_at"]


@pytest.mark.parametrize("scenario", ["late-callback: 600", "out-of-order-callback"])
def test_a_delivery_that_waits_was_made_at_the_end(emulator: Emulator, scenario: str) -> None:
    """However late its first attempt is: only next_attempt_at is ahead, and a look after it says the same."""
    run = called_back(emulator, 10, prompt=f"[[{scenario}]]")
    end = emulator.get(f"{RUNS}/{run}").json()["completed_at"]
    (early,) = deliveries(emulator, run)
    assert (early["created_at"], early["updated_at"], early["next_attempt_at"] > end) == (end, end, True)
    emulator.advance(700)
    (late,) = deliveries(emulator, run)
    assert (late["created_at"], late["updated_at"]) == (end, late["attempts"][0]["created_at"])


def test_a_run_without_a_receiver_has_no_deliveries(emulator: Emulator) -> None:
    """An empty array, and nothing to send again."""
    run = job_id(RUNFLOW.send(emulator))
    emulator.advance(60)
    assert deliveries(emulator, run) == []
    assert emulator.post(f"{RUNS}/{run}/callback-redeliveries").json()["code"] == "CONFLICT"


def test_redelivery(emulator: Emulator) -> None:
    """A new delivery with an id of its own, made from the run as it is now, sent once and not automatic."""
    run = called_back(emulator)
    emulator.advance(100)
    answer = emulator.post(f"{RUNS}/{run}/callback-redeliveries")
    made = answer.json()
    assert (answer.status, set(made), made["is_automatic"], made["attempts"]) == (201, DELIVERY, False, [])
    emulator.advance(600)
    first, second = deliveries(emulator, run)
    assert (second["id"], second["status_code"], second["attempt_count"]) == (made["id"], "delivered", 1)
    assert second["payload"] == made["payload"] == json.loads(emulator.posted[1][1])
    links = [one["payload"]["output"]["outputs"][0]["url"] for one in (first, second)]
    assert links[0] != links[1]
    assert len(emulator.posted) == 2


def test_a_run_that_goes_on_is_not_redelivered(emulator: Emulator) -> None:
    """409 until it has ended."""
    run = called_back(emulator, 0)
    assert emulator.post(f"{RUNS}/{run}/callback-redeliveries").status == 409


def test_a_secret_is_shown_once_and_signs(emulator: Emulator) -> None:
    """whsec_..., whole in the first answer only; it signs as it stands, and the record names it."""
    made = emulator.post(SECRETS, {"label": "mine"}).json()
    plain = made.pop("plain_secret")
    assert plain.startswith("whsec_")
    assert plain.startswith(made["key_prefix"])
    assert (made["is_current"], made["label"], made["disabled_at"]) == (True, "mine", None)
    assert emulator.get(f"{SECRETS}/{made['id']}").json() == made
    assert plain not in emulator.get(SECRETS).body.decode()

    run = called_back(emulator)

    ((_, body, headers),) = emulator.posted
    assert headers["Runflow-Signature"] == hmac.new(plain.encode(), body, hashlib.sha256).hexdigest()
    assert deliveries(emulator, run)[0]["signing_secret_id"] == made["id"]
    assert emulator.get(f"{SECRETS}/{made['id']}").json()["last_used_at"] is not None


def test_rotation(emulator: Emulator) -> None:
    """A new secret takes over; the old one can be promoted back; one is current; without it the newest."""
    one, two, three = (emulator.post(SECRETS, {"label": name}).json()["id"] for name in "abc")

    def current() -> list[str]:
        return [secret["id"] for secret in emulator.get(SECRETS).json()["items"] if secret["is_current"]]

    assert current() == [three]
    promoted = emulator.request("PATCH", f"{SECRETS}/{one}", {"is_current": True, "label": None}).json()
    assert (promoted["is_current"], promoted["label"], current()) == (True, None, [one])
    assert emulator.request("DELETE", f"{SECRETS}/{one}").status == 204
    assert current() == [three]
    assert emulator.get(f"{SECRETS}/{one}").status == 404
    assert [secret["label"] for secret in emulator.get(SECRETS).json()["items"]] == ["c", "b"]
    assert two


def test_the_last_secret_deleted_leaves_callbacks_unsigned(emulator: Emulator) -> None:
    """Or signed with what control set for the account."""
    secret = emulator.post(SECRETS, {}).json()["id"]
    emulator.request("DELETE", f"{SECRETS}/{secret}")
    called_back(emulator)
    emulator.request("PUT", "/_control/account", {"callback_secret": "s" * 16})
    called_back(emulator, image_urls=[IMAGE])
    assert ["Runflow-Signature" in headers for _, _, headers in emulator.posted] == [False, True]


@pytest.mark.parametrize("body", [{"label": "x" * 256}, {"label": 5}])
def test_a_label_has_a_length(emulator: Emulator, body: Any) -> None:
    """At most 255 characters."""
    assert emulator.post(SECRETS, body).status == 422


def test_secrets_repeat_with_the_seed() -> None:
    """The same seed and history give the same secrets; two secrets of one account differ."""
    made = [Emulator(seed="s").post(SECRETS, {}).json() for _ in range(2)]
    assert made[0] == made[1]
    emulator = Emulator(seed="s")
    plain = {emulator.post(SECRETS, {}).json()["plain_secret"] for _ in range(3)}
    assert len(plain) == 3


def test_a_reset_of_jobs_leaves_what_is_the_accounts(emulator: Emulator) -> None:
    """Runs and assets go; callback secrets and the threshold stay, until the whole account is forgotten."""

    def kept() -> tuple[list[Any], str]:
        balance = emulator.get("/runflow/v1/billing/balance").json()
        return emulator.get(SECRETS).json()["items"], balance["low_balance_threshold"]

    emulator.post(SECRETS, {"label": "mine"})
    emulator.request("PATCH", "/runflow/v1/billing/balance", {"low_balance_threshold": "7"})
    before = kept()
    RUNFLOW.send(emulator)
    uploaded(emulator)
    emulator.post("/_control/reset", {"only": ["jobs"]})
    assert [emulator.get(f"/runflow/v1/{name}").json()["items"] for name in ("runs", "assets")] == [[], []]
    assert (len(before[0]), before[1], kept()) == (1, "7", before)
    emulator.post("/_control/reset")
    assert kept() == ([], "0")

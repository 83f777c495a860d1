"""HiAPI's Idempotency-Key: replays, mismatches, lifetimes, scope, and the order of checks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from driving import ORIGIN, Answer, Emulator
from providers.envelopes import refused
from providers.samples import HIAPI, JSON, job_id
from screentest.app import App, engine_for
from screentest.clock import ManualClock
from screentest.settings import Settings
from screentest.store.sqlite import SqliteStore

KEY_NAME = "Idempotency-Key"
DAY = 86400


def create(
    emulator: Emulator, key: str | bytes, body: Mapping[str, Any] | bytes | None = None, *, account: str = "sk-test"
) -> Answer:
    """A create with an idempotency key; `body` is JSON, or bytes to be sent as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body or HIAPI.body()).encode()
    sent = key.decode("latin-1") if isinstance(key, bytes) else key
    return emulator.post(HIAPI.path, raw=raw, headers=JSON | {KEY_NAME: sent}, key=account)


def total(emulator: Emulator) -> int:
    return int(emulator.get(HIAPI.path).json()["data"]["total"])


def test_a_replay(emulator: Emulator) -> None:
    """The same key and body: the first task's id, a header that says so, and nothing new."""
    first, second = create(emulator, "k1"), create(emulator, "k1")

    assert "idempotent-replay" not in first.headers
    assert (second.status, second.headers["idempotent-replay"]) == (200, "true")
    assert second.json() == first.json()
    assert total(emulator) == 1


def test_a_replay_outlives_the_task(emulator: Emulator) -> None:
    """A finished task is replayed like a running one."""
    first = create(emulator, "k1")
    emulator.advance(3600)

    assert job_id(create(emulator, "k1")) == job_id(first)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(HIAPI.body(prompt="another")).encode(),
        json.dumps(HIAPI.body(), separators=(",", ":")).encode(),
        json.dumps(HIAPI.body()).encode() + b"\n",
        json.dumps(HIAPI.body() | {"route": ""}).encode(),
        b'{"model": "no-such-model", "input": {}}',
    ],
    ids=["another prompt", "other spaces", "a newline more", "an empty route more", "no valid request"],
)
def test_another_body_is_a_mismatch(emulator: Emulator, body: bytes) -> None:
    """The raw bytes count, not their meaning; a body that would be refused is told about its key first."""
    create(emulator, "k1")
    answer = create(emulator, "k1", body)

    said = refused(answer, "hiapi")
    assert (answer.status, said["error_code"]) == (422, "IDEMPOTENCY_KEY_MISMATCH")
    assert total(emulator) == 1


@pytest.mark.parametrize(("seconds", "replayed"), [(DAY - 1, True), (DAY, False), (DAY + 1, False)])
def test_a_key_lives_for_a_day(emulator: Emulator, seconds: float, replayed: bool) -> None:
    """After 24 hours of the account's clock the same request makes a new task, which takes the key."""
    first = job_id(create(emulator, "k1"))
    emulator.advance(seconds)
    second = create(emulator, "k1")

    assert (job_id(second) == first, "idempotent-replay" in second.headers) == (replayed, replayed)
    assert job_id(create(emulator, "k1")) == job_id(second)


def test_a_key_that_ran_out_takes_another_body(emulator: Emulator) -> None:
    """A mismatch lasts no longer than a replay."""
    create(emulator, "k1")
    emulator.advance(DAY)

    assert create(emulator, "k1", HIAPI.body(prompt="another")).status == 200


def test_keys_belong_to_an_account(emulator: Emulator) -> None:
    """Two accounts may use the same key for different requests."""
    first = job_id(create(emulator, "k1"))
    other = create(emulator, "k1", HIAPI.body(prompt="another"), account="sk-other")

    assert other.status == 200
    assert job_id(other) != first


@pytest.mark.parametrize("key", ["", " ", "   "])
def test_a_blank_key_is_none(emulator: Emulator, key: str) -> None:
    """Every request makes a task."""
    assert job_id(create(emulator, key)) != job_id(create(emulator, key))


@pytest.mark.parametrize(
    ("key", "status"),
    [
        (b"k" * 255, 200),
        (b"k" * 256, 400),
        ("\u00e9".encode() * 127, 200),
        ("\u00e9".encode() * 128, 400),
        (b"k" * 5000, 400),
    ],
    ids=["255 bytes", "256 bytes", "254 bytes of UTF-8", "256 bytes of UTF-8", "5000 bytes"],
)
def test_a_key_has_255_bytes_at_most(emulator: Emulator, key: bytes, status: int) -> None:
    """Bytes of UTF-8 are counted, not characters."""
    answer = create(emulator, key)

    assert answer.status == status
    assert status == 200 or refused(answer, "hiapi")["error_code"] == "INVALID_REQUEST"


REFUSALS: dict[str, tuple[dict[str, Any], str, int]] = {
    "invalid input": (HIAPI.body(duration=99), "sk-test", 400),
    "unknown model": (HIAPI.body() | {"model": "no-such-model"}, "sk-test", 400),
    "unknown route": (HIAPI.body() | {"route": "scenic"}, "sk-test", 400),
    "no balance": (HIAPI.body(), "empty-1", 402),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_a_refused_request_leaves_its_key_free(emulator: Emulator, why: str) -> None:
    """Only a request that created a task is remembered: the key works for another body, and refuses the same again."""
    body, account, status = REFUSALS[why]

    assert [create(emulator, "k1", body, account=account).status for _ in range(2)] == [status, status]
    if account == "sk-test":
        assert create(emulator, "k1").status == 200


def test_topping_up_makes_the_same_request_work(emulator: Emulator) -> None:
    """402 frees the key: the same request succeeds once the account can pay."""
    emulator.request("PUT", "/_control/account", {"key_state": "empty"})
    assert create(emulator, "k1").status == 402
    emulator.request("PUT", "/_control/account", {"key_state": "good"})

    answer = create(emulator, "k1")
    assert (answer.status, "idempotent-replay" in answer.headers) == (200, False)


def test_a_replay_is_not_paid_again(emulator: Emulator) -> None:
    """An account that has become empty still gets its replay."""
    first = job_id(create(emulator, "k1"))
    emulator.request("PUT", "/_control/account", {"key_state": "empty"})

    assert job_id(create(emulator, "k1")) == first


def test_the_order_of_checks(emulator: Emulator) -> None:
    """Key 401, content type 415, JSON 400, length of the idempotency key 400, mismatch 422, input 400, balance 402."""
    create(emulator, "k1")
    long, wrong = {KEY_NAME: "k" * 256}, {"content-type": "text/plain"}
    bad = json.dumps(HIAPI.body(duration=99)).encode()

    def status(raw: bytes, headers: Mapping[str, str], key: str = "sk-test") -> int:
        return emulator.post(HIAPI.path, raw=raw, headers={**JSON, **headers}, key=key).status

    assert status(b"{", wrong | long, "invalid") == 401
    assert status(b"{", wrong | long) == 415
    assert "JSON" in emulator.post(HIAPI.path, raw=b"{", headers=JSON | long).json()["message"]
    assert "Idempotency-Key" in emulator.post(HIAPI.path, raw=bad, headers=JSON | long).json()["message"]
    assert status(bad, {KEY_NAME: "k1"}) == 422
    assert status(bad, {KEY_NAME: "k2"}, "empty-1") == 400
    assert status(json.dumps(HIAPI.body()).encode(), {KEY_NAME: "k2"}, "empty-1") == 402


def test_the_same_request_many_times_at_once(tmp_path: Path) -> None:
    """Those that come while the first is being written are replays, as if they had come after it."""
    settings = Settings()
    store = SqliteStore(tmp_path / "jobs.sqlite3")
    app = App(engine_for(settings, store, ManualClock()), settings)

    async def together() -> list[httpx2.Response]:
        headers = {"authorization": "Bearer sk-test", KEY_NAME: "k1"}
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=ORIGIN, headers=headers) as client:
            return await asyncio.gather(*(client.post(HIAPI.path, json=HIAPI.body()) for _ in range(16)))

    answers = asyncio.run(together())
    store.shut()
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["data"]["taskId"] for answer in answers}) == 1


def test_a_key_in_flight_on_demand(emulator: Emulator) -> None:
    """The header Screentest-Scenario shows what a client meets when its first request is still being processed."""
    headers = {KEY_NAME: "k1", "screentest-scenario": "key-in-flight"}
    answer = emulator.post(HIAPI.path, HIAPI.body(), headers=headers)

    assert (answer.status, answer.json()["error_code"]) == (409, "IDEMPOTENCY_KEY_PROCESSING")
    assert (answer.headers["retry-after"], answer.headers["screentest-fault"]) == ("5", "key-in-flight")
    assert create(emulator, "k1").status == 200

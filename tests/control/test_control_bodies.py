"""The body of a control request: what happens while it is on its way, when it never comes, and how long it may be."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from driving import KEY, ORIGIN, Answer, Emulator
from providers.samples import HIAPI, job_id
from unit.stepping import stepped

LATE = {"fail": {"message": "late"}}


def during(emulator: Emulator, method: str, path: str, body: Any, meanwhile: Callable[[], object]) -> tuple[int, Any]:
    """A control request whose body comes only after `meanwhile`: the status and the JSON of its answer."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        meanwhile()
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    stepped(emulator.app(_scope(method, path), receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def _scope(method: str, path: str) -> dict[str, Any]:
    headers = {"host": urlsplit(ORIGIN).netloc, "authorization": f"Bearer {KEY}"}
    return {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


def submitted(emulator: Emulator) -> Answer:
    """A submit that costs something at once."""
    url = "/runcomfy/v1/models/bytedance/seedream-5.0-pro/text-to-image"
    return emulator.post(url, {"prompt": "a fox", "resolution": "1K"})


def job_path(emulator: Emulator) -> str:
    return f"/_control/jobs/{submitted(emulator).json()['request_id']}"


def balance(emulator: Emulator) -> str:
    return str(emulator.get("/_control/account").json()["balance"])


def test_a_submit_is_not_forgotten(emulator: Emulator) -> None:
    """What is paid while another setting is on its way stays paid."""
    emulator.request("PUT", "/_control/account", {"balance": 10})

    def submit() -> None:
        assert submitted(emulator).status == 200

    status, told = during(emulator, "PUT", "/_control/account", {"callback_secret": "s"}, submit)
    assert (status, told["callback_secret"]) == (200, "set")
    assert told["balance"] == balance(emulator) != "10"


def test_a_job_ends_once(emulator: Emulator) -> None:
    """Of two that end the same job the slower one is told so, and the price comes back once."""
    emulator.request("PUT", "/_control/account", {"balance": 10})
    path = job_path(emulator)
    status, told = during(emulator, "POST", path, LATE, lambda: emulator.post(path, {"fail": {"message": "first"}}))
    assert (status, "has ended as failed" in told["error"]) == (409, True)
    assert len(emulator.get(path).json()["amendments"]) == 1
    assert float(balance(emulator)) == 10
    assert emulator.get("/_control/spend").json()["usd"] == 0


def test_a_job_that_was_reset_is_not_ended(emulator: Emulator) -> None:
    """It is gone, and so is what it cost."""
    path = job_path(emulator)

    def reset() -> None:
        emulator.post("/_control/reset")
        emulator.request("PUT", "/_control/account", {"balance": 10})

    assert during(emulator, "POST", path, LATE, reset)[0] == 404
    assert balance(emulator) == "10"


def test_two_switches_at_once(emulator: Emulator) -> None:
    """Each switches what it names, and nothing back."""
    path, one, two = "/_control/assumptions", "runcomfy.bad-token", "all.any-bearer-is-an-account"
    before = emulator.get(path).json()["assumptions"]
    told = during(emulator, "PUT", path, {two: before[two]}, lambda: emulator.request("PUT", path, {one: "400"}))[1]
    assert before[one] != told["assumptions"][one] == "400"


@pytest.mark.parametrize("method_and_path", ["POST /_control/clock", "PUT /_control/account", "POST /_control/reset"])
def test_a_caller_who_hangs_up(emulator: Emulator, method_and_path: str) -> None:
    """In the middle of a body: nothing is done, and it is no error of the server."""
    job = job_id(HIAPI.send(emulator))
    pieces: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return pieces.pop(0)

    async def send(message: Any) -> None:
        """Nobody is there."""

    stepped(emulator.app(_scope(*method_and_path.split()), receive, send))
    assert emulator.get(f"/_control/jobs/{job}").status == 200


def test_a_body_beyond_measure(emulator: Emulator) -> None:
    """It is refused as soon as it is too long, in the usual shape."""
    answer = emulator.request("PUT", "/_control/account", raw=b" " * (4 * 2**20 + 1))
    assert (answer.status, answer.json()) == (413, {"error": "the body is longer than 4194304 bytes"})


@pytest.mark.parametrize("amount", ["1e9999999", "9e999999", "-1e9999999", 1e300, 10**30])
def test_a_balance_beyond_measure(emulator: Emulator, amount: object) -> None:
    """It is refused, where reckoning with it would fail at every submit."""
    answer = emulator.request("PUT", "/_control/account", {"balance": amount})
    assert (answer.status, "at most a trillion" in answer.json()["error"]) == (400, True)
    assert submitted(emulator).status == 200


@pytest.mark.parametrize("amount", [10**12, "0.000001", "1e-9999999", -5])
def test_a_balance_within(emulator: Emulator, amount: object) -> None:
    """Whatever is granted can be reckoned with."""
    assert emulator.request("PUT", "/_control/account", {"balance": amount}).status == 200
    assert submitted(emulator).status < 500

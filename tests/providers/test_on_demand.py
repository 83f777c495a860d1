"""Refusals by the fault ``status: CODE`` or by a failure's name: the provider's own, with details that make sense."""

from __future__ import annotations

from typing import Any

import pytest

from driving import Answer, Emulator
from providers.samples import HIAPI, R2V, RUNFLOW, Sample


def faulty(emulator: Emulator, method: str, path: str, fault: str) -> Answer:
    body: dict[str, Any] | None = None if method == "GET" else {}
    return emulator.request(method, path, body, headers={"screentest-fault": fault})


@pytest.mark.parametrize(
    ("sample", "fault", "told"),
    [
        (HIAPI, "status: 400", {"code": 400, "error_code": "INVALID_REQUEST", "message": "asked for by a fault"}),
        (HIAPI, "status: 409", {"code": 409, "error_code": "IDEMPOTENCY_KEY_PROCESSING"}),
        (HIAPI, "key-malformed", {"message": "Idempotency-Key is longer than 255 bytes"}),
        (HIAPI, "unknown-model: veo", {"message": "model 'veo' is not available"}),
        (RUNFLOW, "status: 422", {"code": "VALIDATION_ERROR", "message": "asked for by a fault"}),
        (RUNFLOW, "status: 418", {"code": "IM_A_TEAPOT", "message": "I'm a Teapot", "errors": None}),
        (RUNFLOW, "body-too-large", {"message": "The body is larger than 67108864 bytes"}),
        (R2V, "status: 422", {"error_code": 422001}),
        (R2V, "status: 402", {"error_code": 402001, "error_message": "Payment Required"}),
        (R2V, "status: 429 7", {"error_code": 429001, "error_message": "TooManyRequests: try again in 7 s"}),
    ],
)
def test_of_a_submit(emulator: Emulator, sample: Sample, fault: str, told: dict[str, Any]) -> None:
    """The operation's own failure, the plainest of several; else one in the provider's manner."""
    answer = faulty(emulator, "POST", sample.path, fault).json()
    assert {name: answer.get(name) for name in told} == told


@pytest.mark.parametrize(
    ("path", "fault", "told"),
    [
        ("/hiapi/v1/tasks", "status: 400", {"error_code": "INVALID_REQUEST", "message": "Bad Request"}),
        ("/runflow/v1/runs", "status: 404", {"code": "NOT_FOUND", "message": "Not Found"}),
        ("/runflow/v1/runs", "status: 503", {"code": "SERVICE_UNAVAILABLE", "message": "Service Unavailable"}),
        ("/runcomfy/v1/requests/x/status", "status: 400", {"error_code": 400001, "error_message": "Bad Request"}),
    ],
)
def test_of_a_read(emulator: Emulator, path: str, fault: str, told: dict[str, Any]) -> None:
    """It is never refused as a submit would be: for its balance, its body, or a model that is away."""
    answer = faulty(emulator, "GET", path, fault).json()
    assert {name: answer.get(name) for name in told} == told


@pytest.mark.parametrize("path", ["/hiapi/v1/tasks", "/runflow/v1/runs", "/runcomfy/v1/requests/x/status"])
def test_a_wrong_method_names_one(emulator: Emulator, path: str) -> None:
    """A Retry-After beside it is not taken for a method."""
    answer = faulty(emulator, "GET", path, "status: 405 7")
    assert (answer.status, answer.headers["allow"], answer.headers["retry-after"]) == (405, "GET", "7")


@pytest.mark.parametrize("name", ["generation-failed", "moderation"])
def test_how_jobs_fail_is_no_refusal(emulator: Emulator, name: str) -> None:
    """RunComfy and HiAPI tell it in a job; as a fault it is not known, and a scenario is what was meant."""
    answer = emulator.get("/runcomfy/v1/models", headers={"screentest-fault": name})
    assert (answer.status, f"no fault '{name}'" in answer.headers["screentest-warning"]) == (200, True)


def test_nothing_left_refuses_what_has_no_price(emulator: Emulator) -> None:
    """A balance of 0 cannot pay for a job whose price nobody knows; one cent can, and stays."""
    emulator.request("PUT", "/_control/account", {"balance": 0})
    assert HIAPI.send(emulator).status == 402
    emulator.request("PUT", "/_control/account", {"balance": "0.01"})
    assert HIAPI.send(emulator).status == 200
    assert emulator.get("/_control/account").json()["balance"] == "0.01"


def test_a_job_that_will_fail_has_to_be_payable(emulator: Emulator) -> None:
    """The provider looks at the balance before it knows how the job will end."""
    emulator.request("PUT", "/_control/account", {"balance": 0})
    assert RUNFLOW.send(emulator, prompt="a fox [[fail]]").status == 402


@pytest.mark.parametrize(
    ("given", "shown"), [("1e-7", "0.0000001"), ("1E+3", "1000"), ("5.00", "5.00"), ("1e-99", "0")]
)
def test_a_balance_is_shown_in_digits(emulator: Emulator, given: str, shown: str) -> None:
    """However it was written."""
    assert emulator.request("PUT", "/_control/account", {"balance": given}).json()["balance"] == shown

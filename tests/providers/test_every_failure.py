"""Every failure that a contract lists for an operation is reached, and has the status and code of the fact sheets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from driving import Answer, Emulator
from providers import runcomfy_refusals, runflow_refusals
from providers.envelopes import code, refused
from providers.hurried import Hurried, looped
from providers.samples import HIAPI, JSON, R2V, RUNFLOW, SYNC, Sample, job_id
from screentest_contracts.load import PROVIDERS, load

Ask = Callable[[Emulator], Answer]

SUBMITS = {"submit": R2V, "create-run": RUNFLOW, "run": SYNC, "create": HIAPI}
READS = {
    "status": (R2V, "/runcomfy/v1/requests/{}/status", "GET"),
    "result": (R2V, "/runcomfy/v1/requests/{}/result", "GET"),
    "cancel": (R2V, "/runcomfy/v1/requests/{}/cancel", "POST"),
    "detail": (HIAPI, "/hiapi/v1/tasks/{}", "GET"),
}
UNKNOWN_IDS = {
    "runcomfy": "6b0d52a4-9a55-4c3e-8d52-3f1f0a3b6c11",
    "runflow": "019a3f5e-7c1d-7abc-8def-0123456789ab",
    "hiapi": "tk-hiapi-01KYV4GTDQPDGKR8ZRRXCTF1H8",
}
ANSWERS: dict[str, dict[str, tuple[int, str | int | None]]] = {
    "runcomfy": {
        "no-key": (401, 400004),
        "bad-key": (401, 400004),
        "no-balance": (400, 400002),
        "wrong-content-type": (415, 415001),
        "malformed-json": (422, 422001),
        "body-too-large": (413, 413001),
        "unknown-model": (400, 400001),
        "invalid-input": (422, 422001),
        "unknown-job": (404, 404001),
        "foreign-job": (403, 403001),
        "not-ready": (400, 400005),
        "bad-query": (422, 422001),
        "rate-limited": (429, 429001),
    },
    "runflow": {
        "no-key": (401, "UNAUTHORIZED"),
        "bad-key": (401, "UNAUTHORIZED"),
        "no-balance": (402, "INSUFFICIENT_CREDIT"),
        "wrong-content-type": (415, "UNSUPPORTED_MEDIA_TYPE"),
        "malformed-json": (400, "BAD_REQUEST"),
        "body-too-large": (413, "PAYLOAD_TOO_LARGE"),
        "unknown-model": (404, "MODEL_NOT_FOUND"),
        "invalid-input": (422, "VALIDATION_ERROR"),
        "unknown-job": (404, "RUN_NOT_FOUND"),
        "foreign-job": (404, "RUN_NOT_FOUND"),
        "malformed-id": (404, "RUN_NOT_FOUND"),
        "sync-timeout": (504, "GATEWAY_TIMEOUT"),
        "generation-failed": (502, "PROVIDER_ERROR"),
        "unknown-route": (404, "NOT_FOUND"),
        **runflow_refusals.ANSWERS,
    },
    "hiapi": {
        "no-key": (401, None),
        "bad-key": (401, None),
        "no-balance": (402, None),
        "wrong-content-type": (415, None),
        "malformed-json": (400, "INVALID_REQUEST"),
        "body-too-large": (413, None),
        "unknown-model": (400, "INVALID_REQUEST"),
        "invalid-input": (400, "INVALID_REQUEST"),
        "unknown-job": (404, None),
        "foreign-job": (404, None),
        "malformed-id": (404, None),
        "not-allowed": (403, None),
        "rate-limited": (429, None),
        "unavailable": (503, None),
        "key-malformed": (400, "INVALID_REQUEST"),
        "key-in-flight": (409, "IDEMPOTENCY_KEY_PROCESSING"),
        "key-mismatch": (422, "IDEMPOTENCY_KEY_MISMATCH"),
        "unknown-model-route": (400, "INVALID_REQUEST"),
        "model-unavailable": (400, "MODEL_UNAVAILABLE"),
        "upstream-refused": (400, "TASK_FAILED"),
        "upstream-timeout": (400, "TASK_TIMEOUT"),
        "storage-unavailable": (400, "STORAGE_UNAVAILABLE"),
    },
}


@dataclass(frozen=True)
class Case:
    """How to reach one failure of one operation."""

    provider: str
    operation: str
    failure: str
    ask: Ask
    make: Callable[..., Emulator] = Emulator
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.provider}-{self.operation}-{self.failure}"


def unknown_model(sample: Sample) -> Ask:
    path = sample.path.replace("reference-to-video", "no-such-model")
    return lambda emulator: emulator.post(path, sample.body() | ({"model": "no-such-model"} if sample is HIAPI else {}))


def of_submit(operation: str, sample: Sample) -> list[Case]:
    asks: dict[str, Ask] = {
        "no-key": lambda emulator: sample.send(emulator, key=None),
        "bad-key": lambda emulator: sample.send(emulator, key="revoked-1"),
        "no-balance": lambda emulator: sample.send(emulator, key="empty-1"),
        "wrong-content-type": lambda emulator: emulator.post(
            sample.path, raw=b"prompt=a", headers={"content-type": "application/x-www-form-urlencoded"}
        ),
        "malformed-json": lambda emulator: emulator.post(sample.path, raw=b'{"prompt": ', headers=JSON),
        "body-too-large": lambda emulator: emulator.post(
            sample.path, raw=b"{}", headers=JSON | {"content-length": "999999999"}
        ),
        "unknown-model": unknown_model(sample),
        "invalid-input": lambda emulator: sample.send(emulator, duration="five"),
    }
    return [Case(sample.provider, operation, failure, ask) for failure, ask in asks.items()]


def of_read(operation: str, sample: Sample, path: str, method: str) -> list[Case]:
    def foreign(emulator: Emulator) -> Answer:
        theirs = job_id(sample.send(emulator, key="sk-theirs"))
        return emulator.request(method, path.format(theirs))

    unknown = path.format(UNKNOWN_IDS[sample.provider])
    asks: dict[str, Ask] = {
        "no-key": lambda emulator: emulator.request(method, unknown, key=None),
        "bad-key": lambda emulator: emulator.request(method, unknown, key="expired"),
        "unknown-job": lambda emulator: emulator.request(method, unknown),
        "foreign-job": foreign,
    }
    if sample.provider != "runcomfy":
        asks["malformed-id"] = lambda emulator: emulator.request(method, path.format("no-id-at-all"))
    return [Case(sample.provider, operation, failure, ask) for failure, ask in asks.items()]


def not_ready(emulator: Emulator) -> Answer:
    return emulator.get(READS["result"][1].format(job_id(R2V.send(emulator))))


def sync(emulator: Emulator) -> Answer:
    return looped(lambda: SYNC.send(emulator))


def sync_failing(emulator: Emulator) -> Answer:
    return looped(lambda: SYNC.send(emulator, prompt="[[fail]]"))


def on_demand(operation: str, method: str, path: str, failures: tuple[str, ...]) -> list[Case]:
    """Failures of HiAPI that no request brings about by itself."""

    def asking(failure: str) -> Ask:
        return lambda emulator: emulator.request(method, path, headers={"screentest-scenario": failure})

    return [Case("hiapi", operation, failure, asking(failure)) for failure in failures]


def keyed(key: str, *prompts: str) -> Ask:
    """The answer to the last of some creates under one idempotency key."""

    def ask(emulator: Emulator) -> Answer:
        sent = [emulator.post(HIAPI.path, HIAPI.body(prompt=one), headers={"idempotency-key": key}) for one in prompts]
        return sent[-1]

    return ask


GATE = ("not-allowed", "rate-limited", "unavailable")
UPSTREAM = ("key-in-flight", "model-unavailable", "upstream-refused", "upstream-timeout", "storage-unavailable")
HIAPI_MORE = [
    *on_demand("create", "POST", HIAPI.path, (*GATE, *UPSTREAM)),
    *on_demand("list", "GET", "/hiapi/v1/tasks", GATE),
    *on_demand("detail", "GET", READS["detail"][1].format(UNKNOWN_IDS["hiapi"]), GATE),
    *on_demand("models", "GET", "/hiapi/v1/models", GATE),
    *on_demand("pricing", "GET", "/hiapi/api/pricing", ("unavailable",)),
    Case("hiapi", "create", "key-malformed", keyed("k" * 256, "a fox")),
    Case("hiapi", "create", "key-mismatch", keyed("k", "a fox", "a hen")),
    Case(
        "hiapi",
        "create",
        "unknown-model-route",
        lambda emulator: emulator.post(HIAPI.path, HIAPI.body() | {"route": "scenic"}),
    ),
    Case("hiapi", "models", "no-key", lambda emulator: emulator.get("/hiapi/v1/models", key=None)),
    Case("hiapi", "models", "bad-key", lambda emulator: emulator.get("/hiapi/v1/models", key="invalid")),
    Case("hiapi", "model-content", "unknown-model", lambda emulator: emulator.get("/hiapi/api/models/content")),
]

CASES = [
    *(Case("runflow", *case) for case in runflow_refusals.cases()),
    *(Case("runcomfy", *case) for case in runcomfy_refusals.cases()),
    *HIAPI_MORE,
    *(case for operation, sample in SUBMITS.items() for case in of_submit(operation, sample)),
    *(case for operation, read in READS.items() for case in of_read(operation, *read)),
    Case("hiapi", "list", "no-key", lambda emulator: emulator.get("/hiapi/v1/tasks", key=None)),
    Case("hiapi", "list", "bad-key", lambda emulator: emulator.get("/hiapi/v1/tasks", key="invalid")),
    Case("runcomfy", "result", "not-ready", not_ready, options={"switches": {"runcomfy.result-not-ready": "400005"}}),
    Case("runflow", "run", "sync-timeout", sync, options={"sync_timeout": 0}),
    Case("runflow", "run", "generation-failed", sync_failing, make=Hurried),
    Case("runflow", "run", "unknown-route", SYNC.send, options={"switches": {"runflow.sync-route": "off"}}),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_failure(case: Case) -> None:
    """Status and code are those of the fact sheet, in the provider's own envelope."""
    answer = case.ask(case.make(**case.options))
    body = refused(answer, case.provider)
    assert (answer.status, code(body, case.provider)) == ANSWERS[case.provider][case.failure]


def test_no_failure_is_forgotten() -> None:
    """Everything that any contract lists for any operation is reached above, but for faults of the emulator itself."""
    listed = {
        f"{name}-{operation.id}-{failure}"
        for name in PROVIDERS
        for operation in load(name).provider.operations.values()
        for failure in operation.failures
        if failure != "internal-error"
    }
    assert listed == {str(case) for case in CASES}

"""How to bring about every failure of every Runflow operation: mostly from the operation itself, a few by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from driving import KEY, Answer, Emulator
from providers.samples import JSON, RUNFLOW, SYNC, job_id
from screentest_contracts.document import Operation
from screentest_contracts.load import load

Ask = Callable[[Emulator], Answer]

ADMIN, OWNER, THEIRS = "rf_svc_x", "rf_live_x", "sk-theirs"
NO_RUN = "019a3f5e-7c1d-7abc-8def-0123456789ab"
NO_THING = "6b0d52a4-9a55-4c3e-8d52-3f1f0a3b6c11"
IDEMPOTENT = {"idempotency-key": "once"}
SUBMITS = ("create-run", "run")
ANSWERS = {
    "not-allowed": (403, "PERMISSION_DENIED"),
    "rate-limited": (429, "RATE_LIMITED"),
    "key-malformed": (400, "BAD_REQUEST"),
    "key-mismatch": (409, "CONFLICT"),
    "key-in-flight": (409, "CONFLICT"),
    "model-unavailable": (503, "MODEL_UNAVAILABLE"),
    "bad-query": (422, "VALIDATION_ERROR"),
    "unknown-item": (404, "NOT_FOUND"),
    "unknown-reference": (422, "VALIDATION_ERROR"),
    "link-refused": (403, "PERMISSION_DENIED"),
    "conflict": (409, "CONFLICT"),
    "no-batches": (422, "VALIDATION_ERROR"),
}


def cases() -> Iterator[tuple[str, str, Ask]]:
    """(operation, failure, how to ask for it) for all but what every provider's submits and reads have."""
    special = _special()
    for operation in load("runflow").provider.operations.values():
        usual = _submit(operation) if operation.id in SUBMITS else _usual(operation)
        for failure in operation.failures:
            ask = special.get((operation.id, failure)) or usual.get(failure)
            if ask:
                yield operation.id, failure, ask


def _submit(operation: Operation) -> dict[str, Ask]:
    """What a submit has beyond the failures that all submits have."""
    sample = RUNFLOW if operation.id == "create-run" else SYNC
    reference = f"runflow://assets/{NO_THING}"
    return {
        "not-allowed": _demanded(sample.path, sample.body(), "not-allowed"),
        "rate-limited": _hurried(lambda emulator: sample.send(emulator)),
        "model-unavailable": _demanded(sample.path, sample.body(), "model-unavailable"),
        "key-in-flight": _demanded(sample.path, sample.body(), "key-in-flight"),
        "unknown-reference": lambda emulator: sample.send(emulator, image_urls=[reference]),
    }


def _usual(operation: Operation) -> dict[str, Ask]:
    """What follows from the operation: its path, its key, its body and its query."""
    path = "/runflow" + re.sub(r"\{\w+\}", NO_THING, operation.path.replace("{model_id...}", RUNFLOW.model))
    path = re.sub(rf"/runs/{NO_THING}", f"/runs/{NO_RUN}", path)
    own = ADMIN if operation.id == "cancel-run" else KEY

    def ask(at: str = path, **more: Any) -> Ask:
        return lambda emulator: emulator.request(operation.method, at, **{"key": own, **more})

    def of_run(key: str, query: str = "") -> Ask:
        def asked(emulator: Emulator) -> Answer:
            run = job_id(RUNFLOW.send(emulator, key=key))
            return emulator.request(operation.method, path.replace(NO_RUN, run) + query, key=own)

        return asked

    wrong = "?limit=0" if operation.query_of else "?add_signature=perhaps"
    owner = OWNER if own == ADMIN else KEY
    in_run = "{run_id}" in operation.path
    return {
        "no-key": ask(key=None),
        "bad-key": ask(key="expired"),
        "not-allowed": ask(headers={"screentest-scenario": "not-allowed"}),
        "rate-limited": _hurried(ask(), own),
        "wrong-content-type": ask(raw=b"a=b", headers={"content-type": "application/x-www-form-urlencoded"}),
        "malformed-json": ask(raw=b"{", headers=JSON),
        "body-too-large": ask(raw=b"{}", headers=JSON | {"content-length": "999999999"}),
        "invalid-input": ask(body=[]),
        "unknown-job": ask(),
        "foreign-job": of_run(THEIRS),
        "malformed-id": ask(path.replace(NO_RUN, "no-id-at-all")),
        "unknown-model": ask(path.replace(RUNFLOW.model, "no/such"), body={"input": [{}]}),
        "bad-query": of_run(owner, wrong) if in_run else ask(path + wrong),
        "unknown-item": of_run(owner) if in_run else ask(body={}),
    }


def _special() -> dict[tuple[str, str], Ask]:
    """What takes a story of its own."""
    return {
        ("create-run", "key-malformed"): lambda emulator: emulator.post(
            RUNFLOW.path, RUNFLOW.body(), headers={"idempotency-key": "k" * 256}
        ),
        ("create-run", "key-mismatch"): _mismatch,
        ("cancel-run", "not-allowed"): lambda emulator: emulator.post(f"/runflow/v1/admin/runs/{NO_RUN}/cancellation"),
        ("create-batch", "no-batches"): lambda emulator: emulator.post(
            f"/runflow/v1/models/{RUNFLOW.model}/batches", {"input": [RUNFLOW.body()["input"]]}
        ),
        ("redeliver", "conflict"): lambda emulator: emulator.post(
            f"/runflow/v1/runs/{job_id(RUNFLOW.send(emulator))}/callback-redeliveries"
        ),
        ("change-secret", "conflict"): _demoted,
        ("change-balance", "conflict"): lambda emulator: emulator.request(
            "PATCH",
            "/runflow/v1/billing/balance",
            {"low_balance_threshold": 1, "updated_at": "2020-01-01T00:00:00+00:00"},
        ),
        ("confirm-upload", "conflict"): lambda emulator: emulator.post(
            f"/runflow/v1/asset-uploads/{session(emulator)['asset_id']}/confirmations"
        ),
        ("put-file", "link-refused"): _late_upload,
        ("put-file", "body-too-large"): lambda emulator: emulator.request(
            "PUT", session(emulator)["upload_url"], raw=b"x" * 52428801, headers={"content-type": "image/png"}
        ),
        ("get-file", "link-refused"): _late_look,
        ("list-public-models", "bad-query"): lambda emulator: emulator.get(
            "/runflow/v1/public/models?limit=x", key=None
        ),
    }


def session(emulator: Emulator, **changes: Any) -> dict[str, Any]:
    """An upload session of a small PNG."""
    body = {"filename": "a.png", "mime_type": "image/png", "size_bytes": 9} | changes
    return dict(emulator.post("/runflow/v1/asset-uploads", body).json())


def uploaded(emulator: Emulator, content: bytes = b"\x89PNG.....") -> dict[str, Any]:
    """A confirmed asset."""
    opened = session(emulator)
    put = emulator.request("PUT", opened["upload_url"], raw=content, key=None, headers={"content-type": "image/png"})
    assert put.status == 200, put.body
    answer = emulator.post(f"/runflow/v1/asset-uploads/{opened['asset_id']}/confirmations")
    assert answer.status == 201, answer.body
    return dict(answer.json())


def _demanded(path: str, body: Any, failure: str) -> Ask:
    return lambda emulator: emulator.post(path, body, headers={"screentest-scenario": failure})


def _hurried(ask: Ask, key: str = KEY) -> Ask:
    """The same of an account that may not ask at all."""

    def asked(emulator: Emulator) -> Answer:
        emulator.request("PUT", "/_control/account", {"requests_per_minute": 0}, key=key)
        return ask(emulator)

    return asked


def _mismatch(emulator: Emulator) -> Answer:
    emulator.post(RUNFLOW.path, RUNFLOW.body(), headers=IDEMPOTENT)
    return emulator.post(RUNFLOW.path, RUNFLOW.body(seed=1), headers=IDEMPOTENT)


def _demoted(emulator: Emulator) -> Answer:
    secret = emulator.post("/runflow/v1/callback-secrets", {}).json()
    return emulator.request("PATCH", f"/runflow/v1/callback-secrets/{secret['id']}", {"is_current": False})


def _late_upload(emulator: Emulator) -> Answer:
    url = session(emulator)["upload_url"]
    emulator.advance(3601)
    return emulator.request("PUT", url, raw=b"x", headers={"content-type": "image/png"})


def _late_look(emulator: Emulator) -> Answer:
    url = uploaded(emulator)["url"]
    emulator.advance(7 * 86400 + 1)
    return emulator.get(url)

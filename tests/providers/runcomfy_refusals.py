"""How to reach the failures of RunComfy's catalogue, and its rate limit, operation by operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from driving import Answer, Emulator
from providers.samples import R2V
from screentest.own_headers import SCENARIO

PATHS = {
    "models": "/runcomfy/v1/models",
    "categories": "/runcomfy/v1/models/categories",
    "model": "/runcomfy/v1/models/qwen/qwen-image-2.1/edit",
}

REQUESTS = {
    "submit": f"/runcomfy/v1/models/{R2V.model}",
    **{name: f"/runcomfy/v1/requests/any/{name}" for name in ("status", "result", "cancel")},
}


def _limited(operation: str, path: str) -> Callable[[Emulator], Answer]:
    method = "POST" if operation in ("submit", "cancel") else "GET"
    return lambda emulator: emulator.request(method, path, headers={SCENARIO: "rate-limited: 7"})


def _getting(path: str, **how: str | None) -> Callable[[Emulator], Answer]:
    return lambda emulator: emulator.get(path, **how)


def cases() -> Iterator[tuple[str, str, Callable[[Emulator], Answer]]]:
    """Operation, failure, and the request that meets it."""
    for operation, path in PATHS.items():
        yield operation, "no-key", _getting(path, key=None)
        yield operation, "bad-key", _getting(path, key="revoked")
    for operation, path in (PATHS | REQUESTS).items():
        yield operation, "rate-limited", _limited(operation, path)
    yield "models", "bad-query", _getting(f"{PATHS['models']}?limit=501")
    yield "model", "unknown-model", _getting("/runcomfy/v1/models/no/such-model")

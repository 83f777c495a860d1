"""Defects between a side and the emulator: an app around the app that alters what passes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from screentest.in_process import in_process
from screentest.verify.stepped import App, Stepped

Tamper = Callable[[str, str, int, Any], Any]
"""From method, path, status and body of a JSON answer: the body as the caller gets it, or (status, body)."""


def tampered(provider: str, tamper: Tamper) -> Stepped:
    """The emulator with JSON answers altered."""

    def wrap(app: App) -> App:
        def called(scope: Mapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> Awaitable[None]:
            return _answer(app, scope, receive, send, tamper)

        return called

    return in_process(provider, wrap=wrap)


def lenient(method: str, path: str, status: int, body: Any) -> Any:
    """A defect of HiAPI: every refusal of an input becomes an acceptance."""
    if status == 400 and path.endswith("/v1/tasks") and method == "POST":
        return 200, {"code": 200, "message": "success", "data": {"taskId": "tk-hiapi-01KYV4GTDQPDGKR8ZRRXCTF1H8"}}
    return body


async def _answer(
    app: App, scope: Mapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any], tamper: Tamper
) -> None:
    sent: list[dict[str, Any]] = []

    async def keep(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, keep)
    body, started = b"".join(one.get("body", b"") for one in sent[1:]), sent[0]
    is_json = any(name == b"content-type" and b"json" in value for name, value in started["headers"])
    if is_json and body and not scope["path"].startswith("/_control"):
        altered = tamper(scope["method"], scope["path"], started["status"], json.loads(body))
        status, value = altered if isinstance(altered, tuple) else (started["status"], altered)
        headers = [pair for pair in started["headers"] if pair[0] != b"content-length"]
        started, body = {**started, "status": status, "headers": headers}, json.dumps(value).encode()
    await send(started)
    await send({"type": "http.response.body", "body": body})

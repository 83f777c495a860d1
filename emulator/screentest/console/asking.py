"""Ask the emulator from within: a request through its own ASGI app, as any program would send it.

The console has no private door. What it shows are the answers of ``/_control``, what it submits goes to the providers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from msgspec import Struct, field
from starlette.requests import Request
from starlette.types import ASGIApp, Message

from screentest import own_headers
from screentest.faults import ABORT

_PASSED_ON = ("host", "cookie", own_headers.CONTROL_TOKEN)
_SAFE = "/:@!$&'()*+,;=~"


class Told(Struct):
    """An answer. `status` is 0 where the connection was broken on purpose."""

    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        return json.loads(self.body)


async def ask(
    app: ASGIApp,
    request: Request,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Told:
    """What the app answers to a request on behalf of whoever sent us `request`."""
    given = {name: request.headers[name] for name in _PASSED_ON if name in request.headers} | dict(headers or {})
    scope = {
        **{name: request.scope.get(name) for name in ("type", "asgi", "http_version", "scheme", "server", "client")},
        "method": method,
        "path": path,
        "raw_path": quote(path, safe=_SAFE).encode(),
        "query_string": urlencode(query or {}).encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in given.items()],
    }
    told = Told()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            told.status = message["status"]
            told.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            told.body += message.get("body", b"")

    def abort(reset: bool) -> None:
        told.status = 0

    scope["extensions"] = {ABORT: {"abort": abort}}
    await app(scope, receive, send)
    return told

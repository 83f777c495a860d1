"""What stands between verify and the emulator: an ASGI app around the app, which may alter what passes.

A tap alters the request before it gets in (`ask`) and the answer before it gets out (`answer`). Most are made of a spot
and a change:

    altered(Spot("detail", state="handling"), put("/data/created", str))
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec.structs import replace

from mutants.editing import Change
from screentest.verify.stepped import ORIGIN, App
from screentest_contracts.conformance.operations import Found, Operations
from screentest_contracts.exchange import NO_ANSWER, Exchange, NotJson
from screentest_contracts.load import load

MEDIA, NOTHING = "media", "nothing"
"""Stand for an operation: what links to outputs lead to, and a path or method that there is not."""

JSON = {"content-type": "application/json"}
Rewrite = Callable[[Exchange], Exchange]


class Tap:
    """Passes everything on. `touched` counts what was altered; a tap lives for one run."""

    def __init__(self) -> None:
        self.touched = 0

    def ask(self, exchange: Exchange, operation: str) -> Exchange:
        """The request as it gets in; with a status it is answered without the app."""
        return exchange

    def answer(self, exchange: Exchange, operation: str) -> Exchange:
        """The answer as it gets out."""
        return exchange


Plant = Callable[[], Tap]


@dataclass(frozen=True, slots=True)
class Spot:
    """Which answers are meant: of these operations (in one text; "" means every one), with this status (0: any
    success), about a job in this state, but the first `after` of them, and of those every `every`-th."""

    operations: str
    status: int = 0
    state: str = ""
    after: int = 0
    every: int = 1

    def covers(self, exchange: Exchange, operation: str) -> bool:
        """Whether this answer is one of them, its number apart."""
        if self.operations and operation not in self.operations.split():
            return False
        if exchange.status != self.status if self.status else not 200 <= exchange.status < 300:
            return False
        return not self.state or self.state in states(exchange)


class _Altering(Tap):
    def __init__(self, spot: Spot, rewrite: Rewrite) -> None:
        super().__init__()
        self._spot, self._rewrite, self._seen = spot, rewrite, 0

    def answer(self, exchange: Exchange, operation: str) -> Exchange:
        if not self._spot.covers(exchange, operation):
            return exchange
        self._seen += 1
        if self._seen <= self._spot.after or (self._seen - self._spot.after - 1) % self._spot.every:
            return exchange
        changed = self._rewrite(exchange)
        self.touched += changed != exchange
        return changed


class _Asking(Tap):
    def __init__(self, operations: str, rewrite: Rewrite) -> None:
        super().__init__()
        self._operations, self._rewrite = operations, rewrite

    def ask(self, exchange: Exchange, operation: str) -> Exchange:
        if self._operations and operation not in self._operations.split():
            return exchange
        changed = self._rewrite(exchange)
        self.touched += changed != exchange
        return changed


def altered(spot: Spot, change: Change) -> Plant:
    """Changes the JSON body of answers."""
    return rewritten(spot, lambda exchange: edited(exchange, change))


def rewritten(spot: Spot, rewrite: Rewrite) -> Plant:
    """Replaces answers."""
    return lambda: _Altering(spot, rewrite)


def asked(operations: str, rewrite: Rewrite) -> Plant:
    """Replaces requests before they get in."""
    return lambda: _Asking(operations, rewrite)


def edited(exchange: Exchange, change: Change) -> Exchange:
    """The exchange with its answer's body changed; as it was where that is no JSON."""
    if isinstance(exchange.answer, NotJson):
        return exchange
    body = json.loads(exchange.body)
    changed = change(body)
    return with_body(exchange, body if changed is None else changed)


def with_body(exchange: Exchange, body: Any) -> Exchange:
    """The exchange with another JSON body in its answer."""
    raw = json.dumps(body).encode()
    return replace(exchange, body=raw, headers={**exchange.headers, **JSON, "content-length": str(len(raw))})


def states(exchange: Exchange) -> tuple[Any, ...]:
    """The words for the state of a job that an answer shows at its top."""
    body = exchange.answer
    inner = (body.get("data") or body) if isinstance(body, dict) else {}
    return (inner.get("status"), inner.get("status_code")) if isinstance(inner, dict) else ()


class Tapped:
    """The app with a tap before it."""

    def __init__(self, app: App, provider: str, tap: Tap) -> None:
        self._app, self._provider, self._tap = app, provider, tap

    async def __call__(self, scope: Mapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if not scope["path"].startswith((f"/{self._provider}/", "/media/")):
            await self._app(scope, receive, send)
            return
        came = _request(scope, (await receive())["body"])
        operation = operation_of(self._provider, came)
        exchange = self._tap.ask(came, operation)
        if exchange.status == NO_ANSWER:
            exchange = await self._answered(scope, exchange)
        for message in _messages(self._tap.answer(exchange, operation)):
            await send(message)

    async def _answered(self, scope: Mapping[str, Any], exchange: Exchange) -> Exchange:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": exchange.request_body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(_scope(scope, exchange), receive, send)
        names = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent[0]["headers"]}
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return replace(exchange, status=sent[0]["status"], headers=names, body=body)


@cache
def _operations(provider: str) -> Operations:
    return Operations(load(provider), f"{ORIGIN}/{provider}")


def operation_of(provider: str, exchange: Exchange) -> str:
    """The id of the operation that a request is for; MEDIA, or NOTHING where there is none."""
    found = _operations(provider).find(exchange)
    if isinstance(found, Found):
        return found.operation.id
    return MEDIA if exchange.path.startswith("/media/") else NOTHING


def _request(scope: Mapping[str, Any], body: bytes) -> Exchange:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode()
    url = ORIGIN + scope["raw_path"].decode() + (f"?{query}" if query else "")
    return Exchange(method=scope["method"], url=url, request_headers=headers, request_body=body, status=NO_ANSWER)


def _scope(scope: Mapping[str, Any], exchange: Exchange) -> dict[str, Any]:
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in exchange.request_headers.items()]
    path, _, query = exchange.url.removeprefix(ORIGIN).partition("?")
    same = path == scope["raw_path"].decode()
    paths = {} if same else {"path": path, "raw_path": path.encode()}
    return {**scope, **paths, "method": exchange.method, "headers": pairs, "query_string": query.encode()}


def _messages(exchange: Exchange) -> Iterator[dict[str, Any]]:
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in exchange.headers.items()]
    yield {"type": "http.response.start", "status": exchange.status, "headers": pairs}
    yield {"type": "http.response.body", "body": exchange.body}

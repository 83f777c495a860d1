"""An emulator that is judged while it answers: every exchange and callback goes through the judge and the monitor.

A test plants a defect by giving `tamper`, which may alter an answer before anybody sees it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from msgspec.structs import replace

from driving import KEY, ORIGIN, Answer, Emulator
from screentest.sender import Posted
from screentest_contracts.conformance import Coverage, Judge, Monitor, Violation
from screentest_contracts.exchange import INVALID, NOBODY, Callback, Exchange
from screentest_contracts.load import PROVIDERS, load
from screentest_contracts.signing import sign

SECOND = "sk-second"
ADMIN, ADMINS_OWN = "rf_svc_one", "rf_live_one"
HOOK = "https://127.0.0.1:9/hook"
SECRET = "whsec_0123456789abcdef"

Tamper = Callable[[Exchange, Any], Any]
"""From an exchange and its body, parsed: the body as the caller gets it, or an Answer."""

JUDGES = {name: Judge(load(name)) for name in PROVIDERS}


def label(key: str | None) -> str:
    """What an exchange says of a key."""
    if key is None:
        return NOBODY
    if key.startswith(("invalid", "revoked", "expired")):
        return INVALID
    return "one/admin" if key == ADMIN else "one" if key == ADMINS_OWN else key.removeprefix("sk-")


class Watched(Emulator):
    """Keeps what its judges find in `violations`. `retold` may alter, repeat or swallow what a receiver hears."""

    def __init__(
        self, provider: str, tamper: Tamper | None = None, *, secret: str | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.judge = JUDGES[provider] if not options else Judge(load(provider, self.settings.switches))
        self.monitor = Monitor(
            self.judge.contract, judge=self.judge, sole=True, listening=True, origins=(f"{ORIGIN}/media/",)
        )
        self.coverage = Coverage(self.judge.contract, self.judge)
        self.tamper = tamper
        self.secret = secret
        self.retold: Callable[[Callback], list[Callback]] = lambda callback: [callback]
        self.violations: list[Violation] = []
        self.exchanges: list[Exchange] = []
        self.passed: dict[str, float] = {}

    @property
    def kinds(self) -> set[str]:
        return {one.kind for one in self.violations}

    def now(self, key: str | None = KEY) -> float:
        """The account's time."""
        return self.clock.now() + self.passed.get(key or "", 0.0)

    def request(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        key: str | None = KEY,
        raw: bytes | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        answer = super().request(method, url, body, key=key, raw=raw, query=query, headers=headers)
        full = url if "://" in url else ORIGIN + url
        full += ("&" if urlsplit(full).query else "?") + urlencode(query) if query else ""
        if urlsplit(full).path.startswith("/_control"):
            return answer
        sent = {"content-type": "application/json"} if body is not None else {}
        exchange = Exchange(
            method=method,
            url=full,
            request_headers=sent | dict(headers or {}),
            request_body=json.dumps(body).encode() if body is not None else raw or b"",
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            at=self.now(key),
            who=label(key),
        )
        exchange = self._tampered(exchange)
        self.exchanges.append(exchange)
        self.violations += [*self.judge.judge(exchange), *self.monitor.see(exchange)]
        self.coverage.see(exchange)
        return Answer(exchange.status, exchange.headers, exchange.body)

    def _tampered(self, exchange: Exchange) -> Exchange:
        if self.tamper is None or not exchange.headers.get("content-type", "").startswith("application/json"):
            return exchange
        altered = self.tamper(exchange, json.loads(exchange.body))
        if isinstance(altered, Answer):
            return replace(exchange, status=altered.status, headers=altered.headers, body=altered.body)
        return replace(exchange, body=json.dumps(altered).encode())

    def advance(self, seconds: float, key: str = KEY) -> list[dict[str, Any]]:
        events = super().advance(seconds, key)
        self.passed[key] = self.passed.get(key, 0.0) + seconds
        return events

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Posted:
        posted = await super()._post(url, body, headers, timeout)
        callback = Callback(url=url, headers=headers, body=body, at=self.now(), answered=posted.status or 0)
        self.hear(callback)
        return posted

    def hear(self, callback: Callback) -> None:
        """Judge what a receiver hears, after `retold` made of it what it does."""
        for one in self.retold(callback):
            self.violations += self.judge.callback(one)
            self.violations += self.monitor.heard(one, self.secret, self.clock.now())
            self.coverage.heard(one)

    def finish(self) -> None:
        self.violations += self.monitor.finish(self.now())


def resigned(callback: Callback, body: Any, judge: Judge, stamp: float) -> Callback:
    """The callback with another body, signed as it should be."""
    policy = judge.contract.provider.callbacks
    assert policy is not None
    raw = json.dumps(body).encode()
    return replace(callback, body=raw, headers={**callback.headers, **sign(policy.signature, SECRET, raw, int(stamp))})

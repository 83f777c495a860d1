"""A side in this process: the ASGI app is stepped by hand, without event loop, thread or socket.

It works because the emulator's handlers never suspend, and it is an error where one does. An order of magnitude faster
than any client.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from screentest.verify.side import ADMIN, INVALID, ONE, TRUNCATED, TWO, Ask, DeniedError
from screentest_contracts.exchange import Callback, Exchange

ORIGIN = "http://127.0.0.1:8790"
_HOOK = "http://127.0.0.1:9/hook"
_SECRET = "whsec_screentest_verify_0001"  # noqa: S105 - of an account that lives for one run

_CRASHED = (500, {"content-type": "text/plain; charset=utf-8"}, b"Internal Server Error")

App = Callable[[Mapping[str, Any], Callable[..., Any], Callable[..., Any]], Awaitable[None]]


class SuspendedError(Exception):
    """A handler waited for something; in this process nothing ever comes."""


class Delivered(Struct, frozen=True):
    """A callback that the app sent: who was to get it, and what the receiver answered."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    answered: int


class Mailbox:
    """The receiver of callbacks: it keeps what comes, and answers as it is told."""

    def __init__(self) -> None:
        self.came: list[Delivered] = []
        self.answers: list[int] = []

    def take(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """One callback; the status of the answer."""
        status = self.answers.pop(0) if self.answers else 200
        self.came.append(Delivered(url, dict(headers), body, status))
        return status


class Stepped:
    """A `Side` on an app whose clock is moved through its control routes. `start` is the first time of its accounts."""

    controlled = sole = True

    def __init__(self, app: App, provider: str, mailbox: Mailbox, start: float, *, callbacks: bool) -> None:
        self.base = f"{ORIGIN}/{provider}"
        self.media: tuple[str, ...] = (f"{ORIGIN}/media/",)
        self.hook = _HOOK if callbacks else None
        self.secret: str | None = _SECRET
        self._app, self._mailbox, self._start = app, mailbox, start
        self._passed = 0.0
        self._lag = 0.0  # seconds by which the second account's clock is late; most often nobody asks for it
        self._accounts = 0
        self.renew()

    def renew(self) -> None:
        self._accounts += 1
        self._passed = self._lag = 0.0
        number = self._accounts
        self._keys = {
            ONE: f"rf_live_verify{number}",
            ADMIN: f"rf_svc_verify{number}",
            TWO: f"rf_live_other{number}",
            INVALID: f"invalid-{number}0",
            TRUNCATED: f"invalid-{number}",
        }
        self._mailbox.came.clear()
        self._mailbox.answers.clear()
        self.secret = _SECRET
        self.set_account({"callback_secret": _SECRET})

    def send(self, ask: Ask) -> Exchange:
        if ask.waits:
            raise DeniedError("nobody can wait in this process: its clock stands still")
        if ask.who == TWO and self._lag:
            self._control("POST", "clock", {"advance": self._lag}, TWO)
            self._lag = 0.0
        headers = ask.headers_with(self._keys.get(ask.who))
        url = ask.target(self.base)
        status, answered, body = step(self._app, ask.method, url, headers, ask.content)
        return Exchange(
            method=ask.method,
            url=url,
            request_headers=headers,
            request_body=ask.content,
            status=status,
            headers=answered,
            body=body,
            at=self.now(),
            who=ask.who,
        )

    def wait(self, seconds: float) -> None:
        self._control("POST", "clock", {"advance": seconds}, ONE)
        self._passed += seconds
        self._lag += seconds

    def heard(self) -> Sequence[Callback]:
        came = [
            Callback(url=one.url, headers=one.headers, body=one.body, at=self.now(), who=ONE, answered=one.answered)
            for one in self._mailbox.came
        ]
        self._mailbox.came.clear()
        return came

    def answer_callbacks(self, statuses: Sequence[int]) -> None:
        self._mailbox.answers[:] = statuses

    def now(self) -> float:
        return self._start + self._passed

    def wall(self) -> float:
        return self._start

    def set_account(self, settings: Mapping[str, Any]) -> bool:
        return self._control("PUT", "account", settings, ONE) == 200

    def close(self) -> None:
        """There is nothing to let go of."""

    def _control(self, method: str, route: str, body: Any, who: str) -> int:
        headers = {"authorization": f"Bearer {self._keys[who]}", "content-type": "application/json"}
        return step(self._app, method, f"{ORIGIN}/_control/{route}", headers, json.dumps(body).encode())[0]


def step(app: App, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    """One request to an app, as a server would take it: status, headers with lower-case names, body. A crash is 500."""
    parts = urlsplit(url)
    path, pairs = parts.path or "/", {"host": parts.netloc, **headers}
    try:
        answer = stepped(app, method, unquote(path), path, parts.query, pairs, body)
    except SuspendedError:
        raise
    except Exception:  # what a server makes of an app that crashes
        return _CRASHED
    return answer or _CRASHED


def stepped(
    app: App,
    method: str,
    path: str,
    raw_path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    extensions: Mapping[str, Any] | None = None,
) -> tuple[int, dict[str, str], bytes] | None:
    """One request to an app whose handlers never suspend: status, headers with lower-case names, body.

    None when the app answers nothing. Raises what the app raises, and SuspendedError where it waits.
    """
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": raw_path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers.items()],
        "server": ("127.0.0.1", 8790),
        "client": ("127.0.0.1", 1),
        "extensions": dict(extensions or {}),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    coroutine: Any = app(scope, receive, send)
    try:
        coroutine.send(None)
    except StopIteration:
        if not sent:
            return None
        names = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return sent[0]["status"], names, b"".join(message.get("body", b"") for message in sent[1:])
    coroutine.close()
    raise SuspendedError(f"{method} {path} waits for something; verify it over HTTP")

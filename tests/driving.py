"""Call the emulator in-process: the ASGI coroutine is stepped by hand, without event loop or thread.

It works because the emulator's handlers never suspend, and it fails the test where one does. Two are left out: the
synchronous run, which waits by nature, and anything that asks for a thread (media are built inline here).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.types import ASGIApp

from screentest.app import App, engine_for
from screentest.clock import ManualClock
from screentest.faults import ABORT
from screentest.media.artefact import Artefact
from screentest.outputs import Render
from screentest.sender import Posted
from screentest.settings import Settings
from screentest.store.sqlite import SqliteStore
from screentest.verify.stepped import stepped
from unit.stepping import stepped as through

ORIGIN = "http://127.0.0.1:8790"
KEY = "sk-test"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers with lower-case names, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Emulator:
    """A whole emulator in memory, on a clock that the test moves."""

    def __init__(self, **options: Any) -> None:
        self.settings = Settings(**options)
        self.clock = ManualClock()
        self.store = SqliteStore(self.settings.db)
        self.engine = engine_for(self.settings, self.store, self.clock)
        self.posted: list[tuple[str, bytes, dict[str, str]]] = []
        self.receiver = Posted(200, "")
        self.app = App(self.engine, self.settings, ORIGIN, offload=_inline, post=self._post)

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Posted:
        """A receiver in memory: it keeps what came and answers `receiver`."""
        self.posted.append((url, body, dict(headers)))
        return self.receiver

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
        """One request. `url` is a path, or a URL out of an answer; `body` is sent as JSON, `raw` as it is."""
        sent = {"host": urlsplit(ORIGIN).netloc} | ({"authorization": f"Bearer {key}"} if key is not None else {})
        content = raw or b""
        if body is not None:
            content = json.dumps(body).encode()
            sent["content-type"] = "application/json"
        parts = urlsplit(url)
        query_string = "&".join(filter(None, (parts.query, urlencode(query or {}))))
        return step(self.app, method, parts.path, query_string, sent | dict(headers or {}), content)

    def get(self, url: str, **kwargs: Any) -> Answer:
        return self.request("GET", url, **kwargs)

    def post(self, url: str, body: Any = None, **kwargs: Any) -> Answer:
        return self.request("POST", url, body, **kwargs)

    def advance(self, seconds: float, key: str = KEY) -> list[dict[str, Any]]:
        """Move the account's clock and answer the events on the way."""
        answer = self.post("/_control/clock", {"advance": seconds}, key=key)
        assert answer.status == 200, answer.body
        return list(answer.json()["events"])


def step(
    app: ASGIApp, method: str, path: str, query: str = "", headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Answer:
    """One request to an ASGI app whose handlers never suspend. A connection reset on purpose answers status 0."""
    extensions = {ABORT: {"abort": lambda reset: None}}
    answer = stepped(app, method, path, path, query, headers or {}, body, extensions)  # type: ignore[arg-type]
    return Answer(0, {}, b"") if answer is None else Answer(*answer)


async def _inline(render: Render, artefact: Artefact) -> bytes:
    return render(artefact)


def slowly(
    emulator: Emulator, method: str, path: str, body: bytes, headers: Mapping[str, str], during: Callable[[], None]
) -> int:
    """The status of a request without a key, whose body comes only after `during`."""
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": path}
    scope |= {"raw_path": path.encode(), "query_string": b"", "headers": pairs, "root_path": "", "extensions": {}}
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        during()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    through(emulator.app(scope, receive, send))
    return statuses[0]

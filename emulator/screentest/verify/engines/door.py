"""A WSGI app that is a session: for tools that know how to ask an app, and would otherwise ask past our judges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from screentest.verify.engines.scene import Scene
from screentest.verify.session import Enough, OutOfTimeError
from screentest.verify.side import NOBODY, ONE, Ask, UnreachableError
from screentest.verify.stepped import SuspendedError
from screentest_contracts.conformance.operations import Found
from screentest_contracts.exchange import Exchange

_TICK = 1.0  # seconds of the accounts' time after a request, where time can be moved: jobs go on meanwhile
_OWN = {"authorization", "connection", "content-length", "cookie", "host", "user-agent"}
_EMPTY_FORM = "multipart/form-data"  # what werkzeug's client makes of no body, with a boundary that no seed repeats
_NOT_SENT = HTTPStatus.SERVICE_UNAVAILABLE

Start = Callable[[str, list[tuple[str, str]]], object]


class Door:
    """A WSGI app that asks in a scene. `cause` is why nothing more is sent; then all answers are our own 503."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._prefix = urlsplit(scene.side.base).path
        self.cause: Exception | None = None

    def __call__(self, environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        exchange = self._asked(environ)
        status = exchange.status or _NOT_SENT
        start(f"{status} {HTTPStatus(status).phrase}", [(name, value) for name, value in exchange.headers.items()])
        return [exchange.body]

    def _asked(self, environ: Mapping[str, Any]) -> Exchange:
        ask = self._ask(environ)
        nothing = Exchange(method=ask.method, url=ask.target(self._scene.side.base), status=0)
        if self.cause is not None:
            return nothing
        try:
            exchange = self._scene.ask(ask)
            if self._scene.side.controlled:
                self._scene.session.wait(_TICK)
        except (Enough, OutOfTimeError, UnreachableError, SuspendedError) as cause:
            self.cause = cause
            return nothing
        return exchange

    def _ask(self, environ: Mapping[str, Any]) -> Ask:
        """The request of an environment, with the key of the first account where the operation takes one."""
        method, path = environ["REQUEST_METHOD"], _path(environ).removeprefix(self._prefix)
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        named = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
        headers = {name: value for name, value in named.items() if name not in _OWN and "schemathesis" not in name}
        kind = environ.get("CONTENT_TYPE", "")
        if kind.startswith(_EMPTY_FORM):
            content = b""
        elif kind:
            headers["content-type"] = kind
        run = self._scene.session.run
        found = run.judge.operations.find(Exchange(method=method, url=run.side.base + path, status=0))
        who = NOBODY if isinstance(found, Found) and not found.operation.key else ONE
        return Ask(method=method, path=path, who=who, raw=content, headers=headers)


def _path(environ: Mapping[str, Any]) -> str:
    """The path with its query. werkzeug's client keeps a query that it was given by itself out of the URI."""
    uri, query = str(environ["REQUEST_URI"]), environ.get("QUERY_STRING", "")
    return f"{uri}?{query}" if query and "?" not in uri else uri

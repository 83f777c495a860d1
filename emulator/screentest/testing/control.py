"""The door to ``/_control`` of a running emulator, for one account, over plain HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from screentest import own_headers

_PATIENCE = 120.0
"""Seconds: advancing a clock waits for every receiver on the way."""


class ControlError(Exception):
    """The emulator refused a wish, or did not answer; the message is one sentence."""


class Control:
    """Asks and tells a server, as the account of a key. Proxies of the environment are not used; thread-safe.

    `url` is the server's origin, such as http://127.0.0.1:8790; `token` its control token if it has one.
    """

    def __init__(self, url: str, key: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        try:
            parts = urlsplit(self.url)
            self._host, self._port, self._path = parts.hostname or "", parts.port, parts.path
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ControlError(f"{url!r} is no http or https URL, such as http://127.0.0.1:8790")
        self._connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        if token:
            self._headers[own_headers.CONTROL_TOKEN] = token

    def get(self, *path: str, **query: str | float) -> Any:
        """The JSON below /_control/path?query. ControlError if there is none."""
        return self._ask("GET", path, None, query)

    def post(self, *path: str, wish: Mapping[str, Any]) -> Any:
        return self._ask("POST", path, wish, {})

    def put(self, *path: str, wish: Mapping[str, Any]) -> Any:
        return self._ask("PUT", path, wish, {})

    def _ask(
        self, method: str, path: tuple[str, ...], wish: Mapping[str, Any] | None, query: Mapping[str, str | float]
    ) -> Any:
        target = "/".join((f"{self._path}/_control", *(quote(step, safe="") for step in path)))
        target += f"?{urlencode(query)}" if query else ""
        body = None if wish is None else json.dumps(wish).encode()
        try:
            with closing(self._connect(self._host, self._port, timeout=_PATIENCE)) as connection:
                connection.request(method, target, body, self._headers)
                answer = connection.getresponse()
                status, text = answer.status, answer.read()
        except (OSError, HTTPException) as error:
            raise ControlError(f"no screentest server answers at {self.url}: {error}; is it running?") from None
        try:
            found = json.loads(text)
        except ValueError:
            raise ControlError(
                f"{self.url} answered {status} without JSON to {method} {target}; is it screentest?"
            ) from None
        if status >= 400:
            raise ControlError(str(found["error"]) if isinstance(found, dict) and "error" in found else f"{found}")
        return found

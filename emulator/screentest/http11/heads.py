"""What the heads of one connection's requests say. A client says the same again and again: what is as it was in the
request before is not read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import httptools

from screentest.journal import Pairs


class Heads:
    """`ends` is what scopes say of the connection. `headers` are those of the latest request, with names in lower case;
    `expecting`: its body waits to be asked for."""

    def __init__(self, ends: Mapping[str, Any]) -> None:
        self._ends = ends
        self._line: tuple[bytes, bytes, str] | None = None
        self._scope: dict[str, Any] = {}
        self._came: Pairs = ()
        self.headers: Pairs = ()
        self.expecting = False

    def read(self, method: bytes, url: bytes, version: str, headers: Pairs) -> dict[str, Any]:
        """A scope for a request with this first line and these headers, as they came."""
        line = method, url, version
        if line != self._line:
            self._line, self._scope = line, self._read_line(*line)
        if headers != self._came:
            self._came, self.headers = headers, tuple((name.lower(), value) for name, value in headers)
            self.expecting = any(name == b"expect" and value.lower() == b"100-continue" for name, value in self.headers)
        scope = self._scope.copy()
        scope["headers"] = self.headers
        return scope

    def _read_line(self, method: bytes, url: bytes, version: str) -> dict[str, Any]:
        path, raw_path, query = _target(url)
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": version,
            **self._ends,
            "method": method.decode("ascii"),
            "root_path": "",
            "path": path,
            "raw_path": raw_path,
            "query_string": query,
        }


def _target(url: bytes) -> tuple[str, bytes, bytes]:
    """Path, path as it came, and query of a request target."""
    parts = httptools.parse_url(url)
    path = parts.path.decode("ascii")
    return unquote(path) if "%" in path else path, parts.path, parts.query or b""

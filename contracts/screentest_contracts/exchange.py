"""One request and its answer, and one callback, as values that can be judged, kept and shown.

    exchange = Exchange(method="GET", url="http://127.0.0.1:8790/hiapi/v1/tasks/tk-...", status=200, body=b"{...}")

`who` is a label of the key that the request carried, never the key itself: ``account``, or ``account/role`` where one
account has several keys; NOBODY for a request without a key, INVALID for one whose key is known to be no good. `at` is
in seconds of the clock that the provider's answers follow.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from msgspec import Struct, field, structs

from screentest_contracts.json_values import deeper
from screentest_contracts.reading import Json

NOBODY = ""
INVALID = "invalid"
REDACTED = "redacted"
NO_ANSWER = 0

_DEEPEST = 64

_SECRET = re.compile(r"authoriz|cookie|signature|secret|api-?_?key|token|password|credential", re.IGNORECASE)
_SUSPECT = re.compile(rb"@|" + _SECRET.pattern.encode(), re.IGNORECASE)
"""What a body has to have for anything to be hidden in it."""

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_LOGIN = re.compile(r"^((?:[^:/?#]*:)?//)[^/?#]*@")
_PAIR = re.compile(r"(?<=[?&#])([^=&#?]*)=[^&#]*")
_SECRET_MEMBERS = frozenset({"plain_secret", "secret", "callback_secret", "api_key", "access_token", "password"})


class NotJson:
    """What stands for a body that is no JSON document; `said` is why. `disputed`: by the letter it is one, but servers
    differ about such a thing."""

    def __init__(self, said: str, *, disputed: bool = False) -> None:
        self.said = said
        self.disputed = disputed


class Exchange(Struct, frozen=True, kw_only=True, dict=True):
    """One request and its answer. Header names are kept in lower case; bodies are bytes as they travelled.

    `status` is NO_ANSWER where the connection broke before one came.
    """

    method: str
    url: str
    status: int
    request_headers: Mapping[str, str] = field(default_factory=dict)
    request_body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    at: float = 0.0
    who: str = NOBODY

    def __post_init__(self) -> None:
        structs.force_setattr(self, "request_headers", _lower(self.request_headers))
        structs.force_setattr(self, "headers", _lower(self.headers))

    @cached_property
    def answer(self) -> Json | NotJson:
        """The answer's body, parsed."""
        return parsed(self.body)

    @cached_property
    def asked(self) -> Json | NotJson:
        """The request's body, parsed."""
        return parsed(self.request_body)

    @cached_property
    def path(self) -> str:
        return urlsplit(self.url).path

    @cached_property
    def query(self) -> dict[str, str]:
        """Parameters of the query; of one that is given twice, the last."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def account(self) -> str:
        return self.who.partition("/")[0]


class Callback(Struct, frozen=True, kw_only=True, dict=True):
    """One notification as it arrived. `answered` is the status that the receiver gave, 0 when it gave none."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    at: float = 0.0
    who: str = NOBODY
    answered: int = 200

    def __post_init__(self) -> None:
        structs.force_setattr(self, "headers", _lower(self.headers))

    @cached_property
    def answer(self) -> Json | NotJson:
        """The body, parsed."""
        return parsed(self.body)


Event = Exchange | Callback


def parsed(body: bytes) -> Json | NotJson:
    """A JSON document by RFC 8259; NotJson where it is none, or one that nobody can be sure to read."""
    try:
        value = json.loads(body.decode(), parse_constant=_no_constant, parse_float=_finite)
    except _OutOfRangeError as error:
        return NotJson(str(error), disputed=True)
    except RecursionError:
        return NotJson("nested too deeply", disputed=True)
    except ValueError as error:
        return NotJson(str(error), disputed="digits" in str(error))
    if body.count(b"[") + body.count(b"{") > _DEEPEST and deeper(value, _DEEPEST):
        return NotJson("nested too deeply", disputed=True)
    if b"\\ud" in body or b"\\uD" in body:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return NotJson("a lone surrogate in a string", disputed=True)
    return value


def redacted(event: Event, keys: Collection[str] = ()) -> Event:
    """`event` without credentials and signatures: headers, query parameters and JSON members that hold any, and each
    of `keys` wherever it stands."""
    if isinstance(event, Callback):
        url, headers = _plain(without_secrets(event.url), keys), _headers(event.headers, keys)
        return structs.replace(event, url=url, headers=headers, body=_body(event.body, keys))
    return structs.replace(
        event,
        url=_plain(without_secrets(event.url), keys),
        request_headers=_headers(event.request_headers, keys),
        request_body=_body(event.request_body, keys),
        headers=_headers(event.headers, keys),
        body=_body(event.body, keys),
    )


def _headers(headers: Mapping[str, str], keys: Collection[str]) -> dict[str, str]:
    return {name: REDACTED if _SECRET.search(name) else _plain(value, keys) for name, value in headers.items()}


def without_secrets(url: str) -> str:
    """A URL without name and password, and without the values of parameters that hold credentials. Everything else
    stays as it is written, whether it can be read as a URL or not."""

    def hidden(pair: re.Match[str]) -> str:
        return f"{pair[1]}={REDACTED}" if _SECRET.search(unquote_plus(pair[1])) else pair[0]

    return _PAIR.sub(hidden, _LOGIN.sub(r"\1", url))


def _body(body: bytes, keys: Collection[str]) -> bytes:
    """A body is left byte for byte as it is, unless there is something to hide in it."""
    for key in filter(None, keys):
        body = body.replace(key.encode(), REDACTED.encode())
    if _SUSPECT.search(body):
        document = parsed(body)
        hidden = document if isinstance(document, NotJson) else _hidden(document)
        if hidden != document:
            return json.dumps(hidden, ensure_ascii=False, separators=(",", ":")).encode()
    return body


def _hidden(value: Json) -> Json:
    if isinstance(value, dict):
        return {
            name: REDACTED if name in _SECRET_MEMBERS and isinstance(one, str) else _hidden(one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_hidden(one) for one in value]
    return without_secrets(value) if isinstance(value, str) and _ADDRESS.match(value) else value


def _plain(text: str, keys: Collection[str]) -> str:
    for key in filter(None, keys):
        text = text.replace(key, REDACTED)
    return text


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


class _OutOfRangeError(ValueError):
    """A number that no double can hold."""


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _OutOfRangeError(f"{digits[:40]} is out of range")
    return number


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")

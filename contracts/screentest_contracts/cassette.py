"""Exchanges and callbacks on disk: one JSON object a line, after a first line that says what the file is.

    save(path, "hiapi", events)
    provider, events = load(path)

Bodies are text where they are UTF-8, base64 where they are not. What the file does not say in these words is refused,
with its line. A recording that came to its end says so in a last line, END; `read` tells whether it is there.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from screentest_contracts.exchange import Callback, Event, Exchange, redacted
from screentest_contracts.reading import ContractError, Json, Reader

VERSION = 1
END = '{"kind": "end"}\n'
_MARK = "screentest-cassette"


class Cassette(Struct, frozen=True):
    """What is in a file. `whole`: it says that the recording came to its end."""

    provider: str
    events: tuple[Event, ...]
    whole: bool


class CassetteError(ValueError):
    """A cassette that we do not understand; the message says which line and why."""


def save(path: Path, provider: str, events: Iterable[Event], keys: tuple[str, ...] = ()) -> None:
    """Write a cassette; each event is redacted on the way (`keys` as in `redacted`)."""
    path.write_text(dumps(provider, (redacted(event, keys) for event in events)), encoding="utf-8")


def load(path: Path) -> tuple[str, tuple[Event, ...]]:
    """The provider and the events of a cassette. Raises CassetteError."""
    found = read(path)
    return found.provider, found.events


def read(path: Path) -> Cassette:
    """A cassette from its file. Raises CassetteError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CassetteError(f"{path}: cannot be read: {error}") from None
    return _parsed(text, str(path))


def dumps(provider: str, events: Iterable[Event]) -> str:
    """A cassette as text."""
    lines = [{_MARK: VERSION, "provider": provider}, *(_written(event) for event in events)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def loads(text: str, name: str = "cassette") -> tuple[str, tuple[Event, ...]]:
    """As `load`, from text; `name` is for messages."""
    found = _parsed(text, name)
    return found.provider, found.events


def _parsed(text: str, name: str) -> Cassette:
    first, *rest = text.split("\n")
    head = _line(first, f"{name}:1")
    if head.value.get(_MARK) != VERSION:
        raise CassetteError(f"{name}:1: not a cassette of version {VERSION}; record it again")
    try:
        head.take(_MARK, int)
        provider = head.take("provider", str)
        head.close()
        read = [_read(_line(line, f"{name}:{number}")) for number, line in enumerate(rest, 2) if line.strip()]
    except ContractError as error:
        raise CassetteError(str(error)) from None
    events = tuple(one for one in read if one is not None)
    return Cassette(provider, events, whole=bool(read) and read[-1] is None)


def _line(line: str, at: str) -> Reader:
    try:
        return Reader(json.loads(line), at)
    except RecursionError:
        raise CassetteError(f"{at}: nested too deeply") from None
    except ContractError as error:
        raise CassetteError(str(error)) from None
    except ValueError as error:
        raise CassetteError(f"{at}: not JSON: {error}") from None


def _written(event: Event) -> dict[str, Json]:
    if isinstance(event, Callback):
        came = {"url": event.url, "headers": dict(event.headers)} | _body(event.body)
        return {"kind": "callback", "at": event.at, "who": event.who, **came, "answered": event.answered}
    return {
        "kind": "exchange",
        "at": event.at,
        "who": event.who,
        "request": {
            "method": event.method,
            "url": event.url,
            "headers": dict(event.request_headers),
            **_body(event.request_body),
        },
        "answer": {"status": event.status, "headers": dict(event.headers), **_body(event.body)},
    }


def _body(body: bytes) -> dict[str, str]:
    """Nothing for an empty body, else it as ``text`` or ``base64``."""
    try:
        return {"text": body.decode()} if body else {}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _read(node: Reader) -> Event | None:
    """The event of a line; None for the one that says that there are no more."""
    kind = node.one_of("kind", ("exchange", "callback", "end"))
    if kind == "end":
        node.close()
        return None
    at, who = float(node.take("at", int, float)), node.take("who", str)
    event: Event
    if kind == "callback":
        event = Callback(
            url=node.take("url", str),
            headers=_headers(node),
            body=_bytes(node),
            at=at,
            who=who,
            answered=node.take("answered", int),
        )
    else:
        request, answer = node.needed("request"), node.needed("answer")
        event = Exchange(
            method=request.take("method", str),
            url=request.take("url", str),
            request_headers=_headers(request),
            request_body=_bytes(request),
            status=answer.take("status", int),
            headers=_headers(answer),
            body=_bytes(answer),
            at=at,
            who=who,
        )
        request.close()
        answer.close()
    node.close()
    return event


def _headers(node: Reader) -> Mapping[str, str]:
    headers: dict[str, str] = node.take("headers", dict)
    for name, value in headers.items():
        if not isinstance(value, str):
            raise ContractError(f"{node.at}/headers/{name}: expected str, got {type(value).__name__}")
    return headers


def _bytes(node: Reader) -> bytes:
    text, coded = node.take("text", str, default=None), node.take("base64", str, default=None)
    if coded is None:
        return (text or "").encode()
    if text is not None:
        raise ContractError(f"{node.at}: a body is either text or base64, not both")
    try:
        return base64.b64decode(coded, validate=True)
    except binascii.Error as error:
        raise ContractError(f"{node.at}/base64: {error}") from None

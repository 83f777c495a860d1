"""Requests that are read otherwise than they came: the server's own idea of what is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from msgspec.structs import replace

from mutants.editing import drop, put
from mutants.planting import Planting
from mutants.wire import JSON, asked
from screentest_contracts.exchange import Exchange, NotJson
from screentest_contracts.pointers import found

SUBMIT = {"runcomfy": "submit", "runflow": "create-run", "hiapi": "create"}
INSIDE = {"runcomfy": "", "runflow": "/input", "hiapi": "/input"}
"""Where the model's input is in the body of a submit."""

REFUSALS = {
    "runcomfy": (422, {"error_code": 422001, "error_message": "ValidationError: not here"}),
    "runflow": (422, {"code": "VALIDATION_ERROR", "message": "not here", "errors": None}),
    "hiapi": (400, {"code": 400, "message": "not here", "data": None, "error_code": "INVALID_REQUEST"}),
}
"""How each provider says that it does not like an input."""

Predicate = Callable[[Any], bool]


def mended(provider: str, field: str, wrong: Predicate, value: Any) -> Planting:
    """A field of the input that is wrong is taken as `value`, or as that of it; without it where that is None."""

    def rewrite(exchange: Exchange) -> Exchange:
        pointer = INSIDE[provider] + field
        seen = () if isinstance(exchange.asked, NotJson) else [one for _, one in found(exchange.asked, pointer)]
        if not any(wrong(one) for one in seen):
            return exchange
        body = json.loads(exchange.request_body)
        (drop(pointer) if value is None else put(pointer, value))(body)
        return replace(exchange, request_body=json.dumps(body).encode())

    return Planting(tap=asked(SUBMIT[provider], rewrite))


def refused(provider: str, wrong: Predicate) -> Planting:
    """Submits whose body looks wrong to the server are refused, in the provider's words."""
    status, body = REFUSALS[provider]

    def rewrite(exchange: Exchange) -> Exchange:
        return answered(exchange, status, body) if wrong(exchange.asked) else exchange

    return Planting(tap=asked(SUBMIT[provider], rewrite))


def crashing(operations: str, cause: Callable[[Exchange], bool]) -> Planting:
    """A request that the server falls over."""

    def rewrite(exchange: Exchange) -> Exchange:
        if not cause(exchange):
            return exchange
        return replace(exchange, status=500, headers={"content-type": "text/plain"}, body=b"Internal Server Error")

    return Planting(tap=asked(operations, rewrite))


def headed(operations: str, name: str, value: Callable[[str], str | None]) -> Planting:
    """A header of the request is read as another one; None takes it away."""
    return Planting(tap=asked(operations, lambda exchange: with_header(exchange, name, value)))


def with_header(exchange: Exchange, name: str, value: Callable[[str], str | None]) -> Exchange:
    """The request with another value of a header, made from what it was ("" for none)."""
    new = value(exchange.request_headers.get(name, ""))
    rest = {key: one for key, one in exchange.request_headers.items() if key != name}
    return replace(exchange, request_headers=rest if new is None else {**rest, name: new})


def queried(operations: str, name: str, value: Callable[[str], str]) -> Planting:
    """A parameter of the query is read as another one."""

    def rewrite(exchange: Exchange) -> Exchange:
        path, _, query = exchange.url.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        if name not in dict(pairs):
            return exchange
        return replace(
            exchange, url=f"{path}?{urlencode([(key, value(one) if key == name else one) for key, one in pairs])}"
        )

    return Planting(tap=asked(operations, rewrite))


def answered(exchange: Exchange, status: int, body: Any) -> Exchange:
    """The request, answered at once."""
    return replace(exchange, status=status, headers=JSON, body=json.dumps(body).encode())


def text_of(exchange: Exchange) -> str:
    """Everything that the request's JSON body says, in one text; "" where it is no JSON."""
    return "" if isinstance(exchange.asked, NotJson) else json.dumps(exchange.asked, ensure_ascii=False)

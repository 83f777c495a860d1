"""Requests that the mutant falls over."""

from __future__ import annotations

from msgspec.structs import replace

from mutants.asking import SUBMIT, crashing, text_of
from mutants.planting import Mutant, Planting, table
from mutants.wire import NOTHING, Spot, rewritten
from screentest_contracts.exchange import Exchange, NotJson

_BEYOND_16_BITS = 0xFFFF
_LARGEST = "2147483647"


def _on_every(cause: object) -> dict[str, Planting]:
    return {name: crashing(operation, cause) for name, operation in SUBMIT.items()}  # type: ignore[arg-type]


def _astral(exchange: Exchange) -> bool:
    return any(ord(letter) > _BEYOND_16_BITS for letter in text_of(exchange))


def _no_object(exchange: Exchange) -> bool:
    return not isinstance(exchange.asked, dict | NotJson)


def _empty(exchange: Exchange) -> bool:
    return not exchange.request_body


def _long_path(exchange: Exchange) -> bool:
    return len(exchange.path) > 250


def _seed_edge(exchange: Exchange) -> bool:
    return _LARGEST in text_of(exchange)


def _no_number(name: str) -> object:
    return lambda exchange: not exchange.query.get(name, "1").isdecimal()


def _odd_id(exchange: Exchange) -> bool:
    return "%" in exchange.url.partition("?")[0]


def _when(spot: Spot) -> Planting:
    return Planting(tap=rewritten(spot, lambda exchange: replace(exchange, status=500, headers={}, body=b"")))


ROWS: list[list[Mutant]] = [
    table("crash", "C01", "500 for a letter beyond 16 bits", **_on_every(_astral)),
    table("crash", "C02", "500 for JSON that is no object", **_on_every(_no_object)),
    table(
        "crash",
        "C03",
        "500 for the largest seed, or the largest length",
        runcomfy=crashing("submit", _seed_edge),
        runflow=crashing("create-run", _seed_edge),
        hiapi=crashing("create", _seed_edge),
    ),
    table(
        "crash",
        "C04",
        "500 for a page that is no number, or a cursor that is none",
        runcomfy=crashing("models", _no_number("offset")),  # type: ignore[arg-type]
        runflow=crashing("list-runs", lambda exchange: "pq" in exchange.query),
        hiapi=crashing("list", _no_number("page")),  # type: ignore[arg-type]
    ),
    table(
        "crash",
        "C05",
        "500 for an id or a name of 300 letters",
        runcomfy=crashing("status", _long_path),
        runflow=crashing("get-run", _long_path),
        hiapi=crashing("detail", _long_path),
    ),
    table("crash", "C06", "500 for an empty body", **_on_every(_empty)),
    table(
        "crash",
        "C07",
        "500 for an id with an escaped letter",
        runcomfy=crashing("result", _odd_id),
        runflow=crashing("get-run", _odd_id),
        hiapi=crashing("detail", _odd_id),
    ),
    table(
        "crash",
        "C08",
        "500 for a job that failed",
        runcomfy=_when(Spot("result", state="failed")),
        runflow=_when(Spot("get-run", state="failed")),
        hiapi=_when(Spot("detail", state="fail")),
    ),
    table(
        "crash",
        "C09",
        "500 for HEAD",
        runcomfy=crashing("models", lambda exchange: exchange.method == "HEAD"),
        runflow=crashing("list-models", lambda exchange: exchange.method == "HEAD"),
        hiapi=crashing("models", lambda exchange: exchange.method == "HEAD"),
    ),
    table(
        "crash",
        "C10",
        "500 for a path that there is not",
        runcomfy=crashing(NOTHING, lambda exchange: exchange.path.endswith("/no-such-thing")),
        runflow=crashing(NOTHING, lambda exchange: exchange.path.endswith("/no-such-thing")),
        hiapi=crashing(NOTHING, lambda exchange: exchange.path.endswith("/no-such-thing")),
    ),
    table(
        "crash",
        "C11",
        "500 for another scheme of authorization",
        runcomfy=crashing(
            "status", lambda exchange: exchange.request_headers.get("authorization", "").startswith("Basic")
        ),
        runflow=crashing(
            "get-run", lambda exchange: exchange.request_headers.get("authorization", "").startswith("Basic")
        ),
        hiapi=crashing(
            "detail", lambda exchange: exchange.request_headers.get("authorization", "").startswith("Basic")
        ),
    ),
    table(
        "crash",
        "C12",
        "500 for the second cancel of a job",
        runcomfy=Planting(
            tap=rewritten(Spot("cancel", after=1), lambda exchange: replace(exchange, status=500, body=b""))
        ),
        runflow=Planting(
            tap=rewritten(Spot("cancel-run", after=1), lambda exchange: replace(exchange, status=500, body=b""))
        ),
    ),
]

"""Keys, and what belongs to whom."""

from __future__ import annotations

from mutants.asking import answered, headed, with_header
from mutants.planting import Mutant, Planting, table
from mutants.remembering import Owners, Tired
from mutants.wire import Spot, asked, rewritten
from screentest_contracts.exchange import Exchange

_GOOD = "Bearer rf_live_anybody"
_UNKNOWN = {"error_code": 404001, "error_message": "no such request"}
_NO_KEY = {
    "runflow": {"code": "UNAUTHORIZED", "message": "Missing bearer token", "errors": None},
    "hiapi": {"code": 401, "message": "missing API key", "data": None},
}


def _open(operations: str) -> Planting:
    return headed(operations, "authorization", lambda said: said or _GOOD)


def _any_key(operations: str) -> Planting:
    return headed(
        operations, "authorization", lambda said: _GOOD if said.startswith("Bearer invalid") else said or None
    )


def _any_scheme(operations: str) -> Planting:
    return headed(
        operations, "authorization", lambda said: said if not said or said.lower().startswith("bearer") else _GOOD
    )


def _no_token(operations: str) -> Planting:
    return headed(operations, "authorization", lambda said: _GOOD if said.strip() == "Bearer" else said or None)


def _owners(*operations: str) -> Planting:
    return Planting(tap=lambda: Owners(operations))


def _keyed(provider: str, operations: str) -> Planting:
    """What is public wants a key."""

    def rewrite(exchange: Exchange) -> Exchange:
        good = exchange.request_headers.get("authorization", "").startswith("Bearer rf_")
        return exchange if good else answered(exchange, 401, _NO_KEY[provider])

    return Planting(tap=asked(operations, rewrite))


def _as_admin(exchange: Exchange) -> Exchange:
    return with_header(exchange, "authorization", lambda said: said.replace("rf_live_", "rf_svc_") or None)


def _forbidden(spot: Spot, provider: str) -> Planting:
    return Planting(tap=rewritten(spot, lambda exchange: answered(exchange, 401, _NO_KEY[provider])))


ROWS: list[list[Mutant]] = [
    table(
        "auth and tenancy",
        "A01",
        "a list is shown without a key",
        runcomfy=_open("models"),
        runflow=_open("list-runs"),
        hiapi=_open("list"),
    ),
    table(
        "auth and tenancy",
        "A02",
        "any key is good",
        runcomfy=_any_key("models"),
        runflow=_any_key("list-runs"),
        hiapi=_any_key("list"),
    ),
    table(
        "auth and tenancy",
        "A03",
        "another account's job can be read",
        runcomfy=_owners("result"),
        runflow=_owners("get-run"),
        hiapi=_owners("detail"),
    ),
    table(
        "auth and tenancy",
        "A04",
        "another account's job can be cancelled, or have its callback sent again",
        runcomfy=_owners("cancel"),
        runflow=_owners("redeliver"),
    ),
    table(
        "auth and tenancy",
        "A05",
        "the list shows another account's jobs",
        runflow=_owners("list-runs"),
        hiapi=_owners("list"),
    ),
    table(
        "auth and tenancy",
        "A06",
        "another account's job is refused as if there were none, or as forbidden",
        runcomfy=Planting(
            tap=rewritten(Spot("status", status=403), lambda exchange: answered(exchange, 404, _UNKNOWN))
        ),
    ),
    table(
        "auth and tenancy",
        "A07",
        "another scheme than Bearer is taken",
        runcomfy=_any_scheme("models"),
        runflow=_any_scheme("list-runs"),
        hiapi=_any_scheme("list"),
    ),
    table(
        "auth and tenancy",
        "A08",
        "a job can be made without a key",
        runcomfy=_open("submit"),
        runflow=_open("create-run"),
        hiapi=_open("create"),
    ),
    table(
        "auth and tenancy",
        "A09",
        "a good key is refused after it was good for a while",
        runcomfy=Planting(tap=lambda: Tired("status", 60)),
        runflow=Planting(tap=lambda: Tired("get-run", 60)),
        hiapi=Planting(tap=lambda: Tired("detail", 60)),
    ),
    table(
        "auth and tenancy",
        "A10",
        "what another account keeps can be read",
        runflow=_owners("get-asset", "get-secret"),
    ),
    table(
        "auth and tenancy",
        "A11",
        "an empty token is one",
        runcomfy=_no_token("models"),
        runflow=_no_token("list-runs"),
        hiapi=_no_token("list"),
    ),
    table(
        "auth and tenancy",
        "A12",
        "what is public wants a key",
        runflow=_keyed("runflow", "list-public-models"),
        hiapi=_keyed("hiapi", "pricing"),
    ),
    table(
        "auth and tenancy",
        "A13",
        "everybody may do what is an administrator's",
        runflow=Planting(tap=asked("cancel-run", _as_admin)),
    ),
    table(
        "auth and tenancy",
        "A14",
        "a good key is forbidden to read its job while it runs",
        runflow=_forbidden(Spot("get-run", state="running"), "runflow"),
        hiapi=_forbidden(Spot("detail", state="handling"), "hiapi"),
    ),
]

"""``/_control/account``, ``spend`` and ``reset``: what an account has, what it did not spend, and a fresh start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import structs
from starlette.requests import Request

from screentest import callbacks
from screentest.control.desk import BadWishError, Desk, one_account, read_object, selected
from screentest.control.time import clock_of
from screentest.engine import PARTS
from screentest.store import Spend

SETTINGS = {
    "callback_secret": "a string of at most 256 characters that signs the account's callbacks",
    "balance": "US dollars that the account can spend, at most a trillion",
    "key_state": "good, bad or empty",
    "requests_per_minute": "how many requests a provider takes in a minute",
    callbacks.FAILING: "how many of the next callback attempts fail without being sent",
}

_LONGEST_SECRET = 256
_MOST_DOLLARS = 10**12  # far below what decimal arithmetic overflows at
_SMALLEST = Decimal("1e-12")


async def accounts(desk: Desk, request: Request) -> dict[str, Any]:
    """Every account that was used, with its clock."""
    wall = desk.engine.wall.now()
    return {
        "accounts": [
            {"id": row.id, "label": row.label, "submitted": row.submitted, **clock_of(row.time.at(wall), row.time)}
            for row in await desk.engine.store.accounts()
        ]
    }


async def account(desk: Desk, request: Request) -> dict[str, Any]:
    """What is set for the account; PUT changes what it names and leaves the rest."""
    key = one_account(request)
    wish = await read_object(request) if request.method == "PUT" else {}
    # Only now: while the body was on the way, a submit may have been paid from the balance.
    row = await desk.engine.open_account(key)
    settings = dict(row.settings)
    if request.method == "PUT":
        for name, value in wish.items():
            settings[name] = _setting(name, value)
            if value is None:
                del settings[name]
        settings.pop("window", None)
        await desk.engine.store.set_settings(row.id, settings)
    secret = "set" if settings.get("callback_secret") else None
    return {"label": row.label, **{name: settings.get(name) for name in SETTINGS}, "callback_secret": secret}


async def spend(desk: Desk, request: Request) -> dict[str, Any]:
    """What was not spent, per model, and per model and day: of the account, or of all."""
    store, account = desk.engine.store, selected(request)
    rows = await store.spend(account)
    return {
        "usd": round(sum(row.usd for row in rows), 6),
        "jobs": sum(row.jobs for row in rows),
        "jobs_of_unknown_price": sum(row.unknown for row in rows),
        "models": [_without(row, "account", "day") for row in _together(rows)],
        "days": [_without(row, "account") for row in _together(await store.spend(account, daily=True))],
    }


def _together(rows: Sequence[Spend]) -> list[Spend]:
    """A row for each model, or for each model and day: the store has one for each account as well."""
    alike: dict[tuple[str, str, str], list[Spend]] = defaultdict(list)
    for row in rows:
        alike[row.provider, row.model, row.day].append(row)
    return [
        structs.replace(
            found[0],
            jobs=sum(row.jobs for row in found),
            usd=round(sum(row.usd for row in found), 6),
            unknown=sum(row.unknown for row in found),
        )
        for _, found in sorted(alike.items())
    ]


def _without(row: Spend, *names: str) -> dict[str, Any]:
    return {name: value for name, value in structs.asdict(row).items() if name not in names}


async def reset(desk: Desk, request: Request) -> dict[str, Any]:
    """Forget the account, or all; ``{"only": ["jobs", "journal"]}`` forgets these parts of it."""
    wish = await read_object(request, may_be_empty=True)
    whole = "only" not in wish
    parts = wish.pop("only", [])
    if wish:
        raise BadWishError(f'the body is {{}} or {{"only": [...]}}, got {", ".join(map(repr, wish))}')
    if not isinstance(parts, list) or any(part not in PARTS for part in parts) or not (parts or whole):
        raise BadWishError(f"only: a list of {', '.join(PARTS)}")
    await desk.engine.forget(selected(request), parts)
    return {"forgotten": parts or [*PARTS, "settings", "clock"]}


def _setting(name: str, value: Any) -> Any:
    """One account setting, checked; null takes it away."""
    match name, value:
        case _, None if name in SETTINGS:
            return None
        case "callback_secret", str() if len(value) <= _LONGEST_SECRET:
            return value
        case "balance", str() | int() | float() if not isinstance(value, bool):
            try:
                amount = Decimal(str(value))
            except InvalidOperation:
                amount = Decimal("Infinity")
            if amount.is_finite() and -_MOST_DOLLARS <= amount <= _MOST_DOLLARS:
                fine = amount.quantize(_SMALLEST)
                return format(amount if amount and amount == fine else fine.normalize(), "f")
        case "key_state", "good" | "bad" | "empty":
            return value
        case "requests_per_minute" | callbacks.FAILING, int() if not isinstance(value, bool) and value >= 0:
            return value
    wanted = SETTINGS.get(name)
    if wanted is None:
        raise BadWishError(f"no setting {name!r}; there are {', '.join(SETTINGS)}")
    raise BadWishError(f"{name} is {wanted}, or null to take it away")

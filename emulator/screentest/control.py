"""``/_control``: the door for tests, tools and the command line. The bearer token only selects the account."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from screentest import callbacks
from screentest.accounts import Key, read_key
from screentest.effects import Effects
from screentest.engine import Engine, Event
from screentest.errors import ClockError
from screentest.settings import Access
from screentest_contracts.load import UnknownAssumptionError, choose

TOKEN_HEADER = "screentest-control-token"  # noqa: S105 - a header's name

SETTINGS = {
    "callback_secret": "a string that signs the account's callbacks",
    "balance": "US dollars that the account can spend",
    "key_state": "good, bad or empty",
    "requests_per_minute": "how many requests a provider takes in a minute",
}

_ABSURD = 1e18
_LONGEST_SECRET = 256
_WISHES = '{"advance": seconds}, {"advance_to": "next"}, {"freeze": true} or {"rate": r}'


class BadWishError(Exception):
    """A control request that cannot be granted; becomes a 400 with the sentence."""


def routes(
    engine: Engine, effects: Effects, access: Access, switch: Callable[[Mapping[str, str]], None]
) -> list[Route]:
    """The control routes. Every one checks Host, Origin and, when there is one, the control token."""
    desk = Desk(engine, effects, switch)

    def guarded(handler: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            refused = _refused(request, access)
            if refused:
                return refused
            try:
                return JSONResponse(await handler(request))
            except (BadWishError, ClockError) as error:
                return JSONResponse({"error": str(error)}, 400)

        return endpoint

    return [
        Route("/_control/health", guarded(desk.health), methods=["GET"]),
        Route("/_control/clock", guarded(desk.clock), methods=["GET", "POST"]),
        Route("/_control/account", guarded(desk.account), methods=["GET", "PUT"]),
        Route("/_control/deliveries", guarded(desk.deliveries), methods=["GET"]),
        Route("/_control/spend", guarded(desk.spend), methods=["GET"]),
        Route("/_control/assumptions", guarded(desk.assumptions), methods=["GET", "PUT"]),
    ]


class Desk:
    """The handlers. Each answers with what becomes JSON, or raises BadWishError."""

    def __init__(self, engine: Engine, effects: Effects, switch: Callable[[Mapping[str, str]], None]) -> None:
        self._engine = engine
        self._effects = effects
        self._switch = switch

    async def health(self, request: Request) -> dict[str, Any]:
        return {"status": "ok"}

    async def assumptions(self, request: Request) -> dict[str, Any]:
        """The choice in force for every assumption; PUT switches those it names, null back to the default."""
        chosen = next(iter(self._engine.contracts.values())).chosen
        if request.method == "PUT":
            wishes = await _object(request)
            wanted = {**chosen, **wishes}
            try:
                chosen = choose({name: choice for name, choice in wanted.items() if choice is not None})
            except UnknownAssumptionError as error:
                raise BadWishError(str(error)) from None
            self._switch(chosen)
        return {"assumptions": chosen}

    async def clock(self, request: Request) -> dict[str, Any]:
        """The account's clock; POST moves it first, and tells what happened on the way."""
        key = _account(request)
        events = await self._move(key, await _wish(request)) if request.method == "POST" else []
        now, time = await self._engine.clock(key)
        return {"now": now, "rate": time.rate, "frozen": time.rate == 0, "events": [_told(event) for event in events]}

    async def _move(self, key: Key, wish: dict[str, Any]) -> list[Event]:
        match wish:
            case {"advance": bool()} | {"rate": bool()}:
                raise BadWishError(f"a number of seconds or a rate, not true or false; one of {_WISHES}")
            case {"advance": int() | float() as seconds} if _sane(seconds):
                return await self._effects.advance(key, seconds)
            case {"advance_to": "next"}:
                return await self._effects.advance_to_next(key)
            case {"freeze": True}:
                await self._engine.set_rate(key, 0)
            case {"rate": int() | float() as rate} if _sane(rate):
                await self._engine.set_rate(key, rate)
            case _:
                raise BadWishError(f"expected one of {_WISHES}")
        return []

    async def account(self, request: Request) -> dict[str, Any]:
        """What is set for the account; PUT changes what it names and leaves the rest."""
        row = await self._engine.open_account(_account(request))
        settings = dict(row.settings)
        if request.method == "PUT":
            for name, value in (await _object(request)).items():
                settings[name] = _setting(name, value)
                if value is None:
                    del settings[name]
            settings.pop("window", None)
            await self._engine.store.set_settings(row.id, settings)
        secret = "set" if settings.get("callback_secret") else None
        return {"label": row.label, **{name: settings.get(name) for name in SETTINGS}, "callback_secret": secret}

    async def deliveries(self, request: Request) -> dict[str, Any]:
        """The callbacks owed and made, of the account or of all, oldest first."""
        found = await self._engine.store.effects(_selected(request), callbacks.KIND)
        listed = [callbacks.from_effect(effect) for effect in found]
        return {"deliveries": [{**asdict(delivery), "state": delivery.state} for delivery in listed]}

    async def spend(self, request: Request) -> dict[str, Any]:
        """What was not spent, per model: of the account, or of all."""
        rows = await self._engine.store.spend(_selected(request))
        told = [{k: v for k, v in asdict(row).items() if k != "account"} for row in rows]
        return {
            "usd": round(sum(row.usd for row in rows), 6),
            "jobs": sum(row.jobs for row in rows),
            "jobs_of_unknown_price": sum(row.unknown for row in rows),
            "models": told,
        }


def _told(event: Event) -> dict[str, Any]:
    return {
        "at": event.at,
        "kind": event.kind,
        "job": event.job,
        "provider": event.provider,
        "from": event.before,
        "to": event.after,
    }


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
                amount = Decimal("NaN")
            if amount.is_finite():
                return str(amount)
        case "key_state", "good" | "bad" | "empty":
            return value
        case "requests_per_minute", int() if not isinstance(value, bool) and value >= 0:
            return value
    wanted = SETTINGS.get(name)
    if wanted is None:
        raise BadWishError(f"no setting {name!r}; there are {', '.join(SETTINGS)}")
    raise BadWishError(f"{name} is {wanted}, or null to take it away")


def _sane(number: float) -> bool:
    """Whether a JSON number is one to reckon with: an integer may have thousands of digits, a float be no number."""
    return -_ABSURD < number < _ABSURD


def _account(request: Request) -> Key:
    key = read_key(request.headers.get("authorization"))
    if key is None:
        raise BadWishError("which account? send its bearer token: Authorization: Bearer <token>")
    return key


def _selected(request: Request) -> str | None:
    """The account that the bearer token names; None without a token, which means all."""
    key = read_key(request.headers.get("authorization"))
    return key.account if key else None


async def _wish(request: Request) -> dict[str, Any]:
    wish = await _object(request)
    if len(wish) != 1:
        raise BadWishError(f"expected one of {_WISHES}")
    return wish


async def _object(request: Request) -> dict[str, Any]:
    try:
        value = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise BadWishError("the body is not JSON") from None
    if not isinstance(value, dict):
        raise BadWishError("the body is not a JSON object")
    return value


def _refused(request: Request, access: Access) -> Response | None:
    """Keep other sites' pages out (Host and Origin), and callers without the token where one is set."""
    if not access.allows_host(request.headers.get("host", "")):
        return JSONResponse({"error": "this Host may not use /_control; see --allow-host"}, 403)
    origin = request.headers.get("origin")
    if origin is not None and not access.allows_origin(origin):
        return JSONResponse({"error": "this Origin may not use /_control"}, 403)
    if access.control_token and request.headers.get(TOKEN_HEADER) != access.control_token:
        return JSONResponse({"error": f"send the control token in {TOKEN_HEADER}"}, 401)
    return None

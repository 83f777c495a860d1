"""``/_control``: the door for tests, tools and the command line. The bearer token only selects the account."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from screentest.accounts import Key, read_key
from screentest.engine import Engine, Event
from screentest.errors import ClockError
from screentest.settings import Access

TOKEN_HEADER = "screentest-control-token"  # noqa: S105 - a header's name

_WISHES = '{"advance": seconds}, {"advance_to": "next"}, {"freeze": true} or {"rate": r}'


class BadWishError(Exception):
    """A control request that cannot be granted; becomes a 400 with the sentence."""


def routes(engine: Engine, access: Access) -> list[Route]:
    """The control routes. Every one checks Host, Origin and, when there is one, the control token."""

    def guarded(handler: Callable[[Engine, Request], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            refused = _refused(request, access)
            if refused:
                return refused
            try:
                return JSONResponse(await handler(engine, request))
            except (BadWishError, ClockError) as error:
                return JSONResponse({"error": str(error)}, 400)

        return endpoint

    return [
        Route("/_control/clock", guarded(read_clock), methods=["GET"]),
        Route("/_control/clock", guarded(move_clock), methods=["POST"]),
        Route("/_control/health", guarded(health), methods=["GET"]),
        Route("/_control/assumptions", guarded(list_assumptions), methods=["GET"]),
    ]


async def health(engine: Engine, request: Request) -> dict[str, Any]:
    return {"status": "ok"}


async def list_assumptions(engine: Engine, request: Request) -> dict[str, Any]:
    """The choice in force for every assumption."""
    return {"assumptions": next(iter(engine.contracts.values())).chosen}


async def read_clock(engine: Engine, request: Request) -> dict[str, Any]:
    return await _clock(engine, _account(request), [])


async def move_clock(engine: Engine, request: Request) -> dict[str, Any]:
    """One wish about the account's time; answers the clock and what happened on the way."""
    key, wish = _account(request), await _wish(request)
    events: list[Event] = []
    match wish:
        case {"advance": bool()} | {"rate": bool()}:
            raise BadWishError(f"a number of seconds or a rate, not true or false; one of {_WISHES}")
        case {"advance": int() | float() as seconds} if math.isfinite(seconds):
            events = await engine.advance(key, seconds)
        case {"advance_to": "next"}:
            events = await engine.advance_to_next(key)
        case {"freeze": True}:
            await engine.set_rate(key, 0)
        case {"rate": int() | float() as rate} if math.isfinite(rate):
            await engine.set_rate(key, rate)
        case _:
            raise BadWishError(f"expected one of {_WISHES}")
    return await _clock(engine, key, events)


async def _clock(engine: Engine, key: Key, events: list[Event]) -> dict[str, Any]:
    now, time = await engine.clock(key)
    told = [
        {"at": e.at, "kind": "status", "job": e.job, "provider": e.provider, "from": e.before, "to": e.after}
        for e in events
    ]
    return {"now": now, "rate": time.rate, "frozen": time.rate == 0, "events": told}


def _account(request: Request) -> Key:
    key = read_key(request.headers.get("authorization"))
    if key is None:
        raise BadWishError("which account? send its bearer token: Authorization: Bearer <token>")
    return key


async def _wish(request: Request) -> dict[str, Any]:
    try:
        wish = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise BadWishError(f"the body is not JSON; expected one of {_WISHES}") from None
    if not isinstance(wish, dict) or len(wish) != 1:
        raise BadWishError(f"expected one of {_WISHES}")
    return wish


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

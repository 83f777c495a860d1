"""``/_control/clock``: read and move an account's time."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from screentest.accounts import Key
from screentest.clock import AccountTime
from screentest.control.desk import BadWishError, Desk, one_account, read_object
from screentest.engine import Event

_ABSURD = 1e18
_WISHES = '{"advance": seconds}, {"advance_to": "next"}, {"freeze": true} or {"rate": r}'


async def clock(desk: Desk, request: Request) -> dict[str, Any]:
    """The account's clock; POST moves it first, and tells what happened on the way."""
    key = one_account(request)
    events = await _move(desk, key, await _wish(request)) if request.method == "POST" else []
    return {**clock_of(*await desk.engine.clock(key)), "events": [told(event) for event in events]}


def clock_of(now: float, time: AccountTime) -> dict[str, Any]:
    """An account's clock as JSON."""
    return {"now": now, "rate": time.rate, "frozen": time.rate == 0}


async def _move(desk: Desk, key: Key, wish: dict[str, Any]) -> list[Event]:
    match wish:
        case {"advance": bool()} | {"rate": bool()}:
            raise BadWishError(f"a number of seconds or a rate, not true or false; one of {_WISHES}")
        case {"advance": int() | float() as seconds} if _sane(seconds):
            return await desk.effects.advance(key, seconds)
        case {"advance_to": "next"}:
            return await desk.effects.advance_to_next(key)
        case {"freeze": True}:
            await desk.engine.set_rate(key, 0)
        case {"rate": int() | float() as rate} if _sane(rate):
            await desk.engine.set_rate(key, rate)
        case _:
            raise BadWishError(f"expected one of {_WISHES}")
    return []


def told(event: Event) -> dict[str, Any]:
    """An event as JSON."""
    return {
        "at": event.at,
        "kind": event.kind,
        "job": event.job,
        "provider": event.provider,
        "from": event.before,
        "to": event.after,
    }


def _sane(number: float) -> bool:
    """Whether a JSON number is one to reckon with: an integer may have thousands of digits, a float be no number."""
    return -_ABSURD < number < _ABSURD


async def _wish(request: Request) -> dict[str, Any]:
    wish = await read_object(request)
    if len(wish) != 1:
        raise BadWishError(f"expected one of {_WISHES}")
    return wish

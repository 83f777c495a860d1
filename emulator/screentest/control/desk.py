"""What every control handler stands on: the account that is meant, the wish in the body, filters and waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, TypeVar

from msgspec import Struct
from starlette.requests import Request

from screentest.accounts import Key, read_key
from screentest.armed import Armed
from screentest.effects import Effects
from screentest.engine import Engine
from screentest.errors import Refusal
from screentest.feed import Feed
from screentest.heard import HeardRequest
from screentest.metrics import Metrics
from screentest.providers.body import parse_json
from screentest.settings import Settings
from screentest.store import EVERYBODY

ACCOUNT = "account"
"""The query parameter that names an account by its id, for those who cannot send a header, such as a browser."""

_LONGEST_WAIT = 60.0
_LARGEST_PAGE = 1000
_LARGEST_BODY = 4 * 2**20

Found = TypeVar("Found")


class BadWishError(Exception):
    """A control request that cannot be granted; becomes an answer with the sentence."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class Desk(Struct, frozen=True):
    """What the handlers use. `switch` makes other choices of assumptions hold."""

    engine: Engine
    effects: Effects
    armed: Armed
    feed: Feed
    settings: Settings
    switch: Callable[[Mapping[str, str]], None]
    metrics: Metrics


def one_account(request: Request) -> Key:
    """The account that is meant: by its bearer token, or by its id in ``?account=``; it has to be one."""
    key, named = read_key(request.headers.get("authorization")), request.query_params.get(ACCOUNT)
    if key is None and not named:
        raise BadWishError("which account? send its bearer token: Authorization: Bearer <token>")
    return key or Key(token="", account=named or "", label="", bad=False, empty=False, admin=False)


def selected(request: Request) -> str | None:
    """The account that is meant; None, which means all, without a token and without ``?account=``."""
    key = read_key(request.headers.get("authorization"))
    return key.account if key else request.query_params.get(ACCOUNT) or None


async def check_account(desk: Desk, request: Request) -> None:
    """Refuse an id in ``?account=`` that is no account's: only a token can open a new one."""
    named = request.query_params.get(ACCOUNT)
    if named and await desk.engine.store.account(named) is None:
        raise BadWishError(f"no account {named[:40]!r}; /_control/accounts lists them", 404)


def owner(request: Request) -> str:
    """Whose rules are meant: the account's, or without a token everybody's."""
    return selected(request) or EVERYBODY


async def read_object(request: Request, *, may_be_empty: bool = False) -> dict[str, Any]:
    """The body as a JSON object. It may take long to come: what it is about is to be looked up afterwards."""
    raw = await HeardRequest(request.scope, request.receive).body_within(_LARGEST_BODY)
    if raw is None:
        raise BadWishError(f"the body is longer than {_LARGEST_BODY} bytes", 413)
    if may_be_empty and not raw:
        return {}
    try:
        value = parse_json(raw)
    except Refusal as refusal:
        raise BadWishError(f"the body is not JSON: {refusal.detail}") from None
    if not isinstance(value, dict):
        raise BadWishError("the body is not a JSON object")
    return value


class Wanted(Struct, frozen=True):
    """The query of a listing: filters by name, at most `limit` items, and how long to wait for `count` of them."""

    filters: Mapping[str, str]
    limit: int
    count: int
    wait: float


def wanted(request: Request, *filters: str) -> Wanted:
    """The query, refused where it has a parameter that means nothing."""
    query = dict(request.query_params)
    for name in query:
        if name not in (*filters, "limit", "count", "wait", ACCOUNT):
            raise BadWishError(f"no parameter {name!r}; there are {', '.join((*filters, 'limit', 'count', 'wait'))}")
    return Wanted(
        filters={name: query[name] for name in filters if query.get(name)},
        limit=int(_number(query, "limit", 100, _LARGEST_PAGE)),
        count=int(_number(query, "count", 1, _LARGEST_PAGE)),
        wait=_number(query, "wait", 0, _LONGEST_WAIT),
    )


def check_filters(wish: Wanted, **choices: Collection[str]) -> None:
    """Refuse a filter by what there is not: a test that waits for it would wait in vain."""
    for name, known in choices.items():
        asked = wish.filters.get(name)
        if asked is not None and asked not in known:
            raise BadWishError(f"no {name} {asked[:40]!r}; there are {', '.join(known)}")


def newest(found: list[Found], limit: int) -> list[Found]:
    """The last `limit` of a list, which may be none."""
    return found[-limit:] if limit else []


def _number(query: Mapping[str, str], name: str, default: float, most: float) -> float:
    try:
        value = float(query.get(name, default))
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise BadWishError(f"{name} is a number from 0 to {most:.0f}, not {query[name][:40]!r}")
    return value


async def when_enough(
    desk: Desk, account: str | None, wish: Wanted, find: Callable[[], Awaitable[list[Found]]]
) -> list[Found]:
    """What `find` finds, as soon as that is `wish.count`, or after `wish.wait` real seconds whatever there is."""
    loop_time = asyncio.get_running_loop().time if wish.wait else lambda: 0.0
    give_up, outlook = loop_time() + wish.wait, desk.feed.outlook(account)
    while True:
        found = await find()
        left = give_up - loop_time()
        if len(found) >= wish.count or left <= 0:
            return found
        await outlook.changes()
        await desk.engine.bells.heard(account, min(left, outlook.until_next()))

"""Lists: what their query asks for, their cursors, and the envelope around a page.

Every list takes `q`, `limit`, `sort_by`, `fields`, `pq` and `from_prev`. A cursor (`pq`) holds the place it points to,
its direction, and the query it came from, so that it is enough by itself; a parameter that comes beside it wins.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct

from screentest.errors import Refusal
from screentest.providers.runflow import filters
from screentest.providers.runflow.filters import BadFilterError, Filter, Record
from screentest.providers.runflow.refusals import bad_query
from screentest.providers.wire import Call
from screentest_contracts.query_text import typed
from screentest_contracts.reading import Json

_CARRIED = ("q", "limit", "sort_by", "fields")
NEWEST_FIRST = (("created_at", True),)
NO_CURSORS: Mapping[str, None] = {"first": None, "next": None, "previous": None}
"""What a list that is never longer than a page has for cursors."""

Row = tuple[int, Record]
"""A record and its number, counted from the oldest: it decides among records that are alike."""

Order = tuple[tuple[str, bool], ...]
"""Fields to sort by, each with whether it descends."""


class Cursor(Struct, frozen=True):
    """A place in a list: the sort values and number of a record, which is on the other page."""

    values: Sequence[Json]
    number: int
    back: bool


class Wish(Struct, frozen=True, kw_only=True):
    """What a list was asked for. `fields` are those to show, none for all; `carried` is what cursors repeat."""

    where: Filter
    limit: int
    order: Order
    fields: tuple[str, ...]
    cursor: Cursor | None
    kinds: Mapping[str, str]
    carried: Mapping[str, Json]

    @property
    def newest_first(self) -> bool:
        return self.order == NEWEST_FIRST

    def place(self, row: Row) -> tuple[Any, ...]:
        """Where a record stands in the order."""
        return self._place([row[1].get(name) for name, _ in self.order], row[0])

    @property
    def start(self) -> tuple[Any, ...] | None:
        """Where the cursor points to."""
        return self._place(self.cursor.values, self.cursor.number) if self.cursor else None

    def _place(self, values: Sequence[Json], number: int) -> tuple[Any, ...]:
        keys = [_Key(self.kinds[name], value, down) for (name, down), value in zip(self.order, values, strict=True)]
        return (*keys, _Key("number", number, self.order[0][1]))


@functools.total_ordering
class _Key:
    """One sort value; what has none comes last in either direction."""

    def __init__(self, kind: str, value: Json, down: bool) -> None:
        self._value = None if value is None else filters.comparable(kind, value)
        self._down = down

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._value == other._value

    def __lt__(self, other: _Key) -> bool:
        if self._value is None or other._value is None:
            return self._value is not None and other._value is None
        return bool(self._value > other._value if self._down else self._value < other._value)


def query(call: Call) -> dict[str, Any]:
    """The query's declared parameters, typed, with defaults; others are ignored. Raises Refusal("bad-query")."""
    schema = call.contract.query(call.operation.id)
    asked = call.request.query_params
    given = {name: typed(asked[name], rule) for name, rule in call.operation.query.items() if name in asked}
    if violations := schema.violations(given):
        raise Refusal("bad-query", violations=violations)
    return schema.completed(given)


def read_wish(call: Call, properties: Mapping[str, Json]) -> Wish:
    """What the request asks for, of a list whose records have these `properties`. Raises Refusal("bad-query")."""
    asked = query(call)
    cursor, carried = _decoded(asked["pq"]) if "pq" in asked else (None, {})
    carried |= {name: asked[name] for name in _CARRIED if name in call.request.query_params}
    kinds = filters.kinds(properties)
    if cursor and asked["from_prev"]:
        cursor = Cursor(cursor.values, cursor.number, back=True)
    wish = Wish(
        where=_where(carried.get("q", ""), kinds),
        limit=min(max(1, carried.get("limit", asked["limit"])), call.operation.query["limit"]["maximum"]),
        order=_order(carried.get("sort_by", asked["sort_by"]), kinds),
        fields=_fields(carried.get("fields", ""), properties),
        cursor=cursor,
        kinds=kinds,
        carried=carried,
    )
    try:
        wish.start  # noqa: B018 - a cursor of another order is found out here
    except (ValueError, TypeError, ArithmeticError, KeyError):
        raise bad_query("pq", "this cursor belongs to another order") from None
    return wish


def page(rows: Iterable[Row], wish: Wish) -> dict[str, Any]:
    """The envelope around the page that was asked for; `rows` are all that match, in order, or enough of them."""
    start, back = wish.start, wish.cursor is not None and wish.cursor.back
    before = start is not None
    if start is None:
        found = list(islice(rows, wish.limit + 1))
        after = len(found) > wish.limit
    elif back:
        found = [row for row in rows if wish.place(row) < start]
        before, after = len(found) > wish.limit, True
        found = found[-wish.limit :]
    else:
        found = list(islice((row for row in rows if start < wish.place(row)), wish.limit + 1))
        after = len(found) > wish.limit
    found = found[: wish.limit]
    return {
        "items": [_projected(record, wish.fields) for _, record in found],
        "first": _encoded(None, wish) if before else None,
        "next": _encoded(Cursor(*_spot(found[-1], wish), back=False), wish) if found and after else None,
        "previous": _encoded(Cursor(*_spot(found[0], wish), back=True), wish) if found and before else None,
    }


def listed(call: Call, records: Sequence[Record], schema: str) -> dict[str, Any]:
    """The page of a short list that is at hand as a whole, oldest first; `schema` names the records' schema."""
    wish = read_wish(call, call.contract.provider.schemas[schema]["properties"])
    rows = [row for row in enumerate(records) if wish.where(row[1])]
    return page(sorted(rows, key=wish.place), wish)


def _spot(row: Row, wish: Wish) -> tuple[list[Json], int]:
    return [row[1].get(name) for name, _ in wish.order], row[0]


def _projected(record: Record, fields: tuple[str, ...]) -> Record:
    return {name: record[name] for name in fields if name in record} if fields else record


def _where(text: str, kinds: Mapping[str, str]) -> Filter:
    if not text.strip():
        return lambda record: True
    try:
        return filters.parse(text, kinds)
    except BadFilterError as error:
        raise bad_query("q", str(error)) from None


def _order(text: str, kinds: Mapping[str, str]) -> Order:
    order = []
    for part in text.split(","):
        name, _, direction = part.strip().partition(":")
        if name not in kinds or direction.lower() not in ("", "asc", "desc"):
            raise bad_query("sort_by", f"{part[:80]!r} is no field with asc or desc; fields are {', '.join(kinds)}")
        order.append((name, direction.lower() == "desc"))
    return tuple(order)


def _fields(text: str, properties: Mapping[str, Json]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in properties:
            raise bad_query("fields", f"no field {name[:80]!r}; there are {', '.join(properties)}")
    return names


def _encoded(cursor: Cursor | None, wish: Wish) -> str:
    place = [cursor.values, cursor.number, cursor.back] if cursor else None
    text = json.dumps([place, wish.carried], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(text: str) -> tuple[Cursor | None, dict[str, Any]]:
    try:
        raw = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        place, carried = json.loads(raw)
        if place is not None:
            values, number, back = place
            place = Cursor(list(values), int(number), bool(back))
        kept = {"limit": int(carried["limit"])} if "limit" in carried else {}
        return place, {name: str(carried[name]) for name in _CARRIED if name in carried} | kept
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError):
        raise bad_query("pq", "this is no cursor of ours") from None

"""``/_control/requests``: the journal, and why a request was refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from screentest.control.deciding import behind_answer
from screentest.control.desk import BadWishError, Desk, check_filters, newest, selected, wanted, when_enough
from screentest.control.explain import explained
from screentest.journal import MEDIA, Entry
from screentest_contracts.document import FAILURES


async def listed(desk: Desk, request: Request) -> dict[str, Any]:
    """The requests of the account, or of all, oldest first."""
    names = ("provider", "operation", "method", "status", "job", "model", "refusal", "after")
    wish, account = wanted(request, *names), selected(request)
    operations = [name for one in desk.engine.contracts.values() for name in one.provider.operations]
    check_filters(wish, provider=desk.engine.contracts, operation=dict.fromkeys((*operations, MEDIA)), refusal=FAILURES)
    filters = dict(wish.filters)
    _check_status(filters.get("status", "0"))
    after = _number(filters.pop("after", "0"))

    async def find() -> list[Entry]:
        newer = (entry for entry in desk.engine.journal.entries(account) if entry.number > after)
        return [entry for entry in newer if not filters or _fits(entry, filters)]

    found = await when_enough(desk, account, wish, find)
    return {"requests": [summary(entry) for entry in newest(found, wish.limit)]}


async def one(desk: Desk, request: Request) -> dict[str, Any]:
    """A request in full: headers without keys, bodies, and the explanation of a refusal."""
    number, account = request.path_params["number"], selected(request)
    for entry in desk.engine.journal.entries(account):
        if str(entry.number) == number:
            contract = desk.engine.contracts[entry.seen.provider]
            return {
                **summary(entry),
                "headers": _headers(entry.headers),
                "body": _body(entry.seen.body),
                "answer_headers": _headers(entry.answer_headers),
                "answer": _body(entry.answer),
                "explain": explained(contract, entry),
                "facts": behind_answer(contract, entry.seen.operation),
            }
    raise BadWishError(f"no request {number[:20]!r}: it is forgotten, or another account's", 404)


def summary(entry: Entry) -> dict[str, Any]:
    """A request as a line of the list."""
    seen = entry.seen
    return {
        "number": entry.number,
        "at": seen.at,
        "wall": entry.wall,
        "account": seen.label,
        "provider": seen.provider,
        "operation": seen.operation,
        "method": entry.method,
        "target": entry.target,
        "status": entry.status,
        "milliseconds": round(entry.milliseconds, 3),
        "model": seen.model,
        "job": seen.job,
        "scenario": seen.scenario,
        "faults": seen.faults,
        "refusal": seen.refusal.failure if seen.refusal else "",
    }


def _number(after: str) -> int:
    if not (after.isascii() and after.isdecimal() and len(after) < 16):
        raise BadWishError(f"after is the number of a request, not {after[:40]!r}")
    return int(after)


def _check_status(status: str) -> None:
    if status not in map(str, range(600)):
        raise BadWishError(f"status is a number up to 599, 0 for a connection that was broken, not {status[:40]!r}")


def _fits(entry: Entry, filters: Mapping[str, str]) -> bool:
    line = summary(entry)
    return all(str(line[name]) == value for name, value in filters.items())


def _headers(pairs: Sequence[tuple[bytes, bytes]]) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in pairs]


def _body(raw: bytes | None) -> Any:
    """JSON as it is, other text as text, else null with nothing lost but the bytes."""
    if raw is None:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode("utf-8", "replace")

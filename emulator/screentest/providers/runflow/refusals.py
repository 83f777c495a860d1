"""Runflow's error envelope."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from screentest.errors import Refusal
from screentest.providers.wire import json_response, worded
from screentest_contracts.document import Failure
from screentest_contracts.load import Contract
from screentest_contracts.violation import Violation


def envelope(refusal: Refusal, failure: Failure, contract: Contract) -> Response:
    """``{code, message, errors}``; `errors` lists what a 422 is about and is null otherwise."""
    place = "query" if refusal.failure == "bad-query" else "body"
    entries = worded(refusal.violations, contract)
    said = refusal.detail or "; ".join(f"{one.field or place}: {message}" for one, message, _ in entries)
    message = failure.message.format(detail=said)
    errors: list[dict[str, Any]] = [{"loc": [place, *one.at], "msg": text, "type": kind} for one, text, kind in entries]
    if failure.status == 422 and not errors:
        errors = [{"loc": [place], "msg": message, "type": "value_error"}]
    shown = errors if failure.status == 422 else None
    return json_response({"code": failure.code, "message": message, "errors": shown}, failure.status)


def bad_query(name: str, said: str) -> Refusal:
    """A query parameter that means nothing; `said` is a sentence about it."""
    return Refusal("bad-query", violations=(Violation(at=(name,), keyword="query", got=said),))

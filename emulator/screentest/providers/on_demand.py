"""Refusals that somebody asked for, by a status or by a name: which of a provider's failures they are, and the details
that nobody gave."""

from __future__ import annotations

import http
import re
from collections.abc import Iterable

from msgspec import structs

from screentest.scenario import REFUSALS
from screentest_contracts.document import Failure, Provider

PATIENCE = "1"
"""Seconds that a refusal names when nobody said how many."""

_PHRASES = {status.value: status.phrase for status in http.HTTPStatus}


def with_status(provider: Provider, operation: str, status: int) -> Failure:
    """The operation's own failure with this status; one made for the occasion where it has none. `operation` may be "",
    for a path without one."""
    known = [one for one in provider.failures.values() if one.status == status]
    own = {"wrong-method", *(provider.operations[operation].failures if operation else ())}
    listed = sorted((one for one in known if one.name in own), key=lambda one: one.name != "invalid-input")
    return listed[0] if listed else _made(provider.failures["internal-error"], status, known)


def _made(usual: Failure, status: int, known: Iterable[Failure]) -> Failure:
    """Its code is what all have that requests bring about with this status, or is made in the provider's manner."""
    phrase = _PHRASES.get(status, f"HTTP {status}")
    codes = {one.code for one in known if one.name not in REFUSALS}
    if len(codes) == 1:
        return structs.replace(usual, status=status, message=phrase, code=codes.pop())
    code: int | str | None = None
    if isinstance(usual.code, int):
        code = int(f"{status}001")
    elif usual.code is not None:
        code = re.sub(r"\W+", "_", phrase.replace("'", "")).upper()
    return structs.replace(usual, status=status, message=phrase, code=code)


def detail(provider: Provider, failure: str) -> str:
    """What a failure is about when whoever asked for it did not say."""
    known = {
        "rate-limited": PATIENCE,
        "body-too-large": str(provider.body_limit),
        "key-malformed": str(provider.idempotency.most_bytes if provider.idempotency else 0),
        "wrong-content-type": "text/plain",
        "wrong-method": "GET",
    }
    return known.get(failure, "asked for by a fault")

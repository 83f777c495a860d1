"""From an answer that says no to the error that it is: what was said, and which kind it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from screentest_client.contract import contract
from screentest_client.errors import (
    AuthError,
    BalanceError,
    ClientError,
    ConflictError,
    Field,
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    ServerError,
)
from screentest_client.steps import Response
from screentest_client.wire.shape import Document, digits, nested, start, text

Kind = type[RefusedError] | type[ServerError]
Code = str | int

BY_STATUS: dict[int, Kind] = {
    400: InvalidInputError, 401: AuthError, 402: BalanceError, 403: AuthError, 404: NotFoundError, 408: ServerError,
    409: ConflictError, 410: NotFoundError, 413: InvalidInputError, 415: InvalidInputError, 422: InvalidInputError,
    429: RateLimitedError,
}  # fmt: skip
BY_FAILURE: dict[str, Kind] = {
    "no-key": AuthError,
    "bad-key": AuthError,
    "not-allowed": AuthError,
    "no-balance": BalanceError,
    "unknown-model": NotFoundError,
    "unknown-job": NotFoundError,
    "not-ready": ConflictError,
}
UNAVAILABLE = 503  # said before anything is done, says HiAPI; any other 5xx leaves it open
QUOTED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a refusing body says: its message, its business code, and the fields that it names."""

    message: str
    code: Code | None = None
    fields: tuple[Field, ...] = ()


def message_of(body: Any) -> str:
    """The sentence of a refusal, wherever the layer that wrote it puts it."""
    if not isinstance(body, dict):
        return start(str(body).strip(), QUOTED) or "no message"
    for key in ("error_message", "message", "error", "detail"):
        found = text(body, key) or text(nested(body, key), "message")
        if found:
            return start(found, QUOTED)
    return "no message"


def code_of(body: Document, *keys: str) -> Code | None:
    """The business code: the first of `keys` that is there, else the one inside a nested `error`."""
    for holder, names in ((body, keys), (nested(body, "error"), ("code",))):
        for name in names:
            value = holder.get(name)
            if isinstance(value, str) and value:
                number = digits(value)
                return value if number is None else number
            if isinstance(value, int):
                return value
    return None


def located(items: Any) -> tuple[Field, ...]:
    """Fields of a list of ``{"loc": [...], "msg": "..."}``, their paths relative to the model's input."""
    found = []
    for item in items if isinstance(items, list) else ():
        message = text(item, "msg") if isinstance(item, dict) else None
        if message:
            loc = item.get("loc")
            found.append((dotted([str(part) for part in loc] if isinstance(loc, list) else []), message))
    return tuple(found)


def dotted(parts: list[str]) -> str:
    """A field's path as the caller wrote it: without the body, and the `input` in it."""
    for envelope in ("body", "input"):
        if len(parts) > 1 and parts[0] == envelope:
            parts = parts[1:]
    return ".".join(parts)


@cache
def kinds_by_code(provider: str) -> dict[Code, Kind]:
    """Codes of the contract that mean one kind of failure only; the others leave it to the status."""
    kinds: dict[Code, set[Kind]] = {}
    for failure in contract(provider).failures.values():
        if failure.code is not None and failure.status >= 400:
            kinds.setdefault(failure.code, set()).add(BY_FAILURE.get(failure.name) or kind_by_status(failure.status))
    return {code: kind for code, (kind, *others) in kinds.items() if not others}


def kind_by_status(status: int) -> Kind:
    return ServerError if status >= 500 else BY_STATUS.get(status, RefusedError)


def refusal(kind: Kind, title: str, response: Response, said: Said, body: Any) -> ClientError:
    """The error to raise; its message quotes the provider and names the fields."""
    code = "" if said.code is None else f" {said.code}"
    unsaid = [f"{path}: {message}" for path, message in said.fields if message not in said.message]
    told = f"{said.message.rstrip('. ')} [{'; '.join(unsaid)}]" if unsaid else said.message.rstrip(". ")
    refused = response.status < 500 or response.status == UNAVAILABLE
    advice = kind.advice if refused else response.doubt or kind.advice
    error = kind(
        f"{title}: {response.where} answered {response.status}{code}: {told}. {advice}".strip(),
        status=response.status,
        code=said.code,
        body=body,
        retry_after=response.retry_after,
    )
    if isinstance(error, InvalidInputError):
        error.fields = said.fields
    return error

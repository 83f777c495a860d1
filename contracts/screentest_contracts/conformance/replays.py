"""Idempotency keys: the same request is answered with the same job, another request is refused."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from msgspec import Struct

from screentest_contracts.conformance.judging import Judge
from screentest_contracts.conformance.operations import Found
from screentest_contracts.conformance.violation import Violation
from screentest_contracts.exchange import NO_ANSWER, Exchange

_TRANSIENT = frozenset(
    {
        *("rate-limited", "unavailable", "no-key", "bad-key", "not-allowed", "internal-error"),
        *("model-unavailable", "upstream-timeout", "storage-unavailable"),
    }
)
_ABOUT = 60.0  # seconds around the end of a key's life in which either answer is right


class _First(Struct, frozen=True):
    exchange: Exchange
    job: str


class Replays:
    """Remembers which key made which job."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._policy = judge.contract.provider.idempotency
        self._first: dict[tuple[str, str], _First] = {}
        self._used: set[tuple[str, str]] = set()
        self._open: set[tuple[str, str]] = set()

    def see(self, found: Found, exchange: Exchange, job: str | None) -> Iterator[Violation]:
        """Judge a submit with a key; `job` is the id that it was answered with, None for a refusal."""
        if self._policy is None or "key-mismatch" not in found.operation.failures:
            return
        key = exchange.request_headers.get(self._policy.header.lower(), "").strip()
        marked = all(exchange.headers.get(name.lower()) == value for name, value in self._policy.replay_headers.items())
        marked = marked and bool(self._policy.replay_headers)
        first = self._first.get((exchange.account, key)) if key else None
        if first and exchange.at - first.exchange.at > self._policy.lifetime - _ABOUT:
            first = None if exchange.at - first.exchange.at > self._policy.lifetime + _ABOUT else first
            if first:
                return
        if first is None:
            yield from self._fresh(found, exchange, key, job, marked)
        elif _same(first.exchange, exchange):
            yield from self._repeated(found, exchange, first, job, marked)
        elif job is not None:
            said = f"another request with this key was answered with {job}"
            yield self._shown("replay.mismatch-accepted", found, exchange, "/idempotency/header", said, first)

    def _fresh(self, found: Found, exchange: Exchange, key: str, job: str | None, marked: bool) -> Iterator[Violation]:
        owner = (exchange.account, key)
        if job is not None:
            if marked and owner not in self._open:
                yield self._shown("replay.unmarked", found, exchange, "/idempotency/replay_headers", "a first answer")
            if key:
                self._first[owner] = _First(exchange, job)
        elif key and owner not in self._used:
            names = {one.name for one in self._judge.failures(found.operation, exchange)}
            if names == {"key-mismatch"}:
                yield self._shown("replay.spurious", found, exchange, "/failures/key-mismatch", "the key is new")
        self._used.add(owner)
        if is_open(exchange):
            self._open.add(owner)

    def _repeated(
        self, found: Found, exchange: Exchange, first: _First, job: str | None, marked: bool
    ) -> Iterator[Violation]:
        if job is None:
            names = {one.name for one in self._judge.failures(found.operation, exchange)}
            kept = _declared(first.exchange) == _declared(exchange)
            in_flight = "key-in-flight" in names and "key-mismatch" not in names
            if kept and not in_flight and not names & _TRANSIENT and not is_open(exchange):
                said = f"HTTP {exchange.status} for the same request"
                yield self._shown("replay.refused", found, exchange, "/idempotency/header", said, first)
        elif job != first.job:
            said = f"{first.job}, then {job}"
            yield self._shown("replay.second-job", found, exchange, "/idempotency/header", said, first)
        elif not marked and self._policy and self._policy.replay_headers:
            said = "a replay without " + ", ".join(self._policy.replay_headers)
            yield self._shown("replay.unmarked", found, exchange, "/idempotency/replay_headers", said, first)

    def _shown(
        self, kind: str, found: Found, exchange: Exchange, pointer: str, said: str, first: _First | None = None
    ) -> Violation:
        before = (first.exchange,) if first else ()
        fact = self._judge.facts.at(pointer)
        return self._judge.violation(kind, found.operation.id, exchange, fact, said, before=before)


def is_open(exchange: Exchange) -> bool:
    """Whether nobody can tell if a submit made a job: no answer came, or the server failed on the way."""
    return exchange.status == NO_ANSWER or exchange.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _declared(exchange: Exchange) -> str:
    return exchange.request_headers.get("content-type", "")


def _same(one: Exchange, other: Exchange) -> bool:
    return one.request_body == other.request_body and one.path == other.path

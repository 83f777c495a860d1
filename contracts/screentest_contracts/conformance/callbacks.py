"""Notifications: asked for, signed, in agreement with the job, sent once, and again where they were not taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screentest_contracts.conformance.judging import CALLBACK, Judge
from screentest_contracts.conformance.traces import Trace
from screentest_contracts.conformance.violation import Violation
from screentest_contracts.document import CallbackPolicy
from screentest_contracts.exchange import REDACTED, Callback, Exchange, without_secrets
from screentest_contracts.pointers import at
from screentest_contracts.signing import verify

_PATIENCE = 30.0  # seconds beyond the moment at which a callback is due


class Callbacks:
    """The rules for what a receiver hears."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def hear(
        self, policy: CallbackPolicy, trace: Trace | None, callback: Callback, *, sole: bool
    ) -> Iterator[Violation]:
        """Judge one notification of a job; `trace` is None for a job that nobody knows."""
        if trace is None or trace.submitted is None:
            if sole:
                yield self._shown("callback.unasked", callback, "/callbacks/url_at", "no such job was submitted", None)
            return
        asked = _address(policy, trace.submitted)
        if callback.url not in (asked, without_secrets(asked)):  # of a cassette, it may be one with nothing secret
            said = f"the job asked for {asked}" if asked else "the job asked for none"
            yield self._shown("callback.unasked", callback, "/callbacks/url_at", said, trace)
        taken = sum(_taken(one) for one in trace.deliveries)
        rounds = 1 + trace.redeliveries
        if taken >= rounds or len(trace.deliveries) >= rounds * len(policy.offsets):
            said = f"delivery {len(trace.deliveries) + 1}, {taken} of them taken before"
            yield self._shown("callback.repeated", callback, "/callbacks/offsets", said, trace)
        trace.deliveries.append(callback)

    def signed(
        self, policy: CallbackPolicy, trace: Trace | None, callback: Callback, secret: str | None, now: float
    ) -> Iterator[Violation]:
        """Judge the signature: by `secret`; "" for an account that has none, None where nobody knows."""
        given = callback.headers.get(policy.signature.header.lower())
        if secret is None or given == REDACTED:
            return
        fact = "/callbacks/signature/header"
        if not secret:
            if given is not None:
                yield self._shown("callback.signature", callback, fact, "is signed, although there is no secret", trace)
            return
        why = verify(policy.signature, secret, callback.headers, callback.body, round(now))
        if why:
            yield self._shown("callback.signature", callback, fact, why, trace)

    def owed(self, policy: CallbackPolicy, traces: Iterable[Trace], now: float) -> Iterator[Violation]:
        """What should have come by `now` and did not."""
        patience = policy.timeout + _PATIENCE
        for trace in traces:
            if trace.submitted is None or any(map(_taken, trace.deliveries)):
                continue
            if not _address(policy, trace.submitted).startswith(("http://", "https://")):
                continue  # nobody asked, or nobody can be told there
            done = len(trace.deliveries)
            if done:
                due = trace.deliveries[0].at + policy.offsets[done] if done < len(policy.offsets) else now
                kind, said = "callback.not-retried", f"after {done} that were not taken"
            else:
                due = now if trace.ended_seen is None else trace.ended_seen + policy.offsets[0]
                kind, said = "callback.missing", f"{trace.id} is {trace.word!r}"
            last = trace.seen or trace.submitted
            if now > due + patience and trace.seen is not None:
                event = trace.deliveries[-1] if done else last
                fact = self._judge.facts.at("/callbacks/offsets" if done else "/callbacks/url_at")
                before = tuple(one for one in trace.before(*trace.deliveries) if one is not event)
                yield self._judge.violation(kind, CALLBACK, event, fact, said, before=before)

    def _shown(self, kind: str, callback: Callback, pointer: str, said: str, trace: Trace | None) -> Violation:
        before = trace.before(*trace.deliveries) if trace else ()
        earlier = tuple(one for one in before if one is not callback)
        fact = self._judge.facts.at(pointer)
        return self._judge.violation(kind, CALLBACK, callback, fact, said, before=earlier)


def _taken(callback: Callback) -> bool:
    return 200 <= callback.answered < 300


def _address(policy: CallbackPolicy, submit: Exchange) -> str:
    """Where the submit asked to be notified; "" where it did not."""
    asked = at(submit.asked, policy.url_at)
    return asked if isinstance(asked, str) else ""

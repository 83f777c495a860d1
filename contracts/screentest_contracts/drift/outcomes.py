"""Compare how probes were answered: accepted or refused, with which status and business code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from screentest_contracts.drift.profile import Outcome, Profile
from screentest_contracts.load import Contract
from screentest_contracts.reading import Json

_KEY = (401, 403)
_FAILED = 500
_NAMED = 1
"""How many probes of one change are named; the others are counted."""

Answer = tuple[int, str]


class _Vocabulary(Struct, frozen=True):
    """What is needed to read an answer: the refusal for want of money, and the business codes that are known."""

    unpaid: Answer | None
    codes: frozenset[str]

    def accepted(self, answer: Answer) -> bool:
        """Whether what was asked was found to be right: for an account without money, nothing else was wrong."""
        return answer[0] < 400 or answer == self.unpaid


def outcomes(contract: Contract, old: Profile, new: Profile) -> Iterator[Mapping[str, Json]]:
    """The differences, as fields of `behaviour.Difference`. Probes that changed in one way are told as one."""
    failure = contract.provider.failures.get("no-balance")
    codes = {code for one in (*old.outcomes.values(), *new.outcomes.values()) for _, code in one.seen}
    was = {code for one in old.outcomes.values() for _, code in one.seen}
    now = {code for one in new.outcomes.values() for _, code in one.seen}
    unpaid = (failure.status, "" if failure.code is None else str(failure.code)) if failure else None
    reads = _Vocabulary(unpaid, frozenset(codes - (now - was)))
    groups: dict[tuple[str, str, str, str, str], list[str]] = {}
    for label in sorted(old.outcomes.keys() & new.outcomes.keys()):
        one, other = old.outcomes[label], new.outcomes[label]
        if one.seen != other.seen:
            moved = _is_moved(reads, one, other)
            kind, about = ("status.changed", _unpaid_fact(contract)) if moved else (_kind(reads, one, other), one.fact)
            key = kind, one.operation, _text(one), _text(other), about
            groups.setdefault(key, []).append(label)
    for (kind, operation, before, after, fact), labels in groups.items():
        more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
        where = f"{operation}: {labels[0]}{more}"
        yield {"kind": kind, "where": where, "pointer": "", "old": before, "new": after, "fact": fact}


def _is_moved(reads: _Vocabulary, old: Outcome, new: Outcome) -> bool:
    """Whether the refusal for want of money has another status now: then nothing else has changed."""
    code = reads.unpaid[1] if reads.unpaid else ""
    codes = {one[1] for one in (*old.seen, *new.seen)}
    return bool(code) and codes == {code} and reads.unpaid in (*old.seen, *new.seen)


def _unpaid_fact(contract: Contract) -> str:
    return f"{contract.name}/provider.json#/failures/no-balance/status"


def _kind(reads: _Vocabulary, old: Outcome, new: Outcome) -> str:
    """The class of a change. Where a side answered in several ways, what is new counts, else what is gone."""
    came, gone = new.seen - old.seen, old.seen - new.seen
    if not came:
        return "outcome.missing"
    if not gone:
        gone = old.seen
    was, now = min(gone), max(came)
    if now[0] >= _FAILED > was[0]:
        return "server_error"
    if reads.accepted(was) and not reads.accepted(now) and now[0] < _FAILED:
        return "auth.tightened" if now[0] in _KEY else "request.tightened"
    if reads.accepted(now) and not reads.accepted(was) and was[0] < _FAILED:
        if old.kind == "auth" or was[0] in _KEY:
            return "auth.loosened"
        made = now[0] < 300 and old.billable
        return "request.loosened.billed" if made else "request.loosened"
    if was[0] != now[0]:
        return "check.order.changed" if old.kind == "order" and was[0] >= 400 else "status.changed"
    return "status.changed" if now[1] in reads.codes else "error.code.new"


def _text(outcome: Outcome) -> str:
    return ", ".join(" ".join(filter(None, (str(status), code))) for status, code in sorted(outcome.seen))

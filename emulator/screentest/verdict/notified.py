"""What a client did with callbacks, as far as it said so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from screentest.callbacks import Delivery
from screentest.verdict.value import Evidence, Look, finding

_SILENT = "nobody said which callbacks were acted upon: POST /_control/deliveries/{id}/processed says it"
_BAD = ("unsigned", "wrong-secret")


def processed_twice(evidence: Evidence) -> Look:
    """Judge callbacks that were delivered more than once, or acted upon more than once."""
    same: defaultdict[tuple[str, str], list[Delivery]] = defaultdict(list)
    for delivery in evidence.deliveries:
        same[delivery.job, delivery.id if delivery.body is None else delivery.body].append(delivery)
    judged = [each for each in same.values() if _times(each) and max(_times(each), _came(each)) > 1]
    findings = [
        finding(
            "processed-twice",
            f"The callback of job {each[0].job} came {_came(each)} times and was acted upon {_times(each)} times"
            f" (deliveries {', '.join(one.id for one in each)}).",
            job=each[0].job,
        )
        for each in judged
        if _times(each) > 1
    ]
    reported = any(delivery.processed for delivery in evidence.deliveries)
    why = "no callback that was acted upon came more than once" if reported else _SILENT
    return Look("processed-twice", len(judged), why, tuple(findings))


def badly_signed(evidence: Evidence) -> Look:
    """Judge callbacks that a scenario sent without a signature or with a wrong one.

    One that its receiver refused was not acted upon; of others only the client itself can tell.
    """
    reported = any(delivery.processed for delivery in evidence.deliveries)
    bad = [one for one in evidence.deliveries if one.manner in _BAD and one.provider in evidence.signed]
    tried = [one for one in bad if one.attempts or one.processed]
    judged = [one for one in tried if reported or not any(attempt.delivered for attempt in one.attempts)]
    findings = [
        finding(
            "processed-badly-signed",
            f"Delivery {one.id} for job {one.job} was sent {one.manner}, and was acted upon all the same.",
            job=one.job,
        )
        for one in judged
        if one.processed
    ]
    why = _SILENT if tried else "no callback was sent badly signed: the scenarios unsigned and wrong-secret do so"
    if not evidence.signed:
        why = "the account has no secret, so that callbacks are not signed: set callback_secret at /_control/account"
    return Look("processed-badly-signed", len(judged), why, tuple(findings))


def _times(deliveries: Sequence[Delivery]) -> int:
    """How often they were acted upon."""
    return sum(one.processed for one in deliveries)


def _came(deliveries: Sequence[Delivery]) -> int:
    """How often they were delivered."""
    return sum(attempt.delivered for one in deliveries for attempt in one.attempts)

"""How a client repeats requests: before the time that it was given, or in a way that may be paid for twice."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

from screentest.journal import LONGEST_BODY, Entry
from screentest.verdict.told import Told
from screentest.verdict.value import (
    Evidence,
    Finding,
    Look,
    arrived,
    fault_names,
    finding,
    header,
    lost,
    moment,
    path,
    waited,
)

LONGEST_PATIENCE = 60.0
"""Seconds of a Retry-After that have to be waited at most: official clients wait no longer."""
REPEATED_WITHIN = 600.0
"""Seconds of the account's clock within which the same submit is taken for another try."""

_TOLERANCE = 0.05  # a sleep may end a little early
_AT_ONCE = 0.5  # seconds within which comes what is sent together

_NO_KEYS = (
    "There is no idempotency key here: note each submit before it is sent, and after a lost answer look at the account,"
    " or ask a person, before it is sent again."
)


def retry_after(evidence: Evidence, told: Told) -> Look:
    """Judge what came after each Retry-After.

    A repeat is the same request as far as its path, length and idempotency key tell, from a client that can have read
    the answer.
    """
    refused: dict[tuple[str, ...], tuple[Entry, float]] = {}
    checked, findings = 0, []
    for entry in evidence.entries:
        seconds = _seconds(entry)
        checked += seconds is not None
        same = (entry.method, path(entry), header(entry.headers, b"content-length"), told.key(entry))
        first, asked = refused.get(same, (entry, 0.0))
        if first is not entry and not _differ(first, entry) and not _meanwhile(first, entry):
            if _perhaps_another(first, entry, told):
                continue
            del refused[same]
            if waited(first, entry) < min(asked, LONGEST_PATIENCE) - _TOLERANCE:
                findings.append(_impatient(first, entry, asked))
        if seconds is not None:
            refused[same] = entry, seconds
    return Look("ignored-retry-after", checked, "no answer carried a Retry-After", tuple(findings))


def submitted_twice(evidence: Evidence, told: Told) -> Look:
    """Judge submits that came again, byte by byte, after an answer that was lost."""
    before: dict[tuple[str, bytes], Entry] = {}
    known = unknown = 0
    findings = []
    for entry in evidence.entries:
        if not told.submits(entry):
            continue
        body = entry.seen.body
        if body is None or len(body) >= LONGEST_BODY:
            unknown += lost(entry)
            continue
        same = (path(entry), body)
        if same in before:
            first, second = _as_they_came(before[same], entry)
            if _unsafe(first, second, told):
                findings.append(_twice(first, second, told))
        before[same] = entry
        known += lost(entry) or _late(entry)
    why = "no answer to a submit was lost"
    if unknown:
        why = f"the bodies of {unknown} submits whose answer was lost were not kept, so that nobody can compare them"
    return Look("submitted-twice", known, why, tuple(findings))


def _impatient(first: Entry, entry: Entry, seconds: float) -> Finding:
    message = (
        f"{first.method} {path(first)} was answered with {first.status} and Retry-After {seconds:g} s at"
        f" {moment(first.seen.at)}, and was sent again after {max(waited(first, entry), 0):.3f} s."
    )
    return finding("ignored-retry-after", message, (first, entry), job=entry.seen.job or first.seen.job)


def _differ(first: Entry, entry: Entry) -> bool:
    """Whether the bodies are known to be different; one that was refused unread is not known."""
    return None not in (first.seen.body, entry.seen.body) and first.seen.body != entry.seen.body


def _meanwhile(first: Entry, entry: Entry) -> bool:
    """Whether the second came before the first was answered. Where both were answered at one time, the clock stands."""
    return arrived(entry) < first.wall != entry.wall


def _perhaps_another(first: Entry, entry: Entry, told: Told) -> bool:
    """Whether two submits that only their length compares may be two orders that were sent together.

    They come one after the other even so: a refusal takes no time.
    """
    unread = None in (first.seen.body, entry.seen.body)
    return unread and told.submits(entry) and not told.key(entry) and waited(first, entry) < _AT_ONCE


def _seconds(entry: Entry) -> float | None:
    """The seconds that the answer asked the client to wait: given as such, or as a date."""
    text = header(entry.answer_headers, b"retry-after")
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, date.replace(tzinfo=date.tzinfo or UTC).timestamp() - entry.wall)


def _late(entry: Entry) -> bool:
    """Whether the answer was held back on purpose."""
    return "delay" in fault_names(entry)


def _as_they_came(first: Entry, entry: Entry) -> tuple[Entry, Entry]:
    """The two in order: an answer that is held back is in the journal after those that came meanwhile."""
    return (entry, first) if _late(entry) and arrived(entry) < arrived(first) else (first, entry)


def _unsafe(first: Entry, entry: Entry, told: Told) -> bool:
    """Whether a submit repeats one whose fate its client did not know, without a key that makes this safe."""
    soon = entry.seen.at - first.seen.at <= REPEATED_WITHIN
    # Who sends again while the answer is being held back has given up on it.
    gave_up = _late(first) and arrived(entry) < first.wall
    key = told.key(first)
    return soon and (lost(first) or gave_up) and not (key and key == told.key(entry))


def _twice(first: Entry, entry: Entry, told: Told) -> Finding:
    jobs = list(dict.fromkeys(one.seen.job for one in (first, entry) if one.seen.job))
    made = f"both made a job, {jobs[0]} and {jobs[1]}" if len(jobs) > 1 else "they made one job or none this time"
    how = f"answered with {first.status}" if first.status else "never answered"
    message = (
        f"A submit to {path(first)} at {moment(first.seen.at)} was {how} ({first.seen.faults or 'no fault asked for'}),"
        f" and the same was sent again at {moment(entry.seen.at)} without its idempotency key: {made}."
    )
    advice = "" if told.takes_key(entry) else _NO_KEYS
    return finding("submitted-twice", message, (first, entry), job=entry.seen.job or first.seen.job, advice=advice)

"""What became of outputs: jobs that nobody collected, and downloads that came too late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import inf

from screentest.jobs import SUCCESSES, Job, ended, lifetime
from screentest.journal import MEDIA, Entry
from screentest.verdict.told import Told
from screentest.verdict.value import Evidence, Look, finding, lost, moment

GRACE = 60.0
"""Seconds of the account's clock after its end in which a job may wait to be collected."""


def never_collected(evidence: Evidence, told: Told) -> Look:
    """Judge the jobs whose submit is in the journal, and whose id their client was told."""
    requests: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in evidence.entries:
        requests[entry.seen.job].append(entry)
    due = {
        job.id: job
        for entry in evidence.entries
        if told.submits(entry) and not lost(entry)
        for job in [evidence.jobs.get(entry.seen.job)]
        if job and _succeeded(job) + GRACE <= evidence.now
    }
    collected = set(_collected(evidence, told))
    unread = max((entry.seen.at for entry in evidence.entries if told.unread(entry)), default=-inf)
    findings = [
        finding("never-collected", _uncollected(job, evidence.now), requests[job.id], job=job.id)
        for job in due.values()
        # An answer since its end that was too long to be kept may have shown it.
        if job.id not in collected and unread < _succeeded(job)
    ]
    why = f"no job whose submit is in the journal has succeeded, {GRACE:.0f} s or longer ago"
    return Look("never-collected", len(due), why, tuple(findings))


def after_expiry(evidence: Evidence) -> Look:
    """Judge downloads. Where a dead link is answered as a missing file is, the time tells them apart."""
    downloads = [entry for entry in evidence.entries if entry.seen.operation == MEDIA]
    findings = [
        finding(
            "downloaded-after-expiry",
            f"An output of job {entry.seen.job} was asked for at {moment(entry.seen.at)}, when its link had expired:"
            f" the answer was {entry.status}.",
            [entry],
            job=entry.seen.job,
        )
        for entry in downloads
        if not entry.seen.faults and _expired(entry, evidence)
    ]
    return Look("downloaded-after-expiry", len(downloads), "nothing was downloaded", tuple(findings))


def _uncollected(job: Job, now: float) -> str:
    at = _succeeded(job)
    return (
        f"Job {job.id} of {job.model} succeeded at {moment(at)}, {now - at:.0f} s ago, and nobody read its end,"
        " downloaded its output or took its callback."
    )


def _succeeded(job: Job) -> float:
    """When the job succeeded; infinity when it did not."""
    at, name = ended(job)
    return at if name in SUCCESSES else inf


def _collected(evidence: Evidence, told: Told) -> Iterator[str]:
    for entry in evidence.entries:
        if entry.seen.operation == MEDIA and 200 <= entry.status < 400:
            yield entry.seen.job
        yield from told.ended(entry)
    for delivery in evidence.deliveries:
        if delivery.processed or any(attempt.delivered for attempt in delivery.attempts):
            yield delivery.job


def _expired(entry: Entry, evidence: Evidence) -> bool:
    outputs, job = evidence.providers[entry.seen.provider].outputs, evidence.jobs.get(entry.seen.job)
    if job is None or entry.status != outputs.expired_status:
        return False
    seconds = lifetime(job, outputs)
    return outputs.renewed or (seconds is not None and entry.seen.at >= _succeeded(job) + seconds)

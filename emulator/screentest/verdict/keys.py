"""Where a client sent its API key."""

from __future__ import annotations

from collections import defaultdict

from screentest.journal import MEDIA, Entry
from screentest.verdict.value import Evidence, Look, finding, moment, path


def to_media(evidence: Evidence) -> Look:
    """Judge downloads by whether they carried an Authorization header."""
    downloads = [entry for entry in evidence.entries if entry.seen.operation == MEDIA]
    keyed: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in downloads:
        if entry.seen.keyed:
            keyed[entry.seen.job].append(entry)
    findings = [
        finding(
            "key-to-media",
            f"{len(entries)} downloads of outputs of job {job} carried an Authorization header,"
            f" the first at {moment(entries[0].seen.at)}.",
            entries,
            job=job,
        )
        for job, entries in keyed.items()
    ]
    return Look("key-to-media", len(downloads), "nothing was downloaded", tuple(findings))


def in_url(evidence: Evidence) -> Look:
    """Judge the queries of the account's requests, and of those that carried no key elsewhere."""
    found: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in (*evidence.entries, *evidence.keyless):
        for name, account in entry.seen.url_keys:
            if account == evidence.account:
                found[path(entry), name].append(entry)
    findings = [
        finding(
            "key-in-url",
            f"The API key stood in the query of {len(entries)} requests to {place}, in the parameter {name[:80]!r},"
            f" the first at {moment(entries[0].seen.at)}.",
            entries,
            job=entries[0].seen.job,
        )
        for (place, name), entries in found.items()
    ]
    return Look("key-in-url", len(evidence.entries) or len(findings), "there were no requests", tuple(findings))

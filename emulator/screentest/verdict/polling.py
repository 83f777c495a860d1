"""How a client looked at jobs: too fast, at a clock that stood, or after the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise

from screentest.journal import MEDIA, Entry
from screentest.verdict.told import Told
from screentest.verdict.value import Evidence, Finding, Look, finding, moment, waited

_FEWEST_AT_ONE_MOMENT = 3
_MOST_AFTER_END = 1
_TOLERANCE = 0.001  # seconds: an account's time is a float of Unix seconds, and a sleep may end a little early


def polling(evidence: Evidence, told: Told) -> list[Look]:
    """Judge all reads of jobs' states."""
    reads = _reads(evidence, told)
    waiting = {asked: _until_end(entries, told) for asked, entries in reads.items()}
    gaps = sum(max(0, len(entries) - 1) for entries in waiting.values())
    fast = [one for (job, _), entries in waiting.items() for one in _too_fast(job, entries, evidence.poll_bound)]
    still = [one for (job, _), entries in waiting.items() for one in _unmoved(job, entries)]
    why = "no job's state was read twice before its end"
    return [
        Look("polled-too-fast", gaps, why, tuple(fast)),
        Look("polled-unmoved-clock", gaps, why, tuple(still)),
        _after_end(evidence, told),
    ]


def _reads(evidence: Evidence, told: Told) -> dict[tuple[str, str], list[Entry]]:
    """The requests for each job's state by (job, operation). A result that follows a status is no second look."""
    reads: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in evidence.entries:
        job = told.job_asked(entry)
        if job:
            reads[job, entry.seen.operation].append(entry)
    return reads


def _until_end(entries: Sequence[Entry], told: Told) -> list[Entry]:
    """The reads up to the first that showed the end, without those that got no answer: they may be tried again."""
    kept: list[Entry] = []
    for entry in entries:
        if _answered(entry):
            kept.append(entry)
            if told.ended(entry):
                break
    return kept


def _answered(entry: Entry) -> bool:
    return 200 <= entry.status < 300 and not entry.seen.faults


def _too_fast(job: str, entries: Sequence[Entry], bound: float) -> list[Finding]:
    gaps = [(waited(one, two), two) for one, two in pairwise(entries) if one.seen.at != two.seen.at]
    fast = [(gap, entry) for gap, entry in gaps if gap < bound - _TOLERANCE]
    if not fast:
        return []
    shortest = min(gap for gap, _ in fast)
    message = (
        f"{len(fast)} of {len(entries)} reads of the state of job {job} came less than {bound:g} s after the one"
        f" before, the closest after {max(shortest, 0):.3f} s, from {moment(fast[0][1].seen.at)} on."
    )
    return [finding("polled-too-fast", message, [entry for _, entry in fast], job=job)]


def _unmoved(job: str, entries: Sequence[Entry]) -> list[Finding]:
    found = []
    for at, group in groupby(entries, key=lambda entry: entry.seen.at):
        same = list(group)
        if len(same) >= _FEWEST_AT_ONE_MOMENT:
            message = (
                f"The state of job {job} was read {len(same)} times at {moment(at)}: the account's clock stood,"
                " so that nothing could change."
            )
            found.append(finding("polled-unmoved-clock", message, same, job=job))
    return found


def _after_end(evidence: Evidence, told: Told) -> Look:
    """Reads of a state that was known to be final, in runs: what fails may be tried again, and a download renewed."""
    shown: dict[tuple[str, str], float] = {}
    runs: dict[tuple[str, str], list[list[Entry]]] = {}
    for entry in evidence.entries:
        job = told.job_asked(entry)
        asked = (job, entry.seen.operation)
        if entry.seen.operation == MEDIA or (job and not _answered(entry)):
            _start_again(runs, job or entry.seen.job)
        elif asked in shown:
            runs[asked][-1].append(entry)
        elif job and told.ended(entry):
            shown[asked], runs[asked] = entry.seen.at, [[]]
    findings = []
    for (job, operation), each in runs.items():
        entries = [entry for run in each if len(run) > _MOST_AFTER_END for entry in run]
        if entries:
            findings.append(_polled_on(job, entries, shown[job, operation]))
    return Look("polled-after-end", len(shown), "no read showed the end of a job", tuple(findings))


def _start_again(runs: Mapping[tuple[str, str], list[list[Entry]]], job: str) -> None:
    for asked, each in runs.items():
        if asked[0] == job:
            each.append([])


def _polled_on(job: str, entries: Sequence[Entry], since: float) -> Finding:
    message = (
        f"The state of job {job} was read {len(entries)} times more after the answer of {moment(since)} had shown"
        f" its end, the last time at {moment(entries[-1].seen.at)}."
    )
    return finding("polled-after-end", message, entries, job=job)

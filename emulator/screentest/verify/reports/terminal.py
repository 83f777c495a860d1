"""A verdict for a person at a terminal: plain text."""

from __future__ import annotations

from collections.abc import Iterator

from screentest.verify.reports.grouping import groups
from screentest.verify.verdict import Entry, Verdict

_LISTED = 5


def terminal(verdict: Verdict, *, verbose: bool = False) -> str:
    """The report. `verbose` adds the script that shows each contradiction, and everything that was not exercised."""
    return "\n".join(_lines(verdict, verbose=verbose)) + "\n"


def _lines(verdict: Verdict, *, verbose: bool) -> Iterator[str]:
    for operation, kind, members in groups(verdict.entries):
        yield f"{_mark(members)} {operation}  {kind}: {members[0].meaning}"
        for entry in members:
            yield from _entry(entry, verbose=verbose)
        yield ""
    yield from _around(verdict)
    yield from _coverage(verdict, verbose=verbose)
    ran = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in verdict.seconds.items())
    seed = f"; seed {verdict.seed}" if verdict.seed is not None else ""
    if ran:
        yield f"{verdict.requests} requests, {verdict.accepted} jobs; {ran}{seed}"
    yield f"{verdict.provider} at {verdict.where}: {verdict.summary}"


def _mark(members: list[Entry]) -> str:
    if any(one.breaks for one in members):
        return "✗"
    return "·" if all(one.note for one in members) else "~"


def _entry(entry: Entry, *, verbose: bool) -> Iterator[str]:
    times = f" ×{entry.seen}" if entry.seen > 1 else ""
    where = f"{entry.pointer}: " if entry.pointer else ""
    yield f"    {where}{entry.message}{times}"
    yield f"      {entry.weight}: {entry.fact} ({entry.provenance})"
    since = f", first seen {entry.first_seen}" if entry.first_seen else ""
    yield f"      {entry.fingerprint}, by {entry.engine}{since}"
    if entry.waived:
        yield f"      waived: {entry.waived}"
    if verbose:
        yield from (f"      | {line}" for line in entry.curl.splitlines())


def _around(verdict: Verdict) -> Iterator[str]:
    """What is to say beside the findings."""
    yield from (f"waiver expired: {one}" for one in verdict.expired)
    yield from (f"waiver fits nothing: {one}" for one in verdict.unused)
    for fingerprint, known in verdict.not_observed.items():
        yield f"not observed (not: fixed): {fingerprint} {known.kind} {known.operation}, last seen {known.last_seen}"
    yield from (f"not sent, {times} times: {why}" for why, times in verdict.denied.items())
    yield from verdict.remarks


def _coverage(verdict: Verdict, *, verbose: bool) -> Iterator[str]:
    if not verdict.coverage:
        return
    yield "exercised: " + ", ".join(f"{share} {name}" for name, share in verdict.coverage.items())
    for name, share in verdict.coverage.items():
        if share.unseen:
            shown = share.unseen if verbose else share.unseen[:_LISTED]
            more = f", and {len(share.unseen) - len(shown)} more (--verbose)" if len(shown) < len(share.unseen) else ""
            yield f"  {name} NOT exercised: {', '.join(shown)}{more}"

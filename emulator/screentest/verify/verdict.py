"""What came of a run, as a value that every report is made of. Nothing in it holds a key, nor a control character.

Exit codes: 0 the contract is kept, 1 it is broken, 2 the run was not finished, 3 the guard stopped it, 130 it was
interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from msgspec import Struct, field

from screentest.verify.findings import Finding
from screentest.verify.history import Known
from screentest.verify.interrupting import INTERRUPTED
from screentest.verify.waivers import Waived
from screentest_contracts.conformance import KINDS, Violation
from screentest_contracts.conformance.coverage import Share
from screentest_contracts.exchange import REDACTED, Event, Exchange, redacted
from screentest_contracts.plain_text import printable

KEPT, BROKEN, UNREACHABLE, STOPPED = 0, 1, 2, 3

_SHOWN = 1000  # characters of an answer
_HIDDEN = f"# {REDACTED!r} stands for a key or a signature that no report shows: put a good one there"

_WORST = (
    *("request.loosened", "auth.loosened", "replay.second-job", "tenancy.read", "tenancy.listed", "server.error"),
    *("job.shared", "job.lost", "job.invented", "state.left-final", "state.backwards", "cancel.without-effect"),
)
"""Kinds that cost money, show what is not one's own, or lose a job, worst first."""


class Entry(Struct, frozen=True, kw_only=True):
    """One contradiction, in words. `answer` is the beginning of the answer or callback that shows it; `waived` is the
    reason of the waiver, "" without one; times are "" when unknown."""

    fingerprint: str
    kind: str
    operation: str
    pointer: str
    message: str
    fact: str
    provenance: str
    weight: str
    engine: str
    seen: int
    note: bool
    curl: str
    answer: str = ""
    waived: str = ""
    first_seen: str = ""
    last_seen: str = ""

    @property
    def meaning(self) -> str:
        return KINDS[self.kind]

    @property
    def breaks(self) -> bool:
        """Whether it fails the run."""
        return not self.note and not self.waived

    @property
    def rank(self) -> tuple[int, int, str, str, str]:
        """Sorts the worst first."""
        level = 3 if self.waived else 2 if self.note else 1 if self.weight == "answers an assumption" else 0
        place = _WORST.index(self.kind) if self.kind in _WORST else len(_WORST)
        return level, place, self.operation, self.kind, self.pointer


class Verdict(Struct, frozen=True, kw_only=True):
    """One run. `entries` are worst first; `denied` counts what did not leave, by reason; `stopped` is why the guard
    ended the run, `unreachable` why it has no whole end otherwise, "" for neither. `expired` and `unused` are waivers.
    """

    provider: str
    where: str
    seed: int | None = None
    depth: str = ""
    tier: str = ""
    requests: int = 0
    accepted: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    coverage: Mapping[str, Share] = field(default_factory=dict)
    denied: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    stopped: str = ""
    unreachable: str = ""
    interrupted: bool = False
    expired: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    not_observed: Mapping[str, Known] = field(default_factory=dict)

    @property
    def broken(self) -> tuple[Entry, ...]:
        return tuple(one for one in self.entries if one.breaks)

    @property
    def exit_code(self) -> int:
        """One of KEPT, BROKEN, UNREACHABLE, STOPPED, INTERRUPTED; the guard's comes first."""
        if self.stopped:
            return STOPPED
        if self.interrupted:
            return INTERRUPTED
        if self.broken or self.expired:
            return BROKEN
        return UNREACHABLE if self.unreachable else KEPT

    @property
    def summary(self) -> str:
        """The verdict in one line."""
        if self.stopped:
            return f"stopped by the guard: {self.stopped}"
        if self.broken:
            facts = sum(one.weight != "answers an assumption" for one in self.broken)
            said = f"broken: {_counted(len(self.broken), 'contradiction')}, {facts} of documented facts"
            return f"{said}, until it was interrupted" if self.interrupted else said
        if self.unreachable:
            return f"not finished: {self.unreachable}"
        if self.expired:
            return f"broken: {_counted(len(self.expired), 'waiver')} expired"
        return f"kept, in {_counted(self.requests, 'request')}"


def entries(
    findings: Collection[Finding],
    waived: Waived,
    known: Mapping[str, Known],
    keys: Collection[str] = (),
) -> tuple[Entry, ...]:
    """The findings in words, worst first, without any of `keys`."""
    hide = hider(keys)
    found = [_entry(one, waived, known.get(one.fingerprint), hide) for one in findings]
    return tuple(sorted(found, key=lambda one: one.rank))


def hider(keys: Collection[str]) -> Callable[[str], str]:
    """A function that makes a text fit to be shown: with each of `keys` hidden, and on one line that steers nothing."""

    def hide(text: str) -> str:
        for key in sorted(filter(None, keys), key=len, reverse=True):
            text = text.replace(key, REDACTED)
        return printable(text)

    return hide


def _entry(finding: Finding, waived: Waived, known: Known | None, hide: Callable[[str], str]) -> Entry:
    violation: Violation = finding.violation
    waiver = waived.by.get(finding.fingerprint)
    return Entry(
        fingerprint=finding.fingerprint,
        kind=violation.kind,
        operation=hide(violation.operation),
        pointer=hide(violation.pointer),
        message=hide(violation.message),
        fact=violation.fact,
        provenance=str(violation.provenance),
        weight=violation.weight,
        engine=finding.engine,
        seen=finding.seen,
        note=violation.is_note,
        curl=_script(violation, hide),
        answer=_answer(violation.events[-1], hide),
        waived=waiver.reason if waiver else "",
        first_seen=known.first_seen if known else "",
        last_seen=known.last_seen if known else "",
    )


def _script(violation: Violation, hide: Callable[[str], str]) -> str:
    """The curl script; where something in it is hidden, it says so."""
    first, *lines = (hide(line) for line in violation.curl().split("\n"))
    noted = [_HIDDEN] if any(REDACTED in line for line in lines) else []
    return "\n".join([first, *noted, *lines])


def _answer(event: Event, hide: Callable[[str], str]) -> str:
    """Status and body, as far as they can be shown."""
    shown = redacted(event)
    body = shown.body.decode("utf-8", "replace")
    if "\0" in body:
        body = f"{len(shown.body)} bytes of {shown.headers.get('content-type', 'no content type')}"
    said = hide(body)  # before it is cut: half a key is one, too
    said = f"{said[:_SHOWN]}… ({len(said)} characters)" if len(said) > _SHOWN else said
    return f"HTTP {shown.status} {said}".rstrip() if isinstance(shown, Exchange) else said


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

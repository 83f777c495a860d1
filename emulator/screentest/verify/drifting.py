"""What came of a comparison with a live service, with what earlier runs have told already. Pure.

A drift that is known is not told again; one that this run did not show is not fixed, it is unobserved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from msgspec import Struct, field, structs

from screentest.verify.history import History, Known
from screentest.verify.interrupting import INTERRUPTED
from screentest.verify.reports.of_drift import FORMATS as MACHINES
from screentest.verify.reports.of_drift import Telling
from screentest_contracts.drift.difference import Drift
from screentest_contracts.drift.meanings import MEANINGS
from screentest_contracts.drift.outcome import Outcome
from screentest_contracts.drift.report import report
from screentest_contracts.plain_text import code, printable
from screentest_contracts.reading import Json

NONE, DRIFT, UNREADABLE, STOPPED = 0, 1, 2, 3

_NOTHING = "no drift"
_CALLBACKS = tuple(kind for kind in MEANINGS if kind.startswith("callback."))


class Live(Struct, frozen=True, kw_only=True):
    """One run. `outcome` has what is new; `known` was told by earlier runs and seen again, as the drifts `again`;
    `unobserved` was not seen again; `stopped` is why the guard ended the run, `unfinished` why it has no whole end
    otherwise (`interrupted`: it was told to end), "" when it has one; `heard`: callbacks could be heard."""

    outcome: Outcome
    where: str
    tier: str = ""
    requests: int = 0
    jobs: int = 0
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()
    stopped: str = ""
    unfinished: str = ""
    interrupted: bool = False
    heard: bool = True
    known: Mapping[str, Known] = field(default_factory=dict)
    again: tuple[Drift, ...] = ()
    unobserved: Mapping[str, Known] = field(default_factory=dict)

    def exit_code(self, bar: str) -> int:
        """The first that holds of STOPPED, INTERRUPTED, DRIFT, UNREADABLE; `bar` is the severity from which a drift
        counts."""
        if self.stopped:
            return STOPPED
        if self.interrupted:
            return INTERRUPTED
        if self.outcome.fails(bar):
            return DRIFT
        return UNREADABLE if self.unfinished else NONE


def remembered(live: Live, history: History, provider: str, at: str) -> tuple[Live, History]:
    """The run without what is known, and the history with what it has seen at the moment `at` (ISO 8601)."""
    name = f"{provider}/drift"
    old = dict(history.get(name, {}))
    seen = {one.fingerprint: one for one in live.outcome.drifts}
    now = {
        mark: structs.replace(old[mark], last_seen=at)
        if mark in old
        else Known(kind=one.kind, operation=f"{one.model} {one.pointer}".strip(), first_seen=at, last_seen=at)
        for mark, one in seen.items()
    }
    new = tuple(one for mark, one in seen.items() if mark not in old)
    told = structs.replace(
        live,
        outcome=structs.replace(live.outcome, drifts=new),
        known={mark: one for mark, one in now.items() if mark in old},
        again=tuple(one for mark, one in seen.items() if mark in old),
        unobserved={mark: one for mark, one in old.items() if mark not in seen},
    )
    return told, {**history, name: old | now}


def rendered(live: Live, form: str, bar: str, provider: str) -> str:
    """The run in one of `FORMATS`, with a newline at the end; from the severity `bar` on a drift fails."""
    if form in MACHINES:
        return MACHINES[form](_telling(live, bar, provider))
    if form == "json":
        return json.dumps(_document(live), indent=2, ensure_ascii=False) + "\n"
    gap, told = "\n" if form == "markdown" else "", report(live.outcome, form)
    first, then = (_shown(lines, form) for lines in (_problems(live), _lines(live)))
    if first:  # nobody takes it for a run that has seen everything
        first, told = first + gap, told.replace(_NOTHING, f"{_NOTHING} in what was looked at", 1)
    return first + told + gap + then


def _shown(lines: Iterator[str], form: str) -> str:
    text = "".join(f"- {code(line)}\n" if form == "markdown" else f"{line}\n" for line in lines)
    return printable(text, keep="\n")


def _unobserved(live: Live) -> dict[str, str]:
    """Classes that this run could not show, each with why."""
    if not live.requests:
        return dict.fromkeys(MEANINGS, "not one request was made")
    if live.stopped or live.unfinished:
        return dict.fromkeys(MEANINGS, "the run was not finished")
    found = {} if live.heard else dict.fromkeys(_CALLBACKS, "callbacks cannot be heard from this service")
    return found if live.jobs else dict.fromkeys((*_CALLBACKS, "transition.unseen"), "no job was made")


def _telling(live: Live, bar: str, provider: str) -> Telling:
    return Telling(
        title=f"screentest drift live {provider}",
        outcome=live.outcome,
        classes=tuple(MEANINGS),
        bar=bar,
        exit_code=live.exit_code(bar),
        again=live.again,
        stopped=live.stopped or live.unfinished,
        seconds=live.seconds,
        unobserved=_unobserved(live),
    )


def _document(live: Live) -> dict[str, Json]:
    run = {name: getattr(live, name) for name in ("where", "tier", "requests", "jobs", "stopped", "unfinished")}
    return {
        **live.outcome.as_json(),
        "known": [_known(mark, one) for mark, one in live.known.items()],
        "unobserved": [_known(mark, one) for mark, one in live.unobserved.items()],
        "run": {**run, "seconds": round(live.seconds, 1), "remarks": list(live.remarks)},
    }


def _known(mark: str, one: Known) -> dict[str, Json]:
    return {
        "fingerprint": mark,
        "class": one.kind,
        "pointer": one.operation,
        "first_seen": one.first_seen,
        "last_seen": one.last_seen,
    }


def _problems(live: Live) -> Iterator[str]:
    """Why the run has no whole end."""
    if live.unfinished:
        yield f"not finished: {live.unfinished}"
    if live.stopped:
        yield f"stopped by the guard: {live.stopped}"


def _lines(live: Live) -> Iterator[str]:
    for one in live.known.values():
        yield f"known since {one.first_seen}: {one.kind} {one.operation}"
    for one in live.unobserved.values():
        yield f"unobserved in this run, last seen {one.last_seen}: {one.kind} {one.operation}"
    yield from live.remarks
    tier = f", tier {live.tier}" if live.tier else ""
    yield f"{live.where}{tier}: {live.requests} requests, {live.jobs} submits taken, {live.seconds:.1f} s"

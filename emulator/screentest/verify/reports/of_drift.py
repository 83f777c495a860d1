"""Drift in the formats of machines: JUnit XML, SARIF and GitHub workflow commands, by the writers of verdicts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from screentest.verify.reports.github import command
from screentest.verify.reports.junit import Case, Failure, suite
from screentest.verify.reports.sarif import DATA, log, place
from screentest_contracts.drift.classes import at_least
from screentest_contracts.drift.difference import Drift
from screentest_contracts.drift.meanings import MEANINGS
from screentest_contracts.drift.outcome import Outcome
from screentest_contracts.drift.report import change
from screentest_contracts.load import PROVIDERS, load
from screentest_contracts.reading import Json

_SARIF = {"breaking": "error", "risky": "warning", "note": "note", "silent": "none"}
_GITHUB = {"breaking": "error", "risky": "warning", "note": "notice", "silent": "notice"}


class Telling(Struct, frozen=True, kw_only=True):
    """What there is to tell. `title` is the command; `classes` are those that were looked for, `unobserved` says of
    some of them why they could not be seen; from the severity `bar` on a drift fails; `again` are drifts that earlier
    runs have told; `stopped` is why the run has no end, "" when it has one; `file` is the URI of the one that was
    compared, for drifts that are about no contract of ours."""

    title: str
    outcome: Outcome
    classes: tuple[str, ...]
    bar: str
    exit_code: int
    again: tuple[Drift, ...] = ()
    stopped: str = ""
    seconds: float = 0.0
    unobserved: Mapping[str, str] = field(default_factory=dict)
    file: str = ""


def junit(telling: Telling) -> str:
    """A test for each class that was looked for. Drifts below the bar, and those told before, do not fail it; a class
    of which nothing was seen because it could not be seen is skipped."""
    cases = [_case(telling, kind) for kind in telling.classes]
    if unread := telling.outcome.unread:
        told = "; ".join(f"{one.page} {one.at} {one.text}" for one in unread)
        cases.append(Case(name="everything is read", skipped=told))
    if telling.stopped:
        cases.append(Case(name="the run", error=telling.stopped))
    return suite(telling.title, cases, telling.seconds)


def sarif(telling: Telling) -> str:
    """A rule for each class that was found, a result for each drift; what was told before is `unchanged`."""
    found = [(one, "new") for one in telling.outcome.drifts] + [(one, "unchanged") for one in telling.again]
    said = [("error", telling.stopped)] if telling.stopped else []
    said += [("note", f"unread: {one.page} {one.at} {one.text}") for one in telling.outcome.unread]
    return log(
        telling.title,
        {kind: MEANINGS[kind] for kind in dict.fromkeys(one.kind for one, _ in found)},
        [_result(one, state, telling.file) for one, state in found],
        exit_code=telling.exit_code,
        finished=not telling.stopped,
        said=said,
    )


def github(telling: Telling) -> str:
    """A command for each drift, and for each thing that could not be read."""
    lines = [
        command(_GITHUB[one.worst], f"{one.where}: {one.kind}", f"{_said(one)}\n{one.fingerprint}")
        for one in telling.outcome.drifts
    ]
    lines += [
        command("notice", f"{one.page}: unread", f"{one.at} {one.text}".strip()) for one in telling.outcome.unread
    ]
    if telling.stopped:
        lines.append(command("error", telling.title, telling.stopped))
    return "".join(f"{line}\n" for line in lines)


FORMATS: Mapping[str, Callable[[Telling], str]] = {"junit": junit, "sarif": sarif, "github": github}


def _case(telling: Telling, kind: str) -> Case:
    drifts = [one for one in (*telling.outcome.drifts, *telling.again) if one.kind == kind]
    failures = tuple(_failure(one) for one in telling.outcome.drifts if one in drifts and _fails(telling, one))
    return Case(name=kind, failures=failures, skipped="" if drifts else telling.unobserved.get(kind, ""))


def _fails(telling: Telling, drift: Drift) -> bool:
    return at_least(drift.worst, telling.bar)


def _failure(drift: Drift) -> Failure:
    message = f"{drift.where} {change(drift)}"
    return Failure(kind=drift.kind, message=message, details=f"{_said(drift)}\n{drift.fingerprint}")


def _result(drift: Drift, state: str, compared: str) -> dict[str, Json]:
    return {
        "ruleId": drift.kind,
        "level": _SARIF[drift.worst],
        "baselineState": state,
        "message": {"text": f"{drift.where}: {_said(drift)}"},
        "locations": [place(_file(drift) or compared, drift.where.replace(" ", "/", 1), drift.pointer)],
        "partialFingerprints": {"screentest/v1": drift.fingerprint},
        "properties": drift.as_json(),
    }


def _file(drift: Drift) -> str:
    """The URI of the file of our contract that a drift is about; "" where none is compared."""
    if drift.provider not in PROVIDERS:
        return ""
    file = load(drift.provider).model_file(drift.model) if drift.model else f"{drift.provider}/provider.json"
    return f"{DATA}/{file}"


def _said(drift: Drift) -> str:
    """What changed, how bad it is, and what it means for what we knew."""
    levels = f"client {drift.client}, emulator {drift.emulator}"
    return "; ".join(part for part in (MEANINGS[drift.kind], change(drift), levels, drift.meaning) if part)

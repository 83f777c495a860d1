"""A verdict as GitHub workflow commands: each contradiction is an annotation of the run."""

from __future__ import annotations

from collections.abc import Iterator

from screentest.verify.verdict import Entry, Verdict
from screentest_contracts.plain_text import printable


def github(verdict: Verdict) -> str:
    """One command a line."""
    return "".join(f"{line}\n" for line in _lines(verdict))


def _lines(verdict: Verdict) -> Iterator[str]:
    for entry in verdict.entries:
        title = f"{verdict.provider} {entry.operation}: {entry.kind}"
        yield command(_level(entry), title, _said(entry))
    for line in verdict.expired:
        yield command("error", "waiver expired", line)
    for line in verdict.unused:
        yield command("notice", "waiver fits nothing", line)
    if verdict.stopped or verdict.unreachable:
        yield command("error", f"screentest verify {verdict.provider}", verdict.summary)


def _level(entry: Entry) -> str:
    if entry.note or entry.waived:
        return "notice"
    return "warning" if entry.weight == "answers an assumption" else "error"


def _said(entry: Entry) -> str:
    waived = f"\nwaived: {entry.waived}" if entry.waived else ""
    where = f"{entry.pointer}: " if entry.pointer else ""
    return f"{where}{entry.message}\n{entry.provenance}; {entry.fact}\n{entry.fingerprint}{waived}"


def command(level: str, title: str, text: str) -> str:
    """A workflow command, escaped as GitHub asks: a value's colons and commas too. Control characters are left out."""
    name = _escaped(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={name}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))

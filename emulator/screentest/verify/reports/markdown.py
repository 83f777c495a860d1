"""A verdict as Markdown, for an issue, a pull request or a job summary."""

from __future__ import annotations

from collections.abc import Iterator

from screentest.verify.verdict import Entry, Verdict
from screentest_contracts.plain_text import cell


def markdown(verdict: Verdict) -> str:
    """The page."""
    return "\n".join(_lines(verdict)) + "\n"


def _lines(verdict: Verdict) -> Iterator[str]:
    yield f"## screentest verify {verdict.provider}"
    yield ""
    yield f"`{verdict.where}`: **{cell(verdict.summary)}**"
    if verdict.entries:
        yield ""
        yield "| | operation | kind | what | how we know | fingerprint |"
        yield "| --- | --- | --- | --- | --- | --- |"
        yield from (_row(one) for one in verdict.entries)
    for title, lines in _sections(verdict):
        if lines:
            yield from ("", f"### {title}", "", *(f"- {cell(one)}" for one in lines))
    yield from _scripts(verdict)


def _sections(verdict: Verdict) -> Iterator[tuple[str, list[str]]]:
    yield "Expired waivers", list(verdict.expired)
    yield "Waivers that fit nothing", list(verdict.unused)
    yield (
        "Not observed in this run, which does not mean fixed",
        [f"{name} {one.kind} {one.operation}, last seen {one.last_seen}" for name, one in verdict.not_observed.items()],
    )
    yield "Not sent", [f"{times} times: {why}" for why, times in verdict.denied.items()]
    yield "Remarks", list(verdict.remarks)
    yield "Exercised", [f"{share} {name}" for name, share in verdict.coverage.items()]
    yield (
        "Not exercised",
        [f"{name}: {', '.join(share.unseen)}" for name, share in verdict.coverage.items() if share.unseen],
    )


def _row(entry: Entry) -> str:
    mark = "waived" if entry.waived else "note" if entry.note else "**broken**"
    what = f"{entry.pointer} {entry.message}".strip() + (f" (waived: {entry.waived})" if entry.waived else "")
    cells = map(cell, (entry.operation, entry.kind, what, f"{entry.provenance}; {entry.fact}"))
    return "| " + " | ".join((mark, *cells, f"`{entry.fingerprint}`")) + " |"


def _scripts(verdict: Verdict) -> Iterator[str]:
    for entry in verdict.broken:
        yield from ("", f"<details><summary>{entry.fingerprint} {entry.operation} {entry.kind}</summary>", "")
        shown = (*entry.curl.splitlines(), "", f"answered: {entry.answer}")
        yield from (*("    " + line for line in shown), "", "</details>")

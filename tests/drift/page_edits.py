"""Edits of documentation pages, each with what it has to be recognised as, and the judge of whether it was.

An edit is made on the text of a page of ``fixtures/pages``, by somebody who knows the page but not the readers. A
finding is a class with its pointer: one too many is a false alarm, one too few a miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from drift import hiapi_edits, runcomfy_edits, runflow_edits
from drift.editing import Edit, Finding
from drift.noise import NOISES, Noise
from screentest_contracts.drift.documents import compare_page
from screentest_contracts.drift.files import ContractFiles, shipped
from screentest_contracts.drift.outcome import Outcome
from screentest_contracts.drift.pages import page_differences
from screentest_contracts.ingest import ingest, read_page
from screentest_contracts.ingest.fragment import Fragment

PAGES = Path(__file__).parents[2] / "fixtures" / "pages"
WORDING = "wording-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one edit: what should have been found, and what was."""

    edit: Edit
    noise: str
    expected: frozenset[Finding]
    found: frozenset[Finding]

    @property
    def missed(self) -> frozenset[Finding]:
        return self.expected - self.found

    @property
    def false(self) -> frozenset[Finding]:
        return self.found - self.expected


def texts() -> dict[str, str]:
    """The pages by file name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.txt"))}


def edits() -> Iterator[Edit]:
    """Every edit of every page."""
    makers = {"runcomfy": runcomfy_edits.edits, "runflow": runflow_edits.edits, "hiapi": hiapi_edits.edits}
    for name, text in texts().items():
        yield from makers[provider_of(name)](name, text)


def judge(edit: Edit, noise: Noise = NOISES[0]) -> Verdict:
    """An edit that changes facts, against the contract; one that changes words alone, against the page as it was."""
    text = noise.apply(edit.text, provider_of(edit.page))
    if any(kind == WORDING for kind, _ in edit.expected):
        found = {(one.kind, one.pointer) for one in page_differences(fragment(edit.page), read(edit.page, edit.text))}
        found |= _findings(against_contract(edit.page, text))
    else:
        found = _findings(against_contract(edit.page, text))
    return Verdict(edit=edit, noise=noise.name, expected=frozenset(edit.expected), found=frozenset(found))


def against_contract(page: str, text: str) -> Outcome:
    """The comparison of our contract with a page."""
    return compare_page(contract(provider_of(page)), read(page, text))


def read(page: str, text: str) -> Fragment:
    """The fragment of a page's text."""
    return ingest(read_page(text.encode(), page), provider_of(page))


@cache
def fragment(page: str) -> Fragment:
    """The fragment of a page as it is."""
    return read(page, texts()[page])


@cache
def contract(provider: str) -> ContractFiles:
    """Our contract."""
    return shipped(provider)


def provider_of(page: str) -> str:
    return page.partition("-")[0]


def _findings(outcome: Outcome) -> set[Finding]:
    return {(drift.kind, drift.pointer) for drift in outcome.drifts}


def score(verdicts: Iterable[Verdict]) -> dict[str, tuple[int, int, int]]:
    """By class: how many were to be found, how many of them were, and how many false alarms."""
    table: dict[str, list[int]] = {}
    for one in verdicts:
        for kind, _ in one.expected:
            table.setdefault(kind, [0, 0, 0])[0] += 1
        for kind, _ in one.expected & one.found:
            table.setdefault(kind, [0, 0, 0])[1] += 1
        for kind, _ in one.false:
            table.setdefault(kind, [0, 0, 0])[2] += 1
    return {kind: (row[0], row[1], row[2]) for kind, row in sorted(table.items())}

"""What the emulator found wrong with the code that called it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that the caller should not have done, and what to do instead.

    `requests` are numbers of the journal, `job` is "" where it is about none.
    """

    kind: str
    message: str
    job: str
    requests: Sequence[int]
    advice: str

    def __str__(self) -> str:
        job = f" (job {self.job})" if self.job else ""
        numbers = f" [requests {', '.join(map(str, self.requests))}]" if self.requests else ""
        return f"{self.kind}: {self.message}{job}{numbers}. {self.advice}"


class Verdict(Struct, frozen=True):
    """`judged` are the kinds of finding that were looked for, with how many things were looked at; `not_judged` the
    others, with the reason."""

    findings: Sequence[Finding]
    judged: Mapping[str, int]
    not_judged: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Whether nothing was found; what was not judged does not count."""
        return not self.findings

    def assert_clean(self, *, allow: Collection[str] = ()) -> None:
        """AssertionError with a line for each finding, but those of the kinds in `allow`.

        ValueError for a kind that there is not: it would allow nothing.
        """
        kinds = {*self.judged, *self.not_judged}
        for kind in allow:
            if kind not in kinds:
                raise ValueError(f"allow: no kind of finding {kind!r}; there are {', '.join(sorted(kinds))}")
        wrong = [finding for finding in self.findings if finding.kind not in allow]
        if wrong:
            told = "one thing is" if len(wrong) == 1 else f"{len(wrong)} things are"
            raise AssertionError("\n".join([f"{told} wrong with how the emulator was called:", *map(str, wrong)]))


def read_verdict(document: Mapping[str, Any]) -> Verdict:
    """The answer of ``GET /_control/verdict``."""
    return Verdict(
        findings=[Finding(**one) for one in document["findings"]],
        judged={one["kind"]: one["checked"] for one in document["judged"]},
        not_judged={one["kind"]: one["why"] for one in document["not_judged"]},
    )

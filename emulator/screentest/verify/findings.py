"""What a run found: each contradiction once, with how often it was seen and by which engine first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from screentest_contracts.conformance import Violation


class Finding(Struct):
    """A contradiction. `violation` is the one with the shortest sequence."""

    violation: Violation
    engine: str
    seen: int = 1

    @property
    def fingerprint(self) -> str:
        return self.violation.fingerprint


class Findings:
    """Findings by fingerprint, in the order in which they were found."""

    def __init__(self) -> None:
        self._known: dict[str, Finding] = {}

    def add(self, violations: Iterable[Violation], engine: str) -> list[Finding]:
        """Take note of violations; the ones that nobody had seen yet."""
        new = []
        for violation in violations:
            known = self._known.get(violation.fingerprint)
            if known is None:
                known = self._known[violation.fingerprint] = Finding(violation, engine)
                new.append(known)
                continue
            known.seen += 1
            if len(violation.events) < len(known.violation.events):
                known.violation = violation
        return new

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._known.values())

    def __len__(self) -> int:
        return len(self._known)

    @property
    def broken(self) -> list[Finding]:
        """Those that break a client; the rest are notes."""
        return [finding for finding in self if not finding.violation.is_note]

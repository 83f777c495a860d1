"""Letting verify loose on a mutant."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from mutants.planting import Mutant, Planting, plant
from screentest.in_process import in_process
from screentest.verify.engines import ENGINES, Effort, Engine
from screentest.verify.findings import Finding, Findings
from screentest.verify.runner import verify
from screentest.verify.session import Run
from screentest_contracts.load import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunt:
    """How one hunt ended. `by` is the engine that found the mutant, "" when none did, `kind` that of the violation.

    `note`: what was found breaks no client, and is reported as a note. `touched` counts the answers that the mutant
    altered, None where that cannot be counted.
    """

    by: str = ""
    kind: str = ""
    note: bool = False
    touched: int | None = None
    requests: int = 0
    seconds: float = 0.0


class _Everything(Findings):
    """Findings in which notes count as well."""

    @property
    def broken(self) -> list[Finding]:
        return list(self)


def hunt(
    provider: str,
    planting: Planting,
    *,
    seed: int = 0,
    engines: Sequence[str] = ENGINES,
    depth: str | Effort = "quick",
    notes: bool = False,
) -> Hunt:
    """Run the engines until the first finding; with `notes`, a note is one too."""
    planted, began = plant(provider, planting), time.perf_counter()
    every: list[str | tuple[str, Engine]] = [*([("notes", _count_notes)] if notes else []), *engines]
    outcome = verify(load(provider), planted.side, every, seed=seed, depth=depth, stop_after=1, longest=math.inf)
    if outcome.unreachable:
        raise RuntimeError(f"the mutant cannot be run: {outcome.unreachable}")
    first = next(iter([*outcome.findings.broken, *outcome.findings]), None)
    return Hunt(
        by=first.engine if first else "",
        kind=first.violation.kind if first else "",
        note=bool(first and first.violation.is_note),
        touched=planted.tap.touched if planted.tap else None,
        requests=outcome.requests,
        seconds=time.perf_counter() - began,
    )


def hunt_planted(mutant: Mutant, *, seed: int = 0, engines: Sequence[str] = ENGINES) -> Hunt:
    """As `hunt`. RuntimeError for a mutant that fell over without meaning to: it stood for nothing then."""
    found = hunt(mutant.provider, mutant.planting, seed=seed, engines=engines)
    if found.kind == "server.error" and mutant.kind != "crash":
        raise RuntimeError(f"{mutant.id} fell over: {mutant.about}")
    return found


def _count_notes(run: Run, effort: Effort) -> None:
    run.findings = _Everything()


def alarms(provider: str, seed: int) -> tuple[int, list[str]]:
    """Requests made of a sound emulator, with many random lives, and everything that verify said of it."""
    effort = Effort(seed=seed, depth="quick", examples=300, steps=15)
    outcome = verify(load(provider), in_process(provider), depth=effort, longest=math.inf)
    said = [f"{provider}, seed {seed}: {finding.violation}" for finding in outcome.findings]
    return outcome.requests, [*said, *([f"{provider}: {outcome.unreachable}"] if outcome.unreachable else [])]

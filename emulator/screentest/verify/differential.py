"""The same script against two sides, and what differs."""

from __future__ import annotations

from msgspec import Struct

from screentest.verify.runner import Outcome as Played
from screentest.verify.runner import verify
from screentest.verify.script import NAME, Script, Situation
from screentest.verify.session import Run
from screentest.verify.side import Side
from screentest_contracts.conformance import Judge, Violation
from screentest_contracts.drift.behaving import Told, outcome, told
from screentest_contracts.drift.behaviour import Difference, compare
from screentest_contracts.drift.outcome import Outcome
from screentest_contracts.drift.profile import Profile
from screentest_contracts.drift.profiling import Profiler
from screentest_contracts.load import Contract

LONGEST = 1800.0
"""Seconds that a script may take where every request is paced and jobs take their time."""


class Observed(Struct, frozen=True, kw_only=True):
    """What a script has seen of one side. `played` tells how the run went: requests, jobs, seconds, what was found."""

    profile: Profile
    played: Played

    @property
    def violations(self) -> tuple[Violation, ...]:
        return tuple(one.violation for one in self.played.findings)

    @property
    def seconds(self) -> float:
        return sum(self.played.seconds.values())


class Compared(Struct, frozen=True, kw_only=True):
    """What differs between two sides."""

    told: tuple[Told, ...]
    outcome: Outcome
    differences: tuple[Difference, ...]


def observe(contract: Contract, side: Side, situation: Situation, *, longest: float = LONGEST) -> Observed:
    """Play the script on a side. A guard that stops the run leaves what was seen until then."""
    profiler = Profiler(Judge(contract, side.base), paced=not side.controlled)

    def play(run: Run, effort: object) -> None:
        Script(run, profiler, situation).play()

    played = verify(contract, side, [(NAME, play)], record=profiler.see, longest=longest)
    return Observed(profile=profiler.profile(), played=played)


def differ(contract: Contract, old: Profile, new: Observed, known: tuple[Violation, ...] = ()) -> Compared:
    """What `new` does otherwise than the profile `old`, or against the contract; `known` are contradictions that the
    old side shows as well."""
    differences = compare(contract, old, new.profile)
    before = {one.fingerprint for one in known}
    found = told(contract, differences, [one for one in new.violations if one.fingerprint not in before])
    return Compared(told=found, outcome=outcome(contract, found, differences), differences=differences)

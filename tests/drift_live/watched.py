"""Profiles of the emulator for these tests: as it is, and with something changed on one side."""

from __future__ import annotations

from functools import cache

from mutants.planting import Planting, plant
from screentest.in_process import in_process
from screentest.settings import Settings
from screentest.verify.differential import Compared, Observed, differ, observe
from screentest.verify.script import Situation
from screentest_contracts.load import Contract, load

JOBS = Situation(edges=False, lives=False)


@cache
def contract(provider: str) -> Contract:
    return load(provider)


@cache
def reference(provider: str, situation: Situation = JOBS) -> Observed:
    """What the emulator does."""
    return observe(contract(provider), in_process(provider), situation)


def planted(provider: str, planting: Planting, situation: Situation = JOBS) -> Compared:
    """What a service with one change does otherwise than the emulator."""
    ours, theirs = (
        reference(provider, situation),
        observe(contract(provider), plant(provider, planting).side, situation),
    )
    return differ(contract(provider), ours.profile, theirs, ours.violations)


def paced(provider: str, settings: Settings, situation: Situation = JOBS) -> Compared:
    """What an emulator with other settings does otherwise."""
    ours = reference(provider, situation)
    theirs = observe(contract(provider), in_process(provider, settings), situation)
    return differ(contract(provider), ours.profile, theirs, ours.violations)


def classes(compared: Compared) -> set[str]:
    """The classes of the drifts that would be reported."""
    return {one.kind for one in compared.outcome.drifts}

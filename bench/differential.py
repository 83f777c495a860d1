"""Every planted change of behaviour on one side of the differential, and which of them it does not see.

    python bench/differential.py [--only TEXT] [--no-paces] [--processes 2]

Prints Markdown. Each defect of `tests/mutants` is a service that has changed; the emulator is what we knew. First the
script alone is played, then, where nothing was found, all that a service allows which can be told how jobs go.
Unchanged services at other paces and with other ids must not drift. Ends with 1 when one does, or when a change was
missed.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from mutants.planting import CLASSES, Mutant, Planted, plant
from mutants.tables import mutants
from screentest.in_process import in_process
from screentest.settings import Settings
from screentest.verify.differential import Compared, Observed, differ, observe
from screentest.verify.script import Situation
from screentest.verify.side import Side
from screentest_contracts.load import PROVIDERS, load

TOLD = Situation()
"""A service that can be told how jobs go: a copy of the provider's, or an emulator."""
ALONE = replace(TOLD, forced=False)
"""The script alone: nothing fails because it was told to."""

PACES: Mapping[str, Settings] = {
    "instant": Settings(pace="instant"),
    "realistic": Settings(pace="realistic"),
    "20 s in the queue": Settings(scenario="slow-queue: 20s"),
    "20 s of work": Settings(scenario="slow: 20s"),
    "other ids": Settings(seed="another"),
    "other ids again": Settings(seed="a third"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one defect: the classes of drift by the script alone, and where the service can be told."""

    alone: tuple[str, ...]
    told: tuple[str, ...]

    @property
    def found(self) -> bool:
        return bool(self.alone or self.told)


@dataclass(slots=True)
class Work:
    """What the workers know without being told: they are forked from a process that has it."""

    planted: Sequence[Mutant] = ()
    ours: dict[tuple[str, bool], Observed] = field(default_factory=dict)


WORK = Work()


def main() -> int:
    args = _arguments()
    logging.disable()  # what mutants crash with is what they are for
    began = time.perf_counter()
    WORK.planted = [one for one in mutants() if args.only in one.id]
    WORK.ours = {
        (name, one.forced): _observed(name, in_process(name), one) for name in PROVIDERS for one in (ALONE, TOLD)
    }
    seen = _parallel(look, range(len(WORK.planted)), args.processes)
    bad = _print_planted(list(zip(WORK.planted, seen, strict=True)))
    if not args.no_paces:
        bad |= _print_paces(args.processes)
    print(f"\n{time.perf_counter() - began:.0f} s with {args.processes} processes.")
    return 1 if bad else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only defects whose id has this in it")
    parser.add_argument("--no-paces", action="store_true", help="leave out the unchanged services")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def look(number: int) -> Seen:
    """One planted defect, by its place."""
    mutant = WORK.planted[number]
    alone = _classes(_compared(mutant.provider, lambda: plant(mutant.provider, mutant.planting), ALONE))
    if alone:
        return Seen(alone, ())
    return Seen((), _classes(_compared(mutant.provider, lambda: plant(mutant.provider, mutant.planting), TOLD)))


def paced(job: tuple[str, str, bool]) -> tuple[int, list[str]]:
    """An unchanged service with other settings: requests, and what was said of it."""
    provider, name, forced = job
    situation = TOLD if forced else ALONE
    theirs = _observed(provider, in_process(provider, PACES[name]), situation)
    compared = _differing(provider, theirs, situation)
    said = [f"{provider}, {name}: {one.kind} {one.pointer}" for one in compared.outcome.drifts]
    return theirs.played.requests, [*said, *filter(None, [theirs.played.unreachable])]


def _compared(provider: str, planted: Callable[[], Planted], situation: Situation) -> Compared:
    return _differing(provider, _observed(provider, planted().side, situation), situation)


def _observed(provider: str, side: Side, situation: Situation) -> Observed:
    return observe(load(provider), side, situation)


def _differing(provider: str, theirs: Observed, situation: Situation) -> Compared:
    ours = WORK.ours[provider, situation.forced]
    return differ(load(provider), ours.profile, theirs, ours.violations)


def _classes(compared: Compared) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.kind for one in compared.outcome.drifts))


def _print_planted(rows: Sequence[tuple[Mutant, Seen]]) -> bool:
    """The table by class, and what was not found; whether something was missed that should not be."""
    print("| class | planted | found | by the script alone |")
    print("| --- | ---: | ---: | ---: |")
    for kind in (*CLASSES, ""):
        mine = [seen for mutant, seen in rows if kind in ("", mutant.kind)]
        counts = len(mine), sum(one.found for one in mine), sum(bool(one.alone) for one in mine)
        print(f"| {' | '.join(map(str, (kind or 'all', *counts)))} |")
    missed = [mutant for mutant, seen in rows if not seen.found]
    print(f"\nNot found: {len(missed)}.\n")
    for mutant in missed:
        print(f"- `{mutant.id}` {mutant.about}")
    print("\nFound only where the service can be told how jobs go:\n")
    for mutant, seen in rows:
        if seen.told:
            print(f"- `{mutant.id}` {mutant.about}: {', '.join(seen.told)}")
    return bool(missed)


def _print_paces(processes: int) -> bool:
    jobs = [(provider, name, forced) for provider in PROVIDERS for name in PACES for forced in (False, True)]
    results = _parallel(paced, jobs, processes)
    lines = [line for _, said in results for line in said]
    requests = sum(count for count, _ in results)
    print(
        f"\nUnchanged services ({', '.join(PACES)}): {len(jobs)} runs, {requests} requests, {len(lines)} false alarms."
    )
    for line in lines:
        print(f"- {line}")
    return bool(lines)


def _parallel(work: Callable[[Any], Any], jobs: Iterable[Any], processes: int) -> list[Any]:
    """The results in the order of the jobs."""
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        return pool.map(work, list(jobs), chunksize=1)


if __name__ == "__main__":
    sys.exit(main())

"""Every mutant against verify: which engine finds it, and which nobody finds.

    python bench/mutants.py [--seeds 5] [--only TEXT] [--no-mechanical] [--every 1]
                            [--false-alarms 250000] [--processes 2]

Prints a page of Markdown. The engines run in their order, cheapest first, until the first finding; a number in the
table says in how many seeds an engine was the one. Mutants made by rule are tried with one seed. Ends with 1 when a
planted mutant survived in any seed, when fewer than 98 of 100 made by rule were found, or when the sound emulator
raised an alarm.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from mutants.hunting import Hunt, alarms, hunt
from mutants.mechanical import Mechanical, mechanical
from mutants.planting import CLASSES, Mutant
from mutants.sightings import look
from mutants.tables import mutants
from screentest.verify.engines import ENGINES
from screentest_contracts.load import PROVIDERS

INTRODUCTION = """# Mutants

Servers with a known defect, and whether `verify` notices. Each planted mutant is the emulator with one thing wrong, on
the wire or in it (`tests/mutants`, a table for each class). Mutants made by rule are every field of every answer in
every state, dropped, nulled, retyped, renamed or joined by another, and every rule for requests dropped or shifted by
one; changes that the contract allows are not made, and neither are those of fields that the sound emulator never shows.

The engines run in their order, cheapest first, until the first finding. A number says in how many seeds an engine was
the one. Repeat it with

```console
$ python bench/mutants.py --seeds 5 --false-alarms 250000
```
"""
LEAST = 0.98
_PER_RUN = 20_000  # requests of one run in search of false alarms, about


@dataclass(slots=True)
class Work:
    """What the workers know without being told: they are forked from a process that has it."""

    planted: Sequence[Mutant] = ()
    made: Sequence[Mechanical] = ()


WORK = Work()


def main() -> int:
    args = _arguments()
    logging.disable()  # what mutants crash with is what they are for
    print(INTRODUCTION)
    WORK.planted = [one for one in mutants() if args.only in one.id]
    began = time.perf_counter()
    bad = _planted(args.seeds, args.processes)
    if not args.no_mechanical:
        seen = dict(zip(PROVIDERS, _parallel(look, PROVIDERS, args.processes), strict=True))
        made = [one for name in PROVIDERS for one in mechanical(name, seen[name]) if args.only in one.id]
        WORK.made = made[:: args.every]
        print(f"\n{len(made)} mutants are made by rule, {len(WORK.made)} of them are tried.")
        bad |= _by_rule(args.processes)
    if args.false_alarms:
        bad |= _false_alarms(args.false_alarms, args.processes)
    print(f"\n{time.perf_counter() - began:.0f} s with {args.processes} processes.")
    return 1 if bad else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="seeds for the planted mutants")
    parser.add_argument("--only", default="", help="only mutants whose id has this in it")
    parser.add_argument("--no-mechanical", action="store_true", help="leave out the mutants made by rule")
    parser.add_argument("--every", type=int, default=1, help="of the mutants made by rule, only each so-many-th")
    parser.add_argument("--false-alarms", type=int, default=0, help="requests on the sound emulator")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def hunt_planted(job: tuple[int, int]) -> Hunt:
    """One planted mutant, by its place, with one seed."""
    number, seed = job
    mutant = WORK.planted[number]
    return hunt(mutant.provider, mutant.planting, seed=seed)


def hunt_made(number: int) -> Hunt:
    """One mutant made by rule, by its place."""
    one = WORK.made[number]
    return hunt(one.provider, one.planting, engines=one.engines, depth=one.effort, notes=True)


def sound(job: tuple[str, int]) -> tuple[int, list[str]]:
    """Requests made of a sound emulator, and what verify said of it."""
    return alarms(*job)


def _planted(seeds: int, processes: int) -> bool:
    jobs = [(number, seed) for number in range(len(WORK.planted)) for seed in range(seeds)]
    hunts = dict(zip(jobs, _parallel(hunt_planted, jobs, processes), strict=True))
    rows = [[hunts[number, seed] for seed in range(seeds)] for number in range(len(WORK.planted))]
    print("## Planted mutants by class\n")
    _print_classes(rows, seeds)
    print("\n## Planted mutants\n")
    print(f"| mutant | provider | what is wrong | {' | '.join(ENGINES)} | found as |")
    print(f"|---|---|---|{'---|' * len(ENGINES)}---|")
    for mutant, row in zip(WORK.planted, rows, strict=True):
        by = Counter(one.by for one in row if not one.note)
        cells = " | ".join(str(by[name] or "") for name in ENGINES)
        kinds = ", ".join(f"`{kind}`" for kind in sorted({one.kind for one in row if one.kind})) or "nothing"
        print(f"| {mutant.name} | {mutant.provider} | {mutant.about} | {cells} | {kinds} |")
    return any(not one.by or one.note for row in rows for one in row)


def _print_classes(rows: list[list[Hunt]], seeds: int) -> None:
    print(f"| class | {' | '.join(PROVIDERS)} | in every one of {seeds} seeds |")
    print(f"|---|{'---|' * len(PROVIDERS)}---|")
    for kind in CLASSES:
        mine = [(one, row) for one, row in zip(WORK.planted, rows, strict=True) if one.kind == kind]
        counts = [sum(one.provider == name for one, _ in mine) for name in PROVIDERS]
        found = sum(all(hunted.by and not hunted.note for hunted in row) for _, row in mine)
        print(f"| {kind} | {' | '.join(map(str, counts))} | {found} of {len(mine)} |")


def _by_rule(processes: int) -> bool:
    hunts = _parallel(hunt_made, range(len(WORK.made)), processes)
    print("\n## Mutants made by rule\n")
    print("| of | change | made | found | of these as a note |")
    print("|---|---|---|---|---|")
    groups = dict.fromkeys((one.side, one.kind) for one in WORK.made)
    pairs = list(zip(WORK.made, hunts, strict=True))
    for side, kind in sorted(groups):
        mine = [hunted for one, hunted in pairs if (one.side, one.kind) == (side, kind)]
        found, notes = sum(bool(one.by) for one in mine), sum(one.note for one in mine)
        print(f"| {side} | {kind} | {len(mine)} | {found} | {notes or ''} |")
    survivors = [(one, hunted) for one, hunted in pairs if not hunted.by]
    share = 1 - len(survivors) / max(1, len(pairs))
    print(f"\n{len(pairs) - len(survivors)} of {len(pairs)} found ({share:.1%}). Not found:\n")
    for one, hunted in survivors:
        reached = "" if hunted.touched is None else f", showed {hunted.touched} times"
        print(f"- `{one.id}`{reached}")
    return share < LEAST


def _false_alarms(requests: int, processes: int) -> bool:
    jobs = [(name, seed) for seed in range(1 + requests // (_PER_RUN * len(PROVIDERS))) for name in PROVIDERS]
    results, total, raised = [], 0, list[str]()
    for start in range(0, 10 * len(jobs), len(jobs)):
        results = _parallel(sound, [(name, seed + 1000 + start) for name, seed in jobs], processes)
        total += sum(count for count, _ in results)
        raised += [line for _, lines in results for line in lines]
        if total >= requests:
            break
    print(f"\n## The sound emulator\n\n{total} requests, {len(raised)} false alarms.\n")
    for line in raised:
        print(f"- {line}")
    return bool(raised) or total < requests


def _parallel(work: Callable[[Any], Any], jobs: Iterable[Any], processes: int) -> list[Any]:
    """The results in the order of the jobs."""
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        return pool.map(work, list(jobs), chunksize=1)


if __name__ == "__main__":
    sys.exit(main())

"""Every mutant against verify: which engine finds it, and which nobody finds.

    python bench/mutants.py [--seeds 5] [--only TEXT] [--no-mechanical] [--every 1] [--every-engine]
                            [--false-alarms 250000] [--processes 2] [--into RESULTS.jsonl]

Prints a page of Markdown, and how far it is on standard error. With --into every result is kept in a file as it comes,
and what is there already is not tried again: to go on with a run that was interrupted, of the same code. The engines
run in their order, cheapest first, until the first finding; a number in the table says in how many seeds an engine was
the one. With --every-engine each engine is let loose alone on each planted mutant, and the number says in how many
seeds it found it. Mutants made by rule are tried with one seed. Ends with 1 when a planted mutant survived in any seed,
when fewer than 98 of 100 made by rule were found, or when the sound emulator raised an alarm.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from mutants.hunting import Hunt, alarms, hunt, hunt_planted
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

{counted} Repeat it with

```console
$ python bench/mutants.py{arguments}
```
"""
FIRST = """The engines run in their order, cheapest first, until the first finding. A number says in how many seeds an
engine was the one."""
ALONE = "Each engine runs alone. A number says in how many seeds it found the mutant."
LEAST = 0.98
REASONS = {
    r":drop:.*/minItems$": "at least no items at all: the rule refuses nothing",
    r":drop:/input/rules/": "it says what is ignored, or another rule refuses the same",
    r":(drop|shift):.*reference_\w+/maxItems": "the rule about the total of the lists refuses the same",
    r":drop:/input/required/reference_images$": "without them a rule between inputs refuses the example anyway",
    r":drop:.*/multi_prompt/type$": "it stands beside a prompt, and a rule between the two refuses both together",
    r":shift:/input/required/": "a rule between inputs wants more than is required, so the whole example is sent",
    r":Cancellation:": "bodies of operations on jobs are sent as they should be, not at their edges",
    r":ConfirmUpload:": "nothing is uploaded yet when it is sent, which is refused as well",
    r":CreateUpload:.*mime_type/m": "what is sent to break it breaks the pattern as well",
    r"/pattern$": "patterns are not inverted",
}
"""Why mutants made by rule are not found, by what is in their ids."""
_TELL_EVERY = 10.0  # seconds
_PER_RUN = 24_000  # requests of one run in search of false alarms, at least


@dataclass(slots=True)
class Work:
    """What the workers know without being told: they are forked from a process that has it."""

    planted: Sequence[Mutant] = ()
    made: Sequence[Mechanical] = ()


WORK = Work()


@dataclass(slots=True)
class Book:
    """Results by name, on disk as they come, and how far the work is. `path` is None for a run that keeps nothing."""

    path: Path | None
    known: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lines = self.path.read_text().splitlines() if self.path and self.path.exists() else []
        self.known = dict(json.loads(line) for line in lines)

    def all(self, work: Callable[[Any], Any], jobs: dict[str, Any], processes: int) -> dict[str, Any]:
        """The result of each job by its name, those that are known without work. Results are plain JSON."""
        left = [name for name in jobs if name not in self.known]
        began, told = time.perf_counter(), 0.0
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            results = pool.imap(work, [jobs[name] for name in left], chunksize=1)
            for count, (name, result) in enumerate(zip(left, results, strict=True), 1):
                self._keep(name, result)
                spent = time.perf_counter() - began
                if spent - told >= _TELL_EVERY or count == len(left):
                    told, whole = spent, spent / count * len(left)
                    print(f"{count} of {len(left)}, {spent:.0f} of about {whole:.0f} s: {name}", file=sys.stderr)
        return {name: self.known[name] for name in jobs}

    def _keep(self, name: str, result: Any) -> None:
        self.known[name] = result
        if self.path:
            with self.path.open("a") as file:
                file.write(json.dumps([name, result]) + "\n")


def main() -> int:
    args = _arguments()
    logging.disable()  # what mutants crash with is what they are for
    given = " ".join(["", *sys.argv[1:]])
    print(INTRODUCTION.format(counted=ALONE if args.every_engine else FIRST, arguments=given))
    book = Book(args.into)
    WORK.planted = [one for one in mutants() if args.only in one.id]
    began = time.perf_counter()
    bad = _planted(book, args.seeds, args.processes, alone=args.every_engine)
    if not args.no_mechanical:
        made = [one for name in PROVIDERS for one in mechanical(name, look(name)) if args.only in one.id]
        WORK.made = made[:: args.every]
        print(f"\n{len(made)} mutants are made by rule, {len(WORK.made)} of them are tried.")
        bad |= _by_rule(book, args.processes)
    if args.false_alarms:
        bad |= _false_alarms(book, args.false_alarms, args.processes)
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
    parser.add_argument("--every-engine", action="store_true", help="each engine alone on each planted mutant")
    parser.add_argument("--into", type=Path, default=None, help="keep results in this file, and go on from it")
    return parser.parse_args()


def planted(job: tuple[int, int, tuple[str, ...]]) -> dict[str, Any]:
    """One planted mutant, by its place, with one seed and these engines."""
    number, seed, engines = job
    return asdict(hunt_planted(WORK.planted[number], seed=seed, engines=engines))


def hunt_made(number: int) -> dict[str, Any]:
    """One mutant made by rule, by its place."""
    one = WORK.made[number]
    return asdict(hunt(one.provider, one.planting, engines=one.engines, depth=one.effort, notes=True))


def sound(job: tuple[str, int]) -> tuple[int, list[str]]:
    """Requests made of a sound emulator, and what verify said of it."""
    return alarms(*job)


def _planted(book: Book, seeds: int, processes: int, *, alone: bool) -> bool:
    groups = [(name,) for name in ENGINES] if alone else [ENGINES]
    jobs = {
        f"{mutant.id}, seed {seed}, {' '.join(engines)}": (number, seed, engines)
        for number, mutant in enumerate(WORK.planted)
        for seed in range(seeds)
        for engines in groups
    }
    done = iter(book.all(planted, jobs, processes).values())
    rows = [[_best([Hunt(**next(done)) for _ in groups]) for _ in range(seeds)] for _ in WORK.planted]
    print("## Planted mutants by class\n")
    _print_classes([[hunts[0] for hunts in row] for row in rows], seeds)
    print("\n## Planted mutants\n")
    print(f"| mutant | provider | what is wrong | {' | '.join(ENGINES)} | found as |")
    print(f"|---|---|---|{'---|' * len(ENGINES)}---|")
    for mutant, row in zip(WORK.planted, rows, strict=True):
        every = [one for hunts in row for one in hunts]
        by = Counter(one.by for one in every if not one.note)
        cells = " | ".join(str(by[name] or "") for name in ENGINES)
        kinds = ", ".join(f"`{kind}`" for kind in sorted({one.kind for one in every if one.kind})) or "nothing"
        print(f"| {mutant.name} | {mutant.provider} | {mutant.about} | {cells} | {kinds} |")
    return any(not hunts[0].by or hunts[0].note for row in rows for hunts in row)


def _best(hunts: list[Hunt]) -> list[Hunt]:
    """Those that found something that breaks clients first."""
    return sorted(hunts, key=lambda one: (not one.by, one.note))


def _print_classes(rows: list[list[Hunt]], seeds: int) -> None:
    print(f"| class | {' | '.join(PROVIDERS)} | in every one of {seeds} seeds |")
    print(f"|---|{'---|' * len(PROVIDERS)}---|")
    for kind in CLASSES:
        mine = [(one, row) for one, row in zip(WORK.planted, rows, strict=True) if one.kind == kind]
        counts = [sum(one.provider == name for one, _ in mine) for name in PROVIDERS]
        found = sum(all(hunted.by and not hunted.note for hunted in row) for _, row in mine)
        print(f"| {kind} | {' | '.join(map(str, counts))} | {found} of {len(mine)} |")


def _by_rule(book: Book, processes: int) -> bool:
    done = book.all(hunt_made, {one.id: number for number, one in enumerate(WORK.made)}, processes)
    hunts = [Hunt(**one) for one in done.values()]
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
        reason = next((why for pattern, why in REASONS.items() if re.search(pattern, one.id)), "not looked into")
        print(f"- `{one.id}`{reached}: {reason}")
    return share < LEAST


def _false_alarms(book: Book, requests: int, processes: int) -> bool:
    round_ = 1 + requests // (_PER_RUN * len(PROVIDERS))
    total, raised = 0, list[str]()
    for start in range(1000, 1000 + 10 * round_, round_):
        jobs = {
            f"sound {name}, seed {seed}": (name, seed) for seed in range(start, start + round_) for name in PROVIDERS
        }
        results = book.all(sound, jobs, processes).values()
        total += sum(count for count, _ in results)
        raised += [line for _, lines in results for line in lines]
        if total >= requests:
            break
    print(f"\n## The sound emulator\n\n{total} requests, {len(raised)} false alarms.\n")
    for line in raised:
        print(f"- {line}")
    return bool(raised) or total < requests


if __name__ == "__main__":
    sys.exit(main())

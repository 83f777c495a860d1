"""Many clients for a while, mixing every operation with faults armed: what was lost, doubled, or answered wrongly?

    python bench/load_test.py [--clients 64] [--seconds 60]

Exits with 1 when an answer of 5xx came that nobody asked for, a job was lost or has another state than its plan says,
two jobs have one id, or memory grew beyond its bound.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.extend(str(Path(__file__).parents[1] / name) for name in ("", "emulator", "contracts", "client", "tests"))

from bench.mixture import FAULTS, Submit, calls, submits
from bench.served import Served, screentest
from bench.wire import Answer, LostError, Wire

MOST_MEGABYTES = 120.0
_ASKED = "screentest-fault"
_ACCOUNTS = 8


@dataclass(slots=True)
class Tally:
    """What the clients saw. `jobs` are the accepted submits by id."""

    answers: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    jobs: dict[str, Submit] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def count(self, what: str, answer: Answer, taken: float) -> None:
        """One answer, which is wrong when it is a 5xx that does not say it was asked for."""
        self.answers[f"{answer.status // 100}xx"] += 1
        self.milliseconds.append(taken * 1000)
        if answer.status >= 500 and _ASKED not in answer.headers:
            self.wrong.append(f"{what}: {answer.status} {answer.body[:200]!r}")


async def client(number: int, port: int, until: float, tally: Tally) -> None:
    """One client: submits and looks at its own jobs, some of its requests behind faults."""
    dice = random.Random(number)
    key = f"sk-load-{number % _ACCOUNTS}"
    own: list[tuple[Submit, str]] = []
    wire = Wire(port)
    for count in itertools.count():
        if time.perf_counter() >= until:
            break
        submit = dice.choice(submits(f"{number}-{count}")) if not own or dice.random() < 0.3 else None
        method, path, body = (
            ("POST", submit.path, submit.body) if submit else dice.choice(calls(*dice.choice(own[-20:])))
        )
        fault = dice.choice(FAULTS) if dice.random() < 0.1 else ""
        begun = time.perf_counter()
        try:
            answer = await wire.ask(method, path, body, key, {_ASKED: fault} if fault else {})
        except LostError:
            tally.answers["lost"] += 1
            if not fault:
                tally.wrong.append(f"{method} {path}: the connection broke, and nobody asked for that")
            continue
        tally.count(f"{method} {path}", answer, time.perf_counter() - begun)
        if submit and answer.status < 300 and not fault:
            _accepted(submit, submit.id_of(answer.json()), own, tally)
    await wire.close()


def _accepted(submit: Submit, job: str, own: list[tuple[Submit, str]], tally: Tally) -> None:
    if job in tally.jobs:
        tally.wrong.append(f"two jobs have the id {job}")
    tally.jobs[job] = submit
    own.append((submit, job))


async def run(port: int, clients: int, seconds: float) -> Tally:
    """All clients at once, behind faults that are armed for everybody; afterwards every job is asked for."""
    tally, control = Tally(), Wire(port)
    for fault in ({"fault": "status: 503", "chance": 0.01}, {"fault": "delay: 0.05", "chance": 0.02}):
        assert (await control.ask("POST", "/_control/faults", fault)).status == 200
    await control.close()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(client(number, port, until, tally) for number in range(clients)))
    wire = Wire(port)
    await wire.ask("DELETE", "/_control/faults")
    for job in tally.jobs:
        answer = await wire.ask("GET", f"/_control/jobs/{job}")
        if answer.status != 200:
            tally.wrong.append(f"job {job} is lost: {answer.status}")
    await wire.close()
    return tally


def told(tally: Tally, served: Served, began: float, options: argparse.Namespace) -> Sequence[str]:
    """The figures, and what is wrong."""
    ordered = sorted(tally.milliseconds)
    megabytes = served.megabytes()
    if megabytes > MOST_MEGABYTES:
        tally.wrong.append(f"memory grew from {began:.0f} to {megabytes:.0f} MB; {MOST_MEGABYTES:.0f} are allowed")
    figures: Mapping[str, object] = {
        "clients": options.clients,
        "seconds": options.seconds,
        "answers": len(ordered),
        "by kind": json.dumps(dict(sorted(tally.answers.items()))),
        "jobs accepted": len(tally.jobs),
        "p50 ms": round(ordered[len(ordered) // 2], 1),
        "p99 ms": round(ordered[int(len(ordered) * 0.99)], 1),
        "memory MB, before and after": f"{began:.0f}, {megabytes:.0f}",
        "wrong": len(tally.wrong),
    }
    rows = [f"| {name} | {value} |" for name, value in figures.items()]
    return ["| load | |", "| --- | ---: |", *rows, *tally.wrong[:20]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with screentest(pinned=False) as served:
        began = served.megabytes()
        tally = asyncio.run(run(served.port, options.clients, options.seconds))
        print("\n".join(told(tally, served, began, options)))
    sys.exit(1 if tally.wrong else 0)


if __name__ == "__main__":
    main()

"""Kill the server under load, again and again, and look what of its promises is left.

    python bench/crash.py [--kills 50] [--clients 16]

Each round kills with SIGKILL at a random moment, checks the file, and starts again on it. Afterwards every job that was
answered with 2xx has to be there with an end as its plan says, and every callback that was owed has to have come.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.extend(str(Path(__file__).parents[1] / name) for name in ("", "emulator", "contracts", "client", "tests"))

from bench.mixture import Submit, calls, submits
from bench.served import screentest
from bench.wire import LostError, Wire

_LONGEST_LIFE = 1.5
_PATIENCE = 60.0
_ENDS = {"success", "succeeded", "completed"}


@dataclass(slots=True)
class Ledger:
    """What was promised: accepted jobs with their accounts, their futures, and the ids that callbacks have told of."""

    jobs: dict[str, tuple[Submit, str]] = field(default_factory=dict)
    timelines: dict[str, object] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


class Receiver:
    """Takes callbacks and notes the jobs that they are about."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            body = json.loads(await reader.readexactly(length))
            self._ledger.told.update(str(body[name]) for name in ("taskId", "id", "run_id") if name in body)
            writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
            await writer.drain()
        writer.close()


async def client(name: str, port: int, hook: str, ledger: Ledger, dice: random.Random) -> None:
    """Submits and looks until the server dies."""
    key, wire = f"sk-crash-{dice.randrange(4)}", Wire(port)
    with contextlib.suppress(LostError):
        for count in itertools.count():
            submit = dice.choice(submits(f"{name}-{count}", hook))
            answer = await wire.ask("POST", submit.path, submit.body, key)
            if answer.status < 300:
                job = submit.id_of(answer.json())
                ledger.jobs[job] = submit, key
                shown = (await wire.ask("GET", f"/_control/jobs/{job}")).json()
                if not shown["amendments"]:
                    ledger.timelines[job] = shown["timeline"]
                await wire.ask(*dice.choice(calls(submit, job)), key)
    await wire.close()


async def life(db: Path, number: int, hook: str, clients: int, ledger: Ledger) -> None:
    """One server's life under load, and what it left behind."""
    dice = random.Random(number)
    with screentest(pinned=False, db=str(db)) as served:
        busy = [
            asyncio.create_task(client(f"{number}-{one}", served.port, hook, ledger, random.Random(f"{number}/{one}")))
            for one in range(clients)
        ]
        await asyncio.sleep(dice.uniform(0.05, _LONGEST_LIFE))
        served.process.kill()
        await asyncio.gather(*busy)
        await asyncio.to_thread(served.process.wait)
    copy = db.with_suffix(f".{number}")
    for suffix in ("", "-wal"):
        if Path(f"{db}{suffix}").exists():
            Path(f"{copy}{suffix}").write_bytes(Path(f"{db}{suffix}").read_bytes())
    with contextlib.closing(sqlite3.connect(copy)) as store:
        said = store.execute("PRAGMA integrity_check").fetchone()[0]
    if said != "ok":
        ledger.wrong.append(f"after kill {number + 1} the database is corrupt: {said}")
    for left in copy.parent.glob(f"{copy.name}*"):
        left.unlink()


async def judged(db: Path, ledger: Ledger) -> None:
    """Start once more, let everything come to its end, and look at every job."""
    with screentest(pinned=False, db=str(db)) as served:
        wire = Wire(served.port)
        owed = {job for job, (submit, _) in ledger.jobs.items() if submit.provider != "runcomfy"}
        for key in sorted({key for _, key in ledger.jobs.values()}):
            await wire.ask("POST", "/_control/clock", {"rate": 100}, key)
        give_up = time.perf_counter() + _PATIENCE
        for job in ledger.jobs:
            answer = await wire.ask("GET", f"/_control/jobs/{job}")
            if answer.status != 200:
                ledger.wrong.append(f"job {job} was answered with 2xx and is lost")
                continue
            shown = answer.json()
            if shown["amendments"]:
                continue  # it was cancelled
            if shown["timeline"] != ledger.timelines.get(job, shown["timeline"]):
                ledger.wrong.append(f"job {job} has another future than it had")
            if shown["timeline"][-1]["state"] not in _ENDS:
                ledger.wrong.append(f"job {job} would end {shown['timeline'][-1]['state']}")
        while owed - ledger.told and time.perf_counter() < give_up:
            await asyncio.sleep(0.1)
        ledger.wrong += [f"job {job}'s callback never came" for job in sorted(owed - ledger.told)]
        await wire.close()


async def run(kills: int, clients: int) -> Ledger:
    """All lives, one after the other, on one file."""
    ledger = Ledger()
    receiver = await asyncio.start_server(Receiver(ledger), "127.0.0.1", 0, backlog=2048)
    with tempfile.TemporaryDirectory() as folder:
        async with receiver:
            db, port = Path(folder) / "jobs.sqlite3", receiver.sockets[0].getsockname()[1]
            for number in range(kills):
                await life(db, number, f"http://127.0.0.1:{port}/hook", clients, ledger)
            await judged(db, ledger)
    return ledger


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--clients", type=int, default=16)
    options = parser.parse_args()
    ledger = asyncio.run(run(options.kills, options.clients))
    figures = {"kills": options.kills, "jobs accepted": len(ledger.jobs), "jobs told of by callback": len(ledger.told)}
    rows = [f"| {name} | {value} |" for name, value in (figures | {"wrong": len(ledger.wrong)}).items()]
    print("\n".join(["| crash | |", "| --- | ---: |", *rows, *ledger.wrong[:20]]))
    sys.exit(1 if ledger.wrong else 0)


if __name__ == "__main__":
    main()

"""What status and submit cost as the stored jobs grow. The jobs are copies of one that the server made."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import floor
from bench.over_http import KEY, NUMBERED, submit_job
from bench.served import screentest
from bench.tables import Table

from screentest_contracts.ids import new_id
from screentest_contracts.load import load

_LOOKED_AT = 5_000
_SECONDS = 3
_FEW = 8


def growth(sizes: Sequence[int]) -> Table:
    """Each size in one file: status of jobs at random, more of them than are kept in memory, and submits."""
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "jobs.sqlite3"
        with screentest(db=str(db)) as served:
            submit_job(served)
        for size in sizes:
            ids = _grown(db, size)
            with screentest(db=str(db)) as served:
                paths = [f"/runcomfy/v1/requests/{job}/status" for job in ids]
                look = {"method": "GET", "paths": paths, "headers": KEY}
                few, _ = served.loaded(look, connections=_FEW, seconds=_SECONDS)
                looks, look_cpu = served.loaded(look, seconds=_SECONDS)
                submit = {"method": "POST", "path": "/runcomfy" + floor.SUBMIT, "headers": KEY, "body": NUMBERED}
                submits, submit_cpu = served.loaded(submit, seconds=_SECONDS)
                megabytes = db.stat().st_size / 1e6
                costs = [look_cpu, few.p99, looks.p99, submit_cpu, submits.p99]
                rows.append([size, megabytes, *costs, served.megabytes()])
    note = (
        f"32 connections for {_SECONDS} s each, which keep a core busy: one waits for the 31 others. Once also "
        f"{_FEW}. Status is of {_LOOKED_AT} jobs at random by turns."
    )
    latencies = ["status CPU µs", f"status p99 ms, {_FEW}", "status p99 ms", "submit CPU µs", "submit p99 ms"]
    columns = ["jobs", "file MB", *latencies, "memory MB"]
    return Table("As jobs grow", note, columns, rows)


def _grown(db: Path, size: int) -> list[str]:
    """Fill the file up to so many jobs; some of their ids."""
    with sqlite3.connect(db) as store:
        columns = "id, account, provider, submitted, ends, document"
        pattern = store.execute(f"SELECT {columns} FROM jobs ORDER BY seq LIMIT 1").fetchone()
        there = store.execute("SELECT count(*) FROM jobs").fetchone()[0]
        store.execute("PRAGMA synchronous = OFF")
        insert = f"INSERT INTO jobs ({columns}) VALUES (?, ?, ?, ?, ?, ?)"
        store.executemany(insert, _copies(pattern, there, size))
    ids = [row[0] for row in store.execute("SELECT id FROM jobs")]
    store.close()
    return random.Random(1).sample(ids, min(_LOOKED_AT, len(ids)))


def _copies(pattern: tuple[str, str, str, float, float, str], there: int, size: int) -> Iterator[tuple[object, ...]]:
    job, account, provider, submitted, ends, document = pattern
    ids, dice = load(provider).provider.ids, random.Random(there)
    for number in range(there, size):
        copy = new_id(ids, submitted, dice, account, number)
        yield copy, account, provider, submitted + number / 1e6, ends, document.replace(job, copy)

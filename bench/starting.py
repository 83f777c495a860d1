"""How soon a server answers, and how much memory it holds after a while."""

from __future__ import annotations

import json
import time
from statistics import median

from bench import floor
from bench.over_http import KEY, NUMBERED, submit_job
from bench.served import Served, bare, screentest
from bench.tables import Table


def start(rounds: int) -> Table:
    """From the start of the process to its first answer, by turns with the bare app. The first of all is not counted:
    it may be the one that compiles."""
    ours, base = list[float](), list[float]()
    for _ in range(1 + rounds):
        with screentest(pinned=False) as served:
            served.call("GET", "/hiapi/v1/tasks", headers=KEY)
            ours.append(_since(served))
        with bare("floor") as served:
            base.append(_since(served))
    del ours[0], base[0]
    rows = [
        ["screentest serve", median(ours), max(ours), median(ours) / median(base)],
        ["bare Starlette", median(base), max(base), 1.0],
    ]
    note = f"Milliseconds from the start of the process to the first answer; {rounds} starts of each, by turns."
    return Table("Start", note, ["server", "median ms", "worst ms", "ratio"], rows)


def memory(requests: int) -> Table:
    """Resident memory after so many requests, submits and status by turns."""
    rows: list[list[object]] = []
    with screentest() as served:
        job = submit_job(served)
        rows.append(["at the start", 1, served.megabytes()])
        submits = {"method": "POST", "path": "/runcomfy" + floor.SUBMIT, "headers": KEY, "body": NUMBERED}
        looks = {"method": "GET", "path": f"/runcomfy/v1/requests/{job}/status", "headers": KEY}
        done = 0
        while done < requests:
            for shape in (submits, looks):
                done += served.loaded({**shape, "first": done}, seconds=1)[0].requests
        rows.append(["after", done, served.megabytes()])
        jobs = json.loads(served.call("GET", "/_control/spend", headers=KEY))["jobs"]
    note = f"Resident memory of `screentest serve`; {jobs} of the requests were submits that are stored."
    return Table("Memory", note, ["when", "requests", "MB"], rows)


def _since(served: Served) -> float:
    return (time.perf_counter() - served.began) * 1000

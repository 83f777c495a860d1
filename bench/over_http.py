"""Requests a second over HTTP: the emulator, a bare app, and peers, by turns, under the same load."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from bench import floor, peers
from bench.load import Load
from bench.served import Served, bare, screentest
from bench.tables import Table

KEY = {"authorization": "Bearer sk-bench", "content-type": "application/json"}
INPUT = {"prompt": "a horse runs along a beach", "duration": 5, "resolution": "720P", "seed": 7}
NUMBERED = json.dumps(INPUT | {"prompt": "a horse runs along a beach, take {n}"})
CLIP = {"prompt": "a fox", "reference_image": ["https://example.com/fox.jpg"]}
CONNECTIONS = 32
_TASKS = 10

Shape = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Contender:
    """A server, and the requests that it gets by the names of `OPERATIONS`; one without a name has no such thing."""

    name: str
    served: Served
    shapes: Mapping[str, Shape]


OPERATIONS = ("status", "submit", "result", "list")


def measure(rounds: int, seconds: float, *, with_peers: bool) -> Table:
    """Every operation on every server, by turns; medians over the rounds, ratios to the bare app of the same run."""
    found: defaultdict[tuple[str, str], list[tuple[Load, float]]] = defaultdict(list)
    with contextlib.ExitStack() as stack:
        ours = _ours(stack.enter_context(screentest()))
        contenders = [_bare(stack.enter_context(bare("floor"))), ours, _fake(stack.enter_context(bare("fake")))]
        if with_peers:
            contenders += [Contender(*one) for one in peers.started(stack)]
        for number in range(rounds):
            for operation in OPERATIONS:
                for one in contenders:
                    shape = one.shapes.get(operation)
                    if shape is not None:
                        first = {"first": (number + 1) * 1_000_000}
                        measured = one.served.loaded({**shape, **first}, connections=CONNECTIONS, seconds=seconds)
                        found[operation, one.name].append(measured)
    rows = []
    for (operation, name), runs in sorted(found.items(), key=lambda item: OPERATIONS.index(item[0][0])):
        base = found[operation, "bare Starlette"]
        ratios = [mine.rate / bare.rate for (mine, _), (bare, _) in zip(runs, base, strict=True)]
        cpu = [before / after for (_, after), (_, before) in zip(runs, base, strict=True)]
        failed = sum(count for load, _ in runs for status, count in load.statuses.items() if status[0] != "2")
        loads = [load for load, _ in runs]
        rows.append(
            [
                operation,
                name,
                median(load.rate for load in loads),
                median(ratios),
                median(cpu),
                median(microseconds for _, microseconds in runs),
                median(load.p50 for load in loads),
                median(load.p99 for load in loads),
                failed,
            ]
        )
    return Table(
        f"Over HTTP, {CONNECTIONS} connections",
        f"Medians of {rounds} rounds of {seconds:g} s, servers by turns, each on one core, the load on another. "
        "Ratios are to the bare app of the same round: of requests a second, and of the server's processor time for a "
        "request, which other work on the machine disturbs less. Submits are validated and stored in a file.",
        ["operation", "server", "requests/s", "ratio", "CPU ratio", "CPU µs", "p50 ms", "p99 ms", "not 2xx"],
        rows,
    )


def submit_job(served: Served) -> str:
    """A RunComfy job's id."""
    answer = json.loads(served.call("POST", "/runcomfy" + floor.SUBMIT, INPUT, KEY))
    return str(answer["request_id"])


def _ours(served: Served) -> Contender:
    job = submit_job(served)
    for _ in range(_TASKS):
        task = {"model": "happyhorse-1.1/reference-to-video", "input": CLIP}
        served.call("POST", "/hiapi/v1/tasks", task, KEY)
    served.call("POST", "/_control/clock", {"advance": 60}, KEY)
    get = {"method": "GET", "headers": KEY}
    shapes = {
        "submit": {"method": "POST", "path": "/runcomfy" + floor.SUBMIT, "headers": KEY, "body": NUMBERED},
        "status": {**get, "path": f"/runcomfy/v1/requests/{job}/status"},
        "result": {**get, "path": f"/runcomfy/v1/requests/{job}/result"},
        "list": {**get, "path": f"/hiapi/v1/tasks?size={_TASKS}"},
    }
    return Contender("screentest", served, shapes)


def _bare(served: Served) -> Contender:
    get = {"method": "GET", "headers": KEY}
    shapes = {
        "submit": {"method": "POST", "path": floor.SUBMIT, "headers": KEY, "body": NUMBERED},
        "status": {**get, "path": floor.STATUS},
        "result": {**get, "path": floor.RESULT},
        "list": {**get, "path": floor.LIST},
    }
    return Contender("bare Starlette", served, shapes)


def _fake(served: Served) -> Contender:
    shapes = {name: shape for name, shape in _bare(served).shapes.items() if name in ("submit", "status")}
    return Contender("hand-written fake", served, shapes)

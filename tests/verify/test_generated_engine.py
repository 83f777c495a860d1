"""The engine that sends what Schemathesis generates: what it repeats, finds and leaves out.

That it finds nothing on a sound emulator, `test_engines` says of every engine.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from msgspec.structs import replace

from screentest.in_process import in_process
from screentest.verify.engines import Effort
from screentest.verify.engines.generated import document_of
from screentest.verify.runner import Outcome, verify
from screentest.verify.side import Side
from screentest_contracts.exchange import Event, Exchange
from screentest_contracts.load import PROVIDERS, load
from verify.planting import Tamper, lenient, tampered

SMALL = Effort(seed=1, examples=3, steps=3)
BUSY = 600.0  # seconds that the engine may take here: other tests run at the same time


def play(provider: str, side: Side, effort: Effort = SMALL, **more: Any) -> Outcome:
    more = {"longest": BUSY} | more
    return verify(load(provider), side, ["generated"], depth=effort, **more)


def log_of(provider: str, effort: Effort) -> list[tuple[str, str, bytes, int]]:
    events: list[Event] = []
    play(provider, in_process(provider), effort, record=events.append)
    return [(one.method, one.url, one.request_body, one.status) for one in events if isinstance(one, Exchange)]


@pytest.mark.slow
def test_a_seed_makes_a_run_repeat() -> None:
    """Every request and every status; another seed sends something else."""
    effort = replace(SMALL, examples=24)  # the first example of anything is the simplest, whatever the seed
    first = log_of("hiapi", effort)
    assert log_of("hiapi", effort) == first
    assert log_of("hiapi", replace(effort, seed=2)) != first


def nameless(method: str, path: str, status: int, body: Any) -> Any:
    """A new task has no id."""
    if method == "POST" and status == 200:
        body["data"].pop("taskId")
    return body


def crashing(method: str, path: str, status: int, body: Any) -> Any:
    """An unknown task breaks the server."""
    return (500, {"error": "oops"}) if status == 404 and method == "GET" else body


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tamper", "kind"),
    [(nameless, "field.missing"), (lenient, "request.loosened"), (crashing, "server.error")],
    ids=["an answer without its id", "a rule too loose", "a crash"],
)
def test_a_planted_defect_is_found(tamper: Tamper, kind: str) -> None:
    """What Schemathesis sends, our judge judges; and the run ends with the first finding."""
    outcome = play("hiapi", tampered("hiapi", tamper), stop_after=1)
    assert [finding.violation.kind for finding in outcome.findings.broken] == [kind]


def test_the_engine_stops_when_its_time_is_over() -> None:
    """Within its generator's run, without another request."""
    ticks = itertools.count()
    outcome = play("hiapi", in_process("hiapi"), longest=50, clock=lambda: float(next(ticks)))
    assert outcome.cut == ("generated",)
    assert 0 < outcome.requests < 60


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_document_is_about_the_models_asked_for(provider: str) -> None:
    """Of everything that makes jobs, only theirs is left."""
    contract = load(provider)
    model, *_ = contract.models()
    document = document_of(contract, [model], "http://127.0.0.1:1/x")
    operations = [one for item in document["paths"].values() for one in item.values()]
    assert {one.get("x-screentest-model", model.id) for one in operations} == {model.id}
    billable = [one for one in operations if one["x-screentest-billable"]]
    assert billable
    assert all(list(one["requestBody"]["content"]["application/json"]["examples"]) == [model.key] for one in billable)

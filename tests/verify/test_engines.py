"""The engines of `verify` on a sound emulator, and on one with a defect."""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from screentest.in_process import in_process
from screentest.server import running
from screentest.system_clock import SystemClock
from screentest.verify.concluding import Memory, conclude
from screentest.verify.engines import EFFORTS, ENGINES, Effort
from screentest.verify.over_http import OverHttp
from screentest.verify.reports.terminal import terminal
from screentest.verify.runner import Outcome, verify
from screentest.verify.session import Run
from screentest.verify.stepped import App
from screentest.verify.verdict import BROKEN, UNREACHABLE
from screentest_contracts.exchange import Event, Exchange
from screentest_contracts.load import PROVIDERS, load
from verify.planting import Tamper, lenient, tampered

SMALL = Effort(seed=1, examples=4, steps=4)
BUSY = 600.0  # seconds that an engine may take here: other tests run at the same time


def said(outcome: Outcome) -> list[str]:
    return [str(finding.violation) for finding in outcome.findings]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_nothing_is_found_on_the_sound_emulator(provider: str, engine: str) -> None:
    """No false alarm, in this process; and the engine did something."""
    outcome = verify(load(provider), in_process(provider), [engine], depth=SMALL, longest=BUSY)
    assert said(outcome) == []
    assert (outcome.unreachable, outcome.cut) == ("", ())
    assert outcome.requests > 100
    assert (outcome.accepted > 0) == (engine != "probes")


@pytest.mark.slow
@pytest.mark.parametrize(("provider", "engine"), [("runcomfy", "machine"), ("runflow", "probes"), ("hiapi", "probes")])
def test_nothing_is_found_over_http(provider: str, engine: str) -> None:
    """The same on a socket, with a real receiver of callbacks."""
    contract = load(provider)
    with running() as server:
        side = OverHttp(
            server.base_url(provider),
            provider,
            callbacks=contract.provider.callbacks is not None,
            sleep=lambda seconds: None,
            clock=SystemClock().now,
        )
        try:
            outcome = verify(contract, side, [engine], depth=Effort(seed=1, examples=1, steps=3), longest=BUSY)
        finally:
            side.close()
    assert said(outcome) == []
    assert outcome.unreachable == ""
    assert outcome.requests > 100
    assert (outcome.accepted > 0) == (engine == "machine")


def log_of(provider: str, effort: Effort, engine: str) -> list[tuple[str, str, bytes, int]]:
    events: list[Event] = []
    verify(load(provider), in_process(provider), [engine], depth=effort, record=events.append, longest=BUSY)
    return [(one.method, one.url, one.request_body, one.status) for one in events if isinstance(one, Exchange)]


@pytest.mark.slow
def test_a_seed_makes_a_run_repeat() -> None:
    """Every request and every status, ids included; another seed plays otherwise."""
    first = log_of("hiapi", SMALL, "machine")
    assert log_of("hiapi", SMALL, "machine") == first
    assert log_of("hiapi", Effort(seed=2, examples=4, steps=4), "machine") != first


def without(*path: str) -> Callable[[Any], None]:
    def change(body: Any) -> None:
        for name in path[:-1]:
            body = body.get(name, {}) if isinstance(body, dict) else {}
        if isinstance(body, dict):
            body.pop(path[-1], None)

    return change


def edited(when: Callable[[str, str, int, Any], bool], change: Callable[[Any], object]) -> Tamper:
    def tamper(method: str, path: str, status: int, body: Any) -> Any:
        if when(method, path, status, body):
            change(body)
        return body

    return tamper


def restless() -> Tamper:
    """A finished task is said to be running every third time."""
    count = itertools.count(1)

    def tamper(method: str, path: str, status: int, body: Any) -> Any:
        data = body.get("data") if isinstance(body, dict) else None
        if isinstance(data, dict) and data.get("status") == "success" and next(count) % 3 == 0:
            data["status"] = "handling"
        return body

    return tamper


DEFECTS: dict[str, tuple[str, Callable[[], Tamper], str, str]] = {
    "a refusal without its message": (
        "runcomfy",
        lambda: edited(lambda method, path, status, body: status == 401, without("error_message")),
        "probes",
        "envelope",
    ),
    "an input too long is taken": ("hiapi", lambda: lenient, "enumerated", "request.loosened"),
    "a finished task runs again": ("hiapi", restless, "machine", "state.left-final"),
    "a result without its output": (
        "runcomfy",
        lambda: edited(lambda method, path, status, body: path.endswith("/result"), without("output")),
        "machine",
        "field.missing",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found_with_a_short_sequence(name: str) -> None:
    """The engine that is made for it finds it, and shows it in a handful of requests."""
    provider, tamper, engine, kind = DEFECTS[name]
    outcome = verify(load(provider), tampered(provider, tamper()), [engine], depth=SMALL, stop_after=1, longest=BUSY)
    shown = {finding.violation.kind: finding for finding in outcome.findings.broken}
    assert kind in shown
    assert shown[kind].engine == engine
    assert len(shown[kind].violation.events) <= 4


def only_control(app: App, otherwise: App) -> App:
    """An app that takes control requests and leaves the rest to another one."""

    def called(scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        return (app if scope["path"].startswith("/_control") else otherwise)(scope, receive, send)

    return called


def test_a_crash_is_an_answer() -> None:
    """What the app raises is HTTP 500, as on any server, and a finding."""

    async def crash(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("on purpose")

    side = in_process("hiapi", wrap=lambda app: only_control(app, crash))
    outcome = verify(load("hiapi"), side, ["probes"], stop_after=1)
    assert [finding.violation.kind for finding in outcome.findings] == ["server.error"]


def test_an_engine_stops_when_its_time_is_over() -> None:
    """The run goes on with the next engine, and says which were cut."""
    ticks = itertools.count()
    side = in_process("hiapi")
    outcome = verify(
        load("hiapi"), side, ["probes", "machine"], depth=SMALL, longest=50, clock=lambda: float(next(ticks))
    )
    assert outcome.cut == ("probes", "machine")
    assert 0 < outcome.requests < 200


def test_the_machine_stops_when_its_time_is_over_in_the_middle() -> None:
    """Time that ends while Hypothesis plays is no failure of a play."""
    counted: list[Event] = []
    whole = verify(load("hiapi"), in_process("hiapi"), ["machine"], depth=SMALL, record=counted.append, longest=BUSY)
    late = whole.requests - 20
    events: list[Event] = []

    def clock() -> float:
        return float(sum(isinstance(one, Exchange) for one in events) > late)

    outcome = verify(
        load("hiapi"), in_process("hiapi"), ["machine"], depth=SMALL, record=events.append, longest=0.5, clock=clock
    )
    assert outcome.cut == ("machine",)
    assert outcome.requests == late + 1


def test_who_waits_in_this_process_is_told_so() -> None:
    """A handler that suspends makes the server unreachable: one line, no traceback."""

    class Suspending:
        def __await__(self) -> Any:
            yield None

    async def wait(scope: Any, receive: Any, send: Any) -> None:
        await Suspending()

    outcome = verify(load("hiapi"), in_process("hiapi", wrap=lambda app: only_control(app, wait)), ["probes"])
    assert "waits for something" in outcome.unreachable


def test_an_engine_that_breaks_off_costs_nothing_of_the_others() -> None:
    """The next ones run, what was found stays, and the run says which engine has no end, and why."""

    def breaks(run: Run, effort: Effort) -> None:
        raise ValueError("Invalid IPv6 URL")

    contract, memory = load("hiapi"), Memory(now=datetime(2027, 1, 15, tzinfo=UTC))
    for side, code in ((in_process("hiapi"), UNREACHABLE), (tampered("hiapi", unexplained), BROKEN)):
        outcome = verify(contract, side, [("strange", breaks), "probes"], depth=SMALL, longest=BUSY)
        verdict, _ = conclude(contract, outcome, memory, where="x")
        assert outcome.broke == ("engine strange broke off: ValueError: Invalid IPv6 URL",)
        assert outcome.requests > 100
        assert verdict.exit_code == code
        assert outcome.broke[0] in terminal(verdict)
    assert verdict.broken


def unexplained(method: str, path: str, status: int, body: Any) -> Any:
    """A refusal says nothing."""
    return {} if status == 401 else body


def link_to_nowhere(method: str, path: str, status: int, body: Any) -> Any:
    """Outputs have a link that no library can read."""
    tasks = (body.get("data") or {}).get("tasks", [body.get("data")]) if isinstance(body.get("data"), dict) else []
    for task in tasks:
        for one in (task or {}).get("output") or ():
            one["url"] = "http://[::1"
    return body


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_a_link_that_cannot_be_read_is_a_finding(engine: str) -> None:
    """No engine takes the run down with it; those that see outputs tell the link."""
    outcome = verify(load("hiapi"), tampered("hiapi", link_to_nowhere), [engine], depth=SMALL, longest=BUSY)
    assert ("link" in {one.violation.kind for one in outcome.findings}) == (engine in ("machine", "generated"))


def test_efforts_have_names() -> None:
    """Depths by name, the seed by argument."""
    assert set(EFFORTS) == {"quick", "default", "full"}
    began = time.monotonic()
    outcome = verify(load("hiapi"), in_process("hiapi"), ["probes"], seed=3)
    assert outcome.seconds["probes"] <= time.monotonic() - began

"""Everything that an engine sends goes through a session: judged at once, remembered by the monitor, and counted."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from screentest.verify.findings import Finding, Findings
from screentest.verify.side import Ask, DeniedError, Side
from screentest.verify.submits import Submits
from screentest_contracts.conformance import Coverage, Judge, Monitor, Violation
from screentest_contracts.conformance.operations import Found
from screentest_contracts.exchange import Callback, Event, Exchange
from screentest_contracts.load import Contract


class Enough(Exception):
    """The run is to stop: so many findings were asked for and are there."""


class OutOfTimeError(Exception):
    """The engine has had its time."""


@dataclass(slots=True)
class Run:
    """What all sessions of a run share. `stop_after` findings that break clients the run ends; None never.

    `record` is called with every event, for a cassette, and `left` tells the seconds that the engine still has.
    """

    contract: Contract
    side: Side
    stop_after: int | None = None
    record: Callable[[Event], None] = lambda event: None
    left: Callable[[], float] = lambda: float("inf")
    judge: Judge = field(init=False)
    coverage: Coverage = field(init=False)
    findings: Findings = field(default_factory=Findings)
    requests: int = 0
    accepted: int = 0

    def __post_init__(self) -> None:
        self.judge = Judge(self.contract, self.side.base)
        self.coverage = Coverage(self.contract, self.judge)

    def note(self, violations: list[Violation], engine: str) -> list[Finding]:
        """Add violations to the findings. Raises Enough when there are as many as wanted."""
        new = self.findings.add(violations, engine)
        if new and self.stop_after is not None and len(self.findings.broken) >= self.stop_after:
            raise Enough
        return new


class Session:
    """One stretch of a run with one memory: what a monitor saw of these accounts."""

    def __init__(self, run: Run, engine: str) -> None:
        self.run = run
        self.engine = engine
        side = run.side
        self._submits = Submits(run.judge)
        self._monitor = Monitor(
            run.contract,
            judge=run.judge,
            sole=side.sole,
            listening=side.hook is not None and side.controlled,
            origins=side.media,
        )

    def ask(self, ask: Ask) -> Exchange:
        """Send a request; what is wrong with the answer is noted. OutOfTimeError when there is no time for it.

        One that may not leave is as good as one without an answer: its status is 0, and nobody judges it.
        """
        if self.run.left() < 0:
            raise OutOfTimeError
        try:
            exchange = self.run.side.send(ask)
        except DeniedError:
            return Exchange(method=ask.method, url=ask.target(self.run.side.base), status=0, who=ask.who)
        self.run.requests += 1
        self.run.record(exchange)
        self.run.coverage.see(exchange)
        self.hear()
        self._submits.see(exchange)
        found = [*self._submits.before(self.run.judge.judge(exchange)), *self._monitor.see(exchange)]
        self.run.accepted += self._accepted(exchange)
        self.run.note(found, self.engine)
        return exchange

    def wait(self, seconds: float) -> None:
        """Let time pass, and hear what comes. OutOfTimeError where it passes by itself and would outlast the engine."""
        if not self.run.side.controlled and seconds > self.run.left():
            raise OutOfTimeError
        self.run.side.wait(seconds)
        self.hear()

    def hear(self) -> list[Callback]:
        """The callbacks that came meanwhile, judged."""
        side, came = self.run.side, list(self.run.side.heard())
        for callback in came:
            self.run.record(callback)
            self.run.coverage.heard(callback)
            found = list(self._submits.before(self.run.judge.callback(callback)))
            found += self._monitor.heard(callback, side.secret, side.wall())
            self.run.note(found, self.engine)
        return came

    def blame(self, violations: list[Violation]) -> None:
        """Note what an engine found by itself."""
        self.run.note(violations, self.engine)

    def finish(self) -> None:
        """Note what should have come and did not."""
        self.hear()
        self.run.note(self._monitor.finish(self.run.side.now()), self.engine)

    def _accepted(self, exchange: Exchange) -> bool:
        """Whether the request made a job."""
        found = self.run.judge.operations.find(exchange)
        return isinstance(found, Found) and found.operation.billable and exchange.status in found.operation.answers

    @property
    def monitor(self) -> Monitor:
        return self._monitor


@contextlib.contextmanager
def session(run: Run, engine: str) -> Iterator[Session]:
    """A session with accounts that nobody has used; at its end, what is missing is noted."""
    run.side.renew()
    one = Session(run, engine)
    yield one
    one.finish()

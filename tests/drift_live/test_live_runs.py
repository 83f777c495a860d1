"""Runs that do not go as planned: what becomes of jobs that go on, of lists that break off, of a probe in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from drift_live.watched import JOBS, reference
from screentest.commands.reports import FORMATS
from screentest.drift_live_command import Asked, ask
from screentest.in_process import in_process
from screentest.verify import charging
from screentest.verify.around import Around
from screentest.verify.budget import Budget
from screentest.verify.cheapest import cheapest
from screentest.verify.drifting import rendered
from screentest.verify.guard import Guard, TrippedError
from screentest.verify.live import Wish
from screentest.verify.published import published
from screentest.verify.script import Script
from screentest.verify.session import OutOfTimeError, Run
from screentest.verify.side import Ask, UnreachableError
from screentest.verify.tiers import Terms
from screentest.verify_side import Target
from screentest_contracts.conformance import Judge
from screentest_contracts.drift.files import shipped
from screentest_contracts.drift.outcome import Outcome
from screentest_contracts.drift.profiling import Profiler
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import load

HERE = frozenset({"127.0.0.1"})


class Altered(Around):
    """A service that nobody can tell anything, whose answers can be others, by request and by how many came before."""

    def __init__(self, provider: str, rewrite: Callable[[Ask, Exchange, int], Exchange]) -> None:
        super().__init__(in_process(provider))
        self.controlled, self.asked, self.rewrite = False, 0, rewrite

    def send(self, ask: Ask) -> Exchange:
        self.asked += 1
        return self.rewrite(ask, super().send(ask), self.asked)

    def renew(self) -> None:
        """As with a live provider, there are no other accounts."""


def made(ask: Ask, exchange: Exchange) -> bool:
    return ask.method == "POST" and b'"cancel_url"' in exchange.body


class Ending:
    """Lets one job be made; the first look at it meets `end`."""

    def __init__(self, end: Exception | None) -> None:
        self.end, self.job = end, False

    def __call__(self, ask: Ask, exchange: Exchange, number: int) -> Exchange:
        if self.end and self.job and ask.method == "GET":
            raise self.end
        self.job = self.job or made(ask, exchange)
        return exchange


def watched(ending: Ending, tell: Callable[[str], None], *, switch: bool = False) -> Asked:
    """One run of tier paid against RunComfy; with `switch`, the kill switch is used once there is a job."""
    contract, side = load("runcomfy"), Altered("runcomfy", ending)
    usd = cheapest(contract).usd or Decimal(0)
    terms = Terms(tier="paid", hosts=HERE, dearest=usd)
    guard = Guard(side, contract, terms, Budget(jobs=3, usd=3 * usd), lambda: switch and ending.job)
    wish = Wish(base_url=side.base, keys={"one": "k"}, tier="paid", live=True)
    return ask(contract, wish, Target(guard, guard), reference("runcomfy").profile, tell)


@pytest.mark.parametrize(
    ("ending", "switch", "remarks"),
    [
        pytest.param(Ending(None), True, 1, id="the kill switch"),
        pytest.param(Ending(OutOfTimeError()), False, 2, id="out of time"),
    ],
)
def test_jobs_that_go_on_are_cancelled_at_the_end(ending: Ending, switch: bool, remarks: int) -> None:
    """What became of them is a remark of the report; that the time was over is another one."""
    live = watched(ending, pytest.fail, switch=switch).live

    assert live.jobs == 1
    assert bool(live.stopped) == switch
    assert len(live.remarks) == remarks
    assert live.remarks[-1].startswith("a job had not ended: cancelling ")
    assert switch or "had had its time" in live.remarks[0]


def test_jobs_on_a_service_that_goes_away_are_cancelled_if_it_lets() -> None:
    """There is no report then; what became of the job is told at once."""
    told: list[str] = []

    with pytest.raises(UnreachableError, match="gone"):
        watched(Ending(UnreachableError("gone")), told.append)

    assert [one.partition(": cancelling ")[0] for one in told] == ["a job had not ended"]


def test_what_the_guard_stopped_is_told_although_the_service_is_gone() -> None:
    """A submit without an answer, after which there may be a job: the guard's word comes before the service's."""

    class Silent(Ending):
        def __call__(self, ask: Ask, exchange: Exchange, number: int) -> Exchange:
            if made(ask, exchange):
                raise UnreachableError("gone")
            return exchange

    live = watched(Silent(None), pytest.fail).live

    assert "may be a job" in live.stopped
    assert "gone" in live.remarks
    assert live.exit_code("risky") == 3


def test_a_run_that_breaks_off_is_told_with_what_it_saw() -> None:
    """An answer that was too much for us: a report, and exit code 2 unless something drifted."""
    live = watched(Ending(ValueError("too much")), pytest.fail).live

    assert live.unfinished.endswith(": engine script broke off: ValueError: too much")
    assert live.jobs == 1
    assert live.exit_code("breaking") == (1 if live.outcome.fails("breaking") else 2)
    assert replace(live, outcome=Outcome(drifts=())).exit_code("risky") == 2
    assert all("too much" in rendered(live, form, "risky", "runcomfy") for form in FORMATS)


def test_a_probe_is_over_when_its_request_could_not_be_made() -> None:
    """The guard stops the run in the middle of one: what comes next is not taken for its answer."""
    contract, side = load("hiapi"), in_process("hiapi")
    guard = Guard(side, contract, Terms(tier="free", hosts=HERE), stopped=lambda: True)
    profiler = Profiler(Judge(contract, side.base))

    with pytest.raises(TrippedError):
        Script(Run(contract, guard), profiler, JOBS).play()

    assert profiler.probe is None


def page(exchange: Exchange, status: int = 200, **fields: Any) -> Exchange:
    """The answer with other members."""
    body = json.dumps({**json.loads(exchange.body), **fields}).encode()
    return replace(exchange, status=status, body=body)


def breaks_off(ask: Ask, exchange: Exchange, number: int) -> Exchange:
    """The second page of a list is refused."""
    return page(exchange, 503) if "offset" in ask.query else _more(ask, exchange)


def has_no_end(ask: Ask, exchange: Exchange, number: int) -> Exchange:
    """There is always one more page, each with one model."""
    return _more(ask, exchange)


def comes_to_nothing(ask: Ask, exchange: Exchange, number: int) -> Exchange:
    """More is promised than comes."""
    return page(exchange, models=[], total=500) if "offset" in ask.query else _more(ask, exchange)


def _more(ask: Ask, exchange: Exchange) -> Exchange:
    first = json.loads(exchange.body).get("models") if ask.path == "/v1/models" else None
    return page(exchange, models=first[:1] or [{"model_id": "x/y"}], total=500) if first is not None else exchange


@pytest.mark.parametrize(
    ("rewrite", "asked", "said"),
    [
        (breaks_off, 2, "the list breaks off after page 1, with 1 models"),
        (has_no_end, 20, "the list breaks off after page 20, with 20 models"),
        (comes_to_nothing, 2, "the list breaks off after page 2, with 1 models"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_a_list_that_breaks_off_is_unread(
    rewrite: Callable[[Ask, Exchange, int], Exchange], asked: int, said: str
) -> None:
    """Models that are not on the pages that came are not taken for removed."""
    pages: list[Ask] = []

    def count(ask: Ask, exchange: Exchange, number: int) -> Exchange:
        pages.extend([ask] if ask.path == "/v1/models" else [])
        return rewrite(ask, exchange, number)

    found = published(load("runcomfy"), shipped("runcomfy"), Altered("runcomfy", count))

    assert [one for one in found.drifts if one.kind.startswith("model-")] == []
    assert [(one.page, one.text) for one in found.unread] == [("/v1/models", said)]
    assert len(pages) == asked  # once, for the models and for their prices


@pytest.mark.parametrize("provider", ["runcomfy", "runflow", "hiapi"])
def test_a_list_that_is_not_answered_is_unread(provider: str) -> None:
    """Nothing went because a list cannot be had."""

    def refuse(ask: Ask, exchange: Exchange, number: int) -> Exchange:
        return replace(exchange, status=503)

    found = published(load(provider), shipped(provider), Altered(provider, refuse))

    assert found.drifts == ()
    assert {one.text for one in found.unread} == {"no list of models"}


@pytest.mark.parametrize("told", ["NaN", "Infinity", "-Infinity", "sNaN", "1e999999999", float("nan"), True, None, []])
def test_a_balance_that_is_no_amount_is_none(told: Any) -> None:
    """Nothing is reckoned with it."""
    contract = load("runflow")
    operation = charging.balance_operation(contract)

    def answer(ask: Ask) -> Exchange:
        return Exchange(
            method="GET",
            url="http://127.0.0.1/x",
            status=200,
            headers={"content-type": "application/json"},
            body=json.dumps({"balance": told}).encode(),
        )

    assert charging.balance(operation, answer) is None

"""Tier paid: what its engine does with the jobs that it may make, and what becomes of those that do not end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from screentest.verify import spending
from screentest.verify.budget import Budget
from screentest.verify.cheapest import cheapest
from screentest.verify.guard import Guard
from screentest.verify.runner import Outcome, verify
from screentest.verify.tiers import Terms
from screentest_contracts.load import load
from verify_live.servers import Watched, emulated

HERE = frozenset({"127.0.0.1"})


def spent(provider: str, jobs: int, **more: Any) -> tuple[Outcome, Guard, Watched]:
    """The engine let loose behind a guard that allows so many of the cheapest job."""
    contract, side = load(provider), Watched(emulated(provider))
    dearest = cheapest(contract).usd or Decimal(0)
    budget = Budget(jobs=jobs, usd=dearest * jobs)
    guard = Guard(side, contract, Terms(tier="paid", hosts=HERE, dearest=dearest), budget)
    return verify(contract, guard, [(spending.NAME, spending.run)], **more), guard, side


@pytest.mark.parametrize(("provider", "jobs"), [("runcomfy", 3), ("runflow", 1)])
def test_the_jobs_are_made_and_followed_and_nothing_is_wrong(provider: str, jobs: int) -> None:
    """RunComfy cancels, so that all three are used; elsewhere the first shows everything. None is left over."""
    outcome, guard, side = spent(provider, 3)

    assert outcome.findings.broken == []
    assert (guard.accepted, guard.budget.jobs_gone, guard.trip) == (jobs, jobs, None)
    assert guard.clean_up() == []
    assert any("/media/" in ask.path for ask in side.sent)


def test_no_more_jobs_are_made_than_allowed() -> None:
    """One of RunComfy's: the two that would be cancelled do not leave."""
    _, guard, side = spent("runcomfy", 1)

    assert (guard.accepted, len([ask for ask in side.submits() if not ask.path.endswith("/cancel")])) == (1, 1)
    assert guard.denied["more than what is left of the budget"] == 2


def test_where_no_price_is_known_nothing_is_spent() -> None:
    """All of HiAPI's, for now."""
    outcome, guard, side = spent("hiapi", 3)

    assert (outcome.accepted, guard.accepted, side.submits()) == (0, 0, [])


@pytest.mark.parametrize(
    ("provider", "said"), [("runcomfy", "was answered with HTTP 202"), ("runflow", "cannot be cancelled")]
)
def test_a_job_that_has_not_ended_is_cancelled_where_its_owner_can(provider: str, said: str) -> None:
    """The engine has no time left after its first submit; what became of the job is a remark."""
    ticks = iter([0.0, 0.0, 0.0])
    _, guard, _ = spent(provider, 1, longest=1, clock=lambda: next(ticks, 9.0))

    assert guard.accepted == 1
    (remark,) = guard.clean_up()
    assert remark.startswith("a job had not ended: ")
    assert said in remark
    assert guard.clean_up() == []

"""The arithmetic of a budget, and what a submit would cost at worst."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.verify.budget import Budget
from screentest.verify.cheapest import cheapest
from screentest.verify.engines import surface
from screentest.verify.exposure import Exposure, exposure
from screentest.verify.side import Ask
from screentest_contracts.conformance import Judge
from screentest_contracts.conformance.operations import Found
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import PROVIDERS, load

PRICES = st.decimals(min_value=0, max_value=20, places=4)
HOST = "http://127.0.0.1:1/runflow"
VEO = "google/veo3.1/lite"


@given(
    jobs=st.integers(0, 5),
    usd=PRICES,
    wishes=st.lists(st.tuples(st.one_of(st.none(), PRICES), st.booleans()), max_size=20),
)
def test_a_budget_is_never_overspent(jobs: int, usd: Decimal, wishes: list[tuple[Decimal | None, bool]]) -> None:
    """Whatever is asked for and given back, what is gone is the sum of what was made, and never more than there was."""
    budget, made = Budget(jobs=jobs, usd=usd), [Decimal(0)]
    for price, refused in wishes:
        if price is None or not budget.allows(price):
            assert price is None or budget.jobs_left < 1 or price > budget.usd_left
            continue
        budget = budget.paid(price)
        if refused:
            budget = budget.given_back(price)
        else:
            made.append(price)
        assert budget.usd_gone == sum(made) <= usd
        assert budget.jobs_gone == len(made) - 1 <= jobs


@pytest.mark.parametrize("price", [None, Decimal(2), Decimal(-1)], ids=["unknown", "too-dear", "negative"])
def test_a_price_that_is_not_allowed_cannot_be_paid(price: Decimal | None) -> None:
    """A price that nobody knows, one beyond the budget and one below zero are not allowed."""
    assert not Budget(jobs=1, usd=Decimal(1)).allows(price)


def risk(model: str, **changes: Any) -> Exposure:
    """What a run of Runflow's model with these changes to its example risks."""
    contract = load("runflow")
    found = contract.model(model)
    assert found is not None
    operation = contract.provider.operations["create-run"]
    path, body = surface.order_of(operation, found, {**found.example, **changes})
    return of(Ask(method="POST", path=path, body=body))


def of(ask: Ask) -> Exposure:
    contract = load("runflow")
    draft = Exchange(method=ask.method, url=ask.target(HOST), request_body=ask.content, status=0)
    found = Judge(contract, HOST).operations.find(draft)
    assert isinstance(found, Found)
    return exposure(contract, found, draft)


@pytest.mark.parametrize(
    ("changes", "usd", "beyond"),
    [
        ({}, "0.24", ""),
        ({"duration": "4s"}, "0.12", ""),
        ({"duration": "9s"}, "0.27", ""),
        ({"duration": 1010}, "30.30", "duration"),
        ({"duration": "1010s"}, "30.30", "duration"),
        ({"duration": None}, "0.24", ""),
        ({"duration": [4]}, "0.24", ""),
        ({"duration": -4}, "0.24", ""),
        ({"resolution": "16k"}, "0.24", ""),
    ],
    ids=["example", "short", "one-more", "number", "text", "null", "list", "negative", "tier"],
)
def test_the_worst_price_of_a_submit(changes: dict[str, Any], usd: str, beyond: str) -> None:
    """What is readable is priced as asked, the rest at the most that the model takes; far beyond a limit is named."""
    found = risk(VEO, **changes)

    assert (found.usd, found.beyond) == (Decimal(usd), beyond)


def test_a_body_that_cannot_be_read_is_priced_at_the_most() -> None:
    """Garbage counts as the longest and dearest that the model makes."""
    assert of(Ask(method="POST", path=f"/v1/models/{VEO}/runs", raw=b"{")).usd == Decimal("0.24")


@pytest.mark.parametrize(
    "path",
    ["/v1/models/no/such/runs", "/v1/models/alibaba/happy-horse/video-edit/runs"],
    ids=["no-such-model", "as-long-as-its-input"],
)
def test_what_nobody_can_price_is_unknown(path: str) -> None:
    """A model that the contract does not know, and one whose length follows a file, have no worst price."""
    assert of(Ask(method="POST", path=path, body={"input": {"prompt": "x"}})).usd is None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_cheapest_job_is_one_that_the_contract_accepts(provider: str) -> None:
    """It has the price that the guard computes, and no fault; HiAPI's prices are not known."""
    contract = load(provider)
    judge = Judge(contract, contract.provider.base_url)
    found = cheapest(contract)
    draft = Exchange(
        method="POST",
        url=found.ask.target(contract.provider.base_url),
        request_body=found.ask.content,
        status=0,
        who="one",
    )
    operation = judge.operations.find(draft)

    assert isinstance(operation, Found)
    assert judge.requests.look(operation, draft).faults == []
    assert found.usd == {"runcomfy": Decimal("0.04"), "runflow": Decimal("0.12"), "hiapi": None}[provider]

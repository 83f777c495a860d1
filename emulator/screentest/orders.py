"""What one accepted request stores: the job with its plan, what it owes the world, its key, its price. Pure."""

from __future__ import annotations

import math
import random
import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct, field, structs

from screentest import callbacks
from screentest.errors import Refusal
from screentest.jobs import Job, Plan
from screentest.paces import Pace
from screentest.planning import make_plan
from screentest.pricing import cost
from screentest.scenario import Scenario
from screentest.scenario.value import MODERATION
from screentest.store import AccountRow, Claim, Effect, Record, Submission
from screentest_contracts.document import Model
from screentest_contracts.ids import new_id
from screentest_contracts.load import Contract

INPUTS = "inputs"
"""The kind of effect that looks at a job's input files."""


class Order(Struct, frozen=True, kw_only=True):
    """What a provider wants submitted: the model's input as sent and complete, and the request's other fields.

    `prompt` is what the picture shows, `scenario` says what goes otherwise than usual. `callback_url` is told of the
    end; `claim` is an idempotency key and the digest of its request; `unchecked` says that input files must be looked
    at before the job can end, `broken` what is wrong with those that have been.
    """

    contract: Contract
    model: Model
    sent: Mapping[str, Any]
    input: Mapping[str, Any]
    base: str
    origin: str
    prompt: str
    scenario: Scenario
    extras: Mapping[str, Any] = field(default_factory=dict)
    callback_url: str | None = None
    claim: tuple[str, str] | None = None
    records: tuple[Record, ...] = ()
    unchecked: bool = False
    broken: str = ""


def submission(order: Order, row: AccountRow, now: float, rng: random.Random, pace: Pace) -> Submission:
    """The job of an order placed at the account's time `now`, with all that hangs on it.

    Raises Refusal("no-balance") when the account has a balance that does not reach for it.
    """
    plan = _plan(order, now, rng, pace)
    price = cost(order.model, order.input, plan.clip)
    job = _job(order, row, now, rng, plan, price)
    return Submission(
        job=job,
        effects=tuple(_effects(job, order, rng)),
        claim=_claim(job, order),
        records=order.records,
        settings=_charged(row.settings, job, price),
    )


def _job(order: Order, row: AccountRow, now: float, rng: random.Random, plan: Plan, price: str | None) -> Job:
    contract = order.contract
    return Job(
        id=new_id(contract.provider.ids, now, rng, row.id, row.submitted),
        provider=contract.name,
        account=row.id,
        model=order.model.id,
        submitted=now,
        sent=order.sent,
        input=order.input,
        base=order.base,
        origin=order.origin,
        plan=plan,
        # What an administrator cancels late has been paid for; what fails has not.
        cost="0" if plan.outcome == "failed" else price,
        extras=order.extras,
    )


def _plan(order: Order, now: float, rng: random.Random, pace: Pace) -> Plan:
    plan = make_plan(
        order.contract.name,
        order.model,
        order.input,
        now=now,
        rng=rng,
        prompt=order.prompt,
        scenario=_worded(order.scenario, order.contract),
        pace=pace,
        unfetched=order.contract.assumed("media.unfetched-size"),
    )
    if order.broken:
        return structs.replace(plan, outcome="failed", ends=plan.queue_ends, failure=("", order.broken))
    return structs.replace(plan, inputs_unchecked=True) if order.unchecked else plan


def _worded(scenario: Scenario, contract: Contract) -> Scenario:
    """The scenario with the provider's own code and message where it is refused by moderation."""
    if scenario.code.lower() != MODERATION:
        return scenario
    refused = contract.provider.failures["moderation"]
    return structs.replace(scenario, code=str(refused.code or ""), message=scenario.message or refused.message)


def _effects(job: Job, order: Order, rng: random.Random) -> Iterator[Effect]:
    def effect(kind: str, due: float, document: Mapping[str, Any]) -> Effect:
        name = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        return Effect(id=name, account=job.account, job=job.id, kind=kind, due=due, document=document)

    if order.unchecked:
        yield effect(INPUTS, job.plan.queue_ends, {})
    if order.callback_url and order.scenario.callback != "never":
        owed = callbacks.owed(job.provider, order.callback_url, order.scenario.callback, order.scenario.delay)
        ends = math.inf if order.unchecked else job.plan.ends
        yield effect(callbacks.KIND, callbacks.first_due(owed, ends), owed)


def _claim(job: Job, order: Order) -> Claim | None:
    if order.claim is None:
        return None
    key, digest = order.claim
    return Claim(account=job.account, provider=job.provider, key=key, digest=digest, at=job.submitted, job=job.id)


def _charged(settings: Mapping[str, Any], job: Job, price: str | None) -> Mapping[str, Any] | None:
    """The account's settings with the job paid from its balance; None when it has no balance to look after.

    It has to reach for the whole price, whatever the job will cost in the end; where no price is known, to be more than
    nothing.
    """
    if settings.get("balance") is None:
        return None
    left = Decimal(settings["balance"])
    if left < Decimal(price) if price is not None else left <= 0:
        raise Refusal("no-balance")
    return _with_balance(settings, job, -1)


def refunded(settings: Mapping[str, Any], job: Job) -> Mapping[str, Any] | None:
    """The account's settings with the job's price back in its balance; None when there is none to look after."""
    return _with_balance(settings, job, 1)


def repriced(settings: Mapping[str, Any], before: Job, after: Job) -> Mapping[str, Any] | None:
    """The account's settings with the job's new price in its balance instead of the one before; None where that changes
    nothing."""
    back = _with_balance(settings, before, 1) if before.cost != after.cost else None
    return None if back is None else _with_balance(back, after, -1)


def _with_balance(settings: Mapping[str, Any], job: Job, times: int) -> Mapping[str, Any] | None:
    """The settings after `times` the job's price; None where the account has no balance or the job no known price."""
    if settings.get("balance") is None or job.cost is None:
        return None
    return {**settings, "balance": format(Decimal(settings["balance"]) + times * Decimal(job.cost), "f")}

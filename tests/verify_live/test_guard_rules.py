"""Every rule of the guard by itself: what it holds back, and that nothing else would have."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from msgspec import Struct, field
from msgspec.structs import replace

from mutants.loose import ROWS
from mutants.planting import Mutant, plant
from screentest.verify.budget import Budget
from screentest.verify.guard import Guard
from screentest.verify.runner import verify
from screentest.verify.side import NOBODY, Ask, DeniedError
from screentest.verify.tiers import Terms
from screentest_contracts.load import load
from verify_live.servers import Watched, emulated

HERE = frozenset({"127.0.0.1"})
JOB = "01a1ff1a-0084-7058-9249-c0b9df838487"
LITE = "/v1/models/google/veo3.1/lite/runs"
UNPRICED = "/v1/models/alibaba/happy-horse/video-edit/runs"
SHORT: dict[str, Any] = {"prompt": "a heron", "duration": "4s", "resolution": "720p"}
FREE = Terms(tier="free", hosts=HERE, empty=True)
PAID = Terms(tier="paid", hosts=HERE, dearest=Decimal("0.12"))
DOLLAR = Budget(jobs=3, usd=Decimal(1))


def job(path: str = LITE, **changes: Any) -> Ask:
    return Ask(method="POST", path=path, body={"input": SHORT | changes})


class Rule(Struct, frozen=True, kw_only=True):
    """One rule: what it says, on which terms it holds `ask` back, and what has to be otherwise for it to leave."""

    why: str
    terms: Terms
    ask: Ask
    budget: Budget = DOLLAR
    lifted: Mapping[str, Any] = field(default_factory=dict)


RULES = {
    "host": Rule(
        why="not on the list",
        terms=replace(FREE, hosts=frozenset()),
        ask=Ask(method="GET", path="/v1/health", who=NOBODY),
        lifted={"terms": FREE},
    ),
    "https": Rule(
        why="only https",
        terms=replace(FREE, hosts=HERE | {"api.example"}),
        ask=Ask(method="GET", path="http://api.example/v1/health", who=NOBODY),
        lifted={"ask": Ask(method="GET", path="/v1/health", who=NOBODY)},
    ),
    "key": Rule(
        why="own host only",
        terms=replace(FREE, hosts=HERE | {"api.example"}),
        ask=Ask(method="GET", path="https://api.example/v1/health"),
        lifted={"ask": Ask(method="GET", path="https://api.example/v1/health", who=NOBODY)},
    ),
    "public": Rule(
        why="in tier public", terms=replace(FREE, tier="public"), ask=job(duration=5), lifted={"terms": FREE}
    ),
    "not empty": Rule(
        why="not known to be empty", terms=replace(FREE, empty=False), ask=job(duration=5), lifted={"terms": FREE}
    ),
    "scale": Rule(
        why="more than one beyond", terms=FREE, ask=job(duration="1009s"), lifted={"ask": job(duration="9s")}
    ),
    "unknown price": Rule(
        why="nobody knows",
        terms=PAID,
        ask=job(UNPRICED, video_url="https://e.example/a.mp4"),
        lifted={"ask": job()},
    ),
    "dear": Rule(
        why="dearer than the cheapest",
        terms=PAID,
        ask=job(duration="8s"),
        lifted={"terms": replace(PAID, dearest=Decimal(1))},
    ),
    "currency": Rule(
        why="left of the budget",
        terms=PAID,
        ask=job(),
        budget=Budget(jobs=3, usd=Decimal("0.11")),
        lifted={"budget": DOLLAR},
    ),
    "jobs": Rule(
        why="left of the budget",
        terms=PAID,
        ask=job(),
        budget=Budget(jobs=0, usd=Decimal(1)),
        lifted={"budget": DOLLAR},
    ),
    "another's job": Rule(
        why="not made in this run",
        terms=PAID,
        ask=Ask(method="POST", path=f"/v1/runs/{JOB}/callback-redeliveries"),
        lifted={"ask": Ask(method="POST", path="/v1/runs/nonsense/callback-redeliveries")},
    ),
    "a thing": Rule(
        why="a thing that was not made",
        terms=PAID,
        ask=Ask(method="DELETE", path=f"/v1/assets/{JOB}"),
        lifted={"ask": Ask(method="GET", path=f"/v1/assets/{JOB}")},
    ),
    "the account": Rule(
        why="changes the account",
        terms=PAID,
        ask=Ask(method="PATCH", path="/v1/billing/balance", body={}),
        lifted={"ask": Ask(method="PATCH", path="/v1/billing/balance", body={}, who=NOBODY)},
    ),
    "unknown route": Rule(
        why="no operation",
        terms=PAID,
        ask=Ask(method="POST", path="/v2/anything", body={}),
        lifted={"ask": Ask(method="POST", path="/v2/anything", body={}, who=NOBODY)},
    ),
    "a batch": Rule(
        why="nobody can price",
        terms=FREE,
        ask=Ask(method="POST", path=LITE.replace("runs", "batches"), body={"inputs": []}),
        lifted={"ask": Ask(method="GET", path="/v1/health", who=NOBODY)},
    ),
}


def leaves(rule: Rule) -> bool:
    """Whether the rule's request gets through; DeniedError says why not."""
    side = Watched(emulated("runflow"))
    Guard(side, load("runflow"), rule.terms, rule.budget).send(rule.ask)
    return bool(side.sent)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_of_the_guard_holds_back_what_nothing_else_would(name: str) -> None:
    """Refused for this reason; with the one thing otherwise, the request leaves. Without the rule, both would."""
    rule = RULES[name]
    with pytest.raises(DeniedError, match=rule.why):
        leaves(rule)
    assert leaves(replace(rule, **rule.lifted))


@pytest.mark.slow
@pytest.mark.parametrize("mutant", [one for row in ROWS for one in row], ids=lambda mutant: mutant.id)
def test_tier_free_stops_at_the_first_job_of_each_loose_mutant(mutant: Mutant) -> None:
    """An account that is taken for an empty one and is not: one job, what it costs at worst, and nothing after it."""
    contract, side = load(mutant.provider), Watched(plant(mutant.provider, mutant.planting).side)
    guard = Guard(side, contract, FREE)

    outcome = verify(contract, guard, ["enumerated", "probes"], depth="quick")

    assert guard.accepted == outcome.accepted == 1
    assert "accepted a job, although " in str(guard.trip)
    assert "worst case $" in str(guard.trip)
    assert [ask.path for ask in side.sent[side.sent.index(side.submits()[-1]) + 1 :] if "cancel" not in ask.path] == []

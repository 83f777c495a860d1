"""Rules: which requests they fit, how often, and how a bad one is refused."""

from __future__ import annotations

from typing import Any

import pytest

from screentest.rules import FAULT, SCENARIO, Rule, read_rule
from screentest_contracts.reading import ContractError

OPERATIONS = {"hiapi": ("create", "detail", "media"), "runcomfy": ("submit", "media")}


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (Rule(wish="x"), True),
        (Rule(wish="x", provider="hiapi"), True),
        (Rule(wish="x", provider="runcomfy"), False),
        (Rule(wish="x", operation="create"), True),
        (Rule(wish="x", operation="detail"), False),
        (Rule(wish="x", model="wan/*"), True),
        (Rule(wish="x", model="wan/2.?/t2v"), True),
        (Rule(wish="x", model="wan"), False),
        (Rule(wish="x", input={"duration": 5}), True),
        (Rule(wish="x", input={"duration": 5, "seed": None}), False),
        (Rule(wish="x", input={"duration": "5"}), False),
    ],
)
def test_what_a_rule_fits(rule: Rule, fits: bool) -> None:
    """Every field that is set has to agree; the model may have wildcards."""
    assert rule.fits("hiapi", "create", "wan/2.5/t2v", {"duration": 5}) is fits


def test_times() -> None:
    """Only a use that happened counts; after the last one the rule is spent."""
    rule = Rule(wish="x", times=2).used(happened=False).used(happened=True)
    assert (rule.times, rule.tried, rule.spent) == (1, 2, False)
    assert rule.used(happened=True).spent


@pytest.mark.parametrize(
    ("kind", "document", "told"),
    [
        (FAULT, {}, 'missing key "fault"'),
        (FAULT, {"fault": 5}, "expected str"),
        (FAULT, {"fault": "reset", "provider": "fal"}, "'fal' is none of hiapi, runcomfy"),
        (FAULT, {"fault": "reset", "operation": "submitt"}, "no operation 'submitt'; there are"),
        (FAULT, {"fault": "reset", "provider": "hiapi", "operation": "submit"}, "there are create, detail, media"),
        (FAULT, {"fault": "reset", "chance": 0}, "more than 0, at most 1"),
        (FAULT, {"fault": "reset", "chance": 1.5}, "more than 0, at most 1"),
        (FAULT, {"fault": "reset", "times": 0}, "1 to 1000000"),
        (FAULT, {"fault": "reset", "model": "x"}, 'unknown key "model"'),
        (SCENARIO, {"scenario": "fail", "operation": "create"}, 'unknown key "operation"'),
        (SCENARIO, {"scenario": "fail", "tims": 1}, 'did you mean "times"?'),
        (SCENARIO, ["fail"], "expected an object"),
    ],
)
def test_a_bad_rule(kind: str, document: Any, told: str) -> None:
    """One sentence that names the key."""
    with pytest.raises(ContractError, match=f"^{kind}") as refused:
        read_rule(kind, document, OPERATIONS)
    assert told in str(refused.value)


def test_a_whole_rule() -> None:
    """Everything that can be said, and back as it is stored."""
    said = {"scenario": "slow: 90s", "provider": "hiapi", "model": "wan/*", "input": {"duration": 5}, "times": 3}
    rule = read_rule(SCENARIO, said, OPERATIONS)
    assert rule == Rule(wish="slow: 90s", provider="hiapi", model="wan/*", input={"duration": 5}, times=3)
    assert Rule(**rule.document()) == rule

"""Random inputs keep their word: valid ones are accepted, invalid ones break exactly the rule they name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from screentest_contracts.document import Model
from screentest_contracts.edges import Case, is_refused
from screentest_contracts.load import load
from screentest_contracts.reading import Json
from screentest_contracts.strategies import invalid_inputs, valid_inputs

EXAMPLES = settings(max_examples=25, deadline=None, database=None)
SWITCHED = [
    ("runcomfy", "happyhorse/happyhorse-1.0/image-to-video", {"runcomfy.happyhorse-1.0-i2v.long-prompt": "refuse"}),
    ("runcomfy", "happyhorse/happyhorse-1.0/reference-to-video", {"runcomfy.happyhorse-1.0-r2v.chinese": "yes"}),
    ("runcomfy", "happyhorse/happyhorse-1.0/reference-to-video", {"runcomfy.happyhorse-1.0-r2v.long-prompt": "accept"}),
    ("runflow", "alibaba/happy-horse/reference-to-video", {"runflow.unknown-keys": "refuse"}),
    ("runcomfy", "minimax/minimax-h3-max/reference-to-video", {"runcomfy.prose-limits": "accept"}),
    ("hiapi", "happyhorse-1.1/reference-to-video", {"hiapi.data-uris": "accept"}),
]


def check_both(model: Model) -> None:
    """Some examples of each strategy, judged by the schema."""

    @EXAMPLES
    @given(valid_inputs(model))
    def valid(value: dict[str, Json]) -> None:
        assert model.input.violations(model.input.prepared(value)) == ()

    @EXAMPLES
    @given(invalid_inputs(model))
    def invalid(case: Case) -> None:
        assert is_refused(model.input, case)

    valid()
    invalid()


def test_strategies_make_only_what_they_claim(sampled: Model) -> None:
    """Under the default choices."""
    check_both(sampled)


@pytest.mark.parametrize(("provider", "model_id", "switches"), SWITCHED)
def test_strategies_follow_the_choices_in_force(provider: str, model_id: str, switches: dict[str, str]) -> None:
    """A strategy knows which rules bind, because it asks the contract."""
    model = load(provider, switches).model(model_id)
    assert model
    check_both(model)


def test_values_that_only_an_assumption_would_refuse_are_not_made() -> None:
    """With the limits of the prose advisory, valid inputs stay inside them all the same."""
    model = load("runflow", {"runflow.prose-limits": "accept"}).model("alibaba/happy-horse/reference-to-video")
    assert model

    @EXAMPLES
    @given(valid_inputs(model))
    def check(value: dict[str, Json]) -> None:
        assert len(value["prompt"]) <= 2500
        assert 1 <= len(value["image_urls"]) <= 9
        assert 3 <= value.get("duration", 5) <= 15
        assert 0 <= value.get("seed", 0) <= 2147483647

    check()


def test_valid_inputs_reach_edges_and_the_room_between() -> None:
    """Edges are likely, random values possible, optional properties come and go, unknown keys turn up."""
    model = load("runcomfy").model("happyhorse/happyhorse-1.0/image-to-video")
    assert model
    made: list[dict[str, Json]] = []

    @settings(EXAMPLES, derandomize=True, max_examples=200)
    @given(valid_inputs(model))
    def draw(value: dict[str, Json]) -> None:
        made.append(value)

    draw()
    seeds = {value["seed"] for value in made if "seed" in value}
    assert {0, 1, 2147483646, 2147483647} <= seeds
    assert any(1 < seed < 2147483646 for seed in seeds)
    assert {len(value["prompt"]) for value in made} >= {0, 5000, 5001, 10000}
    assert any({"seed", "watermark", "duration", "resolution"} <= set(value) for value in made)
    assert any(set(value) == {"image_url", "prompt"} for value in made)
    assert any(not set(value) <= set(model.input.properties) for value in made)

"""Verify finds what is wrong: a part of what `bench/mutants.py` does in full."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from mutants.editing import both, drop, put, rename
from mutants.hunting import hunt_planted
from mutants.mechanical import requests
from mutants.planting import CLASSES, Mutant, Planting, plant
from mutants.shapes import places
from mutants.tables import mutants
from mutants.wire import Spot, altered
from screentest.verify.side import Ask
from screentest_contracts.load import PROVIDERS, load

_FEATURELESS = {("callback", "runcomfy")}
_CHOSEN = (
    *("R05-hiapi", "R10-runcomfy", "V02-hiapi", "V09-runflow", "S07-hiapi", "C04-runcomfy", "A02-hiapi", "A03-hiapi"),
    *("L01-runcomfy", "L05-hiapi", "L13-hiapi", "B01-hiapi", "W04-hiapi", "W16-hiapi", "M02-hiapi", "M06-hiapi"),
)


def _chosen() -> list[Mutant]:
    """Of each class one or two, at the providers whose runs are short."""
    return [one for one in mutants() if one.id in _CHOSEN]


@pytest.mark.slow
@pytest.mark.parametrize("mutant", _chosen(), ids=lambda mutant: mutant.id)
def test_a_planted_mutant_is_found(mutant: Mutant) -> None:
    """One seed, until the first finding that breaks a client."""
    found = hunt_planted(mutant, seed=3)
    assert found.by, mutant.about
    assert not found.note


def test_the_chosen_ones_are_of_every_class() -> None:
    """The part stands for the whole."""
    assert len(_chosen()) == len(_CHOSEN)
    assert {one.kind for one in _chosen()} == set(CLASSES)


def test_the_tables_have_every_class_for_each_provider_that_has_the_feature() -> None:
    """At least 120 defects, each with an id of its own."""
    every = mutants()
    assert len(every) >= 120
    assert len({one.id for one in every}) == len(every)
    pairs = {(one.kind, one.provider) for one in every}
    assert pairs == {(kind, name) for kind in CLASSES for name in PROVIDERS} - _FEATURELESS


def test_a_tap_that_changes_nothing_shows_what_the_app_says() -> None:
    """What stands on the wire alters what it says and nothing else."""
    bare, tapped = (plant("hiapi", Planting(tap=tap)).side for tap in (None, altered(Spot("none"), put("/code", 1))))
    for ask in (
        Ask(method="GET", path="/v1/models"),
        Ask(method="POST", path="/v1/tasks", body={}),
        Ask(method="GET", path="/no"),
    ):
        one, other = bare.send(ask), tapped.send(ask)
        assert (one.status, one.body, one.headers) == (other.status, other.body, other.headers)


def test_a_change_is_made_in_every_item() -> None:
    """A star in a pointer stands for each item; what is not there stays so."""
    body = {"items": [{"a": 1, "b": 2}, {"b": 3}]}
    both(put("/items/*/b", lambda value: value + 1), drop("/items/*/a"), rename("/items/*/b"), put("/none/x", 1))(body)
    assert body == {"items": [{"b_v2": 3}, {"b_v2": 4}]}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_rule_of_every_model_makes_mutants(provider: str) -> None:
    """Each has an id of its own, and the emulator still reads the contract."""
    made = list(requests(load(provider)))
    assert len({one.id for one in made}) == len(made)
    assert {"drop", "shift"} == {one.kind for one in made}
    assert len(made) > 100
    side = plant(provider, made[0].planting).side
    assert side.send(Ask(method="GET", path="/v1/models")).status == 200


def test_the_places_of_an_answer_are_those_of_its_schema_and_records() -> None:
    """A field of a task inside an envelope stands in the record of the task, in all its states."""
    found = {one.whole: one for one in places(load("hiapi"), "TaskDetail")}
    status, url = found["/data/status"], found["/data/output/*/url"]
    assert (status.base, status.pointer, status.required) == ("/data", "/status", True)
    assert url.record is status.record
    assert "success" in url.words
    assert Counter(status.types) == Counter(["string"])
    assert not isinstance(status.other, str), json.dumps(status.other)

"""Edited documentation pages are recognised exactly. `python bench/page_edits.py` tries all the edits."""

from __future__ import annotations

import pytest

from drift.catalogues import catalogue_edits
from drift.noise import NOISES, Noise
from drift.page_edits import against_contract, contract, edits, judge, provider_of, read, texts
from drift.symmetry import comparable, mirrored
from screentest_contracts.drift.catalogue import compare_catalogue
from screentest_contracts.drift.classes import SEVERITY
from screentest_contracts.drift.pages import page_differences

EVERY = 3


@pytest.mark.parametrize("page", texts())
def test_edits_are_recognised(page: str) -> None:
    """Each third edit, each under another noise: exactly the classes and places that it touches."""
    mine = [edit for edit in edits() if edit.page == page][::EVERY]
    verdicts = [judge(edit, NOISES[number % len(NOISES)]) for number, edit in enumerate(mine)]

    assert len(verdicts) > 20
    assert [(one.edit.name, one.noise, one.missed, one.false) for one in verdicts if one.missed or one.false] == []


def test_edits_cover_every_class() -> None:
    """There are more than 200 of them, and each class of documents is among what they expect."""
    kinds = {kind for edit in edits() for kind, _ in edit.expected}

    assert len(list(edits())) > 200
    assert kinds == set(SEVERITY) - {"model-removed"}  # a page cannot say that: lists of models do


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.name)
@pytest.mark.parametrize("page", texts())
def test_noise_is_no_drift(page: str, noise: Noise) -> None:
    """A page that says the same in other words, another order or another form."""
    outcome = against_contract(page, noise.apply(texts()[page], provider_of(page)))

    assert outcome.drifts == ()
    assert outcome.unread == ()


@pytest.mark.parametrize("noise", NOISES[1:], ids=lambda noise: noise.name)
def test_noise_is_noise(noise: Noise) -> None:
    """Each noise changes the text of some pages."""
    assert any(noise.apply(text, provider_of(page)) != text for page, text in texts().items())


@pytest.mark.parametrize("page", texts())
def test_pages_mirror(page: str) -> None:
    """A page against its edit is the mirror of the edit against the page, and each edit of a fact is seen."""
    before = read(page, texts()[page])
    for edit in [edit for edit in edits() if edit.page == page][::EVERY]:
        after = read(page, edit.text)
        found = page_differences(before, after)
        assert comparable(mirrored(found)) == comparable(page_differences(after, before)), edit.name
        assert found or not edit.expected, edit.name


def test_lists_of_models() -> None:
    """A list with one model less, or one more, is just that."""
    assert [name for name, expected, found in catalogue_edits(every=7) if expected != found] == []


def test_an_id_without_its_owner_is_the_same_model() -> None:
    """Runflow's lists leave the owner out of some ids."""
    runflow = contract("runflow")
    short = [name.partition("/")[2] for name in runflow.models or {}]

    assert compare_catalogue(runflow, short).drifts == ()

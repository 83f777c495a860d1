"""For every kind of violation at least one planted defect, in an answer, a callback or a sequence; each is found."""

from __future__ import annotations

import pytest

from conformance.defects import Plant
from conformance.planted_answers import ANSWERS
from conformance.planted_sequences import SEQUENCES
from conformance.watching import Watched
from screentest_contracts.conformance import KINDS
from screentest_contracts.provenance import HOW

PLANTS = [*ANSWERS, *SEQUENCES]


@pytest.mark.parametrize("plant", PLANTS, ids=str)
def test_a_planted_defect_is_found(plant: Plant) -> None:
    """The kind is right; every violation names a fact of the contract and how it is known, and shows its sequence."""
    emulator = Watched(plant.provider, plant.tamper() if plant.tamper else None)
    plant.story(emulator)
    assert plant.kind in emulator.kinds, [str(one) for one in emulator.violations][:5]
    for one in emulator.violations:
        assert one.fact.partition("#")[0].startswith(f"{plant.provider}/")
        assert one.provenance.how in HOW
        assert one.provenance.source != "contract", one
        assert one.events
        assert len(set(map(id, one.events))) == len(one.events)


def test_every_kind_is_planted() -> None:
    """No kind of violation is without a defect that shows it."""
    assert {plant.kind for plant in PLANTS} == set(KINDS)

"""What is charged: found where the balance or a job's document tells it, and said without any amount."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from drift_live.watched import JOBS, classes, planted, reference
from mutants.billing import ROWS as BILLING
from mutants.editing import put
from mutants.planting import Mutant, Planting
from mutants.wire import Spot, altered
from screentest.verify.charging import NOTHING, PRICE

LIVE = replace(JOBS, forced=False)

pytestmark = pytest.mark.slow


def test_the_emulator_charges_a_job_once() -> None:
    """A job and its replay cost its price, a failure nothing; Runflow tells it in the balance and in the run."""
    charges = {what: one.paid for what, one in reference("runflow").profile.charges.items()}

    assert charges == {
        "balance, a job and its replay": PRICE,
        "balance, a job that failed": NOTHING,
        "get-run, a job": PRICE,
    }


@pytest.mark.parametrize(
    "mutant", [one[-1] for one in BILLING if one[0].name in ("B04", "B05")], ids=lambda mutant: mutant.name
)
def test_a_charge_that_changes_is_found(mutant: Mutant) -> None:
    """Also on a service that can be told nothing: by the balance before and after."""
    assert "price.changed" in classes(planted(mutant.provider, mutant.planting, LIVE))


@pytest.mark.parametrize(
    ("provider", "planting"),
    [
        ("runcomfy", Planting(tap=altered(Spot("result", state="succeeded"), put("/cost", 5)))),
        ("runflow", Planting(tap=altered(Spot("get-run", state="succeeded"), put("/cost", "5")))),
    ],
    ids=["runcomfy", "runflow"],
)
def test_a_cost_that_is_told_otherwise_is_found(provider: str, planting: Planting) -> None:
    """In the job's own document."""
    compared = planted(provider, planting, LIVE)
    (drift,) = [one for one in compared.outcome.drifts if one.kind == "price.changed"]

    assert (drift.old, drift.new) == ("its price", "another amount")
    assert (drift.client, drift.emulator) == ("risky", "note")


def test_lives_are_judged_and_not_profiled() -> None:
    """Where jobs cost nothing more is played: the profile is the same, and its contradictions come on top."""
    lively = replace(JOBS, lives=True)
    forgetful = Planting(edits={"": put("/idempotency/lifetime", 60)})
    usual, more = reference("hiapi"), reference("hiapi", lively)

    assert more.played.accepted > 3 * usual.played.accepted
    assert more.profile == usual.profile
    assert not classes(planted("hiapi", forgetful))
    assert classes(planted("hiapi", forgetful, lively)) == {"semantics"}

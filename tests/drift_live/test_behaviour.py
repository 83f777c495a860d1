"""Comparing profiles: what counts, what only one side has shown, and what means nothing."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from screentest_contracts.conformance import KINDS
from screentest_contracts.drift.behaviour import compare
from screentest_contracts.drift.behaviour_classes import BEHAVIOUR, UNOBSERVED, class_of
from screentest_contracts.drift.profile import Field, Look, Outcome, Place, Profile, loads
from screentest_contracts.load import load
from screentest_contracts.reading import ContractError

HIAPI = load("hiapi")
RUNNING = Place("detail", 200, "handling")


def seen(**more: object) -> Profile:
    return replace(Profile(provider="hiapi"), **more)


def outcome(kind: str, *answers: tuple[int, str], billable: bool = False) -> Profile:
    one = Outcome(kind=kind, operation="create", fact="", seen=frozenset(answers), billable=billable)
    return seen(outcomes={"a probe": one})


def kinds(old: Profile, new: Profile) -> list[str]:
    return [one.kind for one in compare(HIAPI, old, new)]


@pytest.mark.parametrize(
    ("probe", "old", "new", "billable", "kind"),
    [
        ("rule", (200, ""), (400, "A"), False, "request.tightened"),
        ("rule", (400, "A"), (200, ""), False, "request.loosened"),
        ("rule", (400, "A"), (200, ""), True, "request.loosened.billed"),
        ("rule", (400, "A"), (402, "INSUFFICIENT_BALANCE"), True, "request.loosened"),
        ("rule", (402, "INSUFFICIENT_BALANCE"), (400, "A"), True, "request.tightened"),
        ("rule", (402, "INSUFFICIENT_BALANCE"), (200, ""), True, "status.changed"),
        ("rule", (400, "A"), (500, "A"), False, "server_error"),
        ("rule", (200, ""), (401, "A"), False, "auth.tightened"),
        ("auth", (401, "A"), (200, ""), False, "auth.loosened"),
        ("rule", (400, "A"), (422, "A"), False, "status.changed"),
        ("order", (400, "A"), (401, "A"), False, "check.order.changed"),
        ("rule", (400, "A"), (400, "B"), False, "error.code.new"),
    ],
)
def test_outcomes(probe: str, old: tuple[int, str], new: tuple[int, str], billable: bool, kind: str) -> None:
    """How a probe was answered, before and after; that an empty account is asked for money means it was right."""
    unpaid = HIAPI.provider.failures["no-balance"]
    known = {(402, "INSUFFICIENT_BALANCE"): (unpaid.status, str(unpaid.code or ""))}
    before, after = known.get(old, old), known.get(new, new)

    assert kinds(outcome(probe, before, billable=billable), outcome(probe, after, billable=billable)) == [kind]


def test_another_status_for_want_of_money_is_one_drift() -> None:
    """It is no tightened request, and it is about the refusal: many probes show it, and it is told once."""
    contract = load("runcomfy")
    fact = "runcomfy/models/x.json#/input"

    def refused(status: int) -> Profile:
        one = Outcome(kind="rule", operation="submit", fact=fact, seen=frozenset({(status, "400002")}), billable=True)
        return Profile(provider="runcomfy", outcomes={"a": one, "b": one})

    (found,) = compare(contract, refused(400), refused(402))

    assert (found.kind, found.fact) == ("status.changed", "runcomfy/provider.json#/failures/no-balance/status")
    assert (found.old, found.new) == ("400 400002", "402 400002")


def test_a_field_counts_only_where_both_have_something_around_it() -> None:
    """What is in a list that one side had nothing in is neither there nor gone."""
    empty = {"": Field(frozenset({"object"}), True), "/items": Field(frozenset({"array"}), True)}
    full = empty | {
        "/items/*": Field(frozenset({"object"}), True),
        "/items/*/id": Field(frozenset({"string"}), True),
    }

    assert kinds(seen(places={RUNNING: Look(fields=empty)}), seen(places={RUNNING: Look(fields=full)})) == []


def test_states_that_were_skipped_are_no_new_steps() -> None:
    """Who looks seldom sees queued and then success; nobody has to have seen that before."""
    all_steps = seen(transitions=frozenset({("Task", "queued", "handling"), ("Task", "handling", "success")}))
    few = seen(transitions=frozenset({("Task", "queued", "success")}))
    back = seen(transitions=frozenset({("Task", "handling", "queued")}))

    assert kinds(all_steps, few) == ["outcome.missing", "outcome.missing"]
    assert set(kinds(few, all_steps)) <= UNOBSERVED
    assert "transition.unseen" in kinds(all_steps, back)


def test_limits_and_times() -> None:
    """A stated limit is compared by its value; a state that lasts much longer is worth a word, and nothing more."""
    assert kinds(
        seen(limits={"detail x-ratelimit-limit": frozenset({"60"})}),
        seen(limits={"detail x-ratelimit-limit": frozenset({"30"})}),
    ) == ["limit.changed"]
    assert kinds(seen(seconds={"queued": 2.0}), seen(seconds={"queued": 90.0})) == ["timing"]
    assert BEHAVIOUR["timing"] == ("silent", "silent")


@pytest.mark.parametrize("kind", KINDS)
def test_every_contradiction_has_a_class(kind: str) -> None:
    """Whatever the judge and the monitor may find is a drift with severities."""
    assert class_of(kind) in BEHAVIOUR


@pytest.mark.parametrize("text", ["", "[]", "{", '{"screentest-profile": 1}', '{"screentest-profile": 2}'])
def test_what_is_no_profile(text: str) -> None:
    """One clear error."""
    with pytest.raises(ContractError, match=r"p\.json"):
        loads(text, "p.json")

"""The same script on two sides: nothing where they are the same service, and each planted change by its class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from drift_live.watched import JOBS, classes, contract, paced, planted, reference
from mutants.editing import drop, put
from mutants.planting import Planting, Retold, plant
from mutants.wire import Rewrite, Spot, altered, asked, rewritten, with_body
from screentest.in_process import in_process
from screentest.settings import Settings
from screentest.verify.differential import Observed, differ, observe
from screentest.verify.script import Situation
from screentest_contracts.drift.behaviour import compare
from screentest_contracts.drift.behaviour_classes import BEHAVIOUR, UNOBSERVED
from screentest_contracts.drift.classes import LEVELS
from screentest_contracts.drift.profile import dumps, loads
from screentest_contracts.exchange import Callback, Exchange
from screentest_contracts.load import PROVIDERS


def refused(status: int, code: str) -> Rewrite:
    """An answer of HiAPI's that refuses."""
    body = {"code": status, "message": "no", "data": None, "error_code": code}
    return lambda exchange: with_body(replace(exchange, status=status), body)


def when(chosen: Callable[[Exchange], bool], rewrite: Rewrite) -> Rewrite:
    return lambda exchange: rewrite(exchange) if chosen(exchange) else exchange


def answers(operations: str, change: Callable[[Any], Any], **spot: Any) -> Planting:
    return Planting(tap=altered(Spot(operations, **spot), change))


def headed(name: str, value: str | None, **spot: Any) -> Planting:
    def rewrite(exchange: Exchange) -> Exchange:
        left = {key: one for key, one in exchange.headers.items() if key != name}
        return replace(exchange, headers=left | ({name: value} if value is not None else {}))

    return Planting(tap=rewritten(Spot("detail", **spot), rewrite))


def keyless(exchange: Exchange) -> Exchange:
    """A service that takes any key."""
    headers = {**exchange.request_headers, "authorization": "Bearer rf_live_verify1"}
    return replace(exchange, request_headers=headers)


def gone(side: Retold, callback: Callback) -> list[Callback]:
    return []


def unsigned(side: Retold, callback: Callback) -> list[Callback]:
    return [replace(callback, headers={**callback.headers, "x-hiapi-signature": "0"})]


def untold(side: Retold, callback: Callback) -> list[Callback]:
    body = callback.body.replace(b'"taskId"', b'"task_id"')
    return [replace(callback, body=body)]


MIRRORED: Mapping[str, str] = {
    "request.tightened": "request.loosened",
    "request.loosened": "request.tightened",
    "request.loosened.billed": "request.tightened",
    "auth.loosened": "auth.tightened",
    "auth.tightened": "auth.loosened",
    "server_error": "status.changed",
    "response.field.removed": "response.field.added",
    "response.field.added": "response.field.removed",
    "response.field.type": "response.type.missing",
    "response.field.nullable": "response.type.missing",
    "response.value.new": "response.value.missing",
    "error.code.new": "status.changed",
    "error.envelope": "response.field.added",
    "header.removed": "header.added",
    "header.added": "header.removed",
    "transition.unseen": "transition.missing",
    "transition.missing": "transition.unseen",
    "shape.unseen": "shape.missing",
    "shape.missing": "shape.unseen",
    "outcome.unseen": "outcome.missing",
    "outcome.missing": "outcome.unseen",
}
"""What a class is called when old and new change places; the others keep their names, or have no mirror."""

TASK = "/data/status"
CHANGES: dict[str, Planting] = {
    "request.tightened": Planting(
        tap=rewritten(
            Spot("models"), when(lambda one: "Bearer" in str(one.request_headers), refused(400, "INVALID_REQUEST"))
        )
    ),
    "request.loosened": Planting(
        tap=rewritten(Spot("detail", status=404), lambda one: with_body(replace(one, status=200), {"code": 200}))
    ),
    "request.loosened.billed": Planting(
        tap=rewritten(
            Spot("create", status=400),
            lambda one: with_body(replace(one, status=200), {"code": 200, "message": "ok", "data": {"taskId": "x"}}),
        )
    ),
    "auth.loosened": Planting(tap=asked("list", keyless)),
    "auth.tightened": Planting(tap=rewritten(Spot("list"), refused(403, "FORBIDDEN"))),
    "status.changed": Planting(tap=rewritten(Spot("detail", status=404), refused(410, "NOT_FOUND"))),
    "check.order.changed": Planting(
        tap=rewritten(
            Spot("create", status=401),
            when(lambda one: one.request_body == b"{", refused(400, "INVALID_REQUEST")),
        )
    ),
    "error.envelope": answers("detail", drop("/message"), status=404),
    "error.code.new": answers("detail", put("/error_code", "OOPS"), status=404),
    "server_error": Planting(tap=rewritten(Spot("models"), refused(500, "INTERNAL"))),
    "response.field.removed": answers("detail", drop("/data/created"), state="handling"),
    "response.field.added": answers("detail", put("/data/percent", 1), state="handling"),
    "response.field.type": answers("detail", put("/data/created", "soon"), state="handling"),
    "response.field.nullable": answers("detail", put("/data/model", None), state="queued"),
    "response.value.new": answers("detail", put(TASK, "processing"), state="handling"),
    "content_type.changed": Planting(
        tap=rewritten(Spot("detail"), lambda one: replace(one, headers={**one.headers, "content-type": "text/plain"}))
    ),
    "header.removed": Planting(
        tap=rewritten(
            Spot("create"),
            lambda one: replace(one, headers={k: v for k, v in one.headers.items() if k != "idempotent-replay"}),
        )
    ),
    "header.added": headed("deprecation", "true"),
    "transition.unseen": answers("detail", put(TASK, "queued"), state="handling", after=2, every=2),
    "semantics": Planting(
        tap=altered(Spot("detail", state="success"), put("/data/taskId", "tk-hiapi-01KYV4GTDQPDGKR8ZRRXCTF1H8"))
    ),
    "callback.signature": Planting(heard=lambda: unsigned),
    "callback.schema": Planting(heard=lambda: untold),
    "callback.missing": Planting(heard=lambda: gone),
}


@cache
def changed(kind: str) -> Observed:
    """What a service with this change does."""
    return observe(contract("hiapi"), plant("hiapi", CHANGES[kind]).side, JOBS)


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_is_classified(kind: str) -> None:
    """A change on one side of HiAPI is found, and among its classes is the one that it is."""
    ours = reference("hiapi")

    assert kind in classes(differ(contract("hiapi"), ours.profile, changed(kind), ours.violations))


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Settings(pace="instant"), id="instant"),
        pytest.param(Settings(pace="realistic"), id="realistic"),
        pytest.param(Settings(seed="another"), id="another seed"),
    ],
)
@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_same_service_does_not_drift(provider: str, settings: Settings) -> None:
    """The emulator against itself, also at other job paces and with other ids: what is not shown is unverified only."""
    assert paced(provider, settings).outcome.drifts == ()


def test_edges_of_inputs_are_tried_on_an_account_that_cannot_pay() -> None:
    """A tightened and a loosened limit both show, and no job is made."""
    edges = Situation(jobs=False)

    def narrow(document: Any) -> None:
        document["input"]["properties"]["duration"]["maximum"] = 14

    def wide(document: Any) -> None:
        document["input"]["properties"]["duration"]["maximum"] = 16

    model = "happyhorse-1.1/reference-to-video"
    tight = planted("hiapi", Planting(edits={model: narrow}), edges)
    loose = planted("hiapi", Planting(edits={model: wide}), edges)
    assert {one.kind for one in tight.outcome.drifts} == {"request.tightened"}
    assert {one.kind for one in loose.outcome.drifts} == {"request.loosened"}
    assert {one.model for one in (*tight.outcome.drifts, *loose.outcome.drifts)} == {model}
    assert reference("hiapi", edges).played.accepted == 0


@pytest.mark.parametrize("kind", sorted(set(CHANGES) - {"semantics", "callback.signature", "callback.missing"}))
def test_comparing_the_other_way_round_is_the_mirror(kind: str) -> None:
    """What came one way went the other way: every class of a profile's differences has its mirror."""
    ours, theirs = reference("hiapi").profile, changed(kind).profile
    there = sorted((MIRRORED.get(one.kind, one.kind), one.pointer) for one in compare(contract("hiapi"), ours, theirs))
    back = sorted((one.kind, one.pointer) for one in compare(contract("hiapi"), theirs, ours))
    lost = {"request.loosened", "request.loosened.billed", "status.changed", "error.code.new", "response.type.missing"}
    blurred = lost | {"response.field.type", "response.field.nullable", "server_error"}

    assert [one for one in there if one[0] not in blurred] == [one for one in back if one[0] not in blurred]
    assert bool(there) == bool(back)


def test_jobs_are_few() -> None:
    """At most three jobs, and one that fails where that can be forced; a replayed submit makes none."""
    for provider in PROVIDERS:
        live = replace(JOBS, forced=False)
        assert observe(contract(provider), in_process(provider), live).played.accepted <= 4


def test_a_profile_is_kept_as_readable_json() -> None:
    """What is written is what is read, and holds no key, id of a job or link."""
    profile = reference("hiapi").profile
    text = dumps(profile)

    assert loads(text, "profile.json") == profile
    assert "rf_live" not in text
    assert "http://" not in text.replace("http://example.com", "")
    assert '"detail 200 handling first"' in text


def test_every_class_has_severities() -> None:
    """Both in the levels that documents have; mirrors and unobserved ones are classes."""
    assert {level for both in BEHAVIOUR.values() for level in both} <= set(LEVELS)
    assert {*MIRRORED, *MIRRORED.values(), *UNOBSERVED} <= set(BEHAVIOUR)

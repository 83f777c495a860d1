"""Defects that only a sequence shows."""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from conformance.defects import (
    CREATED,
    INVALID_REQUEST,
    JSON,
    SOME_TASK,
    SUCCESS,
    TASK,
    Change,
    Plant,
    accounts_and_lists,
    again,
    answer,
    both,
    cancelling,
    downloaded,
    edited,
    every,
    film,
    heard,
    keyed,
    life,
    other_account,
    put,
    refused_once,
    two_lives,
    when,
    where,
    with_headers,
)
from conformance.journeys import SAMPLES, look
from conformance.watching import HOOK, Watched
from driving import Answer
from providers.samples import job_id
from screentest_contracts.conformance import Film
from screentest_contracts.exchange import Exchange

RC, RF, HI = "runcomfy", "runflow", "hiapi"
NOT_FOUND = {"code": 404, "message": "x", "data": None}
MISMATCH = {"code": 422, "message": "x", "data": None, "error_code": "IDEMPOTENCY_KEY_MISMATCH"}
CONFLICT = {"code": "CONFLICT", "message": "x", "errors": None}
DENIED = {"code": 401, "message": "x", "data": None}
LATER, EARLIER = "2027-01-15T08:00:44.023+00:00", "2020-01-15T08:00:44.023+00:00"
OTHERS = "7f8f46f1-2800-5e16-bcb4-c713b3d2223c"


def shown_to_anybody(exchange: Exchange, body: Any) -> Any:
    """A task that is not found is shown all the same."""
    if exchange.status != 404:
        return body
    task = TASK | {"taskId": exchange.path.rpartition("/")[2]}
    return Answer(200, JSON, json.dumps(SUCCESS | {"data": task}).encode())


def long_life(emulator: Watched) -> None:
    """A job that takes five minutes, looked at on the way and at the end."""
    job = job_id(SAMPLES["hiapi"].send(emulator, prompt="a fox [[slow: 5m]]"))
    for seconds in (200, 200):
        emulator.advance(seconds)
        look(emulator, SAMPLES["hiapi"], job)


def ended_at_once(body: Any) -> None:
    body["data"]["completed"] = body["data"]["created"]


def unmarked(exchange: Exchange, body: Any) -> Any:
    headers = {name: value for name, value in exchange.headers.items() if name != "idempotent-replay"}
    return Answer(exchange.status, headers, exchange.body)


def lists_of_everybody() -> Any:
    """A list also has the jobs that other accounts were given."""
    given: list[str] = []

    def tamper(exchange: Exchange, body: Any) -> Any:
        if exchange.method == "POST":
            given.append(body["data"]["taskId"])
        elif exchange.path.endswith("/tasks"):
            shown = {task["taskId"] for task in body["data"]["tasks"]}
            body["data"]["tasks"] += [TASK | {"taskId": one} for one in given if one not in shown]
        return body

    return tamper


def overlapping_pages() -> Any:
    """Every page of the list is the one before once more."""
    last: list[Any] = []

    def tamper(exchange: Exchange, body: Any) -> Any:
        if exchange.query.get("size") == "1":
            last.append(body["data"]["tasks"])
            body["data"]["tasks"] = last[0]
        return body

    return tamper


def goes_on(exchange: Exchange, body: Any) -> Any:
    """A cancelled request completes after all."""
    if body.get("status") == "cancelled" and "cancel" not in exchange.path:
        body["status"] = "completed" if "/status" in exchange.path else "failed"
        body |= {"error": "x"} if body["status"] == "failed" else {}
    return body


def never_cancelled(exchange: Exchange, body: Any) -> Any:
    """A cancel is refused, and the request stays queued."""
    if "/cancel" in exchange.path:
        return body | {"outcome": "not_cancellable", "status": "in_queue"}
    return body | {"status": "in_queue"} if "/status" in exchange.path else body


def rows(path: str, change: Change) -> Any:
    return where(path, put("/data/tasks" if "task" in path else "/items", change))


def replayed(change: Change, path: str = "/tasks") -> Any:
    """A change to everything but the first submit."""
    return where(path, change, "POST", after=1)


SEQUENCES = [
    Plant("auth.tightened", "401", HI, life, where("/tasks/", answer(401, DENIED), after=2)),
    Plant("state.backwards", "queued again", HI, life, again("handling", {"status": "queued"})),
    Plant("state.backwards", "two documents", RC, life, where("/result", put("/status", "in_queue"), after=8)),
    Plant("state.left-final", "runs again", RF, life, again("succeeded", {"status_code": "running"})),
    Plant("state.left-final", "another end", HI, life, again("success", {"status": "fail"})),
    Plant("cancel.without-effect", "goes on", RC, cancelling(0), every(goes_on)),
    Plant("cancel.withheld", "queued", RC, cancelling(0), every(never_cancelled)),
    Plant("time.changed", "created", HI, life, where("/tasks/", put("/data/created", lambda at: at + 5), after=3)),
    Plant("time.changed", "end", RF, life, again("succeeded", {"completed_at": LATER})),
    Plant("time.order", "end first", RF, life, where("/runs/", when("succeeded", put("/completed_at", EARLIER)))),
    Plant("time.order", "ends as it begins", HI, long_life, where("/tasks/", when("success", ended_at_once))),
    Plant("time.order", "submits", RF, two_lives, where("/runs", put("/created_at", EARLIER), "POST", after=1)),
    Plant("constant.changed", "owner", RF, life, where("/runs/", put("/org_id", OTHERS), after=3)),
    Plant("echo.differs", "input", RC, life, where("/result", when("succeeded", put("/input", {})))),
    Plant("echo.differs", "address", RF, life, where("/runs", put("/callback_url", "https://127.0.0.1:9/other"))),
    Plant("echo.differs", "model", HI, life, where("/tasks/", put("/data/model", "seedance-2-0"))),
    Plant("job.lost", "404", HI, life, where("/tasks/", answer(404, NOT_FOUND), after=3)),
    Plant("job.shared", "one id", HI, two_lives, where("/tasks", put("/data/taskId", SOME_TASK), "POST")),
    Plant("tenancy.read", "anybody", HI, other_account, every(shown_to_anybody)),
    Plant("tenancy.listed", "everybody's", HI, accounts_and_lists, lists_of_everybody),
    Plant(
        "tenancy.refused-otherwise",
        "404 for 403",
        RC,
        other_account,
        where("/status", answer(404, {"error_code": 404001, "error_message": "x"})),
    ),
    Plant("replay.second-job", "new id", HI, keyed("a", "a"), replayed(put("/data/taskId", SOME_TASK))),
    Plant("replay.refused", "conflict", RF, keyed("a", "a"), replayed(answer(409, CONFLICT), "/runs")),
    Plant("replay.refused", "invalid", HI, keyed("a", "a"), replayed(answer(400, INVALID_REQUEST))),
    Plant("replay.mismatch-accepted", "another", HI, keyed("a", "b"), replayed(answer(200, CREATED))),
    Plant("replay.unmarked", "no header", HI, keyed("a", "a"), every(unmarked)),
    Plant("replay.spurious", "first use", HI, keyed("a"), where("/tasks", answer(422, MISMATCH), "POST")),
    Plant("list.order", "oldest first", HI, accounts_and_lists, rows("/tasks", lambda items: items[::-1])),
    Plant("list.order", "oldest first", RF, accounts_and_lists, rows("/runs", lambda items: items[::-1])),
    Plant("list.duplicate", "twice", RF, accounts_and_lists, rows("/runs", lambda items: [*items, *items[-1:]])),
    Plant("list.duplicate", "next page", HI, accounts_and_lists, overlapping_pages),
    Plant("list.size", "too long", HI, accounts_and_lists, rows("/tasks", lambda items: items * 99)),
    Plant("list.size", "other size", HI, accounts_and_lists, where("/tasks", put("/data/size", 7))),
    Plant("list.total", "too small", HI, accounts_and_lists, where("/tasks", put("/data/total", 1))),
    Plant(
        "list.missing",
        "newest",
        HI,
        accounts_and_lists,
        where("/tasks", both(put("/data/tasks", lambda items: items[1:]), put("/data/total", lambda count: count - 1))),
    ),
    Plant(
        "list.missing", "an id that is none", HI, accounts_and_lists, where("/tasks", put("/data/tasks/0/taskId", {}))
    ),
    Plant("list.missing", "newest", RF, accounts_and_lists, rows("/runs", lambda items: items[1:])),
    Plant("callback.unasked", "other address", HI, heard(lambda _, one: [replace(one, url=HOOK + "2")])),
    Plant("callback.unasked", "no job", HI, heard(edited("/taskId", SOME_TASK))),
    Plant("callback.differs", "end", HI, heard(edited("/completed", 1800000009))),
    Plant("callback.differs", "length", RF, heard(edited("/duration_ms", 1))),
    Plant("callback.signature", "wrong", HI, heard(with_headers(x_hiapi_signature="0" * 64), signed=True)),
    Plant("callback.signature", "missing", RF, heard(with_headers(runflow_signature=None), signed=True)),
    Plant("callback.repeated", "twice", HI, heard(lambda _, one: [one, one])),
    Plant("callback.missing", "none", RF, heard(lambda _, one: [])),
    Plant("callback.not-retried", "one attempt", HI, refused_once),
    Plant("media.kind", "an image", HI, life, where("/tasks/", when("success", put("/data/output/0/type", "image")))),
    Plant(
        "media.kind",
        "another key",
        RC,
        life,
        where("/result", when("succeeded", put("/output", lambda output: {"clips": [output["video"]]}))),
    ),
    Plant("media.size", "said", RF, life, where("/runs/", when("succeeded", put("/output/outputs/0/width", 640)))),
    Plant("media.size", "in the file", RC, film(Film(kind="video", width=640, height=480))),
    Plant("media.seconds", "said", RF, life, where("/runs/", when("succeeded", put("/output/outputs/0/duration", 15)))),
    Plant("media.sound", "silent", RF, film(Film(kind="video", sound=False))),
    Plant("media.count", "two", HI, life, where("/tasks/", when("success", put("/data/output", lambda one: one * 2)))),
    Plant("media.unreachable", "404", RF, downloaded(404)),
    Plant(
        "media.unreachable",
        "elsewhere",
        HI,
        life,
        where("/tasks/", when("success", put("/data/output/0/url", "https://cdn.example/a.mp4"))),
    ),
    Plant(
        "media.expiry", "a day", HI, life, where("/tasks/", when("success", put("/data/output/0/expireAt", 1800086400)))
    ),
    Plant("media.expiry", "for ever", HI, downloaded(200, later=9e6)),
]

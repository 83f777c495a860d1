"""Conversations with HiAPI."""

from __future__ import annotations

from typing import Any

from client.answers import CREATED as RECEIPT
from client.answers import FAIL, HIAPI_R2V, INPUT, SUCCESS, TASK_ID, detail, enveloped, hiapi_error
from client.stand_ins import Answer
from client.talks.talk import ELSEWHERE, LOST, End, Talk, ok
from screentest_client.errors import (
    AuthError,
    BalanceError,
    ConflictError,
    ConnectionFailedError,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    ServerError,
    UnexpectedAnswerError,
    WaitTimeoutError,
)

CREATED, DONE = ok(RECEIPT), ok(SUCCESS)
QUEUED, HANDLING, ARCHIVING = ok(detail("queued")), ok(detail("handling")), ok(detail("archiving"))
GATEWAY = {"error": {"code": "invalid_api_key", "type": "hiapi_error", "message": "no such key"}}
TOO_LONG = "at '/duration': maximum: got 16, want 15"
STRANGE = "additional properties 'seed' not allowed"
IN_FLIGHT = Answer(409, hiapi_error(409, "in progress", "IDEMPOTENCY_KEY_PROCESSING"), {"retry-after": "5"})
AWAY = Answer(503, hiapi_error(503, "later"), {"retry-after": "11"})


def no(status: int, message: str = "no such luck", code: str | None = None) -> Answer:
    return Answer(status, hiapi_error(status, message, code))


def run(name: str, end: End, *answers: Answer, **options: Any) -> Talk:
    return Talk("HiAPI", name, ("run", HIAPI_R2V, INPUT), end, answers, options)


def ask(name: str, end: End, *answers: Answer) -> Talk:
    return Talk("HiAPI", name, ("status", TASK_ID), end, answers)


def listing(name: str, end: End, *answers: Answer) -> Talk:
    return Talk("HiAPI", name, ("list",), end, answers)


RUNS = (
    run("happy path", "succeeded", CREATED, QUEUED, HANDLING, ARCHIVING, DONE),
    run("a task that fails", JobFailedError, CREATED, ok(FAIL)),
    run("a state that nobody knows", "succeeded", CREATED, ok(detail("napping")), DONE),
    run("a wrong field", InvalidInputError, no(400, TOO_LONG, "INVALID_REQUEST")),
    run("a field that does not exist", InvalidInputError, no(400, STRANGE, "INVALID_REQUEST")),
    run("a bad key", AuthError, no(401)),
    run("a bad key, in the gateway's words", AuthError, Answer(401, GATEWAY)),
    run("no balance", BalanceError, no(402)),
    run("an idempotency key used twice", ConflictError, no(422, code="IDEMPOTENCY_KEY_MISMATCH"), idempotency_key="k"),
    run("a model that is away", ServerError, no(400, code="MODEL_UNAVAILABLE")),
    run("a refusal under HTTP 200", InvalidInputError, ok(hiapi_error(400, "invalid request", "INVALID_REQUEST"))),
    run("a code that the HTTP status hides", BalanceError, ok({"code": 402, "message": "no balance", "data": None})),
    run("nothing in the envelope", UnexpectedAnswerError, ok({"code": 200, "message": "success", "data": None})),
    run("no id in the envelope", UnexpectedAnswerError, ok(enveloped({}))),
    run("trouble while it runs", "succeeded", CREATED, AWAY, Answer(500, {}), LOST, DONE),
    run("a key revoked while it runs", AuthError, CREATED, QUEUED, no(401)),
    run("a submit with a key, third try", "succeeded", LOST, no(503), CREATED, DONE, idempotency_key="k"),
    run("a submit still in flight", "succeeded", IN_FLIGHT, CREATED, DONE, idempotency_key="k"),
    run("a submit that never gets through", ConnectionFailedError, LOST, LOST, LOST, idempotency_key="k"),
)

ASKED = (
    ask("an unknown task", NotFoundError, no(404)),
    ask("a redirect", UnexpectedAnswerError, Answer(302, {}, ELSEWHERE)),
    ask("an output that is no list", UnexpectedAnswerError, ok(detail("success", output="x"))),
    ask("an output that is no object", UnexpectedAnswerError, ok(detail("success", output=["x"]))),
    listing("a list without tasks", UnexpectedAnswerError, ok(enveloped({"page": 1}))),
    listing("a list without a total", UnexpectedAnswerError, ok(enveloped({"tasks": []}))),
)

STEADY = (
    Talk("HiAPI", "a slow job", ("wait", TASK_ID), WaitTimeoutError, (HANDLING,), {"timeout": 60}, steady=True),
    Talk("HiAPI", "a server down for good", ("wait", TASK_ID), WaitTimeoutError, (Answer(500, {}),), steady=True),
    Talk("HiAPI", "a provider that stays silent", ("wait", TASK_ID), ConnectionFailedError, (LOST,), steady=True),
)

TALKS = (*RUNS, *ASKED, *STEADY)

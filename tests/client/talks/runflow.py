"""Conversations with Runflow."""

from __future__ import annotations

from typing import Any

from client.answers import CLIP, INPUT, OUTPUT, RUN_ID, RUNFLOW_R2V, runflow_error
from client.answers import runflow_run as made
from client.stand_ins import Answer
from client.talks.talk import End, Talk, ok
from screentest_client.errors import (
    AuthError,
    BalanceError,
    ConflictError,
    InvalidInputError,
    JobCancelledError,
    JobFailedError,
    NotFoundError,
    ServerError,
    UnexpectedAnswerError,
)

CREATED = ok(made("queued"), 201)
DONE = ok(made("succeeded", output=OUTPUT))
FAILED = made("failed", failure_code="PROVIDER_ERROR", failure_message="no video", failure_stage_code="dispatch")
VIDEO = {"video": {"url": CLIP}}
FIELD = {"loc": ["body", "input", "duration"], "msg": "Input should be less than or equal to 15"}


def no(status: int, code: str, *fields: dict[str, Any]) -> Answer:
    return Answer(status, runflow_error(code, "no such luck", *fields))


def run(name: str, end: End, *answers: Answer, **options: Any) -> Talk:
    return Talk("Runflow", name, ("run", RUNFLOW_R2V, INPUT), end, answers, options)


def sync(name: str, end: End, *answers: Answer) -> Talk:
    return Talk("Runflow", name, ("run_sync", RUNFLOW_R2V, INPUT), end, answers)


def ask(name: str, end: End, *answers: Answer) -> Talk:
    return Talk("Runflow", name, ("status", RUN_ID), end, answers)


TALKS = (
    run("happy path", "succeeded", CREATED, ok(made("dispatching")), ok(made("running")), DONE),
    run("some of the outputs", "partial", CREATED, ok(made("partial_succeeded", output=OUTPUT))),
    run("a run that fails", JobFailedError, CREATED, ok(FAILED)),
    run("cancelled by an administrator", JobCancelledError, CREATED, ok(made("canceled"))),
    run("cancelled, in the older spelling", JobCancelledError, CREATED, ok(made("cancelled"))),
    run("a wrong field", InvalidInputError, no(422, "VALIDATION_ERROR", FIELD)),
    run("an unknown model", NotFoundError, no(404, "MODEL_NOT_FOUND")),
    run("no credit", BalanceError, no(402, "INSUFFICIENT_CREDIT")),
    run("no permission", AuthError, no(403, "PERMISSION_DENIED")),
    run("an idempotency key used twice", ConflictError, no(409, "CONFLICT"), idempotency_key="k1"),
    run("a code in a nested error", AuthError, Answer(401, {"error": {"code": "UNAUTHORIZED", "message": "no"}})),
    run("a status that nobody documents", AuthError, no(418, "UNAUTHORIZED")),
    sync("the synchronous route", "succeeded", ok({**OUTPUT, **VIDEO})),
    sync("the synchronous route, as its page reads it", "succeeded", ok(VIDEO)),
    sync("the synchronous route fails", JobFailedError, no(502, "PROVIDER_ERROR")),
    sync("the synchronous route fails with a code of the model's", JobFailedError, no(502, "CONTENT_MODERATED")),
    sync("the synchronous route meets a gateway's page", ServerError, Answer(502, content=b"<h1>Bad Gateway</h1>")),
    sync("the synchronous route is cancelled", JobCancelledError, no(502, "CANCELED")),
    sync("the synchronous route is cancelled, in the older spelling", JobCancelledError, no(502, "CANCELLED")),
    sync("the synchronous route takes too long", ServerError, no(504, "GATEWAY_TIMEOUT")),
    ask("outputs that are no list", UnexpectedAnswerError, ok(made("succeeded", output={"outputs": "x"}))),
    ask("an output without a URL", UnexpectedAnswerError, ok(made("x", output={"outputs": [{"type": "video"}]}))),
    ask("a gateway's page", ServerError, Answer(502, content=b"<h1>Bad Gateway</h1>")),
)

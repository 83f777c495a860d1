"""Conversations with RunComfy."""

from __future__ import annotations

from typing import Any

import httpx2

from client.answers import CANCELLED, INPUT, NOT_CANCELLABLE, R2V, REQUEST_ID, SUCCEEDED, result, runcomfy_error, status
from client.answers import SUBMITTED as RECEIPT
from client.stand_ins import Answer
from client.talks.talk import ELSEWHERE, End, Talk, ok
from screentest_client.errors import (
    AuthError,
    BalanceError,
    ConnectionFailedError,
    InvalidInputError,
    JobCancelledError,
    JobFailedError,
    NotFoundError,
    RateLimitedError,
    ServerError,
    UnexpectedAnswerError,
)

SUBMITTED = ok(RECEIPT)
COMPLETED = ok(status("completed"))
DONE = ok(SUCCEEDED)
NO_FACE = ok(result("failed", error="no face found"))
WHY = {"type": "moderation", "message": "refused"}
FIELD = {"loc": ["body", "duration"], "msg": "must be at most 15", "type": "less_than_equal"}


def no(status: int, code: int, *detail: dict[str, Any]) -> Answer:
    return Answer(status, runcomfy_error(code, "no such luck", *detail))


def run(name: str, end: End, *answers: Answer, **options: Any) -> Talk:
    return Talk("RunComfy", name, ("run", R2V, INPUT), end, answers, options)


def ask(method: str, name: str, end: End, *answers: Answer) -> Talk:
    return Talk("RunComfy", name, (method, REQUEST_ID), end, answers)


RUNS = (
    run("happy path", "succeeded", SUBMITTED, ok(status("in_queue")), ok(status("in_progress")), COMPLETED, DONE),
    run("a generation that fails", JobFailedError, SUBMITTED, COMPLETED, NO_FACE),
    run("failed in status", JobFailedError, SUBMITTED, ok(status("failed")), ok(result("failed", error=WHY))),
    run("a failure that is not raised", "failed", SUBMITTED, COMPLETED, NO_FACE, raise_on_failure=False),
    run("cancelled elsewhere", JobCancelledError, SUBMITTED, ok(status("cancelled"))),
    run("completed too soon", "succeeded", SUBMITTED, COMPLETED, ok(result("in_progress")), COMPLETED, DONE),
    run("not ready as a refusal", "succeeded", SUBMITTED, COMPLETED, no(400, 400005), COMPLETED, COMPLETED, DONE),
    run("a wrong field", InvalidInputError, no(422, 422001, FIELD)),
    run("a wrong field, as 400 with the code of a model", InvalidInputError, no(400, 400001, FIELD)),
    run("an unknown model", NotFoundError, no(400, 400001)),
    run("a bad key as 400", AuthError, no(400, 400004)),
    run("a bad key as 401", AuthError, no(401, 400004)),
    run("a bad key, other names", AuthError, Answer(400, {"code": 400004, "error": "UserAccountError"})),
    run("no balance", BalanceError, no(400, 400002)),
    run("no balance as 402", BalanceError, no(402, 400002)),
    run("an error under HTTP 200", AuthError, ok(runcomfy_error(403003, "not allowed"))),
    run("an error of a known code under HTTP 200", BalanceError, ok(runcomfy_error(400002, "no balance"))),
    run("a server in trouble", ServerError, no(500, 500001)),
    run("a rate limit", RateLimitedError, Answer(429, {"message": "slow down"}, {"retry-after": "7"})),
    run("a submit whose answer is lost", ConnectionFailedError, Answer(fails=httpx2.ReadTimeout)),
    run("an answer that is not JSON", UnexpectedAnswerError, Answer(content=b"<html>hello</html>")),
    run("an empty answer", UnexpectedAnswerError, Answer(204, content=b"")),
    run("a list where an object belongs", UnexpectedAnswerError, ok([])),
    run("a receipt without an id", UnexpectedAnswerError, ok({"status_url": "x"})),
    run("a redirect", UnexpectedAnswerError, Answer(307, {}, ELSEWHERE)),
    run("a body that does not decompress", UnexpectedAnswerError, Answer(200, {}, {"content-encoding": "gzip"})),
)

ASKED = (
    ask("result", "a result that is not ready", None, ok(result("in_progress"))),
    ask("result", "a result refused as not ready", None, no(400, 400005), ok(status("in_progress"))),
    ask("result", "an output that is no object", UnexpectedAnswerError, ok(result("succeeded", output=7))),
    ask("result", "an output that is a bare URL", "succeeded", ok(result("succeeded", output="https://m/x.mp4"))),
    ask("cancel", "cancel while queued", "cancelled", ok(CANCELLED, 202)),
    ask("cancel", "cancel as documented", "cancelled", ok({**CANCELLED, "status": "completed"}, 202)),
    ask("cancel", "cancel too late", None, ok(NOT_CANCELLABLE, 202)),
    ask("status", "another user's request", AuthError, no(403, 403001)),
    ask("status", "an unknown request", NotFoundError, no(404, 404001)),
    ask("status", "a status without a state", UnexpectedAnswerError, ok({"request_id": REQUEST_ID})),
    ask("status", "the status of another job", UnexpectedAnswerError, ok({**status("in_queue"), "request_id": "x"})),
)

TALKS = (*RUNS, *ASKED)

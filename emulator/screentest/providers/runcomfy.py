"""RunComfy's Model API: a queue per request, its state and its result in two documents, cancel only while queued."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response
from starlette.types import Scope

from screentest.engine import Engine
from screentest.errors import Refusal
from screentest.jobs import Job, ended, outcome, queue_position
from screentest.outputs import media_url
from screentest.providers.wire import Call, ProviderApp, json_response, worded
from screentest.scenario import WARNING
from screentest_contracts.document import Failure
from screentest_contracts.load import Contract


def app(engine: Engine, public_base: Callable[[Scope, str], tuple[str, str]]) -> ProviderApp:
    handlers = {"submit": submit, "status": status, "result": result, "cancel": cancel}
    return ProviderApp(engine.contracts["runcomfy"], engine, handlers, envelope, public_base)


async def submit(call: Call) -> Response:
    sent = await call.body()
    job, warning = await call.submit(call.model(call.params["model_id"]), sent, {})
    answer = {"request_id": job.id, **{f"{name}_url": _url(job, name) for name in ("status", "result", "cancel")}}
    return json_response(answer, min(call.operation.answers), {WARNING: warning} if warning else None)


async def status(call: Call) -> Response:
    job, now = await call.job(call.params["request_id"]), await call.now()
    moment = call.engine.moment(job, now)
    answer: dict[str, Any] = {"request_id": job.id, "status": moment.word}
    if moment.stage == "queue":
        base = int(call.contract.assumed("runcomfy.queue-position-base"))
        answer["queue_position"] = queue_position(job, now, base)
    return json_response(answer | {"status_url": _url(job, "status"), "result_url": _url(job, "result")})


async def result(call: Call) -> Response:
    job, now = await call.job(call.params["request_id"]), await call.now()
    how = outcome(job, now)
    answer: dict[str, Any] = {"request_id": job.id, "model_id": job.model, "created_at": _stamp(job.submitted)}
    if how is None:
        if call.contract.assumed("runcomfy.result-not-ready") == "400005":
            raise Refusal("not-ready")
        return json_response(answer | {"status": call.engine.moment(job, now).word})
    answer |= {"status": call.contract.provider.lifecycle.results[how], "finished_at": _stamp(ended(job)[0])}
    if how == "succeeded":
        answer["output"] = _output(call.contract, job)
    elif how == "failed":
        answer["error"] = _error(call, job)
    return json_response(answer)


async def cancel(call: Call) -> Response:
    job, now = await call.job(call.params["request_id"]), await call.now()
    cancelled = await call.engine.cancel(job, now)
    if cancelled is None:
        word, told = call.engine.moment(job, now).word, "not_cancellable"
    else:
        word, told = call.contract.assumed("runcomfy.cancel-answer"), "cancelled"
    return json_response({"request_id": job.id, "status": word, "outcome": told}, min(call.operation.answers))


def envelope(refusal: Refusal, failure: Failure, contract: Contract) -> Response:
    entries = worded(refusal.violations, contract)
    said = "; ".join(f"{one.field}: {message}" for one, message, _ in entries)
    body: dict[str, Any] = {
        "error_code": failure.code,
        "error_message": failure.message.format(detail=said or refusal.detail),
    }
    if entries:
        body["detail"] = [{"loc": ["body", *one.at], "msg": message, "type": kind} for one, message, kind in entries]
    return json_response(body, failure.status)


def _output(contract: Contract, job: Job) -> dict[str, Any]:
    url = media_url(job, contract.provider.outputs.name)
    return {"videos": [url]} if contract.assumed("runcomfy.output-key") == "videos" else {"video": url}


def _error(call: Call, job: Job) -> str | dict[str, str]:
    _, message = call.failure_of(job)
    if call.contract.assumed("runcomfy.failed-error") == "object":
        return {"type": job.plan.failure[0] or "GenerationFailed", "message": message}
    return message


def _url(job: Job, document: str) -> str:
    return f"{job.base}/v1/requests/{job.id}/{document}"


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")

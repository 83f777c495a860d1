"""HiAPI: one task endpoint for every model, a flat envelope around every answer, no cancel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.types import Scope

from screentest.engine import Engine
from screentest.errors import Refusal
from screentest.jobs import Job, ended, outcome
from screentest.outputs import media_url
from screentest.providers.wire import Call, ProviderApp, json_response, worded
from screentest.scenario import WARNING
from screentest_contracts.document import Failure
from screentest_contracts.load import Contract
from screentest_contracts.schema import Violation


def app(engine: Engine, public_base: Callable[[Scope, str], tuple[str, str]]) -> ProviderApp:
    handlers = {"create": create, "list": list_tasks, "detail": detail}
    return ProviderApp(engine.contracts["hiapi"], engine, handlers, envelope, public_base)


async def create(call: Call) -> Response:
    body = await call.body()
    model = call.model(body["model"])
    extras = {name: body[name] for name in ("callback",) if name in body}
    job, warning = await call.submit(model, body["input"], extras)
    return _success({"taskId": job.id}, {WARNING: warning} if warning else None)


async def detail(call: Call) -> Response:
    job = await call.job(call.params["task_id"])
    return _success(_task(call, job, await call.now()))


async def list_tasks(call: Call) -> Response:
    query = call.operation.query
    page, size = (_normalised(call.request.query_params.get(name), query[name]) for name in ("page", "size"))
    jobs, total = await call.engine.page(call.key.account, "hiapi", (page - 1) * size, size)
    now = await call.now()
    return _success({"page": page, "size": size, "total": total, "tasks": [_task(call, job, now) for job in jobs]})


def _task(call: Call, job: Job, now: float) -> dict[str, Any]:
    """The task as the detail shows it: output only on success, error only on fail, completed 0 until then."""
    how, at = outcome(job, now), int(ended(job)[0])
    task: dict[str, Any] = {
        "taskId": job.id,
        "model": job.model,
        "status": call.engine.moment(job, now).word,
        "created": int(job.submitted),
        "completed": at if how else 0,
        "storage": "temp",
    }
    outputs = call.contract.provider.outputs
    if how == "succeeded":
        expires = at + (outputs.lifetime or 0)
        task["output"] = [{"url": media_url(job, outputs.name), "type": "video", "expireAt": expires}]
    elif how == "failed":
        code, message = call.failure_of(job)
        task["error"] = {"code": code, "message": message}
    return task


def envelope(refusal: Refusal, failure: Failure, contract: Contract) -> Response:
    seen = tuple(_as_one_object(violation) for violation in refusal.violations)
    said = "; ".join(message for _, message, _ in worded(seen, contract))
    message = failure.message.format(detail=said or refusal.detail)
    if failure.status in (401, 403, 429) and contract.assumed("hiapi.error-envelope") == "nested":
        nested = {"code": refusal.failure.replace("-", "_"), "type": "hiapi_error", "message": message}
        return json_response({"error": nested}, failure.status)
    body = {"code": failure.status, "message": message, "data": None}
    if failure.code is not None:
        body["error_code"] = failure.code
    return json_response(body, failure.status)


def _as_one_object(violation: Violation) -> Violation:
    """The server checks model and input as one object, so its pointers do not mention the input."""
    inside = len(violation.at) > 1 and violation.at[0] == "input"
    return replace(violation, at=violation.at[1:]) if inside else violation


def _success(data: Any, headers: dict[str, str] | None = None) -> Response:
    return json_response({"code": 200, "message": "success", "data": data}, headers=headers)


def _normalised(text: str | None, schema: dict[str, Any]) -> int:
    """A paging parameter; anything out of its range, or no number at all, is the default."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 9:
        return int(schema["default"])
    value = int(text)
    fits = schema["minimum"] <= value <= schema.get("maximum", value)
    return value if fits else int(schema["default"])

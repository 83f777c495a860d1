"""HiAPI: one task endpoint for every model, a flat envelope around every answer, no cancel."""

from __future__ import annotations

import secrets
from typing import Any

from msgspec import structs
from starlette.responses import Response

from screentest.engine import Engine
from screentest.errors import Refusal
from screentest.jobs import Job, ended, outcome, state
from screentest.json_text import json_bytes
from screentest.outputs import files, lifetime, media_url
from screentest.providers import hiapi_catalogue as catalogue
from screentest.providers.provider_app import ProviderApp, PublicBase
from screentest.providers.wire import Call, Handler, failure_of, json_response, worded
from screentest.sender import Notifier
from screentest_contracts.document import Failure
from screentest_contracts.load import Contract
from screentest_contracts.violation import Violation

_DEFAULT_ROUTE = "default"
_MOST_DIGITS = 15  # of a page number; times the page size it still fits into 64 bits


def app(engine: Engine, public_base: PublicBase) -> ProviderApp:
    handlers: dict[str, Handler] = {"create": create, "list": list_tasks, "detail": detail}
    handlers |= {"models": catalogue.models, "pricing": catalogue.pricing, "model-content": catalogue.model_content}
    return ProviderApp(engine.contracts["hiapi"], engine, handlers, envelope, public_base)


def notifier(engine: Engine) -> Notifier:
    """The callback is the task as the detail shows it, without the envelope and the storage field."""

    def body(job: Job, now: float) -> bytes:
        task = _task(job, now, engine.contracts["hiapi"])
        del task["storage"]
        return json_bytes(task)

    async def secret(account: str) -> str:
        return str((await engine.settings(account)).get("callback_secret", ""))

    return Notifier(body, secret, lambda job: {})


async def create(call: Call) -> Response:
    first = await call.replayed()
    if first is not None:
        policy = call.contract.provider.idempotency
        return _success({"taskId": first.id}, dict(policy.replay_headers) if policy else None)
    body = await call.body()
    base, _, suffix = body["model"].partition(catalogue.ROUTE)
    model, route = call.model(base), _route(call, base, suffix, body.get("route", ""))
    extras: dict[str, Any] = {name: body[name] for name in body if name in ("callback", "storage")}
    extras["model"] = f"{base}{catalogue.ROUTE}{route}" if route else body["model"]
    extras |= {"route": route} if route else {}
    callback_url = body.get("callback", {}).get("url")
    job, told = await call.submit(model, body["input"], extras, callback_url=callback_url)
    return _success({"taskId": job.id}, told)


def _route(call: Call, model: str, suffix: str, field: str) -> str:
    """The route that the field names, "" for none; both spellings are checked."""
    known = (_DEFAULT_ROUTE, *call.contract.provider.catalogue.routes)
    for name in (suffix, field):
        if name and name not in known:
            told = f"model '{model}' has no route '{name[:80]}'; available routes: {', '.join(known)}"
            raise Refusal("unknown-model-route", told)
    route = "" if field == _DEFAULT_ROUTE else field
    contradicting = route and suffix and route != suffix
    if contradicting and call.contract.assumed("hiapi.route-twice") == "refuse":
        raise Refusal("unknown-model-route", f"the model names the route '{suffix}', route says '{route}'")
    return route


async def detail(call: Call) -> Response:
    job = await call.job(call.params["task_id"])
    return _success(_task(job, await call.now(), call.contract))


async def list_tasks(call: Call) -> Response:
    query = call.operation.query
    page, size = (_normalised(call.request.query_params.get(name), query[name]) for name in ("page", "size"))
    jobs, total = await call.engine.page(call.key.account, "hiapi", (page - 1) * size, size)
    now = await call.now()
    tasks = [_task(job, now, call.contract) for job in jobs]
    return _success({"page": page, "size": size, "total": total, "tasks": tasks})


def _task(job: Job, now: float, contract: Contract) -> dict[str, Any]:
    """The task as the detail shows it: output only on success, error only on fail, completed 0 until then."""
    how = outcome(job, now)
    at = int(ended(job)[0]) if how else 0
    task: dict[str, Any] = {
        "taskId": job.id,
        "model": job.extras.get("model", job.model),
        "status": state(job, contract.provider.lifecycle, now).word,
        "created": int(job.submitted),
        "completed": at,
        "storage": job.extras.get("storage", "temp"),
    }
    if "route" in job.extras:
        task["route"] = job.extras["route"]
    if how == "succeeded":
        task["output"] = _output(job, at, contract)
    elif how == "failed":
        code, message = failure_of(job, contract)
        task["error"] = {"code": code, "message": message}
    return task


def _output(job: Job, at: int, contract: Contract) -> list[dict[str, Any]]:
    """One item a file; a picture that comes with a clip has a type of its own."""
    outputs, frames = contract.provider.outputs, job.plan.clip.get("frames", ())
    expires = at + int(lifetime(job, outputs) or 0)
    items = []
    for name, artefact in files(job, outputs).items():
        stem, kind = name.rpartition(".")[0], artefact.media_type.partition("/")[0]
        items.append({"url": media_url(job, name), "type": stem if stem in frames else kind, "expireAt": expires})
    return items


_GATEWAY_CODES = {"rate-limited": "rate_limit_exceeded"}
"""What the envelope of a gateway calls failures, as far as anybody has shown it; the others have our names."""


def envelope(refusal: Refusal, failure: Failure, contract: Contract) -> Response:
    seen = tuple(_as_one_object(violation) for violation in refusal.violations)
    said = "; ".join(message for _, message, _ in worded(seen, contract))
    message = failure.message.format(detail=said or refusal.detail)
    if failure.status in (401, 403, 429) and contract.assumed("hiapi.error-envelope") == "nested":
        code = _GATEWAY_CODES.get(refusal.failure, refusal.failure.replace("-", "_"))
        request_id = f"req_{secrets.token_hex(12)}"  # of this one answer: no seed makes it repeat
        nested = {"code": code, "type": "hiapi_error", "message": message, "request_id": request_id}
        return json_response({"error": nested}, failure.status)
    body = {"code": failure.status, "message": message, "data": None}
    if failure.code is not None:
        body["error_code"] = failure.code
    return json_response(body, failure.status)


def _as_one_object(violation: Violation) -> Violation:
    """The server checks model and input as one object, so its pointers do not mention the input."""
    inside = len(violation.at) > 1 and violation.at[0] == "input"
    return structs.replace(violation, at=violation.at[1:]) if inside else violation


def _success(data: Any, headers: dict[str, str] | None = None) -> Response:
    return json_response({"code": 200, "message": "success", "data": data}, headers=headers)


def _normalised(text: str | None, schema: dict[str, Any]) -> int:
    """A paging parameter; anything out of its range, or no number at all, is the default."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS:
        return int(schema["default"])
    value = int(text)
    fits = schema["minimum"] <= value <= schema.get("maximum", value)
    return value if fits else int(schema["default"])

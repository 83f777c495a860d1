"""Runflow: runs as one large record, and the marketing pages' synchronous route that answers with the output itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from starlette.responses import Response
from starlette.types import Scope

from screentest.engine import Engine
from screentest.errors import Refusal
from screentest.jobs import Job, ended, outcome
from screentest.outputs import media_url
from screentest.providers.wire import Call, ProviderApp, json_response, worded
from screentest.scenario import WARNING
from screentest_contracts.document import Failure, Model
from screentest_contracts.load import Contract

_NAMESPACE = uuid.UUID("5c7e57a1-0000-4000-8000-000000000000")
_NO_VALUE = (
    *("flow_id", "comfyui_workflow_id", "target_version", "context", "cost_breakdown", "nodes_total"),
    *("nodes_completed", "resolved_template_id", "batch_id", "jurisdiction_code", "flow_version_id"),
    *("created_by", "links"),
)


def app(
    engine: Engine, public_base: Callable[[Scope, str], tuple[str, str]], sync_timeout: float = 300.0
) -> ProviderApp:
    """`sync_timeout`: real seconds after which the synchronous route gives up waiting; the run goes on."""

    async def run(call: Call) -> Response:
        return await run_and_wait(call, sync_timeout)

    handlers = {"health": health, "create-run": create_run, "get-run": get_run, "run": run}
    return ProviderApp(engine.contracts["runflow"], engine, handlers, envelope, public_base)


async def health(call: Call) -> Response:
    return json_response({"status": "ok", "ok": True})


async def create_run(call: Call) -> Response:
    body = await call.body()
    model = call.model(call.params["model_id"])
    job, warning = await call.submit(model, body["input"], {name: body[name] for name in body if name != "input"})
    headers = {WARNING: warning} if warning else None
    return json_response(_run(call, job, job.submitted), min(call.operation.answers), headers)


async def get_run(call: Call) -> Response:
    job = await call.job(call.params["run_id"])
    return json_response(_run(call, job, await call.now()))


async def run_and_wait(call: Call, timeout: float) -> Response:
    """Submit, wait for the end on the account's clock, and answer with the output, `video.url` added."""
    if call.contract.assumed("runflow.sync-route") == "off":
        raise Refusal("unknown-route", call.request.url.path[:200])
    sent = await call.body()
    job, warning = await call.submit(_with_or_without_owner(call, call.params["model_id"]), sent, {})
    done = await call.engine.wait_for_end(job.id, timeout)
    if done is None:
        raise Refusal("sync-timeout", job.id)
    if outcome(done, float("inf")) != "succeeded":
        code, message = call.failure_of(done)
        failure = call.contract.provider.failures["generation-failed"]
        return json_response({"code": code, "message": message, "errors": None}, failure.status)
    output = _output(call, done, await call.now())
    headers = {"screentest-job": done.id} | ({WARNING: warning} if warning else {})
    return json_response(output | {"video": {"url": output["outputs"][0]["url"]}}, headers=headers)


def _with_or_without_owner(call: Call, name: str) -> Model:
    """The model with this id, or the only one whose id without its owner is `name`."""
    if call.contract.model(name) is None:
        named = [model_id for model_id in call.contract.model_ids if model_id.partition("/")[2] == name]
        name = named[0] if len(named) == 1 else name
    return call.model(name)


def _run(call: Call, job: Job, now: float) -> dict[str, Any]:
    """The run record. What the emulator has no value for is null, as the reference allows for every field."""
    how, end = outcome(job, now), ended(job)[0]
    code, message = call.failure_of(job) if how == "failed" else (None, None)
    begun = now >= job.plan.queue_ends
    return {
        "id": job.id,
        "model_id": str(uuid.uuid5(_NAMESPACE, job.model)),
        "target_type": "model",
        "org_id": str(uuid.uuid5(_NAMESPACE, job.account)),
        "status_code": call.engine.moment(job, now).word,
        "source_code": "api",
        "input": job.sent,
        "output": _output(call, job, now) if how == "succeeded" else None,
        "duration_ms": round((end - job.submitted) * 1000) if how else None,
        "cost": _cost(call, job) if how == "succeeded" else None,
        "client_ref": job.extras.get("client_ref"),
        "request_id": str(uuid.uuid5(_NAMESPACE, job.id)),
        "created_at": _stamp(job.submitted),
        "started_at": _stamp(job.plan.queue_ends) if begun else None,
        "completed_at": _stamp(end) if how else None,
        "callback_url": job.extras.get("callback_url"),
        "metadata": job.extras.get("metadata"),
        "has_logs": False,
        "has_node_runs": False,
        "failure_code": code,
        "failure_message": message,
        "failure_stage_code": "dispatch" if how == "failed" else None,
        **dict.fromkeys(_NO_VALUE),
    }


def _output(call: Call, job: Job, now: float) -> dict[str, Any]:
    """The normalised output; links are signed anew at each read and live from then."""
    outputs, clip = call.contract.provider.outputs, job.plan.clip
    expires = int(now) + (outputs.lifetime or 0)
    artefact = {
        "url": media_url(job, outputs.name, expires=expires),
        "type": "video",
        "width": clip["width"],
        "height": clip["height"],
        "duration": clip["seconds"],
    }
    checked = job.input.get("enable_safety_checker")
    return {
        "outputs": [artefact],
        "seed": clip["seed"],
        "timing": {"inference_ms": round((job.plan.ends - job.plan.queue_ends) * 1000)},
        "nsfw_detected": False if checked else None,
    }


def _cost(call: Call, job: Job) -> str | None:
    """US dollars as a decimal string; None where no price is known."""
    model = call.contract.model(job.model)
    if model is None or model.price is None:
        return None
    rate = model.price.usd_per_second.get(str(job.input.get(model.price.by)))
    return None if rate is None else str(Decimal(rate) * job.plan.clip["seconds"])


def envelope(refusal: Refusal, failure: Failure, contract: Contract) -> Response:
    entries = worded(refusal.violations, contract)
    said = "; ".join(f"{one.field}: {message}" for one, message, _ in entries)
    errors = [{"loc": ["body", *one.at], "msg": message, "type": kind} for one, message, kind in entries] or None
    message = failure.message.format(detail=said or refusal.detail)
    return json_response({"code": failure.code, "message": message, "errors": errors}, failure.status)


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")

"""RunComfy's Model API: a queue per request, its state and its result in two documents, cancel only while queued.

The catalogue is next door, in `runcomfy_catalogue`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from screentest.engine import Engine
from screentest.errors import Refusal
from screentest.jobs import Job, ended, kind_of, outcome, queue_position
from screentest.outputs import files, media_url
from screentest.providers import runcomfy_catalogue as catalogue
from screentest.providers.provider_app import ProviderApp, PublicBase
from screentest.providers.wire import Call, failure_of, json_response, worded
from screentest_contracts.document import Failure
from screentest_contracts.load import Contract

_OUTPUT_KEYS = {
    "video": "runcomfy.output-key",
    "image": "runcomfy.image-output-key",
    "audio": "runcomfy.audio-output-key",
}
"""The assumptions whose choices are the keys of a single output, by what it is."""


def app(engine: Engine, public_base: PublicBase) -> ProviderApp:
    handlers = {
        "submit": submit,
        "status": status,
        "result": result,
        "cancel": cancel,
        "models": catalogue.models,
        "categories": catalogue.categories,
        "model": catalogue.model,
    }
    return ProviderApp(engine.contracts["runcomfy"], engine, handlers, envelope, public_base)


async def submit(call: Call) -> Response:
    sent = await call.body()
    job, told = await call.submit(call.model(call.params["model_id"]), sent, {})
    answer = {"request_id": job.id, **_urls(job, "status", "result", "cancel")}
    return json_response(answer, min(call.operation.answers), told)


async def status(call: Call) -> Response:
    job, now = await call.job(call.params["request_id"]), await call.now()
    moment = call.engine.moment(job, now)
    answer: dict[str, Any] = {"request_id": job.id, "status": moment.word}
    if moment.stage == "queue":
        base = int(call.contract.assumed("runcomfy.queue-position-base"))
        answer["queue_position"] = queue_position(job, now, base)
    return json_response(answer | _urls(job, "status", "result"))


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
        answer |= _success(call, job)
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
    said = "; ".join(f"{one.field or 'body'}: {message}" for one, message, _ in entries)
    place = "query" if refusal.failure == "bad-query" else "body"
    body: dict[str, Any] = {
        "error_code": failure.code,
        "error_message": failure.message.format(detail=said or refusal.detail),
    }
    if entries:
        body["detail"] = [{"loc": [place, *one.at], "msg": message, "type": kind} for one, message, kind in entries]
    return json_response(body, failure.status)


def _success(call: Call, job: Job) -> dict[str, Any]:
    """What a result has beside a success: the output, the input as it was sent, and the cost if that is asked for."""
    told: dict[str, Any] = {"output": _output(call.contract, job)}
    if call.contract.assumed("runcomfy.input-echo") == "succeeded":
        told["input"] = job.sent
    if call.request.query_params.get("include_cost", "").lower() in ("true", "1"):
        cost = catalogue.cost(call.contract, job)
        told |= {} if cost is None else {"cost": cost}
    return told


def _output(contract: Contract, job: Job) -> dict[str, Any]:
    """The links, under the key that goes with what they lead to and how many they are."""
    host = contract.assumed("runcomfy.media-host")
    names = files(job, contract.provider.outputs)
    links = [media_url(job, name, host=None if host == "called" else host) for name in names]
    kind = kind_of(job)
    if len(links) != 1:
        return {f"{kind}s": links}
    key = contract.assumed(_OUTPUT_KEYS[kind])
    return {key: links if key.endswith("s") else links[0]}


def _error(call: Call, job: Job) -> str | dict[str, str]:
    code, message = failure_of(job, call.contract)
    if call.contract.assumed("runcomfy.failed-error") == "object":
        return {"type": str(code or "GenerationFailed"), "message": message}
    return message


def _urls(job: Job, *documents: str) -> dict[str, str]:
    own = f"{job.base}/v1/requests/{job.id}"
    return {f"{name}_url": f"{own}/{name}" for name in documents}


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")

"""The run record, its normalised output, and the notification of its end."""

from __future__ import annotations

from typing import Any

from screentest.jobs import SUCCESSES, Job, begun, ended, outcome, state
from screentest.media.artefact import Artefact
from screentest.media.clip import Clip
from screentest.media.recording import Recording
from screentest.media.still import Still
from screentest.outputs import files, lifetime, media_url
from screentest.providers.runflow.identity import milliseconds, named, organisation, stamp
from screentest.providers.runflow.references import readable
from screentest.providers.wire import failure_of
from screentest_contracts.load import Contract

_NO_VALUE = (
    *("flow_id", "comfyui_workflow_id", "target_version", "context", "cost_breakdown", "nodes_total"),
    *("nodes_completed", "resolved_template_id", "batch_id", "jurisdiction_code", "flow_version_id"),
    *("created_by", "links", "feedback_is_positive", "feedback_reason", "source_chat_message_id"),
    "current_evaluation_summary",
)

_EVENTS = {
    "succeeded": "run.completed",
    "partial": "run.partial_succeeded",
    "failed": "run.failed",
    "cancelled": "run.cancelled",
}
"""A run's end as callbacks call it."""


def run_record(job: Job, now: float, contract: Contract) -> dict[str, Any]:
    """The run at `now`. What the emulator has no value for is null, as the reference allows for every field."""
    how, end = outcome(job, now), ended(job)[0]
    code, message = failure_of(job, contract) if how == "failed" else (None, None)
    started = begun(job, now)
    return {
        "id": job.id,
        "model_id": named(job.model),
        "target_type": "model",
        "org_id": organisation(job.account),
        "status_code": state(job, contract.provider.lifecycle, now).word,
        "source_code": "api",
        "input": readable(job.sent, job.base, now, contract),
        "output": output_of(job, now, contract) if how in SUCCESSES else None,
        "duration_ms": milliseconds(job.submitted, end) if how else None,
        "cost": _cost(job, how, started is not None),
        "client_ref": job.extras.get("client_ref"),
        "request_id": request_id(job),
        "created_at": stamp(job.submitted),
        "started_at": stamp(started) if started is not None else None,
        "completed_at": stamp(end) if how else None,
        "callback_url": job.extras.get("callback_url"),
        "metadata": readable(job.extras.get("metadata"), job.base, now, contract),
        "has_logs": True,
        "has_node_runs": False,
        "failure_code": code,
        "failure_message": message,
        "failure_stage_code": "dispatch" if how == "failed" else None,
        **dict.fromkeys(_NO_VALUE),
    }


def output_of(job: Job, now: float, contract: Contract) -> dict[str, Any]:
    """The normalised output; links are signed anew at each read and live from then."""
    outputs = contract.provider.outputs
    end = ended(job)[0]
    expires = int(now) + int(lifetime(job, outputs) or 0)
    checked = job.input.get("enable_safety_checker")
    return {
        "outputs": [
            {"url": media_url(job, name, expires=expires), **_measures(artefact)}
            for name, artefact in files(job, outputs).items()
        ],
        "seed": job.plan.clip["seed"],
        "timing": {"inference_ms": milliseconds(begun(job, end) or end, end)},
        "nsfw_detected": True if job.plan.flagged else False if checked else None,
    }


def _measures(artefact: Artefact) -> dict[str, Any]:
    """What an output is: its type, the sides of a picture in pixels, the seconds of what lasts."""
    match artefact:
        case Clip():
            return {"type": "video", "width": artefact.width, "height": artefact.height, "duration": artefact.seconds}
        case Still():
            return {"type": "image", "width": artefact.width, "height": artefact.height}
        case Recording():
            return {"type": "audio", "duration": artefact.milliseconds / 1000}


def notification(job: Job, now: float, contract: Contract) -> dict[str, Any]:
    """The callback's envelope; on failure `output` is an error envelope, and it is null for a cancelled run."""
    run, how = run_record(job, now, contract), outcome(job, now)
    output = run["output"]
    if how == "failed" and contract.assumed("runflow.callback-failed-output") == "envelope":
        output = {"code": run["failure_code"], "message": run["failure_message"], "errors": None}
    return {
        "event": _EVENTS[how or "cancelled"],
        "run_id": job.id,
        "status": run["status_code"],
        "output": output,
        **{name: run[name] for name in ("duration_ms", "created_at", "completed_at", "metadata")},
    }


def request_id(job: Job) -> str:
    return named(job.id)


def _cost(job: Job, how: str | None, begun: bool) -> str | None:
    """A cancelled run is billed for what was charged already: everything, once it had been dispatched."""
    billed = how in SUCCESSES or (how == "cancelled" and begun)
    return job.cost if billed else None

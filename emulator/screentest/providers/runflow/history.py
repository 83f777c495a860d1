"""Logs and node runs: what a run's own timeline tells. Nothing is stored for them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from screentest.errors import Refusal
from screentest.jobs import Job, Moment, outcome, timeline
from screentest.providers.runflow import lists
from screentest.providers.runflow.identity import named, stamp
from screentest.providers.wire import Call, failure_of, json_response
from screentest_contracts.load import Contract


def log_entries(job: Job, now: float, contract: Contract) -> list[dict[str, Any]]:
    """One entry for each status that the run has had by `now`, oldest first."""
    moments = [moment for moment in timeline(job, contract.provider.lifecycle) if moment.at <= now]
    return [_entry(job, number, moment, contract) for number, moment in enumerate(moments)]


async def list_logs(call: Call) -> Response:
    job = await call.job(call.params["run_id"])
    return json_response(lists.listed(call, log_entries(job, await call.now(), call.contract), "Log"))


async def get_log(call: Call) -> Response:
    job = await call.job(call.params["run_id"])
    for entry in log_entries(job, await call.now(), call.contract):
        if entry["id"] == call.params["log_id"]:
            return json_response(entry)
    raise Refusal("unknown-item", "Log")


async def list_node_runs(call: Call) -> Response:
    """A run of a provider's model has no nodes."""
    await call.job(call.params["run_id"])
    return json_response(lists.listed(call, [], "NodeRun"))


def _entry(job: Job, number: int, moment: Moment, contract: Contract) -> dict[str, Any]:
    failed = moment.stage == "end" and outcome(job, moment.at) == "failed"
    return {
        "id": named(job.id, "log", str(number)),
        "run_id": job.id,
        "level_code": "error" if failed else "info",
        "message": failure_of(job, contract)[1] if failed else f"Run {moment.word}",
        "timestamp": stamp(moment.at),
        "meta": None,
        "run": None,
    }

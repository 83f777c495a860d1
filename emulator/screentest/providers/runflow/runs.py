"""Runs: create, read, list, cancel; and the marketing pages' synchronous route that answers with the output itself."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response

from screentest import own_headers
from screentest.errors import Refusal, ResetError
from screentest.jobs import SUCCESSES, Amendment, Job, ended, outcome
from screentest.providers.runflow import lists, references
from screentest.providers.runflow.history import log_entries
from screentest.providers.runflow.record import output_of, run_record
from screentest.providers.wire import Call, failure_of, json_response
from screentest_contracts.model import Model

_CHUNK = 200


async def create_run(call: Call) -> Response:
    replayed = await call.replayed()
    if replayed is not None:
        return _created(call, replayed, {})
    body = await call.body()
    model = call.model(call.params["model_id"])
    await references.check(call, body["input"], ("input",))
    await references.check(call, body.get("metadata"), ("metadata",))
    extras = {name: body[name] for name in body if name != "input"}
    job, told = await _submit(call, model, body["input"], extras)
    return _created(call, job, told)


def _created(call: Call, job: Job, told: dict[str, str]) -> Response:
    """The run as it was accepted; one that ended in the same moment is shown as it was before."""
    at_once = ended(job)[0] <= job.submitted
    record = run_record(job, math.nextafter(job.submitted, 0) if at_once else job.submitted, call.contract)
    return json_response(record, min(call.operation.answers), told)


async def _submit(call: Call, model: Model, sent: dict[str, Any], extras: dict[str, Any]) -> tuple[Job, dict[str, str]]:
    """Submit a run that keeps references where the caller sent data URIs."""
    now = await call.now()
    kept, of_input = references.stored(call, sent, now)
    files = of_input
    if "metadata" in extras:
        metadata, of_metadata = references.stored(call, extras["metadata"], now)
        extras, files = extras | {"metadata": metadata}, [*of_input, *of_metadata]
    return await call.submit(model, sent, extras, kept=kept, files=files, callback_url=extras.get("callback_url"))


async def get_run(call: Call) -> Response:
    job, now = await call.job(call.params["run_id"]), await call.now()
    embedded = {name.strip() for name in lists.query(call).get("embed", "").split(",")}
    record = run_record(job, now, call.contract)
    more = {"logs": log_entries(job, now, call.contract), "node_runs": [], "flow": None}
    return json_response(record | {name: value for name, value in more.items() if name in embedded})


async def list_runs(call: Call) -> Response:
    wish = lists.read_wish(call, call.contract.provider.schemas["Run"]["properties"])
    found = []
    back = wish.cursor is not None and wish.cursor.back
    async for row in _rows(call):
        if not wish.where(row[1]):
            continue
        if wish.newest_first and not back and wish.start and not wish.start < wish.place(row):
            continue
        found.append(row)
        if wish.newest_first and not back and len(found) > wish.limit:
            break  # the jobs come in this order
    return json_response(lists.page(sorted(found, key=wish.place), wish))


async def _rows(call: Call) -> AsyncIterator[lists.Row]:
    """The record of every run of the account with its number, newest first."""
    now, offset = await call.now(), 0
    while True:
        jobs, total = await call.engine.page(call.key.account, call.contract.name, offset, _CHUNK)
        for index, job in enumerate(jobs, offset):
            yield total - index, run_record(job, now, call.contract)
        if len(jobs) < _CHUNK:
            return
        offset += _CHUNK


async def list_statuses(call: Call) -> Response:
    """Every value of `status_code`, in the order of the contract."""
    lifecycle = call.contract.provider.lifecycle
    words = call.contract.provider.schemas["Run"]["properties"]["status_code"]["enum"]
    waiting = {step.word for step in lifecycle.steps}
    return json_response(
        {"items": [{"code": word, "is_terminal": word not in waiting} for word in words], **lists.NO_CURSORS}
    )


async def cancel_run(call: Call) -> Response:
    """An administrator's cancel: 201 when it ended the run, 200 and no change when the run had ended."""
    if not call.key.admin:
        raise Refusal("not-allowed", "runs:cancel")
    reason = (await call.body()).get("reason")
    job, now = await call.job(call.params["run_id"]), await call.now()
    status = 200
    if outcome(job, now) is None:
        status, job = (
            201,
            await call.engine.amend(job, Amendment(at=now, kind="admin_cancelled", data={"reason": reason})),
        )
    return json_response(run_record(job, now, call.contract), status)


async def run_and_wait(call: Call, timeout: float) -> Response:
    """Submit, wait for the end on the account's clock, and answer with the output, `video.url` added."""
    sent = await call.body()
    model = _with_or_without_owner(call, call.params["model_id"])
    await references.check(call, sent, ())
    job, told = await _submit(call, model, sent, {})
    told = {own_headers.JOB: job.id} | told
    try:
        done = await call.engine.wait_for_end(job, timeout)
    except ResetError:
        return _failed(call, None, "The account was reset; the run is gone", told)
    if done is None:
        raise Refusal("sync-timeout", job.id, headers=told)
    if ended(done)[1] == "cancelled":
        # The record of a cancelled run has no failure code: its status says it.
        word = call.contract.provider.lifecycle.outcomes["cancelled"]
        return _failed(call, word.upper(), f"The run was {word}", told)
    if ended(done)[1] not in SUCCESSES:
        return _failed(call, *failure_of(done, call.contract), told)
    output = output_of(done, await call.now(), call.contract)
    if output["outputs"]:
        output["video"] = {"url": output["outputs"][0]["url"]}
    return json_response(output, headers=told)


def _failed(call: Call, code: str | int | None, message: str, told: dict[str, str]) -> Response:
    """The answer of a synchronous run that came to nothing; the provider's own code where there is no other."""
    failure = call.contract.provider.failures["generation-failed"]
    said = {"code": code or failure.code, "message": message, "errors": None}
    return json_response(said, failure.status, told)


def _with_or_without_owner(call: Call, name: str) -> Model:
    """The model with this id, or the only one whose id without its owner is `name`."""
    if call.contract.model(name) is None:
        named = [model_id for model_id in call.contract.model_ids if model_id.partition("/")[2] == name]
        name = named[0] if len(named) == 1 else name
    return call.model(name)

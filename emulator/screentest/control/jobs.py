"""``/_control/jobs``: every job with its state now; one job with its plan, its timeline and all that belongs to it."""

from __future__ import annotations

import math
from typing import Any

from starlette.requests import Request

from screentest import callbacks
from screentest.control.deciding import as_request, behind_job
from screentest.control.deliveries import shown as shown_delivery
from screentest.control.desk import BadWishError, Desk, check_filters, read_object, selected, wanted, when_enough
from screentest.control.requests import summary
from screentest.jobs import SUCCESSES, Amendment, Job, asked, ended, fingerprint_of, outcome, queue_position, timeline
from screentest.jobs import clip as made
from screentest.outputs import files, media_url
from screentest.providers.wire import failure_of
from screentest.store import AccountRow
from screentest_contracts.load import Contract

_STAGES = ("queue", "run", "end")
_WISHES = '{"finish": true}, {"fail": {"code": "...", "message": "..."}} or {"cancel": "reason"}'


async def listed(desk: Desk, request: Request) -> dict[str, Any]:
    """The jobs of the account, or of all, newest first."""
    wish, account = wanted(request, "provider", "model", "state", "text", "before"), selected(request)
    contracts = desk.engine.contracts
    words = [word for one in contracts.values() for word in one.provider.lifecycle.words]
    check_filters(wish, provider=contracts, state=dict.fromkeys((*_STAGES, *words)))

    async def find() -> list[dict[str, Any]]:
        return await _matching(desk, account, dict(wish.filters), max(wish.limit, wish.count))

    return {"jobs": (await when_enough(desk, account, wish, find))[: wish.limit]}


async def one(desk: Desk, request: Request) -> dict[str, Any]:
    """A job in full; POST brings it to an end first: finish, fail, or cancel as an administrator."""
    wish = await read_object(request) if request.method == "POST" else {}
    job = await _job(desk, request)  # only now: while the body was on the way, it may have ended, or have been reset
    if request.method == "POST":
        job = await _amended(desk, job, wish)
    now, contract = await desk.engine.now(job.account), desk.engine.contracts[job.provider]
    requests = [entry for entry in desk.engine.journal.entries(job.account) if entry.seen.job == job.id]
    deliveries = await desk.engine.store.effects(job.account, callbacks.KIND, job.id)
    moments = timeline(job, contract.provider.lifecycle)
    mark = {"fingerprint": fingerprint_of(job)}
    return shown(desk, job, now, await _labels(desk)) | {
        "timeline": [{"at": one.at, "state": one.word, "stage": one.stage} for one in moments],
        "request": as_request(contract, job),
        "sent": job.sent,
        "input": job.input,
        "extras": job.extras,
        "error": _error(contract, job, now),
        "scenario": next((entry.seen.scenario for entry in requests if entry.seen.scenario), ""),
        "amendments": [{"at": one.at, "kind": one.kind, "data": one.data} for one in job.amendments],
        "endings": list(contract.provider.lifecycle.outcomes),
        "asked": {**asked(job), **mark},
        "made": {**made(job), **mark},
        "outputs": _outputs(desk, job, now),
        "deliveries": [shown_delivery(callbacks.from_effect(one)) for one in deliveries],
        "requests": [summary(entry) for entry in requests],
        "facts": behind_job(contract, job, {entry.seen.operation for entry in requests}),
    }


def shown(desk: Desk, job: Job, now: float, labels: dict[str, str]) -> dict[str, Any]:
    """A job as a line of the list."""
    moment, (end, _) = desk.engine.moment(job, now), ended(job)
    return {
        "id": job.id,
        "provider": job.provider,
        "model": job.model,
        "account": labels.get(job.account, ""),
        "account_id": job.account,
        "state": moment.word,
        "stage": moment.stage,
        "outcome": outcome(job, now),
        "queue_position": queue_position(job, now, 0) if moment.stage == "queue" else None,
        "submitted": job.submitted,
        "ends": end if math.isfinite(end) else None,
        "now": now,
        "cost": job.cost,
        "prompt": str(job.input.get("prompt", ""))[:200],
    }


async def _matching(desk: Desk, account: str | None, filters: dict[str, str], limit: int) -> list[dict[str, Any]]:
    """The newest jobs that fit. The state is a matter of time, so it is looked at here, not in the store."""
    before, found = _serial(filters.get("before")), list[dict[str, Any]]()
    labels = await _labels(desk)
    nows: dict[str, float] = {}
    while len(found) < limit:
        page = await desk.engine.store.newest(
            account, provider=filters.get("provider", ""), text=filters.get("text", ""), before=before, limit=limit
        )
        for serial, job in page:
            before = serial
            if job.account not in nows:
                nows[job.account] = await desk.engine.now(job.account)
            line = {"serial": serial, **shown(desk, job, nows[job.account], labels)}
            fits = filters.get("model") in (None, job.model)
            if fits and filters.get("state") in (None, line["state"], line["stage"]) and len(found) < limit:
                found.append(line)
        if len(page) < limit:
            break
    return found


def _serial(text: str | None) -> int | None:
    if text is not None and not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise BadWishError(f"before is the serial number of a job, not {text[:40]!r}")
    return int(text) if text else None


async def _labels(desk: Desk) -> dict[str, str]:
    rows: list[AccountRow] = list(await desk.engine.store.accounts())
    return {row.id: row.label for row in rows}


async def _job(desk: Desk, request: Request) -> Job:
    job, account = await desk.engine.job(request.path_params["job"]), selected(request)
    if job is None or account not in (None, job.account):
        raise BadWishError(f"no job {request.path_params['job'][:80]!r}", 404)
    return job


async def _amended(desk: Desk, job: Job, wish: dict[str, Any]) -> Job:
    now = await desk.engine.now(job.account)
    if outcome(job, now) is not None:
        raise BadWishError(f"job {job.id} has ended as {outcome(job, now)}", 409)
    match wish:
        case {"finish": True, **rest} if not rest:
            amendment = Amendment(at=now, kind="finished")
        case {"fail": dict() as why, **rest} if not rest and set(why) <= {"code", "message"}:
            amendment = Amendment(at=now, kind="failed", data={name: str(value) for name, value in why.items()})
        case {"cancel": str() as reason, **rest} if not rest:
            if "cancelled" not in desk.engine.contracts[job.provider].provider.lifecycle.outcomes:
                raise BadWishError(f"{job.provider} has no cancelled jobs", 409)
            amendment = Amendment(at=now, kind="admin_cancelled", data={"reason": reason})
        case _:
            raise BadWishError(f"expected one of {_WISHES}")
    return await desk.engine.amend(job, amendment)


def _error(contract: Contract, job: Job, now: float) -> dict[str, Any] | None:
    """Why the job has failed, as the provider words it."""
    if outcome(job, now) != "failed":
        return None
    code, message = failure_of(job, contract)
    return {"code": code, "message": message}


def _outputs(desk: Desk, job: Job, now: float) -> list[dict[str, Any]]:
    if outcome(job, now) not in SUCCESSES:
        return []
    outputs = desk.engine.contracts[job.provider].provider.outputs
    return [
        {"url": media_url(job, name), "type": artefact.media_type} for name, artefact in files(job, outputs).items()
    ]

"""What the client does, once: generators that yield steps and are sent their responses. The drivers do the I/O.

    flow = status(HIAPI, "tk-hiapi-...")
    request = next(flow)             # GET /v1/tasks/tk-hiapi-...
    flow.send(Response(...))         # StopIteration, whose value is the Job

A failed request is thrown into the flow as a ClientError.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from screentest_client.errors import (
    ClientError,
    ConflictError,
    ConnectionFailedError,
    DownloadError,
    JobCancelledError,
    JobFailedError,
    RateLimitedError,
    ServerError,
    UnexpectedAnswerError,
)
from screentest_client.job import Job, JobPage, Output, Progress
from screentest_client.pace import Pace, Waiting, backoff
from screentest_client.steps import Flow, Request, Save, Sleep, ask
from screentest_client.wire.base import Wire
from screentest_client.wire.hiapi import HIAPI
from screentest_client.wire.runcomfy import RUNCOMFY
from screentest_client.wire.runflow import RUNFLOW
from screentest_contracts.urls import is_link

TRIES = 3
"""How often a submit with an idempotency key is sent at most."""


def submit(wire: Wire, request: Request, model: str, pace: Pace | None = None) -> Flow[Job]:
    """Create a job, and give it as it was accepted.

    A submit without an idempotency key is sent once and never again, whatever happens: it costs real money, and after a
    lost answer, or a 5xx, nobody can tell whether the job exists. With a key, a second one creates nothing new; it is
    sent if `pace` has the time.
    """
    troubles = 0
    while True:
        try:
            return wire.read_submitted((yield from ask(request)), model)
        except ClientError as error:
            troubles += 1
            delay = backoff(troubles, error.retry_after, 0.0)
            if not (request.keyed and troubles < TRIES and _passing(error)) or (pace and delay > pace.left()):
                raise
        if pace is None:
            yield Sleep(seconds=delay)
        else:
            yield from pace.sleep(delay)


def _passing(error: ClientError) -> bool:
    """Is it worth sending the same bytes again? A conflict with a Retry-After is our first call, still in flight."""
    in_flight = isinstance(error, ConflictError) and error.retry_after is not None
    return in_flight or isinstance(error, (ConnectionFailedError, RateLimitedError, ServerError))


def _garbled(error: ClientError) -> bool:
    """A yes that is no JSON: cut off on its way, or a page of what is in between.

    For a job that nobody has seen yet the base URL is as likely to be wrong, which must be told at once.
    """
    accepted = isinstance(error, UnexpectedAnswerError) and error.status is not None and 200 <= error.status < 300
    return accepted and isinstance(error.body, str)


def status(wire: Wire, job: Job | str, pace: Pace | None = None) -> Flow[Job]:
    """The job's state; in a wait, at its pace."""
    seen = wire.known(job)
    return wire.read_status((yield from ask(_hurried(wire.status(seen.id), pace))), seen)


def result(wire: Wire, job: Job | str, pace: Pace | None = None) -> Flow[Job]:
    """The job with its outputs, or its state while there are none; in a wait, at its pace."""
    seen = wire.known(job)
    try:
        return wire.read_result((yield from ask(_hurried(wire.result(seen.id), pace))), seen)
    except ConflictError:  # "not ready", said as a refusal; the status says how far it is
        return (yield from status(wire, seen, pace))


def _hurried(request: Request, pace: Pace | None) -> Request:
    """The request of a look, which a silent provider cannot hold for much longer than the wait has time."""
    return request if pace is None else replace(request, most=pace.most())


def cancel(job: Job | str) -> Flow[Job]:
    """Ask RunComfy, which alone has the operation, to cancel a queued job."""
    seen = RUNCOMFY.known(job)
    return RUNCOMFY.read_cancelled((yield from ask(RUNCOMFY.cancel(seen.id))), seen)


def list_jobs(page: int | None, size: int | None) -> Flow[JobPage]:
    """A page of HiAPI's tasks."""
    return HIAPI.read_list((yield from ask(HIAPI.list(page, size))))


def run_sync(model: str, input: Mapping[str, Any], timeout: float) -> Flow[Job]:
    """Runflow's blocking route: one request that is answered with the output."""
    return RUNFLOW.read_run((yield from ask(RUNFLOW.run(model, input, timeout))), model)


def look(wire: Wire, seen: Job, pace: Pace, tell: Progress | None) -> Flow[Job]:
    """The newest of a job: its status, and once that is final, its result where that is another document.

    `tell` hears of a status that a result follows.
    """
    now = yield from status(wire, seen, pace)
    if wire.result_operation == wire.status_operation or not now.finished or now.outcome == "cancelled":
        return now
    if tell is not None:
        tell(now)
    return (yield from result(wire, now, pace))


def wait(wire: Wire, job: Job | str, waiting: Waiting, pace: Pace | None = None) -> Flow[Job]:
    """Look at a job until it has ended. Trouble with the provider, or on the way to it, is borne until the deadline."""
    seen = wire.known(job)
    pace = pace or Pace(waiting, wire.poll)
    while True:
        try:
            seen = yield from look(wire, seen, pace, waiting.progress)
        except ClientError as error:
            error.job = seen
            passing = isinstance(error, (ConnectionFailedError, RateLimitedError, ServerError))
            if not ((passing or (seen.raw and _garbled(error))) and pace.trouble(error)):
                raise
        else:
            pace.well()
            if waiting.progress is not None:
                waiting.progress(seen)
            if seen.outcome is not None:
                return ended(wire, seen) if waiting.raise_on_failure else seen
        yield from pace.pause(seen)


def run(wire: Wire, request: Request, model: str, waiting: Waiting) -> Flow[Job]:
    """Submit, then wait, in one time for both."""
    pace = Pace(waiting, wire.poll)
    job = yield from submit(wire, request, model, pace)
    return (yield from wait(wire, job, waiting, pace))


def ended(wire: Wire, job: Job) -> Job:
    """The job if it succeeded; the error that it is otherwise."""
    if job.outcome in ("succeeded", "partial"):
        return job
    title = wire.provider.title
    if job.outcome == "cancelled":
        raise JobCancelledError(f"{title}: job {job.id} was cancelled; submit again to have it made.", job=job)
    reason = ": ".join(part for part in (job.error_code, job.error) if part) or "no reason given"
    raise JobFailedError(
        f"{title}: job {job.id} failed: {reason.rstrip('. ')}. Correct the request before you submit again.",
        code=job.error_code,
        body=job.raw,
        job=job,
    )


def download(wire: Wire, wanted: Job | Output, path: Path) -> Flow[Path]:
    """Fetch a medium, without the key, and give the file that holds all of it."""
    if not isinstance(wanted, (Job, Output)):
        raise TypeError(f"download takes a Job or an Output, not {wanted!r}: result() gives the Job of an id")
    output = wanted if isinstance(wanted, Output) else _primary(wire, wanted)
    if not is_link(output.url):
        raise DownloadError(f"{wire.provider.title}: the output's URL is not one of http or https: {output.url[:80]!r}")
    last = urlsplit(output.url).path.rpartition("/")[2]
    name = last if re.fullmatch(r"\w[\w.-]*\.\w+", last) else wire.provider.outputs.name
    if isinstance(wanted, Job) and re.fullmatch(r"\w[\w-]*", wanted.id):
        name = f"{wanted.id}-{name}"  # most providers call every clip the same
    step = Save(url=output.url, path=path, name=name)
    response = yield from ask(step)
    if response.saved is None:
        raise DownloadError(_not_there(wire, step.where, response.status), status=response.status)
    return response.saved


def _primary(wire: Wire, job: Job) -> Output:
    if job.primary is None:
        advice = "result() has the outputs" if job.finished else "wait() for it"
        ending = "" if job.outcome is not None else f"; {advice}"
        raise DownloadError(f"{wire.provider.title}: job {job.id} has no output, it is {job.state!r}{ending}.", job=job)
    return job.primary


def _not_there(wire: Wire, where: str, status: int) -> str:
    told = f"{wire.provider.title}: {where} answered {status}"
    if 300 <= status < 400:
        return f"{told}, a redirect, which is not followed."
    if status in (wire.provider.outputs.expired_status, 403, 404, 410):
        fresh = "result() gives a fresh one" if wire.provider.outputs.renewed else "fetch outputs soon after the end"
        return f"{told}; the link may have expired: {fresh}."
    return f"{told}; try again."

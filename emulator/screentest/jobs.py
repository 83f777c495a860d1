"""A job and its future. Everything is decided at submit and frozen in the `Plan`; state is a function of (job, now).

What happens to a job later, such as a cancel, is appended as an `Amendment`. Nothing here reads a clock.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from msgspec import Struct, field, structs

from screentest.json_text import canonical
from screentest_contracts.document import Lifecycle, Outputs

SUCCESSES = frozenset({"succeeded", "partial"})
"""The outcomes that have an output."""

_ENDINGS = {"cancelled": "cancelled", "admin_cancelled": "cancelled", "failed": "failed"}


class Plan(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The frozen future: account times in Unix seconds (infinity: never), how it ends, and what it makes.

    `clip` holds the fields of what was asked for, as `screentest.media.artefact` reads them, but for what the request
    itself says; `made` those in which the files differ from it. `failure` is (code, message), either empty for the
    provider's usual one. With `inputs_unchecked` the job cannot end before an amendment says what its input files are.
    Links work for `link_seconds`, None for as long as the provider's usually do; `truncated` downloads stop half-way; a
    `flagged` output is called unsafe. What is as it is by default is not stored: no default may ever change.
    """

    queue_ends: float
    ends: float
    outcome: str  # succeeded, partial, failed or cancelled
    queue_position: int
    clip: Mapping[str, Any]
    made: Mapping[str, Any] = field(default_factory=dict)
    failure: tuple[str, str] = ("", "")
    inputs_unchecked: bool = False
    link_seconds: float | None = None
    truncated: bool = False
    flagged: bool = False


class Amendment(Struct, frozen=True, kw_only=True):
    """Something that happened to a job after submit.

    Kinds: cancelled, admin_cancelled (data: reason), failed (data: code, message), inputs_checked (data: size, seconds,
    cost, as far as the files decide them), and finished, which brings the planned end forward.
    """

    at: float
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Job(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One submitted generation.

    `sent` is the model's input as it came, `input` the same with defaults. `base` is the URL the provider was called
    under, `origin` its scheme and host. `cost` is what it would have cost, in US dollars, None where no price is known.
    `extras` are the request's other fields (callback, metadata ...). Defaults are not stored, as with a plan.
    """

    id: str
    provider: str
    account: str
    model: str
    submitted: float
    sent: Mapping[str, Any]
    input: Mapping[str, Any]
    base: str
    origin: str
    plan: Plan
    cost: str | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
    amendments: tuple[Amendment, ...] = ()

    def amended(self, amendment: Amendment) -> Job:
        return priced(structs.replace(self, amendments=(*self.amendments, amendment)))


def priced(job: Job) -> Job:
    """The job at the price that its input files have given it, where they did."""
    found = [amendment.data["cost"] for amendment in job.amendments if "cost" in amendment.data]
    return structs.replace(job, cost=found[-1]) if found else job


class Moment(Struct, frozen=True):
    """From `at` on, the job's status is `word`; `stage` is queue, run or end."""

    at: float
    word: str
    stage: str


def ended(job: Job) -> tuple[float, str]:
    """When the job ends or ended, and as what: succeeded, partial, failed or cancelled. Infinity: it never ends.

    A job whose input files nobody has looked at yet ends at no time that is known: infinity.
    """
    end, name = job.plan.ends, job.plan.outcome
    unchecked = job.plan.inputs_unchecked
    for amendment in job.amendments:
        if amendment.kind == "inputs_checked":
            unchecked, end = False, max(end, amendment.at)
        elif amendment.at < end or unchecked:
            return amendment.at, _ENDINGS.get(amendment.kind, name)
    return (math.inf, name) if unchecked else (end, name)


def outcome(job: Job, now: float) -> str | None:
    """How the job has ended by `now`; None while it has not."""
    at, name = ended(job)
    return name if at <= now else None


def begun(job: Job, now: float) -> float | None:
    """When the job left the queue; None while it has not, or if it ended there. One that succeeded has run."""
    end, name = ended(job)
    left = min(job.plan.queue_ends, end) if name in SUCCESSES else job.plan.queue_ends
    return left if left <= min(now, end) else None


def timeline(job: Job, lifecycle: Lifecycle) -> tuple[Moment, ...]:
    """Every status the job goes through, in order; the last moment is its end, when that is known."""
    end, name = ended(job)
    bounds = {"queue": (job.submitted, job.plan.queue_ends), "run": (job.plan.queue_ends, job.plan.ends)}
    moments = []
    for stage, (start, stop) in bounds.items():
        steps = [step for step in lifecycle.steps if step.stage == stage]
        whole, passed = sum(step.share for step in steps), 0.0
        for step in steps:
            moments.append(Moment(_part(start, stop, passed / whole), step.word, stage))
            passed += step.share
    # What fails in the very moment in which generation begins has begun: its files were being fetched then.
    over = end if name == "failed" else None
    before = tuple(one for one in moments if one.at < end or one.at in (job.submitted, over))
    return before if math.isinf(end) else (*before, Moment(end, lifecycle.outcomes[name], "end"))


def _part(start: float, stop: float, share: float) -> float:
    """The moment at this share of the way; what comes after the start of an endless stage never comes."""
    if share == 0:
        return start
    return stop if math.isinf(stop) else start + (stop - start) * share


def state(job: Job, lifecycle: Lifecycle, now: float) -> Moment:
    """The status that holds at `now`. A job is never before its submit."""
    end, name = ended(job)
    if end <= now:
        return Moment(end, lifecycle.outcomes[name], "end")
    moments = timeline(job, lifecycle)
    return next((moment for moment in reversed(moments) if moment.at <= now), moments[0])


def failure(job: Job) -> tuple[str, str]:
    """Code and message of a job that failed, either empty for the provider's usual one."""
    for amendment in job.amendments:
        if amendment.kind == "failed":
            return str(amendment.data.get("code", "")), str(amendment.data.get("message", ""))
    return job.plan.failure


def asked(job: Job) -> Mapping[str, Any]:
    """The fields of what was asked for, the request's own included; but for the fingerprint, which older plans have."""
    return {
        "provider": job.provider,
        "model": job.model,
        "prompt": job.input.get("prompt", ""),
        **job.plan.clip,
    }


def fingerprint(provider: str, model: str, inputs: Mapping[str, Any]) -> str:
    """12 hex digits of the canonical request: the same request has the same, on any machine."""
    return hashlib.sha256(canonical([provider, model, inputs])).hexdigest()[:12]


def fingerprint_of(job: Job) -> str:
    """That of the job's request; as its plan has it where that is an older one, whatever it was made of then."""
    return str(job.plan.clip.get("fingerprint") or fingerprint(job.provider, job.model, job.input))


def kind_of(job: Job) -> str:
    """What the job makes: video, image or audio."""
    return str(job.plan.made.get("kind") or job.plan.clip.get("kind", "video"))


def clip(job: Job) -> Mapping[str, Any]:
    """What the job makes: as asked, in shape and length of its input where that was looked at, but for what differs."""
    seen: dict[str, Any] = {}
    for amendment in job.amendments:
        if amendment.kind == "inputs_checked" and "size" in amendment.data:
            seen |= zip(("width", "height"), amendment.data["size"], strict=True)
        if amendment.kind == "inputs_checked" and "seconds" in amendment.data:
            seen["seconds"] = amendment.data["seconds"]
    return {**asked(job), **seen, **job.plan.made}


def lifetime(job: Job, outputs: Outputs) -> float | None:
    """For how many seconds after its end the job's links work; None for ever."""
    return outputs.lifetime if job.plan.link_seconds is None else job.plan.link_seconds


def queue_position(job: Job, now: float, base: int) -> int:
    """The job's own place in the queue, counting down to `base` as its queue time passes."""
    if math.isinf(job.plan.queue_ends):
        return base + job.plan.queue_position - 1
    length = max(job.plan.queue_ends - job.submitted, 1e-9)
    left = min(max((job.plan.queue_ends - now) / length, 0.0), 1.0)
    return base + max(0, math.ceil(left * job.plan.queue_position) - 1)


def changes(job: Job, lifecycle: Lifecycle, since: float, until: float) -> list[tuple[float, str, str]]:
    """The status changes after `since` up to `until`, as (at, from, to)."""
    return [
        (after.at, before.word, after.word)
        for before, after in pairwise(timeline(job, lifecycle))
        if since < after.at <= until
    ]

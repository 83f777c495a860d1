"""Input media in: what a provider does with the files of a job when it generates.

Files inside data URIs are looked at when the job is submitted, since their bytes are there; the job then fails when its
generation begins. Files behind URLs are an effect, due when generation begins: until somebody has looked, the job runs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import structs

from screentest.engine import Engine, Event
from screentest.framing import frame_size
from screentest.input_files.looks import OUTSIDE, Look, plan_of_checks
from screentest.input_files.rules import Assumed
from screentest.inspection import Inspection, inspect
from screentest.jobs import Amendment, Job, outcome
from screentest.media.clip import SECONDS
from screentest.network.egress import Egress
from screentest.network.fetching import Fetched, Unreachable, fetch
from screentest.orders import INPUTS
from screentest.pricing import cost
from screentest.store import Effect
from screentest_contracts.load import Contract
from screentest_contracts.model import Frame, Model, Video

Asset = Callable[[str, str, int], Awaitable[Fetched | Unreachable]]
"""A file of the provider's own storage: (account, URL, bytes at most)."""

Fetch = Callable[[str, int], Awaitable[Fetched | Unreachable]]
"""A file of anybody's: (URL, bytes at most)."""


async def looked_at_submit(contract: Contract, model: Model, inputs: Mapping[str, Any]) -> tuple[str, bool]:
    """What is wrong with the files inside the request, and whether there are any to look at later.

    A film that gives the clip its length is looked at again: what is found then is stored with the job.
    """
    looks = plan_of_checks(model.input, inputs)
    if not looks:
        return "", False
    inside = [look for look in looks if look.where == "data"]
    outside = contract.assumed(OUTSIDE)
    film = _gives_length(model)
    measured = film[0] if film else None
    later = any(look.step(outside) != "skip" for look in looks if look.where != "data" or look.field == measured)
    if not inside:
        return "", later
    found = await inspect(inside, get=_inside, outside=outside, assumed=Assumed.chosen(contract.chosen))
    return found.broken.text if found.broken else "", later


class Inputs:
    """Performs the effects of kind "inputs". `assets` fetch from a provider's own storage, by provider; `get` from
    anywhere else."""

    def __init__(self, engine: Engine, get: Fetch, assets: Mapping[str, Asset]) -> None:
        self._engine = engine
        self._get = get
        self._assets = assets

    async def perform(self, effect: Effect) -> Event | None:
        """Look at one job's files and store what was found; a job that has ended needs no look."""
        engine = self._engine
        resets = engine.resets[effect.account]
        job = await engine.job(effect.job)
        assert job is not None, "effects belong to jobs"
        contract = engine.contracts[job.provider]
        model = contract.model(job.model)
        assert model is not None, "jobs are of known models"
        needed = outcome(job, await engine.now(job.account)) is None
        found = await self._inspection(job, contract, model) if needed else None
        job, now = await engine.job(effect.job), await engine.now(effect.account)
        if job is None or engine.resets[effect.account] != resets:
            return None  # the account was reset while we looked; with a seed, ids come back
        if found is not None and outcome(job, now) is None:
            await engine.amend(job, _amendment(found, job, model, now), done=effect)
            said = found.broken.text if found.broken else "valid"
        else:
            said = "not needed any more"
            await engine.store.save_effect(structs.replace(effect, due=None))
        return Event(now, job.id, job.provider, "unchecked", said, INPUTS)

    async def _inspection(self, job: Job, contract: Contract, model: Model) -> Inspection:
        async def get(look: Look, limit: int) -> Fetched | Unreachable:
            if look.where == "asset":
                return await self._assets[job.provider](job.account, look.url, limit)
            return await self._get(look.url, limit)

        # An id of a storage that is not emulated counts as a file that keeps every rule.
        known = job.provider in self._assets
        looks = [look for look in plan_of_checks(model.input, job.input) if look.where != "asset" or known]
        assumed = Assumed.chosen(contract.chosen)
        return await inspect(looks, get=get, outside=contract.assumed(OUTSIDE), assumed=assumed)


def fetch_within(egress: Egress) -> Fetch:
    """Fetches over the network, as far as the policy lets it."""

    async def get(url: str, limit: int) -> Fetched | Unreachable:
        return await fetch(url, egress=egress, limit_bytes=limit)

    return get


def _amendment(found: Inspection, job: Job, model: Model, now: float) -> Amendment:
    if found.broken:
        return Amendment(at=now, kind="failed", data={"message": found.broken.text})
    data: dict[str, Any] = {}
    frame = model.output
    if isinstance(frame, Frame) and frame.follows:
        seen = found.files.get(frame.follows) or found.files.get(f"{frame.follows}.0")
        if seen is not None and seen.width and seen.height:
            data["size"] = frame_size(frame, job.input, f"{seen.width}x{seen.height}")
        film = _gives_length(model)
        if film and seen is not None and seen.seconds:
            data |= _as_long_as(min(seen.seconds, film[1]), job, model)
    return Amendment(at=now, kind="inputs_checked", data=data)


def _gives_length(model: Model) -> tuple[str, int] | None:
    """The input film that the clip is as long as, and the most seconds of it that count.

    It is the one whose shape the clip takes, where no input says how long the clip is and the contract where that film
    is cut.
    """
    video = model.output
    if not isinstance(video, Video) or video.seconds or not video.follows:
        return None
    most = model.input.properties[video.follows].get("media", {}).get("trim_seconds")
    return None if most is None else (video.follows, most)


def _as_long_as(measured: float, job: Job, model: Model) -> dict[str, Any]:
    """The length of the job's clip, in whole seconds as all lengths of clips, and its price where that is known."""
    seconds = min(max(SECONDS[0], round(measured)), SECONDS[-1])
    if job.cost is None or job.plan.outcome == "failed":
        return {"seconds": seconds}
    return {"seconds": seconds, "cost": cost(model, job.input, {**job.plan.clip, "seconds": seconds})}


async def _inside(look: Look, limit: int) -> Fetched | Unreachable:
    return await fetch(look.url, egress=Egress(), limit_bytes=limit)

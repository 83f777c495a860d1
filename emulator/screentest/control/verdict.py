"""``/_control/verdict``: what the code under test did wrong, as far as the emulator can know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import to_builtins
from starlette.requests import Request

from screentest import callbacks, durations
from screentest import verdict as judging
from screentest.control.desk import BadWishError, Desk, one_account
from screentest.engine import Engine
from screentest.jobs import Job
from screentest.journal import Entry
from screentest.providers.runflow import signing

_BOUND = "poll_bound"


async def verdict(desk: Desk, request: Request) -> dict[str, Any]:
    """The account's verdict: findings, what was judged, and what could not be and why."""
    account, bound = one_account(request).account, _bound(desk, request)
    engine = desk.engine
    entries = tuple(engine.journal.entries(account))
    told = judging.verdict(
        judging.Evidence(
            providers={name: contract.provider for name, contract in engine.contracts.items()},
            account=account,
            now=await engine.now(account),
            entries=entries,
            keyless=tuple(engine.journal.entries("")),
            jobs=await _jobs(engine, entries),
            deliveries=[callbacks.from_effect(one) for one in await engine.store.effects(account, callbacks.KIND)],
            signed=await _signed(engine, account),
            whole=engine.journal.whole(account),
            poll_bound=bound,
        )
    )
    return {
        "findings": to_builtins(told.findings),
        "judged": [{"kind": kind, "checked": checked} for kind, checked in told.judged.items()],
        "not_judged": [{"kind": kind, "why": why} for kind, why in told.not_judged.items()],
    }


def _bound(desk: Desk, request: Request) -> float:
    """The seconds between two looks at a job that the query asks for, else those of the server's pace."""
    for name in request.query_params:
        if name != _BOUND:
            raise BadWishError(f"no parameter {name[:40]!r}; there is {_BOUND}")
    text = request.query_params.get(_BOUND)
    if text is None:
        return judging.POLL_BOUNDS[desk.settings.pace]
    try:
        return durations.seconds(text)
    except ValueError as error:
        raise BadWishError(f"{_BOUND} is {error}") from None


async def _jobs(engine: Engine, entries: Sequence[Entry]) -> dict[str, Job]:
    """The jobs that the requests are about, as far as they are still there."""
    found = [await engine.job(job) for job in {entry.seen.job for entry in entries} if job]
    return {job.id: job for job in found if job is not None}


async def _signed(engine: Engine, account: str) -> frozenset[str]:
    """The providers that sign the account's callbacks."""
    if (await engine.settings(account)).get("callback_secret"):
        return frozenset(name for name, one in engine.contracts.items() if one.provider.callbacks)
    return frozenset(("runflow",)) if await signing.current_id(engine, account) else frozenset()

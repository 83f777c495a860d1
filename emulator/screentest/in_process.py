"""The whole emulator in this process, in memory, on a clock that stands still, to be stepped by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import structs

from screentest.app import App, engine_for
from screentest.clock import ManualClock
from screentest.media.artefact import Artefact
from screentest.network.fetching import Fetched, Unreachable
from screentest.outputs import Render
from screentest.sender import Posted
from screentest.settings import Settings
from screentest.store.sqlite import SqliteStore
from screentest.verify.stepped import ORIGIN, Mailbox, Stepped, step
from screentest.verify.stepped import App as Callee
from screentest_contracts.load import Contract

_SEED = "in-process"


def in_process(
    provider: str,
    settings: Settings | None = None,
    *,
    wrap: Callable[[Callee], Callee] = lambda app: app,
    contract: Contract | None = None,
) -> Stepped:
    """A side with the emulator behind it. Its ids repeat from run to run.

    `wrap` may put something between the side and the app; `contract` is one that the emulator keeps instead of the
    provider's own. Both are for planting defects.
    """
    settings, clock, mailbox = settings or Settings(), ManualClock(), Mailbox()
    settings = structs.replace(settings, seed=settings.seed or _SEED)
    engine = engine_for(settings, SqliteStore(), clock)
    if contract is not None:
        engine.contracts = {**engine.contracts, provider: contract}

    async def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Posted:
        return Posted(mailbox.take(url, headers, body), "")

    async def fetch(url: str, limit: int) -> Fetched | Unreachable:
        return _fetched(app, url, limit)  # type: ignore[arg-type]

    app = App(engine, settings, ORIGIN, offload=_inline, post=post, fetch=fetch)
    callbacks = engine.contracts[provider].provider.callbacks is not None
    return Stepped(wrap(app), provider, mailbox, clock.now(), callbacks=callbacks)  # type: ignore[arg-type]


async def _inline(render: Render, artefact: Artefact) -> bytes:
    return render(artefact)


def _fetched(app: Callee, url: str, limit: int) -> Fetched | Unreachable:
    """An input file: one that the emulator itself serves, since in this process there is nobody else."""
    if not url.startswith(ORIGIN + "/"):
        return Unreachable("connect", f"{url[:120]} is not served in this process")
    status, headers, body = step(app, "GET", url, {}, b"")
    if status != 200:
        return Unreachable("status", f"{url[:120]} answers {status}")
    return Fetched(body[:limit], headers.get("content-type", ""), more=len(body) > limit)

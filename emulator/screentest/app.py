"""The whole emulator as one ASGI app: three providers, their media, control and the console, over one engine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from screentest import callbacks, control, sample_inputs
from screentest.armed import Armed
from screentest.clock import WallClock
from screentest.console import Console
from screentest.control.desk import Desk
from screentest.effects import Effects
from screentest.engine import Engine, Event
from screentest.feed import Feed
from screentest.inputs import Fetch, Inputs, fetch_within
from screentest.media.artefact import Artefact, render
from screentest.media.clip import Clip
from screentest.metrics import Metrics
from screentest.network.egress import Egress
from screentest.orders import INPUTS
from screentest.outputs import Media, Offload, Render
from screentest.posting import HttpPost
from screentest.providers import hiapi, runcomfy, runflow
from screentest.scenario import library
from screentest.sender import Post, Sender
from screentest.settings import Access, Settings, cache_folder, host_name, names
from screentest.store import Store
from screentest.usual import kept_if_short
from screentest_contracts.urls import is_loopback


def engine_for(settings: Settings, store: Store, clock: WallClock) -> Engine:
    """The engine that the settings ask for. SetupError for a scenario that is none."""
    return Engine(
        store,
        clock,
        switches=settings.switches,
        seed=settings.seed,
        speed=settings.speed,
        start=settings.start_time,
        pace=settings.pace,
        scenarios=library(settings.scenarios),
        scenario=settings.scenario,
    )


class App:
    """Dispatch by a provider's own host name, by its prefix, or to media and control."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        bound: str = "http://127.0.0.1",
        *,
        offload: Offload | None = None,
        post: Post | None = None,
        fetch: Fetch | None = None,
    ) -> None:
        """`bound` is the address that answers name when nothing better is known.

        `offload`, `post` and `fetch` are the seams that suspend: building a clip, sending a callback, getting an input.
        """
        self.engine = engine
        self._settings = settings
        self._bound = bound
        self._origin = kept_if_short(self._origin_called)
        self._names = names(settings)
        access = Access(self._names, settings.control_token)
        self._by_host = {host: name for name, one in engine.contracts.items() for host in one.provider.hosts}
        self._providers = self._rooms()
        notifiers = {"runflow": runflow.notifier(engine), "hiapi": hiapi.notifier(engine)}
        egress = Egress(settings.allow_egress)
        sender = Sender(engine, notifiers, post or HttpPost(egress))
        inputs = Inputs(engine, fetch or fetch_within(egress), {"runflow": runflow.files(engine)})
        self.effects = Effects(engine, {callbacks.KIND: sender.perform, INPUTS: inputs.perform})
        feed = Feed(engine)
        metrics = Metrics(engine)

        def told(account: str, event: Event) -> None:
            feed.told(account, event)
            metrics.told(event)

        self.effects.on_event = told
        desk = Desk(engine, self.effects, Armed(engine), feed, settings, self.switch, metrics)
        media = Media(engine, _renderer(settings.media), offload or _in_thread)
        self._console = Console(self, access, media.show)
        self._rest = Starlette(
            routes=[
                Route("/", self.index),
                Route("/media/{provider}/{job}/{name}", media.serve),
                sample_inputs.route(),
                *control.routes(desk, access),
                *self._console.routes,
            ],
            exception_handlers={404: self.not_found, 405: _wrong_method},
        )
        self._rest.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] == "http":
            provider, prefix = self._provider(scope)
            if provider:
                scope["root_path"] = prefix  # in place, as Starlette does: nobody else has the scope
                await self._providers[provider](scope, receive, send)
                return
        await self._rest(scope, receive, send)

    def _rooms(self) -> dict[str, ASGIApp]:
        return {
            "runcomfy": runcomfy.app(self.engine, self.public_base),
            "runflow": runflow.app(self.engine, self.public_base, self._settings.sync_timeout),
            "hiapi": hiapi.app(self.engine, self.public_base),
        }

    def switch(self, switches: Mapping[str, str]) -> None:
        """Let other choices of assumptions hold, for every account, from the next request on."""
        self.engine.switch(switches)
        self._providers = self._rooms()

    async def _live(self, receive: Receive, send: Send) -> None:
        """The server's start and end: what falls due is performed in between."""
        await receive()
        performing = asyncio.create_task(self.effects.run())
        await send({"type": "lifespan.startup.complete"})
        with contextlib.suppress(asyncio.CancelledError):  # nobody asks for an orderly end
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        performing.cancel()

    @property
    def routes(self) -> list[BaseRoute]:
        """What is served beside the providers."""
        return self._rest.routes

    @property
    def host_names(self) -> list[str]:
        """The providers' own host names, which we answer to."""
        return list(self._by_host)

    def _provider(self, scope: Scope) -> tuple[str | None, str]:
        """Which provider a request is for, and the path prefix that said so."""
        path: str = scope["path"]
        first = path.split("/", 2)[1] if path.startswith("/") else ""
        if first in self._providers:
            return first, f"/{first}"
        if first in ("media", "_control", "inputs"):
            return None, ""
        called = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        return self._by_host.get(host_name(called)), ""

    def public_base(self, request: Request, provider: str) -> tuple[str, str]:
        """Scheme and host for URLs in answers, and the same with the provider's prefix if it was called by it."""
        scope = request.scope
        origin = self._origin(f"{scope['scheme']}://{request.headers.get('host', '')}")
        return origin, origin + scope.get("root_path", "")

    def _origin_called(self, called: str) -> str:
        """The origin to put into answers for the one that a request was sent to."""
        if self._settings.public_url:
            return self._settings.public_url.rstrip("/")
        name = host_name(called.partition("://")[2])
        if is_loopback(name) or name in self._names or name in self._by_host:
            return called.rstrip("/")
        return self._bound.rstrip("/")

    async def index(self, request: Request) -> Response:
        """The console, for browsers; where everything is, for programs."""
        if "text/html" in request.headers.get("accept", ""):
            return await self._console.home(request)
        origin, _ = self.public_base(request, "")
        return JSONResponse(
            {
                "screentest": "a local stand-in for AI-video APIs",
                "base_urls": {name: f"{origin}/{name}" for name in self._providers},
                "console": f"{origin}/",
                "control": f"{origin}/_control/clock",
            }
        )

    async def not_found(self, request: Request, error: Exception) -> Response:
        """A path of nobody's: most often a base URL without the provider's prefix."""
        _, base = self.public_base(request, "")
        prefixes = ", ".join(f"{base}/{name}" for name in self._providers)
        return JSONResponse({"error": f"nothing at {request.url.path}; the providers are at {prefixes}"}, 404)


async def _wrong_method(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    takes = ", ".join(sorted((error.headers or {})["Allow"].split(", ")))  # Starlette has them in any order
    return JSONResponse({"error": f"{request.url.path} takes {takes}, not {request.method}"}, 405, {"allow": takes})


def _renderer(kind: str) -> Render:
    """The function that makes a file. What it needs is imported when first used: a server starts without it."""

    def realistic(artefact: Artefact) -> bytes:
        if not isinstance(artefact, Clip):
            return render(artefact)
        from screentest.media import realistic

        return realistic.render(artefact, cache=cache_folder())

    return realistic if kind == "realistic" else render


async def _in_thread(render: Render, artefact: Artefact) -> bytes:
    return await asyncio.to_thread(render, artefact)

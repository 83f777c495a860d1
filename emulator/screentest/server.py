"""Run the app under uvicorn: in the foreground for `serve`, in a thread for the demo and for tests.

The only importer of uvicorn beside `http11.connection`, which it runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import queue
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import uvicorn
from msgspec import Struct

from screentest.app import App, engine_for
from screentest.certificates import AUTHORITY, server_context
from screentest.clock import WallClock
from screentest.engine import Engine
from screentest.environment import origin
from screentest.errors import SetupError
from screentest.http11.connection import Connection
from screentest.logs import NONE, Log
from screentest.settings import Settings, names, state_file
from screentest.store import Spend
from screentest.store.sqlite import SqliteStore
from screentest.system_clock import SystemClock

_BACKLOG = 2048
_GRACE = 0.5
"""Seconds in which answers that are under way can be completed when the server ends."""
_PATIENCE = 4.0
"""Seconds after that in which clients can take what was sent."""
_RARELY = (20_000, 20, 20)
"""When garbage in cycles is looked for. A request makes none, and a look at all that is kept holds everybody up."""


class Running(Struct, frozen=True):
    """A server that answers. `url` is its origin, such as http://127.0.0.1:8790; `https_url` its other one, if any.

    `authority` is the file with the certificate that https clients must trust.
    """

    url: str
    engine: Engine
    https_url: str | None = None
    authority: Path | None = None

    def base_url(self, provider: str) -> str:
        return f"{self.url}/{provider}"


def serve(settings: Settings, announce: Callable[[Running], None], finish: Callable[[Sequence[Spend]], None]) -> None:
    """Serve until interrupted. `announce` is called once the address answers, `finish` with what was not spent."""
    gc.set_threshold(*_RARELY)
    with _prepared(settings, SystemClock(), announce, finish) as (server, listener):
        server.run(sockets=[listener])


@contextlib.contextmanager
def running(settings: Settings | None = None, clock: WallClock | None = None) -> Iterator[Running]:
    """A server in a thread of this process, on a free port unless the settings name one."""
    settings = settings or Settings()
    up: queue.Queue[Running] = queue.Queue()
    with _prepared(settings, clock or SystemClock(), up.put) as (server, listener):
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="screentest", daemon=True)
        thread.start()
        try:
            yield up.get(timeout=10)
        finally:
            server.should_exit = True
            thread.join(timeout=10)


@contextlib.contextmanager
def _prepared(
    settings: Settings,
    clock: WallClock,
    announce: Callable[[Running], None],
    finish: Callable[[Sequence[Spend]], None] = lambda rows: None,
) -> Iterator[tuple[_Server, socket.socket]]:
    """A server that is ready to run, and the socket that it takes."""
    settings.check()
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(_listening(settings.host, settings.port, "--port"))
        engine = stack.enter_context(_engine(settings, clock))
        if settings.log != NONE:
            engine.journal.on_entry.append(Log(settings.log, sys.stderr))
        url = settings.public_url.rstrip("/") if settings.public_url else address(listener, "http")
        app = App(engine, settings, url)
        if settings.https_port is None:
            yield _Server(app, lambda: announce(Running(url, engine)), finish), listener
            return
        folder = Path(state_file()).parent
        context = server_context(folder, certificate_names(settings, app))
        secure = stack.enter_context(_listening(settings.host, settings.https_port, "--https-port"))
        running = Running(url, engine, address(secure, "https"), folder / AUTHORITY)
        yield _Server(app, lambda: announce(running), finish, (context, secure)), listener


def certificate_names(settings: Settings, app: App) -> list[str]:
    """Every name that a client may call us by over https: loopback, the providers' own hosts, the allowed ones."""
    return ["localhost", "127.0.0.1", "::1", *app.host_names, *names(settings)]


def address(listener: socket.socket, scheme: str) -> str:
    """The origin of a bound socket."""
    host, port = listener.getsockname()[:2]
    return origin(scheme, host, port)


class _Server(uvicorn.Server):
    """A uvicorn server that says when it is up and what was not spent when it is down, and that listens with TLS on a
    second socket if it is given one."""

    def __init__(
        self,
        app: App,
        up: Callable[[], None],
        down: Callable[[Sequence[Spend]], None],
        secure: tuple[ssl.SSLContext, socket.socket] | None = None,
    ) -> None:
        config = uvicorn.Config(
            app,
            http=cast(type[asyncio.Protocol], Connection),  # which has buffers, as asyncio takes and uvicorn passes on
            ws="none",
            lifespan="on",
            log_level="warning",
            log_config=None,  # which asks what kind of terminal standard output is; there may be none
            access_log=False,
            server_header=False,
            proxy_headers=False,  # --public-url says what a proxy is called
        )
        super().__init__(config)
        self.app = app
        self._up, self._down = up, down
        self._secure = secure

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._secure:
            context, listener = self._secure
            self.servers.append(
                await asyncio.get_running_loop().create_server(self._protocol, sock=listener, ssl=context)
            )
        self._up()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's. Answers that wait for something to happen get no time: an event stream would never end."""
        asyncio.get_running_loop().call_later(_GRACE, self._let_go)
        await super().shutdown(sockets)
        self._down(await self.app.engine.store.spend(None))  # now: after a SIGTERM uvicorn ends the process itself

    def _let_go(self) -> None:
        for connection in list(self.server_state.connections):
            cast(Connection, connection).shutdown()  # one that began as the end did was not told
        for task in self.server_state.tasks:
            task.cancel()
        asyncio.get_running_loop().call_later(_PATIENCE, self._break)

    def _break(self) -> None:
        """Wait no longer for clients to take what was sent."""
        for connection in list(self.server_state.connections):
            cast(Connection, connection).abort()

    def _protocol(self) -> Connection:
        """As uvicorn makes them for its own sockets."""
        return Connection(config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=None)


@contextlib.contextmanager
def _listening(host: str, port: int, option: str) -> Iterator[socket.socket]:
    """A socket that listens there; `option` is what the user calls the port."""
    try:
        family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # With the protocol spelled out: asyncio sends at once (TCP_NODELAY) only on a socket that says it is TCP.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise SetupError(f"--host {host}: {error.strerror or error}") from None
    with contextlib.closing(listener):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(where)
        except OSError as error:
            raise _cannot_bind(host, port, option, error) from None
        listener.listen(_BACKLOG)
        yield listener


def _cannot_bind(host: str, port: int, option: str, error: OSError) -> SetupError:
    if error.errno == errno.EADDRINUSE:
        return SetupError(f"port {port} on {host} is in use: stop what uses it, or pass {option} (0 picks a free one)")
    return SetupError(f"cannot listen on {host} port {port}: {error.strerror}")


@contextlib.contextmanager
def _engine(settings: Settings, clock: WallClock) -> Iterator[Engine]:
    store = SqliteStore(settings.db)
    try:
        yield engine_for(settings, store, clock)
    finally:
        store.shut()

"""Run the app under uvicorn: in the foreground for `serve`, in a thread for the demo and for tests.

The only importer of uvicorn.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import uvicorn

from screentest.app import App
from screentest.clock import SystemClock, WallClock
from screentest.engine import Engine
from screentest.errors import SetupError
from screentest.protocol import PatientProtocol
from screentest.settings import Settings
from screentest.store.sqlite import SqliteStore

_BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers. `url` is its origin, such as http://127.0.0.1:8790."""

    url: str
    engine: Engine

    def base_url(self, provider: str) -> str:
        return f"{self.url}/{provider}"


def serve(settings: Settings, announce: Callable[[Running], None]) -> None:
    """Serve until interrupted. `announce` is called once the address answers."""
    with _listening(settings) as listener, _engine(settings, SystemClock()) as engine:
        url = address(listener, settings)
        server = _Server(App(engine, settings, url), lambda: announce(Running(url, engine)))
        server.run(sockets=[listener])


@contextlib.contextmanager
def running(settings: Settings | None = None, clock: WallClock | None = None) -> Iterator[Running]:
    """A server in a thread of this process, on a free port unless the settings name one."""
    settings = settings or Settings(port=0)
    with _listening(settings) as listener, _engine(settings, clock or SystemClock()) as engine:
        url, up = address(listener, settings), threading.Event()
        server = _Server(App(engine, settings, url), up.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="screentest", daemon=True)
        thread.start()
        up.wait(timeout=10)
        try:
            yield Running(url, engine)
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def address(listener: socket.socket, settings: Settings) -> str:
    """The origin to call: the public URL, else the bound address."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - asked, not bound, here
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """A uvicorn server that says when it is up."""

    def __init__(self, app: App, up: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        super().__init__(config)
        self._up = up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._up()


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    settings.check()
    try:
        family, _, _, _, where = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family)
    except OSError as error:
        raise SetupError(f"--host {settings.host}: {error.strerror or error}") from None
    with contextlib.closing(listener):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(where)
        except OSError as error:
            raise _cannot_bind(settings, error) from None
        listener.listen(_BACKLOG)
        yield listener


def _cannot_bind(settings: Settings, error: OSError) -> SetupError:
    if error.errno == errno.EADDRINUSE:
        return SetupError(
            f"port {settings.port} on {settings.host} is in use: stop what uses it, or pass --port (0 picks a free one)"
        )
    return SetupError(f"cannot listen on {settings.host} port {settings.port}: {error.strerror}")


@contextlib.contextmanager
def _engine(settings: Settings, clock: WallClock) -> Iterator[Engine]:
    store = SqliteStore(settings.db)
    try:
        yield Engine(store, clock, switches=settings.switches, seed=settings.seed, speed=settings.speed)
    finally:
        store.shut()

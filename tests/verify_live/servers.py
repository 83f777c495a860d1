"""Servers to be guarded from: emulators that take what they should refuse, and real ones that are something else."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from driving import Emulator
from providers.samples import ONE_EACH, Sample
from screentest.verify.around import Around
from screentest.verify.side import Ask
from screentest.verify.stepped import Mailbox, Stepped
from screentest_contracts.exchange import Exchange

SAMPLES: Mapping[str, Sample] = {sample.provider: sample for sample in ONE_EACH}
GOOD_KEY = b"Bearer rf_live_verify1"
"""The first account's, whoever asks."""

Change = Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]
"""From the ASGI scope and the body of a request to those that the emulator gets."""


def takes_everything(provider: str) -> Change:
    """Any submit becomes one that is in order, of a key that is good."""
    sample = SAMPLES[provider]

    def change(scope: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        if scope["method"] != "POST" or not (scope["path"] == sample.path or "/v1/models/" in scope["path"]):
            return scope, body
        headers = [pair for pair in scope["headers"] if pair[0] not in (b"authorization", b"content-type")]
        headers += [(b"authorization", GOOD_KEY), (b"content-type", b"application/json")]
        changed = {"path": sample.path, "raw_path": sample.path.encode(), "headers": headers}
        return {**scope, **changed}, json.dumps(sample.body()).encode()

    return change


def emulated(provider: str, change: Change = lambda scope, body: (scope, body)) -> Stepped:
    """A side with an emulator behind it whose requests are changed on the way."""
    emulator = Emulator()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        changed, content = change(dict(scope), body) if "/_control/" not in scope["path"] else (scope, body)

        async def again() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        await emulator.app(changed, again, send)

    return Stepped(app, provider, Mailbox(), emulator.clock.now(), callbacks=False)


@dataclass
class Watched(Around):
    """Keeps what leaves, on accounts that stay the same; `answers` are given instead of the server's, if any."""

    inner: Any
    sent: list[Ask] = field(default_factory=list)

    def __post_init__(self) -> None:
        Around.__init__(self, self.inner)

    def send(self, ask: Ask) -> Exchange:
        self.sent.append(ask)
        return super().send(ask)

    def renew(self) -> None:
        """As with a live provider, there are no other accounts."""

    def submits(self) -> list[Ask]:
        """The requests on billable paths that left."""
        return [
            ask
            for ask in self.sent
            if ask.method == "POST"
            and (ask.path.endswith(("/runs", "/v1/tasks")) or "/v1/models/" in ask.path or "/v1/run/" in ask.path)
        ]


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing."""


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing."""


class _Echo(_Quiet):
    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        said = {"method": self.command, "path": self.path, "body": body.decode("latin-1")}
        text = json.dumps({**said, "headers": dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


for _method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
    setattr(_Echo, f"do_{_method}", _Echo._answer)


@contextlib.contextmanager
def _http(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(timeout=5)


def files() -> contextlib.AbstractContextManager[str]:
    """A server of static files."""
    return _http(_Files)


def echo() -> contextlib.AbstractContextManager[str]:
    """A server that answers any request with itself."""
    return _http(_Echo)


DEEP = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 200000\r\n\r\n" + b"[" * 10**5 + b"]" * 10**5
)
"""An answer of JSON that is nested more deeply than anybody reads."""

JOB = "00000001-0000-4000-8000-000000000000"
_DRIP = 0.02  # seconds


class _Dripping(_Quiet):
    """RunComfy's submit and cancel, answered; whatever is read drips, until nobody listens any more."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        links = {f"{name}_url": f"http://127.0.0.1/{JOB}/{name}" for name in ("status", "result", "cancel")}
        self.say(202 if self.path.endswith("/cancel") else 200, {"request_id": JOB, **links})

    def do_GET(self) -> None:
        self.drip()

    def say(self, status: int, document: Any) -> None:
        text = json.dumps(document, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def drip(self) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not threading.Event().wait(_DRIP):
                self.wfile.write(b"x")


def dripping_reads() -> contextlib.AbstractContextManager[str]:
    """A server that takes RunComfy's jobs and cancels them, and never ends an answer to anything else."""
    return _http(_Dripping)


class _Fading(_Dripping):
    """An emulator, as far as its control routes go; its clock is set `times`, and then fails as `way` says."""

    way = ""
    times = 0
    sets = itertools.count(1)

    def do_GET(self) -> None:
        self.say(200, {"status": "ok", "store": "memory"})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        if next(self.sets) <= self.times:
            self.say(200, {"now": 1.0})
        elif self.way == "drips":
            self.drip()
        elif self.way == "nonsense":
            self.say(200, ["\x9b2J"])
        elif self.way == "nests":
            self.wfile.write(DEEP)
        elif self.way == "refuses":
            self.say(500, "\x9b2J")


def fading(way: str, times: int) -> contextlib.AbstractContextManager[str]:
    """What looks like an emulator until its clock was set so many `times`: then it `drips`, talks `nonsense`, `nests`,
    `refuses` or, else, hangs up."""
    return _http(type("_Fading", (_Fading,), {"way": way, "times": times, "sets": itertools.count(1)}))


@contextlib.contextmanager
def closed() -> Iterator[str]:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextlib.contextmanager
def saying(data: bytes) -> Iterator[str]:
    """A port that takes every connection and says these bytes; b"" for one that never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections: list[socket.socket] = []

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    connections.append(connection)
                    if data:
                        connection.recv(65536)
                        connection.sendall(data)
                        connection.close()

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)
            for connection in connections:
                connection.close()


@contextlib.contextmanager
def dripping(data: bytes, every: float) -> Iterator[str]:
    """A port that begins to answer, and then says these bytes again and again, `every` so many seconds."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with contextlib.suppress(OSError):
                while not over.is_set():
                    connection, _ = listener.accept()
                    with connection, contextlib.suppress(OSError):
                        connection.sendall(b"HTTP/1.1 200 OK\r\n")
                        while not over.wait(every):
                            connection.sendall(data)

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)

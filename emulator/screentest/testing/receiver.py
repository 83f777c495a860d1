"""A real receiver of callbacks in this process: one HTTP server for the run, one receiver for each account."""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from types import TracebackType
from typing import Any, Self

from msgspec import Struct

from screentest.system_clock import SystemClock
from screentest_contracts.document import Signature
from screentest_contracts.load import PROVIDERS, load
from screentest_contracts.signing import verify

_LONGEST_BODY = 2**30
_LONGEST_LINE = 4096  # between chunks


class NothingReceivedError(AssertionError):
    """What was waited for did not come."""


class Received(Struct, frozen=True, kw_only=True):
    """A request that came. Header names are in lower case, `target` is what follows the receiver's URL.

    `problem` is why its signature is not to be trusted with the account's secret, "" when it is; `answered` the status
    of the answer.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    problem: str
    answered: int

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Receiver:
    """Hears requests below `url`, keeps them, and answers 204 until it is told otherwise. Thread-safe."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.secret = ""
        self._heard: list[Received] = []
        self._next: deque[int] = deque()
        self._usual = 204
        self._changed = threading.Condition()

    @property
    def received(self) -> Sequence[Received]:
        """Everything that came, oldest first."""
        with self._changed:
            return tuple(self._heard)

    def answer(self, status: int) -> None:
        """Answer with this status from now on."""
        with self._changed:
            self._usual = status

    def fail_next(self, times: int = 1, status: int = 500) -> None:
        """Answer the next requests with this status, and the ones after them as usual."""
        with self._changed:
            self._next.extend([status] * times)

    def wait_for(
        self, count: int = 1, timeout: float = 5.0, where: Callable[[Received], bool] | None = None
    ) -> Sequence[Received]:
        """Everything that came and fits `where`, as soon as that is `count` requests.

        NothingReceivedError after `timeout` real seconds. On a frozen clock nothing comes by itself: advance it first.
        """

        def fitting() -> list[Received]:
            return [one for one in self._heard if where is None or where(one)]

        with self._changed:
            if not self._changed.wait_for(lambda: len(fitting()) >= count, timeout):
                told = f"waited {timeout:g} s for {count} at {self.url}; {len(self._heard)} came"
                told += f", {len(fitting())} of them fitting" if where else ""
                raise NothingReceivedError(f"{told}. Is the account's clock running, and does the job name this URL?")
            return fitting()

    def hear(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> int:
        """Keep a request; the status to answer with."""
        problem = signature_problem(self.secret, headers, body)
        with self._changed:
            answered = self._next.popleft() if self._next else self._usual
            self._heard.append(
                Received(method=method, target=target, headers=headers, body=body, problem=problem, answered=answered)
            )
            self._changed.notify_all()
            return answered


class Receivers:
    """The server behind all receivers, on a free port of loopback, as a context manager. Others' requests get 404."""

    def __init__(self) -> None:
        self._open: dict[str, Receiver] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._open))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="screentest-receiver", daemon=True
        )

    def open(self, name: str) -> Receiver:
        """A receiver under a path of its own."""
        self._open[name] = Receiver(f"http://127.0.0.1:{self._server.server_port}/{name}")
        return self._open[name]

    def close(self, name: str) -> None:
        """Hear nothing under this name any more."""
        self._open.pop(name, None)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def signature_problem(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """Why a callback is not to be trusted; "" when it is. The header tells by which provider's scheme it is signed."""
    for scheme in _schemes():
        if scheme.header.lower() in headers:
            return verify(scheme, secret, headers, body, int(SystemClock().now()))
    return "not signed"


@cache
def _schemes() -> Sequence[Signature]:
    policies = [load(name).provider.callbacks for name in PROVIDERS]
    return [policy.signature for policy in policies if policy]


def _handler(receivers: Mapping[str, Receiver]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def __getattr__(self, name: str) -> Callable[[], None]:
            """http.server looks for a method named after the request's: every one is heard."""
            if name.startswith("do_"):
                return self._hear
            raise AttributeError(name)

        def _hear(self) -> None:
            name = re.split("[/?]", self.path[1:], maxsplit=1)[0]
            receiver, target = receivers.get(name), self.path[1 + len(name) :]
            headers = {key.lower(): value for key, value in self.headers.items()}
            try:
                body = _body(headers, self.rfile)
            except ValueError:
                self.send_error(400, "the body cannot be read")
                return
            self.send_response(receiver.hear(self.command, target, headers, body) if receiver else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quietly: pytest shows what matters."""

    return Handler


def _body(headers: Mapping[str, str], stream: BufferedIOBase) -> bytes:
    """The body that the headers announce, out of its chunks if it comes in such. ValueError where they do not fit."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return b"".join(_chunks(stream))
    return _exactly(int(headers.get("content-length", 0)), stream)


def _chunks(stream: BufferedIOBase) -> Iterator[bytes]:
    while size := int(stream.readline(_LONGEST_LINE).partition(b";")[0], 16):
        yield _exactly(size, stream)
        if stream.readline(_LONGEST_LINE).strip():
            raise ValueError("a chunk that is longer than it says")
    while stream.readline(_LONGEST_LINE).strip():
        pass  # headers behind the body, which are nobody's


def _exactly(size: int, stream: BufferedIOBase) -> bytes:
    if not 0 <= size <= _LONGEST_BODY:
        raise ValueError("no length of a body")
    found = stream.read(size)
    if len(found) < size:
        raise ValueError("a body that broke off")
    return found

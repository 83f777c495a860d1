"""A real receiver of callbacks on this machine."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Heard:
    """One request that came: its headers, with lower-case names, and its bytes."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """Where to post, what came, and the statuses to answer with, 204 when they have run out."""

    url: str
    heard: queue.Queue[Heard] = field(default_factory=queue.Queue)
    answers: list[int] = field(default_factory=list)

    def next(self, timeout: float = 15) -> Heard:
        """The next callback, once it is there."""
        return self.heard.get(timeout=timeout)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.answers.pop(0) if receiver.answers else 204
            receiver.heard.put(Heard({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)  # only now: who is answered may look whether it was heard
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quietly."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join(timeout=5)

"""Stand-ins for the network: scripted providers, a sleep that takes no time, and both drivers behind one face."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx2

from screentest_client import client
from screentest_client.base import AsyncClient, Client

Kind = Literal["sync", "async"]
KINDS: tuple[Kind, ...] = ("sync", "async")
KEY = "sk-very-secret-key"
BASES = {
    "RunComfy": "http://127.0.0.1:8790/runcomfy",
    "Runflow": "http://127.0.0.1:8790/runflow",
    "HiAPI": "http://127.0.0.1:8790/hiapi",
}
CLIENTS: Mapping[tuple[str, Kind], type[Client | AsyncClient]] = {
    ("RunComfy", "sync"): client.RunComfy,
    ("RunComfy", "async"): client.AsyncRunComfy,
    ("Runflow", "sync"): client.Runflow,
    ("Runflow", "async"): client.AsyncRunflow,
    ("HiAPI", "sync"): client.HiAPI,
    ("HiAPI", "async"): client.AsyncHiAPI,
}


class Broken(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that breaks off after some bytes."""

    def __init__(self, start: bytes) -> None:
        self.start = start

    def __iter__(self) -> Iterator[bytes]:
        yield self.start
        raise httpx2.ReadError("the peer hung up")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.start
        raise httpx2.ReadError("the peer hung up")


@dataclass(frozen=True)
class Answer:
    """One scripted answer: JSON (or the bytes of `content`), or an exception of the transport."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    breaks: bool = False
    fails: type[httpx2.TransportError] | None = None

    def response(self, request: httpx2.Request) -> httpx2.Response:
        if self.fails is not None:
            raise self.fails("no route", request=request)
        if self.content is None:
            body = json.dumps(self.body).encode()
            return httpx2.Response(
                self.status, headers={"content-type": "application/json", **self.headers}, content=body
            )
        if self.breaks:
            return httpx2.Response(self.status, headers=self.headers, stream=Broken(self.content))
        return httpx2.Response(self.status, headers=self.headers, content=self.content)


class Actor:
    """One client, blocking or awaiting, in front of a script; it remembers requests and sleeps.

    The last answer of the script repeats when `steady`; otherwise a request beyond the script is an error.
    """

    def __init__(
        self, kind: Kind, provider: str, *answers: Answer, steady: bool = False, base: str | None = None
    ) -> None:
        self.script = list(answers)
        self.steady = steady
        self.requests: list[httpx2.Request] = []
        self.slept: list[float] = []
        make: Callable[..., Client | AsyncClient] = CLIENTS[provider, kind]
        transport = httpx2.MockTransport(self._answer)
        self.client = make(base or BASES[provider], KEY, sleep=self._sleeper(kind), transport=transport)

    def do(self, method: str, *args: Any, **options: Any) -> Any:
        """Call a method of the client; for the awaiting one, on a loop of its own."""
        done = getattr(self.client, method)(*args, **options)
        return asyncio.run(_finish(done)) if inspect.iscoroutine(done) else done

    @property
    def asked(self) -> list[str]:
        """Method and path of every request, without the base's own path."""
        base = httpx2.URL(self.client.base_url).path.rstrip("/")
        return [f"{one.method} {one.url.raw_path.decode().removeprefix(base)}" for one in self.requests]

    def sent(self, index: int = 0) -> Any:
        """The JSON body of a request."""
        return json.loads(self.requests[index].content)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if not self.script:
            raise AssertionError(f"not in the script: {request.method} {request.url}")
        answer = self.script[0] if self.steady and len(self.script) == 1 else self.script.pop(0)
        return answer.response(request)

    def _sleeper(self, kind: Kind) -> Callable[[float], object]:
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        return sleep if kind == "async" else self.slept.append


async def _finish(coroutine: Any) -> Any:
    return await coroutine

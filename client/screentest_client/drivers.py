"""The only module that opens connections, sleeps or reads a clock: it does what the flows ask, awaiting or not."""

from __future__ import annotations

import asyncio
import inspect
import os
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import httpx2

from screentest_client.account import Account
from screentest_client.errors import ClientError, ConnectionFailedError, DownloadError, UnexpectedAnswerError, blot
from screentest_client.saving import Part, saving
from screentest_client.steps import Flow, Request, Response, Save, Sleep, Step
from screentest_client.wire.shape import digits

T = TypeVar("T")
Http = TypeVar("Http", httpx2.Client, httpx2.AsyncClient)

Transport = httpx2.BaseTransport
AsyncTransport = httpx2.AsyncBaseTransport

clock = time.monotonic

_AGENT = "screentest-client"
_API_HEADERS = {"accept": "application/json", "user-agent": _AGENT}
_MEDIA_HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": _AGENT}
_NO_PROXY = ("all://localhost", "all://*.localhost", "all://127.0.0.1", "all://[::1]")
"""What is on this machine a proxy of the environment cannot find. A local account, the emulator's, uses none at all."""
_UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.InvalidURL, UnicodeError)
_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")


@cache
def trusted() -> ssl.SSLContext:
    """The usual certificate authorities. Reading them takes some 25 ms, so all clients of a process share them."""
    with _environment("the certificate authorities cannot be read", ("SSL_CERT_FILE",)):
        return httpx2.create_ssl_context()


class Driver:
    """Drives flows with a blocking HTTP client. `sleep` takes seconds."""

    def __init__(
        self, account: Account, sleep: Callable[[float], object] | None, timeout: float, transport: Transport | None
    ) -> None:
        self._account = account
        self._sleep = sleep or time.sleep  # noqa: TID251 - a real client really waits; tests pass a sleep of their own
        self._http = _http(httpx2.Client, account, timeout, transport)

    def run(self, flow: Flow[T]) -> T:
        with _discreet(self._account), closing(flow):
            try:
                step = next(flow)
                while True:
                    try:
                        response = self._do(step)
                    except ClientError as error:
                        step = flow.throw(error)
                    else:
                        step = flow.send(response)
            except StopIteration as done:
                return cast("T", done.value)

    def close(self) -> None:
        self._http.close()

    def _do(self, step: Step) -> Response | None:
        if isinstance(step, Sleep):
            self._sleep(step.seconds)
            return None
        if isinstance(step, Save):
            return self._save(step)
        with _translated(self._account, step):
            return _response(step, self._http.send(_api_request(self._http, self._account, step)))

    def _save(self, step: Save) -> Response:
        with (
            _translated(self._account, step),
            self._http.stream("GET", step.url, headers=_MEDIA_HEADERS, follow_redirects=False) as answer,
        ):
            if answer.status_code != httpx2.codes.OK:
                return _media_response(step, answer, None)
            with _part(step, answer) as part:
                for chunk in answer.iter_bytes():
                    part.write(chunk)
            return _media_response(step, answer, part.target)


class AsyncDriver:
    """Drives the same flows on an event loop. `sleep` may be a coroutine function or a plain one."""

    def __init__(
        self,
        account: Account,
        sleep: Callable[[float], object] | None,
        timeout: float,
        transport: AsyncTransport | None,
    ) -> None:
        self._account = account
        self._sleep = sleep or asyncio.sleep
        self._http = _http(httpx2.AsyncClient, account, timeout, transport)

    async def run(self, flow: Flow[T]) -> T:
        with _discreet(self._account), closing(flow):
            try:
                step = next(flow)
                while True:
                    try:
                        response = await self._do(step)
                    except ClientError as error:
                        step = flow.throw(error)
                    else:
                        step = flow.send(response)
            except StopIteration as done:
                return cast("T", done.value)

    async def close(self) -> None:
        await self._http.aclose()

    async def _do(self, step: Step) -> Response | None:
        if isinstance(step, Sleep):
            slept = self._sleep(step.seconds)
            if inspect.isawaitable(slept):
                await cast("Awaitable[object]", slept)
            return None
        if isinstance(step, Save):
            return await self._save(step)
        with _translated(self._account, step):
            return _response(step, await self._http.send(_api_request(self._http, self._account, step)))

    async def _save(self, step: Save) -> Response:
        with _translated(self._account, step):
            async with self._http.stream("GET", step.url, headers=_MEDIA_HEADERS, follow_redirects=False) as answer:
                if answer.status_code != httpx2.codes.OK:
                    return _media_response(step, answer, None)
                with _part(step, answer) as part:
                    async for chunk in answer.aiter_bytes():
                        part.write(chunk)
                return _media_response(step, answer, part.target)


def _http(
    make: Callable[..., Http], account: Account, timeout: float, transport: Transport | AsyncTransport | None
) -> Http:
    """An HTTP client for the account, of the class that makes it."""
    known, limits, mounts = trusted(), httpx2.Timeout(timeout), dict.fromkeys(_NO_PROXY)
    with _environment(f"{account.title}: no connection can be made through the proxy", _PROXIES):
        return make(timeout=limits, transport=transport, mounts=mounts, verify=known, trust_env=not account.local)


@contextmanager
def _environment(trouble: str, names: tuple[str, ...]) -> Iterator[None]:
    """A setting of the environment that is of no use, by its name only: a proxy's URL may hold a password."""
    try:
        yield
    except (ImportError, OSError, ValueError, httpx2.InvalidURL) as error:
        given = [name for name, value in os.environ.items() if value and name.upper() in names] or names
        told = f"{trouble}: {str(error).rstrip('.')}. Correct or unset {' or '.join(given)}."
        raise ConnectionFailedError(told) from error


def _api_request(http: httpx2.Client | httpx2.AsyncClient, account: Account, step: Request) -> httpx2.Request:
    """The one place where the key is attached: to a path below the account's own base URL."""
    return http.build_request(
        step.method,
        account.base_url + step.path,
        content=step.content,
        headers={**_API_HEADERS, **step.headers, "authorization": f"Bearer {account.api_key}"},
        timeout=_limits(http.timeout if step.timeout is None else httpx2.Timeout(step.timeout), step.most),
    )


def _limits(own: httpx2.Timeout, most: float | None) -> httpx2.Timeout:
    """Seconds without progress, for connecting, reading and so on; each at most so many."""
    if most is None:
        return own
    return httpx2.Timeout(**{each: most if it is None else min(it, most) for each, it in own.as_dict().items()})


@contextmanager
def _discreet(account: Account) -> Iterator[None]:
    """Every error of a flow leaves through here, and leaves the key behind."""
    try:
        yield
    except ClientError as error:
        blot(error, account.api_key)
        raise


def _response(step: Request, answer: httpx2.Response) -> Response:
    return Response(step=step, status=answer.status_code, headers=_headers(answer), content=answer.content)


def _media_response(step: Save, answer: httpx2.Response, saved: Path | None) -> Response:
    return Response(step=step, status=answer.status_code, headers=_headers(answer), saved=saved)


def _headers(answer: httpx2.Response) -> Mapping[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


@contextmanager
def _part(step: Save, answer: httpx2.Response) -> Iterator[Part]:
    """The file of an answer. A stream that breaks off is a download's failure, not a connection's."""
    length = answer.headers.get("content-length", "")
    encoded = answer.headers.get("content-encoding", "identity") != "identity"
    target = step.path / step.name if step.path.is_dir() else step.path
    promised = None if encoded else digits(length)
    with saving(target, where=step.where, length=promised) as part:
        try:
            yield part
        except httpx2.RequestError as error:
            told = f"{step.where} broke off after {part.received} of {promised or 'unknown'} bytes: {error}; try again."
            raise DownloadError(told) from error


@contextmanager
def _translated(account: Account, step: Request | Save) -> Iterator[None]:
    """httpx2's errors as ours, and Python's where a host has a name that cannot be looked up."""
    try:
        yield
    except httpx2.DecodingError as error:
        doubt = step.doubt if isinstance(step, Request) else ""
        told = f"{account.title}: the answer to {step.where} cannot be decompressed: {error}. {doubt}".strip()
        raise UnexpectedAnswerError(told) from error
    except (httpx2.RequestError, httpx2.InvalidURL, UnicodeError) as error:
        if getattr(error, "encoding", "idna") != "idna":  # not of a host's name: of the path to save to
            raise
        unsent = isinstance(error, _UNSENT)
        place = f" at {account.base_url}" if isinstance(step, Request) else ""
        told = f"{account.title}: no answer to {step.where}{place}: {str(error) or type(error).__name__}."
        raise ConnectionFailedError(f"{told} {_advice(account, step, unsent)}") from error


def _advice(account: Account, step: Request | Save, unsent: bool) -> str:
    if isinstance(step, Request) and step.doubt and not unsent:
        return step.doubt
    return "Is the emulator running?" if account.local else "Check the network and the base URL."

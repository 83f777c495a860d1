"""What the clients of all three providers can do, blocking and awaiting: signatures and documentation, no logic."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from screentest_client import flows
from screentest_client.account import account
from screentest_client.drivers import AsyncDriver, AsyncTransport, Driver, Transport, clock
from screentest_client.job import Job, Output, Progress
from screentest_client.pace import Waiting
from screentest_client.wire.base import Wire

Input = Mapping[str, Any]
"""A model's input, as its schema says; it must be JSON."""


TIMEOUT = 600.0
"""Seconds that `wait` and `run` give a job."""


class Client(ABC):
    """A blocking client of one provider.

    `base_url` is the API's origin, without /v1 (with it is fine); `api_key` the bearer key. Both come from the
    environment when absent (RUNCOMFY_BASE_URL, RUNCOMFY_API_KEY and so on), and the base URL at last from the contract:
    the real host. `sleep` takes the seconds between two looks at a job, `timeout` are the seconds a request may go
    without progress, `transport` replaces httpx2's. Without a key, AuthError; a base URL that is none, ValueError;
    a proxy of the environment, or certificate authorities, that cannot be used, ConnectionFailedError.

    Every method may raise any ClientError: AuthError, RateLimitedError, ServerError, ConnectionFailedError ... A job is
    named by the Job or its id. Usable as a context manager, and from several threads.
    """

    _wire: ClassVar[Wire]

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        sleep: Callable[[float], object] | None = None,
        timeout: float = 30.0,
        transport: Transport | None = None,
    ) -> None:
        self._account = account(self._wire.name, base_url, api_key, os.environ)
        self._driver = Driver(self._account, sleep, timeout, transport)

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self._account.base_url

    @abstractmethod
    def submit(self, model: str, input: Input) -> Job:
        """Create a job: one request. A provider's own client may take further options."""

    @abstractmethod
    def run(
        self,
        model: str,
        input: Input,
        *,
        timeout: float | None = TIMEOUT,
        poll: float | None = None,
        progress: Progress | None = None,
        raise_on_failure: bool = True,
    ) -> Job:
        """`submit`, then `wait`, in `timeout` seconds for both."""

    def status(self, job: Job | str) -> Job:
        """The job as it is now: one request. NotFoundError if there is none."""
        return self._driver.run(flows.status(self._wire, job))

    def result(self, job: Job | str) -> Job:
        """The job with its outputs: one request. An unfinished job comes back with its state, a failed one with
        `error`; neither raises. On Runflow and HiAPI this is the same document as `status`."""
        return self._driver.run(flows.result(self._wire, job))

    def wait(
        self,
        job: Job | str,
        *,
        timeout: float | None = TIMEOUT,
        poll: float | None = None,
        progress: Progress | None = None,
        raise_on_failure: bool = True,
    ) -> Job:
        """Look at the job at once, then every `poll` seconds (default: the provider's pace, 2 or 3), until it ended.

        `progress(job)` is called with every look. A Retry-After is honoured up to 60 s; 5xx answers, lost ones and,
        once the job was seen, those that are no JSON are borne with growing pauses. Raises JobFailedError and
        JobCancelledError (not with `raise_on_failure=False`: look at `job.outcome`), and WaitTimeoutError after
        `timeout` seconds (None: never); the job then goes on, and `error.job` names it. The last look is made at that
        time, and may be silent for 2 s; an answer that trickles in is read to its end. Arguments that make no sense are
        a TypeError or ValueError before anything is sent.
        """
        return self._driver.run(flows.wait(self._wire, job, Waiting(timeout, poll, progress, raise_on_failure, clock)))

    def download(self, wanted: Job | Output, path: str | os.PathLike[str]) -> Path:
        """Fetch an output, or a job's first video, to `path`; if that is a directory, under its id and own name.

        The file appears when it is complete, replacing an older one. The API key is not sent, redirects are not
        followed. DownloadError if there is no output, if it has expired, or if it broke off.
        """
        return self._driver.run(flows.download(self._wire, wanted, Path(path)))

    def close(self) -> None:
        """Close the connections."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"


class AsyncClient(ABC):
    """The awaiting twin of Client: the same arguments and methods; `sleep` may be a coroutine function."""

    _wire: ClassVar[Wire]

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        sleep: Callable[[float], object] | None = None,
        timeout: float = 30.0,
        transport: AsyncTransport | None = None,
    ) -> None:
        self._account = account(self._wire.name, base_url, api_key, os.environ)
        self._driver = AsyncDriver(self._account, sleep, timeout, transport)

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self._account.base_url

    @abstractmethod
    async def submit(self, model: str, input: Input) -> Job:
        """See Client.submit."""

    @abstractmethod
    async def run(
        self,
        model: str,
        input: Input,
        *,
        timeout: float | None = TIMEOUT,
        poll: float | None = None,
        progress: Progress | None = None,
        raise_on_failure: bool = True,
    ) -> Job:
        """`submit`, then `wait`, in `timeout` seconds for both."""

    async def status(self, job: Job | str) -> Job:
        """See Client.status."""
        return await self._driver.run(flows.status(self._wire, job))

    async def result(self, job: Job | str) -> Job:
        """See Client.result."""
        return await self._driver.run(flows.result(self._wire, job))

    async def wait(
        self,
        job: Job | str,
        *,
        timeout: float | None = TIMEOUT,
        poll: float | None = None,
        progress: Progress | None = None,
        raise_on_failure: bool = True,
    ) -> Job:
        """See Client.wait; `progress` is a plain function here too."""
        waiting = Waiting(timeout, poll, progress, raise_on_failure, clock)
        return await self._driver.run(flows.wait(self._wire, job, waiting))

    async def download(self, wanted: Job | Output, path: str | os.PathLike[str]) -> Path:
        """See Client.download."""
        return await self._driver.run(flows.download(self._wire, wanted, Path(path)))

    async def close(self) -> None:
        """Close the connections."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"

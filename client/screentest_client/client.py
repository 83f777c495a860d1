"""The clients: RunComfy, Runflow and HiAPI, and their awaiting twins.

    with HiAPI() as hiapi:                                   # HIAPI_BASE_URL, HIAPI_API_KEY
        job = hiapi.run("happyhorse-1.1/reference-to-video", {"prompt": "...", "reference_image": ["https://..."]})
        hiapi.download(job, "clip.mp4")

`submit` is sent once and never repeated, because each one may cost money; only with an idempotency key (Runflow, HiAPI)
is it tried again when the answer is lost or the provider in trouble. Only RunComfy can cancel: the others have no such
operation, so their clients have no such method.
"""

from __future__ import annotations

from typing import Unpack

from screentest_client import flows
from screentest_client.base import TIMEOUT, AsyncClient, Client, Input
from screentest_client.drivers import clock
from screentest_client.job import Job, JobPage, Progress
from screentest_client.pace import Waiting
from screentest_client.wire.hiapi import HIAPI, HiAPIOptions
from screentest_client.wire.runcomfy import RUNCOMFY
from screentest_client.wire.runflow import RUNFLOW, RunflowOptions


class RunComfy(Client):
    """RunComfy's Model API. Model ids are paths such as "happyhorse/happyhorse-1.0/image-to-video"."""

    _wire = RUNCOMFY

    def submit(self, model: str, input: Input) -> Job:
        """Create a job. Sent once: RunComfy has no idempotency key, so look at your account before you repeat it.

        InvalidInputError names the fields that are wrong, NotFoundError means an unknown model, BalanceError no money.
        """
        return self._driver.run(flows.submit(RUNCOMFY, RUNCOMFY.submit(model, input), model))

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
        waiting = Waiting(timeout, poll, progress, raise_on_failure, clock)
        return self._driver.run(flows.run(RUNCOMFY, RUNCOMFY.submit(model, input), model, waiting))

    def cancel(self, job: Job | str) -> Job:
        """Cancel a job that is still queued. Otherwise nothing happens, and nothing is raised: look at
        ``job.outcome == "cancelled"``."""
        return self._driver.run(flows.cancel(job))


class Runflow(Client):
    """Runflow's API. Model ids are paths such as "alibaba/happy-horse/reference-to-video"."""

    _wire = RUNFLOW

    def submit(self, model: str, input: Input, **options: Unpack[RunflowOptions]) -> Job:
        """Create a run. Options: `metadata`, `callback_url`, `client_ref`, `idempotency_key` (see RunflowOptions).

        InvalidInputError names the fields that are wrong, NotFoundError means an unknown model, BalanceError no money,
        ConflictError an idempotency key that was used for another request.
        """
        return self._driver.run(flows.submit(RUNFLOW, RUNFLOW.submit(model, input, **options), model))

    def run(
        self,
        model: str,
        input: Input,
        *,
        timeout: float | None = TIMEOUT,
        poll: float | None = None,
        progress: Progress | None = None,
        raise_on_failure: bool = True,
        **options: Unpack[RunflowOptions],
    ) -> Job:
        """`submit`, then `wait`, in `timeout` seconds for both."""
        waiting = Waiting(timeout, poll, progress, raise_on_failure, clock)
        return self._driver.run(flows.run(RUNFLOW, RUNFLOW.submit(model, input, **options), model, waiting))

    def run_sync(self, model: str, input: Input, *, timeout: float = TIMEOUT) -> Job:
        """One request to /v1/run that is answered with the output, at most `timeout` seconds later; sent once.

        Only Runflow's marketing pages know this route; production may not have it. The answer names no run, so the job
        has outputs but the id "". JobFailedError if the generation failed.
        """
        return self._driver.run(flows.run_sync(model, input, timeout))


class HiAPI(Client):
    """HiAPI's unified async API. Model ids are names such as "happyhorse-1.1/reference-to-video"."""

    _wire = HIAPI

    def submit(self, model: str, input: Input, **options: Unpack[HiAPIOptions]) -> Job:
        """Create a task. Options: `callback`, `idempotency_key`, `route`, `storage` (see HiAPIOptions).

        InvalidInputError names the fields that are wrong (an unknown model is one too), BalanceError means no money,
        ConflictError an idempotency key that was used for another request.
        """
        return self._driver.run(flows.submit(HIAPI, HIAPI.submit(model, input, **options), model))

    def run(
        self,
        model: str,
        input: Input,
        *,
        timeout: float | None = TIMEOUT,
        poll: float | None = None,
        progress: Progress | None = None,
        raise_on_failure: bool = True,
        **options: Unpack[HiAPIOptions],
    ) -> Job:
        """`submit`, then `wait`, in `timeout` seconds for both."""
        waiting = Waiting(timeout, poll, progress, raise_on_failure, clock)
        return self._driver.run(flows.run(HIAPI, HIAPI.submit(model, input, **options), model, waiting))

    def list(self, page: int | None = None, size: int | None = None) -> JobPage:
        """A page of the account's tasks, newest first: pages from 1, 1 to 100 tasks each (default 10). The provider
        takes values out of range as the defaults."""
        return self._driver.run(flows.list_jobs(page, size))


class AsyncRunComfy(AsyncClient):
    """The awaiting twin of RunComfy."""

    _wire = RUNCOMFY

    async def submit(self, model: str, input: Input) -> Job:
        """See RunComfy.submit."""
        return await self._driver.run(flows.submit(RUNCOMFY, RUNCOMFY.submit(model, input), model))

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
        waiting = Waiting(timeout, poll, progress, raise_on_failure, clock)
        return await self._driver.run(flows.run(RUNCOMFY, RUNCOMFY.submit(model, input), model, waiting))

    async def cancel(self, job: Job | str) -> Job:
        """See RunComfy.cancel."""
        return await self._driver.run(flows.cancel(job))


class AsyncRunflow(AsyncClient):
    """The awaiting twin of Runflow."""

    _wire = RUNFLOW

    async def submit(self, model: str, input: Input, **options: Unpack[RunflowOptions]) -> Job:
        """See Runflow.submit."""
        return await self._driver.run(flows.submit(RUNFLOW, RUNFLOW.submit(model, input, **options), model))

    async def run(
        self,
        model: str,
        input: Input,
        *,
        timeout: float | None = TIMEOUT,
        poll: float | None = None,
        progress: Progress | None = None,
        raise_on_failure: bool = True,
        **options: Unpack[RunflowOptions],
    ) -> Job:
        """`submit`, then `wait`, in `timeout` seconds for both."""
        waiting = Waiting(timeout, poll, progress, raise_on_failure, clock)
        return await self._driver.run(flows.run(RUNFLOW, RUNFLOW.submit(model, input, **options), model, waiting))

    async def run_sync(self, model: str, input: Input, *, timeout: float = TIMEOUT) -> Job:
        """See Runflow.run_sync."""
        return await self._driver.run(flows.run_sync(model, input, timeout))


class AsyncHiAPI(AsyncClient):
    """The awaiting twin of HiAPI."""

    _wire = HIAPI

    async def submit(self, model: str, input: Input, **options: Unpack[HiAPIOptions]) -> Job:
        """See HiAPI.submit."""
        return await self._driver.run(flows.submit(HIAPI, HIAPI.submit(model, input, **options), model))

    async def run(
        self,
        model: str,
        input: Input,
        *,
        timeout: float | None = TIMEOUT,
        poll: float | None = None,
        progress: Progress | None = None,
        raise_on_failure: bool = True,
        **options: Unpack[HiAPIOptions],
    ) -> Job:
        """`submit`, then `wait`, in `timeout` seconds for both."""
        waiting = Waiting(timeout, poll, progress, raise_on_failure, clock)
        return await self._driver.run(flows.run(HIAPI, HIAPI.submit(model, input, **options), model, waiting))

    async def list(self, page: int | None = None, size: int | None = None) -> JobPage:
        """See HiAPI.list."""
        return await self._driver.run(flows.list_jobs(page, size))

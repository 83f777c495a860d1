"""Deliver callbacks: the provider's body, its signature over those very bytes, one attempt at a time."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from screentest import callbacks
from screentest.callbacks import Attempt, Delivery
from screentest.engine import Engine, Event
from screentest.jobs import Job
from screentest.store import Effect
from screentest_contracts.signing import sign

_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Posted:
    """A receiver's answer: HTTP status and body, cut."""

    status: int
    text: str


class NotPostedError(Exception):
    """No answer came; the message says why: egress, timeout, refused ..."""


Post = Callable[[str, bytes, Mapping[str, str], float], Awaitable[Posted]]
"""Send a POST (url, body, headers, seconds of patience)."""

Body = Callable[[Job, float], bytes]
"""A provider's notification of a finished job at an account time."""

Secret = Callable[[str], Awaitable[str]]
"""The secret that signs an account's callbacks now; "" when they are not signed."""


async def nobody(account: str) -> str:
    """The signer where secrets have no ids."""
    return ""


@dataclass(frozen=True, slots=True)
class Notifier:
    """What a provider's room lends the sender: the body, the secret, and headers of its own.

    `signer` tells the id of the secret that signs an account's callbacks now, "" where secrets have none.
    """

    body: Body
    secret: Secret
    headers: Callable[[Job], Mapping[str, str]]
    signer: Secret = nobody


class Sender:
    """Performs the effects of kind "callback"."""

    def __init__(self, engine: Engine, notifiers: Mapping[str, Notifier], post: Post) -> None:
        self._engine = engine
        self._notifiers = notifiers
        self._post = post

    async def perform(self, effect: Effect) -> Event | None:
        """One attempt; what became of it is stored."""
        delivery = callbacks.from_effect(effect)
        job = await self._engine.job(delivery.job)
        assert job is not None, "deliveries belong to jobs"
        now = await self._engine.now(job.account)
        if delivery.body is None:
            delivery = replace(delivery, body=self._notifiers[job.provider].body(job, now).decode())
        signer = await self._notifiers[job.provider].signer(job.account)
        delivery = await self._attempt(replace(delivery, signer=signer), job, now)
        await self._engine.store.save_effect(callbacks.to_effect(delivery))
        last = delivery.attempts[-1]
        said = str(last.status) if last.status is not None else last.error
        return Event(now, job.id, job.provider, f"attempt {len(delivery.attempts)}", said, callbacks.KIND)

    async def _attempt(self, delivery: Delivery, job: Job, now: float) -> Delivery:
        contract = self._engine.contracts[job.provider]
        policy, notifier = contract.provider.callbacks, self._notifiers[job.provider]
        assert policy is not None, "only providers with callbacks take a callback URL"
        body = (delivery.body or "").encode()
        # Receivers compare the time stamp with their own clock, so it is real time unless that is switched.
        stamp = now if contract.assumed("all.callback-stamp") == "account" else self._engine.wall.now()
        headers = {"content-type": "application/json", **notifier.headers(job)}
        headers |= sign(policy.signature, await notifier.secret(job.account), body, int(stamp))
        begun = time.monotonic()
        try:
            posted = await self._post(delivery.url, body, headers, policy.timeout)
            attempt = Attempt(at=now, status=posted.status, response=posted.text[:_KEPT])
        except NotPostedError as error:
            attempt = Attempt(at=now, status=None, error=str(error))
        taken = round((time.monotonic() - begun) * 1000)
        return callbacks.attempted(delivery, policy, replace(attempt, milliseconds=taken))

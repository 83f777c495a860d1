"""Deliver callbacks: the provider's body, its signature over those very bytes, one attempt at a time."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct, structs

from screentest import callbacks
from screentest.callbacks import Attempt, Delivery
from screentest.engine import Engine, Event
from screentest.jobs import Job
from screentest.store import Effect
from screentest_contracts.signing import sign

_KEPT = 2000


class Posted(Struct, frozen=True):
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


class Notifier(Struct, frozen=True):
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
        """One attempt; what became of it is stored. A callback that somebody triggered may be about no job."""
        resets = self._engine.resets[effect.account]
        delivery, now = callbacks.from_effect(effect), await self._engine.now(effect.account)
        job = await self._engine.job(delivery.job)
        notifier = self._notifiers[delivery.provider]
        if delivery.body is None:
            assert job is not None, "only a callback with a body of its own is about no job"
            delivery = structs.replace(delivery, body=notifier.body(job, now).decode())
        signer = "" if delivery.manner == "unsigned" else await notifier.signer(delivery.account)
        delivery = await self._attempt(structs.replace(delivery, signer=signer), job, now)
        stored = await self._engine.store.effect(effect.id)
        if stored is None or self._engine.resets[effect.account] != resets:
            return None  # the account was reset while the receiver thought; with a seed, ids come back
        # The receiver may have said meanwhile that it acted on it.
        delivery = structs.replace(delivery, processed=callbacks.from_effect(stored).processed)
        await self._engine.store.save_effect(callbacks.to_effect(delivery))
        await self._let_go(delivery, now)
        last = delivery.attempts[-1]
        said = str(last.status) if last.status is not None else last.error
        return Event(now, delivery.job, delivery.provider, f"attempt {len(delivery.attempts)}", said, callbacks.KIND)

    async def _let_go(self, made: Delivery, now: float) -> None:
        """Another callback came first now: send those of the account that were held back for it."""
        for effect in await self._engine.store.due(made.account, now + callbacks.HELD):
            if callbacks.held_back(effect) and effect.id != made.id:
                await self._engine.store.save_effect(structs.replace(effect, due=now))

    async def _secret(self, delivery: Delivery) -> str:
        """What signs this delivery; "" for nothing."""
        if delivery.manner == "unsigned":
            return ""
        secret = await self._notifiers[delivery.provider].secret(delivery.account)
        return f"not {secret}" if delivery.manner == "wrong-secret" else secret

    async def _attempt(self, delivery: Delivery, job: Job | None, now: float) -> Delivery:
        contract = self._engine.contracts[delivery.provider]
        policy, notifier = contract.provider.callbacks, self._notifiers[delivery.provider]
        assert policy is not None, "only providers with callbacks take a callback URL"
        body = (delivery.body or "").encode()
        # Receivers compare the time stamp with their own clock, so it is real time unless that is switched.
        stamp = now if contract.assumed("all.callback-stamp") == "account" else self._engine.wall.now()
        headers = {"content-type": "application/json", **(notifier.headers(job) if job else {})}
        headers |= sign(policy.signature, await self._secret(delivery), body, int(stamp))
        begun = time.monotonic()
        try:
            if await self._told_to_fail(delivery.account):
                raise NotPostedError("made to fail, nothing was sent")
            posted = await self._post(delivery.url, body, headers, policy.timeout)
            attempt = Attempt(at=now, status=posted.status, response=posted.text[:_KEPT], headers=headers)
        except NotPostedError as error:
            attempt = Attempt(at=now, status=None, error=str(error), headers=headers)
        taken = round((time.monotonic() - begun) * 1000)
        return callbacks.attempted(delivery, policy, structs.replace(attempt, milliseconds=taken))

    async def _told_to_fail(self, account: str) -> bool:
        """Whether control wants this attempt to fail; that is one use of the wish."""
        settings = dict(await self._engine.settings(account))
        left = settings.pop(callbacks.FAILING, 0)
        if not left:
            return False
        await self._engine.store.set_settings(account, settings | ({callbacks.FAILING: left - 1} if left > 1 else {}))
        return True

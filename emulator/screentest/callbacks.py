"""Callbacks that are owed: when each attempt is due, and what became of it. Pure; the sender does the sending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field, structs

from screentest.store import Effect
from screentest_contracts.document import CallbackPolicy

KIND = "callback"
FAILING = "failing_callbacks"
"""The account setting that counts how many of the next attempts fail without being sent."""

HELD = 60.0
"""Seconds for which a callback that is to come out of order waits for another one."""


class Attempt(Struct, frozen=True, kw_only=True):
    """One try at a delivery. `at` is account time; `status` the receiver's answer, None when there was none.

    `headers` are those of the request, sent or not.
    """

    at: float
    status: int | None
    error: str = ""
    response: str = ""
    milliseconds: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Delivery(Struct, frozen=True, kw_only=True):
    """One callback that a job owes, with its attempts.

    `due` is the account time of the next attempt, None when there is none any more, infinity while it is not known.
    `manner` and `delay` are those of the job's scenario. `body` is frozen at the first attempt. `signer` is the id of
    the secret that signed the last attempt, where the provider has ids for secrets. `processed` counts how often the
    code under test said that it acted on it.
    """

    id: str
    job: str
    account: str
    provider: str
    url: str
    due: float | None
    body: str | None = None
    attempts: tuple[Attempt, ...] = ()
    automatic: bool = True
    signer: str = ""
    manner: str = "on-time"
    delay: float = 0.0
    processed: int = 0

    @property
    def copies(self) -> int:
        """How often it is to be delivered."""
        return 2 if self.manner == "duplicate" else 1

    @property
    def state(self) -> str:
        """pending, delivered or given-up."""
        if self.due is not None:
            return "pending"
        return "delivered" if self.attempts and self.attempts[-1].delivered else "given-up"


def attempted(delivery: Delivery, policy: CallbackPolicy, attempt: Attempt) -> Delivery:
    """The delivery after one more attempt: done, due again by the provider's schedule, or given up.

    The schedule's offsets count from the first attempt. An attempt that came late does not push the next one back, but
    the next one never comes before it. A duplicate follows at once.
    """
    attempts = (*delivery.attempts, attempt)
    failed = sum(not one.delivered for one in attempts)
    if len(attempts) - failed >= delivery.copies or failed >= len(policy.offsets):
        return structs.replace(delivery, attempts=attempts, due=None)
    due = attempt.at if attempt.delivered else attempts[0].at + policy.offsets[failed]
    return structs.replace(delivery, attempts=attempts, due=max(due, attempt.at))


def owed(provider: str, url: str, manner: str = "on-time", delay: float = 0.0) -> dict[str, Any]:
    """The document of the effect that stands for a new delivery; `manner` is a scenario's word for how it goes."""
    return {
        "provider": provider,
        "url": url,
        "manner": manner,
        "delay": delay if manner == "late" else 0.0,
        "attempts": [],
        "body": None,
        "automatic": True,
        "signer": "",
        "processed": 0,
    }


def first_due(document: Mapping[str, Any], ends: float) -> float:
    """When the first attempt at a delivery is due, for a job that ends at `ends`."""
    return ends + (HELD if document["manner"] == "out-of-order" else document["delay"])


def held_back(effect: Effect) -> bool:
    """Whether the effect is a callback that waits for another one to come first."""
    return effect.kind == KIND and effect.document["manner"] == "out-of-order" and not begun(effect.document)


def begun(document: Mapping[str, Any]) -> bool:
    """Whether the delivery was tried already."""
    return bool(document["attempts"])


def from_effect(effect: Effect) -> Delivery:
    document = effect.document
    return Delivery(
        id=effect.id,
        job=effect.job,
        account=effect.account,
        provider=document["provider"],
        url=document["url"],
        due=effect.due,
        body=document["body"],
        attempts=tuple(Attempt(**attempt) for attempt in document["attempts"]),
        automatic=document["automatic"],
        signer=document["signer"],
        manner=document["manner"],
        delay=document["delay"],
        processed=document["processed"],
    )


def to_effect(delivery: Delivery) -> Effect:
    document = {
        **owed(delivery.provider, delivery.url, delivery.manner, delivery.delay),
        "attempts": [structs.asdict(attempt) for attempt in delivery.attempts],
        "body": delivery.body,
        "automatic": delivery.automatic,
        "signer": delivery.signer,
        "processed": delivery.processed,
    }
    return Effect(
        id=delivery.id,
        account=delivery.account,
        job=delivery.job,
        kind=KIND,
        due=delivery.due,
        document=document,
    )

"""Callbacks as their receiver's owner sees them: delivery records with every attempt, and redelivery."""

from __future__ import annotations

import json
import uuid
from typing import Any

from starlette.responses import Response

from screentest import callbacks
from screentest.callbacks import Attempt, Delivery
from screentest.engine import Engine
from screentest.errors import Refusal
from screentest.jobs import Job, ended, outcome
from screentest.json_text import json_bytes
from screentest.providers.runflow import signing
from screentest.providers.runflow.identity import named, stamp
from screentest.providers.runflow.record import notification, request_id
from screentest.providers.wire import Call, json_response
from screentest.sender import Notifier
from screentest.store import Effect
from screentest_contracts.load import Contract

_STATES = {"pending": "pending", "delivered": "delivered", "given-up": "failed"}


def notifier(engine: Engine) -> Notifier:
    """What the sender needs of Runflow: the envelope, the secret that signs now, and the request id."""

    def body(job: Job, now: float) -> bytes:
        return _payload(job, now, engine.contracts["runflow"])

    async def secret(account: str) -> str:
        return await signing.current_secret(engine, account)

    async def signer(account: str) -> str:
        return await signing.current_id(engine, account)

    return Notifier(body, secret, lambda job: {"runflow-request-id": request_id(job)}, signer)


async def list_deliveries(call: Call) -> Response:
    """Every delivery of the run, oldest first: a plain array. There is none before the run has ended."""
    job, now = await call.job(call.params["run_id"]), await call.now()
    over = outcome(job, now) is not None
    found = await call.engine.store.effects(job.account, callbacks.KIND, job.id) if over else ()
    records = [_record(callbacks.from_effect(effect), job, now, call.contract) for effect in found]
    return json_response(records)


async def redeliver(call: Call) -> Response:
    """A new delivery to the run's receiver, with a payload made now. Raises Refusal("conflict") when there is none."""
    job, now = await call.job(call.params["run_id"]), await call.now()
    url = job.extras.get("callback_url")
    if not url:
        raise Refusal("conflict", "The run has no callback_url")
    if outcome(job, now) is None:
        raise Refusal("conflict", "The run has not ended")
    rng = await call.engine.dice(call.key)
    body = _payload(job, now, call.contract).decode()
    effect = Effect(
        id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        account=job.account,
        job=job.id,
        kind=callbacks.KIND,
        due=now,
        document=callbacks.owed(job.provider, url) | {"body": body, "automatic": False},
    )
    await call.engine.owe(effect)
    record = _record(callbacks.from_effect(effect), job, now, call.contract)
    return json_response(record, min(call.operation.answers))


def _payload(job: Job, now: float, contract: Contract) -> bytes:
    return json_bytes(notification(job, now, contract))


def _record(delivery: Delivery, job: Job, now: float, contract: Contract) -> dict[str, Any]:
    """The delivery as the reference has it."""
    policy = contract.provider.callbacks
    assert policy is not None, "Runflow has callbacks"
    body = delivery.body or _payload(job, now, contract).decode()
    last = delivery.attempts[-1] if delivery.attempts else None
    created = ended(job)[0] if delivery.automatic else _asked_for(delivery)
    finished = last.at if last and delivery.due is None else None
    reason, detail = _why(last) if last else (None, None)
    return {
        "id": delivery.id,
        "run_id": job.id,
        "callback_url": delivery.url,
        "payload_bytes": body,
        "payload": json.loads(body),
        "signing_secret_id": delivery.signer or None,
        "is_automatic": delivery.automatic,
        "status_code": _STATES[delivery.state],
        "failure_reason_code": reason,
        "failure_detail": detail,
        "attempt_count": len(delivery.attempts),
        "max_attempts": len(policy.offsets),
        "next_attempt_at": _moment(delivery.due),
        "created_at": _moment(created),
        "updated_at": _moment(last.at if last else created),
        "completed_at": _moment(finished),
        "attempts": [_attempt(delivery.id, number, one) for number, one in enumerate(delivery.attempts, 1)],
    }


def _asked_for(delivery: Delivery) -> float | None:
    """When somebody asked for the delivery: it was due at once."""
    return delivery.attempts[0].at if delivery.attempts else delivery.due


def _attempt(delivery_id: str, number: int, attempt: Attempt) -> dict[str, Any]:
    return {
        "id": named(delivery_id, str(number)),
        "delivery_id": delivery_id,
        "attempt_number": number,
        "status_code": attempt.status,
        "response_body": attempt.response if attempt.status is not None else None,
        "response_time_ms": attempt.milliseconds,
        "error_message": attempt.error or None,
        "created_at": stamp(attempt.at),
    }


def _why(attempt: Attempt) -> tuple[str | None, str | None]:
    """Reason and detail of an attempt that failed."""
    if attempt.delivered:
        return None, None
    if attempt.status is not None:
        return "http_error", f"HTTP {attempt.status}"
    return "connection_error", attempt.error


def _moment(at: float | None) -> str | None:
    return None if at is None else stamp(at)

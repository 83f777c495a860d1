"""``/_control/deliveries``: the callbacks owed and made, with every attempt; send one again, or one of your own."""

from __future__ import annotations

import json
import math
from typing import Any

from msgspec import to_builtins
from starlette.requests import Request

from screentest import callbacks
from screentest.callbacks import Attempt, Delivery
from screentest.control.desk import (
    BadWishError,
    Desk,
    check_filters,
    newest,
    one_account,
    read_object,
    selected,
    wanted,
    when_enough,
)
from screentest.providers.runflow import signing
from screentest.store import Effect
from screentest_contracts.document import Signature
from screentest_contracts.signing import verify
from screentest_contracts.urls import is_link

_STATES = ("pending", "delivered", "given-up")
_TRIGGER = '{"provider": "hiapi", "url": "http://...", "body": {...}}, with "job" to send about a job of the account'


async def deliveries(desk: Desk, request: Request) -> dict[str, Any]:
    """The callbacks of the account, or of all, oldest first; POST sends one with a body of the caller's own."""
    if request.method == "POST":
        return shown(await _triggered(desk, request))
    wish, account = wanted(request, "provider", "job", "state", "url"), selected(request)
    check_filters(wish, provider=desk.engine.contracts, state=_STATES)

    async def find() -> list[dict[str, Any]]:
        found = await desk.engine.store.effects(account, callbacks.KIND, wish.filters.get("job"))
        lines = [shown(callbacks.from_effect(effect)) for effect in found]
        return [line for line in lines if all(line[name] == value for name, value in wish.filters.items())]

    return {"deliveries": newest(await when_enough(desk, account, wish, find), wish.limit)}


async def one(desk: Desk, request: Request) -> dict[str, Any]:
    """One callback with its attempts and how they were signed; with ``wait`` once it is not pending any more."""
    effect, wish = await _effect(desk, request), wanted(request)

    async def find() -> list[Delivery]:
        delivery = callbacks.from_effect(await _effect(desk, request))
        return [] if delivery.state == "pending" else [delivery]

    await when_enough(desk, effect.account, wish, find)
    return await _in_full(desk, callbacks.from_effect(await _effect(desk, request)))


async def resend(desk: Desk, request: Request) -> dict[str, Any]:
    """A new delivery of the same body to the same receiver, now."""
    effect = await _effect(desk, request)
    if effect.document["body"] is None:
        raise BadWishError(f"delivery {effect.id} was not tried yet; move the clock to it", 409)
    document = callbacks.owed(effect.document["provider"], effect.document["url"])
    document |= {"body": effect.document["body"], "automatic": False}
    return shown(await _sent(desk, effect.account, effect.job, document))


def shown(delivery: Delivery) -> dict[str, Any]:
    """A delivery as JSON; `due` is null when no time is known."""
    told = {**to_builtins(delivery), "state": delivery.state}
    if delivery.due is not None and math.isinf(delivery.due):
        told["due"] = None
    return told


async def _in_full(desk: Desk, delivery: Delivery) -> dict[str, Any]:
    """A delivery with the scheme of its signatures, and whether each holds under the account's present secret."""
    policy = desk.engine.contracts[delivery.provider].provider.callbacks
    assert policy is not None, "only providers with callbacks have deliveries"
    scheme, secret = policy.signature, await _secret(desk, delivery)
    held = [_held(scheme, secret, one, delivery.body or "") for one in delivery.attempts]
    return shown(delivery) | {"scheme": to_builtins(scheme), "signatures": held}


def _held(scheme: Signature, secret: str, attempt: Attempt, body: str) -> str:
    """The word "good", or why the signature of an attempt is not; its age is no matter."""
    if scheme.header not in attempt.headers:
        return "not signed"
    if not secret:
        return "the account has no secret now"
    stamp = attempt.headers.get(scheme.timestamp_header or "", "0")
    return verify(scheme, secret, attempt.headers, body.encode(), int(stamp)) or "good"


async def _secret(desk: Desk, delivery: Delivery) -> str:
    if delivery.provider == "runflow":
        return await signing.present_secret(desk.engine, delivery.account)
    return str((await desk.engine.settings(delivery.account)).get("callback_secret", ""))


async def _effect(desk: Desk, request: Request) -> Effect:
    effect, account = await desk.engine.store.effect(request.path_params["delivery"]), selected(request)
    if effect is None or effect.kind != callbacks.KIND or account not in (None, effect.account):
        raise BadWishError(f"no delivery {request.path_params['delivery'][:80]!r}", 404)
    return effect


async def _triggered(desk: Desk, request: Request) -> Delivery:
    key, wish = one_account(request), await read_object(request)
    account = (await desk.engine.open_account(key)).id
    provider, url, job_id = wish.pop("provider", None), wish.pop("url", None), wish.pop("job", "")
    body = wish.pop("body", None)
    contract = desk.engine.contracts.get(str(provider))
    if wish or contract is None or not isinstance(url, str) or not isinstance(job_id, str) or body is None:
        raise BadWishError(f"expected {_TRIGGER}")
    if contract.provider.callbacks is None:
        raise BadWishError(f"{provider} sends no callbacks")
    if not is_link(url):
        raise BadWishError(f"url {url[:80]!r} is no http or https URL")
    job = await desk.engine.job(job_id) if job_id else None
    if job_id and (job is None or job.account != account):
        raise BadWishError(f"no job {job_id[:80]!r} of this account", 404)
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    document = callbacks.owed(str(provider), url) | {"body": text, "automatic": False}
    return await _sent(desk, account, job_id, document)


async def _sent(desk: Desk, account: str, job: str, document: dict[str, Any]) -> Delivery:
    """Have it delivered now; the attempt itself goes on by itself."""
    effect = Effect(
        id=await desk.engine.new_uuid(account),
        account=account,
        job=job,
        kind=callbacks.KIND,
        due=await desk.engine.now(account),
        document=document,
    )
    await desk.engine.owe(effect)
    return callbacks.from_effect(effect)

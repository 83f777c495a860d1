"""The account: its balance, its user, and whether the service is up."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from screentest.accounts import Key
from screentest.errors import Refusal
from screentest.providers.runflow import lists
from screentest.providers.runflow.identity import named, organisation, stamp
from screentest.providers.wire import Call, json_response
from screentest.store import Record

_BALANCE = "runflow-balance"
_SCOPES = (
    *("runs:create", "runs:read", "runs:execute", "assets:create", "assets:read", "assets:edit", "assets:delete"),
    "credit_balance:read",
)
_ADMIN_SCOPE = "runs:cancel"


async def health(call: Call) -> Response:
    return json_response({"status": "ok", "ok": True})


async def readiness(call: Call) -> Response:
    """All is well: the emulator has no part that could be down while it answers."""
    return json_response({"status": "ok", "checks": {"database": {"status": "ok"}, "redis": {"status": "ok"}}})


async def get_balance(call: Call) -> Response:
    return json_response(await _balance(call))


async def change_balance(call: Call) -> Response:
    """Set the threshold; with an `updated_at` that is not the stored one, somebody else was faster."""
    wish, now = await call.body(), await call.now()
    held = await _balance(call)
    if wish.get("updated_at") and _moment(wish["updated_at"]) != _moment(held["updated_at"]):
        raise Refusal("conflict", "The balance was changed meanwhile")
    threshold = format(Decimal(str(wish["low_balance_threshold"])), "f")
    record = Record(
        id=held["id"],
        account=call.key.account,
        kind=_BALANCE,
        created=now,
        document={"threshold": threshold, "updated_at": now},
    )
    await call.engine.store.put_record(record)
    return json_response(await _balance(call))


async def list_credit_balances(call: Call) -> Response:
    """One balance: an account is one organisation."""
    held = await _balance(call)
    return json_response({"items": [held | {"balance_usd": held["balance"]}], **lists.NO_CURSORS})


async def get_me(call: Call) -> Response:
    """The user behind the key, who belongs to one organisation."""
    org = organisation(call.key.account)
    membership = {
        "org": {"id": org, "name": call.key.label, "slug": f"org-{org[:8]}", "plan_code": None},
        "role_code": "admin" if call.key.admin else "member",
        "scopes": [*_SCOPES, *([_ADMIN_SCOPE] if call.key.admin else [])],
    }
    since = stamp(await _opened(call))
    about = {"timezone": "UTC", "locale_code": "en", "email_verified_at": since, "memberships": [membership]}
    return json_response(user(call.key) | about)


def user(key: Key) -> dict[str, Any]:
    """The user that stands for an account."""
    user_id = named(key.account, "user")
    return {
        "id": user_id,
        "email": f"user-{user_id[:8]}@example.com",
        "first_name": None,
        "last_name": None,
        "avatar_url": None,
    }


def _moment(text: str) -> datetime | None:
    """None for what only looks like one: no balance was ever changed on the 30th of February."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


async def _opened(call: Call) -> float:
    """The account's first moment here, stored when it is first asked for."""
    record_id = named(call.key.account, "opened")
    record = await call.engine.store.record(record_id)
    if record is None:
        now = await call.now()
        record = Record(id=record_id, account=call.key.account, kind="runflow-opened", created=now, document={})
        await call.engine.store.put_record(record)
    return record.created


async def _balance(call: Call) -> dict[str, Any]:
    record_id = named(call.key.account, "balance")
    record = await call.engine.store.record(record_id)
    opened = await _opened(call)
    changed = record.document["updated_at"] if record else opened
    settings = (await call.engine.seen(call.key)).settings
    placeholder = call.contract.assumed("runflow.unset-balance")
    balance = "0.00" if call.key.empty else settings.get("balance", placeholder)
    return {
        "id": record_id,
        "org_id": organisation(call.key.account),
        "balance": balance,
        "low_balance_threshold": record.document["threshold"] if record else "0",
        "low_balance_notified_at": None,
        "created_at": stamp(opened),
        "updated_at": stamp(changed),
    }

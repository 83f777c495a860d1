"""Callback secrets: made here, shown once, and exactly one of them signs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from msgspec import structs
from starlette.responses import Response

from screentest.engine import Engine
from screentest.errors import Refusal
from screentest.providers.runflow import lists
from screentest.providers.runflow.identity import organisation, stamp
from screentest.providers.wire import Call, json_response
from screentest.store import Record

_KIND = "runflow-secret"
_PREFIX, _SHOWN = "whsec_", 12


async def create_secret(call: Call) -> Response:
    """The only answer that shows the secret itself."""
    label = (await call.body()).get("label")
    store, now, rng = call.engine.store, await call.now(), await call.engine.dice(call.key)
    promoted = call.contract.assumed("runflow.new-secret") == "current" or not await _secrets(call)
    document = {
        "plain": _PREFIX + f"{rng.getrandbits(192):048x}",
        "label": label,
        "is_current": False,
        "last_used_at": None,
        "updated_at": now,
    }
    secret_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    record = Record(id=secret_id, account=call.key.account, kind=_KIND, created=now, document=document)
    await store.put_record(record)
    if promoted:
        record = await _promoted(call, record, now)
    shown = {"plain_secret": document["plain"], **_shown(record)}
    return json_response(shown, min(call.operation.answers))


async def list_secrets(call: Call) -> Response:
    return json_response(lists.listed(call, [_shown(record) for record in reversed(await _secrets(call))], "Secret"))


async def get_secret(call: Call) -> Response:
    return json_response(_shown(await call.record(call.params["secret_id"], _KIND, "Callback secret")))


async def change_secret(call: Call) -> Response:
    """Rename a secret, or let it be the one that signs."""
    wish = await call.body()
    record = await call.record(call.params["secret_id"], _KIND, "Callback secret")
    now = await call.now()
    if wish.get("is_current") is False and record.document["is_current"]:
        raise Refusal("conflict", "One secret signs: promote another instead")
    if "label" in wish:
        record = _changed(record, label=wish["label"], updated_at=now)
        await call.engine.store.put_record(record)
    if wish.get("is_current"):
        record = await _promoted(call, record, now)
    return json_response(_shown(record))


async def delete_secret(call: Call) -> Response:
    """Without the one that signed, the newest of the others signs."""
    record = await call.record(call.params["secret_id"], _KIND, "Callback secret")
    await call.engine.store.remove_record(record.id)
    others = await _secrets(call)
    if record.document["is_current"] and others:
        await _promoted(call, others[0], await call.now())
    return Response(status_code=204)


async def current_secret(engine: Engine, account: str) -> str:
    """The secret that signs the account's callbacks now; "" when none does. Without one of its own, control's."""
    record = await _current(engine, account)
    if record is not None:
        await engine.store.put_record(_changed(record, last_used_at=await engine.now(account)))
    return await present_secret(engine, account)


async def present_secret(engine: Engine, account: str) -> str:
    """The same, without counting as a use of it."""
    record = await _current(engine, account)
    return str(record.document["plain"] if record else (await engine.settings(account)).get("callback_secret", ""))


async def current_id(engine: Engine, account: str) -> str:
    """The id of that secret; "" when none of the account's own signs."""
    record = await _current(engine, account)
    return record.id if record else ""


async def _current(engine: Engine, account: str) -> Record | None:
    records = await engine.store.records(account, _KIND)
    return next((record for record in records if record.document["is_current"]), None)


async def _secrets(call: Call) -> list[Record]:
    return list(await call.engine.store.records(call.key.account, _KIND))


async def _promoted(call: Call, chosen: Record, now: float) -> Record:
    """`chosen`, which now signs; what signed before does not."""
    for record in await _secrets(call):
        if record.document["is_current"] and record.id != chosen.id:
            await call.engine.store.put_record(_changed(record, is_current=False, updated_at=now))
    chosen = _changed(chosen, is_current=True, updated_at=now)
    await call.engine.store.put_record(chosen)
    return chosen


def _changed(record: Record, **changes: Any) -> Record:
    return structs.replace(record, document={**record.document, **changes})


def _shown(record: Record) -> Mapping[str, Any]:
    document = record.document
    used = document["last_used_at"]
    return {
        "id": record.id,
        "org_id": organisation(record.account),
        "key_prefix": document["plain"][:_SHOWN],
        "is_current": document["is_current"],
        "label": document["label"],
        "disabled_at": None,
        "last_used_at": None if used is None else stamp(used),
        "created_at": stamp(record.created),
        "updated_at": stamp(document["updated_at"]),
    }

"""Assets: an upload session, the upload itself, its confirmation, and the files that are kept."""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import Any

from msgspec import structs
from starlette.responses import Response

from screentest.errors import Refusal
from screentest.links import good_until
from screentest.outputs import ranged
from screentest.providers.runflow import lists, references
from screentest.providers.runflow.account import user
from screentest.providers.runflow.identity import organisation, stamp
from screentest.providers.runflow.references import ASSET
from screentest.providers.wire import Call, json_response
from screentest.store import Record
from screentest_contracts.document import Assets

_KINDS = ("image", "video", "audio")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9.+-]{1,80}/[A-Za-z0-9.+-]{1,80}")  # what can stand in a header as it is


async def create_upload(call: Call) -> Response:
    """A session: the id of the asset to be, and where to PUT its content."""
    wish, now = await call.body(), await call.now()
    rng = await call.engine.dice(call.key)
    asset_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    expires = int(now) + _policy(call).upload_lifetime
    document = references.new_asset(wish["filename"], wish["mime_type"], "upload")
    document |= {"upload_expires": expires, "updated_at": now}
    await call.engine.store.put_record(
        Record(id=asset_id, account=call.key.account, kind=ASSET, created=now, document=document)
    )
    url = f"{call.base}/v1/asset-files/{asset_id}?upload_expires={expires}"
    return json_response({"asset_id": asset_id, "upload_url": url}, 201)


async def put_file(call: Call) -> Response:
    """Take the content at an upload URL. There is no key: who has the URL may use it, in its time and as declared.

    It works until it expires: what comes after the confirmation replaces the asset's content.
    """
    record = await _awaited(call)
    if await call.engine.now(record.account) >= record.document["upload_expires"]:
        raise Refusal("link-refused", "The upload URL has expired")
    declared, given = record.document["mime_type"], call.request.headers.get("content-type", "")
    if given != declared and call.contract.assumed("runflow.upload-content-type") == "declared":
        raise Refusal("link-refused", f"Content-Type must be {declared}, as declared")
    content = await call.raw_body()
    largest = call.contract.provider.schemas["CreateUpload"]["properties"]["size_bytes"]["maximum"]
    if len(content) > largest:
        raise Refusal("body-too-large", str(largest))
    record = await _awaited(call)  # while the content came it may have been confirmed, or forgotten
    document = dict(record.document)
    if document["confirmed"]:
        document |= {"size_bytes": len(content), "updated_at": await call.engine.now(record.account)}
    await call.engine.store.put_record(structs.replace(record, content=content, document=document))
    return Response(status_code=200)


async def _awaited(call: Call) -> Record:
    """The asset whose content is awaited at an upload URL."""
    record = await call.engine.store.record(call.params["asset_id"])
    if record is None or record.kind != ASSET or not record.document["upload_expires"]:
        raise Refusal("unknown-item", "Upload")
    return record


async def confirm_upload(call: Call) -> Response:
    """The asset, with the true size of what was uploaded; confirming again changes nothing."""
    wish = await call.body()
    record = await call.record(call.params["asset_id"], ASSET, "Asset")
    if record.content is None:
        raise Refusal("conflict", "Nothing was uploaded yet")
    if not record.document["confirmed"]:
        now = await call.now()
        changes = {"confirmed": True, "size_bytes": len(record.content), "updated_at": now}
        record = structs.replace(record, document={**record.document, **changes, "folder_id": wish.get("folder_id")})
        await call.engine.store.put_record(record)
    return json_response(await _shown(call, record), 201)


async def get_asset(call: Call) -> Response:
    return json_response(await _shown(call, await _confirmed(call)))


async def list_assets(call: Call) -> Response:
    records = await call.engine.store.records(call.key.account, ASSET)
    shown = [await _shown(call, record) for record in reversed(records) if record.document["confirmed"]]
    return json_response(lists.listed(call, shown, "Asset"))


async def list_types(call: Call) -> Response:
    return json_response({"items": [{"code": kind} for kind in (*_KINDS, "other")], **lists.NO_CURSORS})


async def delete_asset(call: Call) -> Response:
    await call.engine.store.remove_record((await _confirmed(call)).id)
    return Response(status_code=204)


async def get_file(call: Call) -> Response:
    """An asset's content, for anybody with the link and in its time; ranges work."""
    record = await call.engine.store.record(call.params["asset_id"])
    if record is None or record.kind != ASSET or record.content is None:
        raise Refusal("unknown-item", "File")
    expires = good_until(call.request.query_params, record.id)
    if expires is None or await call.engine.now(record.account) >= expires:
        raise Refusal("link-refused", "The link has expired")
    etag = f'"{hashlib.sha256(record.content).hexdigest()[:32]}"'
    # Somebody else's file on our origin: it must not run there.
    guard = {"content-security-policy": "sandbox", "x-content-type-options": "nosniff"}
    declared = record.document["mime_type"]
    media_type = declared if _MEDIA_TYPE.fullmatch(declared) else "application/octet-stream"
    return ranged(call.request, record.content, media_type, etag, guard)


async def _confirmed(call: Call) -> Record:
    record = await call.record(call.params["asset_id"], ASSET, "Asset")
    if not record.document["confirmed"]:
        raise Refusal("unknown-item", "Asset")
    return record


def _policy(call: Call) -> Assets:
    policy = call.contract.provider.assets
    assert policy is not None, "the contract has a policy for assets"
    return policy


async def _shown(call: Call, record: Record) -> dict[str, Any]:
    document, org = record.document, organisation(record.account)
    expires = int(await call.now()) + _policy(call).link_lifetime
    kind = document["mime_type"].partition("/")[0]
    embedded = "created_by_user" in lists.query(call).get("embed", "")
    who = user(call.key)
    return {
        "id": record.id,
        "org_id": org,
        "folder_id": document["folder_id"],
        "name": document["name"],
        "r2_key": f"{org}/{record.id}",
        "url": references.file_link(call.base, record.id, expires),
        "thumbnail_url": None,
        "mime_type": document["mime_type"],
        "size_bytes": document["size_bytes"],
        "asset_type": kind if kind in _KINDS else "other",
        "source_type": document["source"],
        "source_id": None,
        "created_by": who["id"],
        "created_at": stamp(record.created),
        "updated_at": stamp(document["updated_at"]),
        "deleted_at": None,
        "deleted_by": None,
        "created_by_user": who if embedded else None,
    }

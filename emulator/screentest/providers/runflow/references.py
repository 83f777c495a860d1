"""Files in an input: ``runflow://assets/{id}`` names one, and a data URI is stored as one.

A run keeps references. Who reads it gets short-lived links in their place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any

from screentest.engine import Engine
from screentest.errors import Refusal
from screentest.input_files import data_uri
from screentest.input_files.data_uri import BadDataUriError
from screentest.inputs import Asset
from screentest.links import timed
from screentest.network.fetching import Fetched, Unreachable
from screentest.providers.runflow.identity import named
from screentest.providers.wire import Call
from screentest.store import Record
from screentest_contracts.load import Contract
from screentest_contracts.reading import Json
from screentest_contracts.violation import Path, Violation

ASSET = "runflow-asset"
"""The kind of the records that are assets."""

_SCHEME = "runflow://assets/"
_REFERENCE = re.compile(r"runflow://assets/\S+")
_DATA_URI = re.compile(r"data:([^,]*;base64|[^\s,;/]+/[^\s,;/]+(;[^,]*)?),", re.IGNORECASE)
"""How one begins; a prompt may begin with the word as well."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def files(engine: Engine) -> Asset:
    """What looks at input files needs of the storage: the beginning of an asset's content."""

    async def get(account: str, url: str, limit: int) -> Fetched | Unreachable:
        record = await engine.store.record(url.removeprefix(_SCHEME))
        if record is None or record.account != account or record.content is None:
            return Unreachable("asset", f"asset not found or expired: {url}")
        content = record.content
        return Fetched(content[:limit], record.document["mime_type"], more=len(content) > limit)

    return get


def file_link(base: str, asset_id: str, expires: int) -> str:
    """The link to an asset's content, good until `expires`, in Unix seconds of the account's clock."""
    return timed(f"{base}/v1/asset-files/{asset_id}", asset_id, expires)


def readable(value: Json, base: str, now: float, contract: Contract) -> Json:
    """`value` with a link in place of every reference."""
    assets = contract.provider.assets
    assert assets is not None, "the contract says how long links to assets live"
    expires = int(now) + assets.link_lifetime

    def link(text: str) -> str:
        asset_id = text.removeprefix(_SCHEME)
        is_reference = text.startswith(_SCHEME) and _UUID.fullmatch(asset_id)
        return file_link(base, asset_id, expires) if is_reference else text

    return _replaced(value, link)


async def check(call: Call, value: Json, at: Path) -> None:
    """Refuse a reference to what is no confirmed asset of the caller's. `at` is where `value` is in the body."""
    for path, text in _texts(value, at):
        if not _REFERENCE.fullmatch(text):
            continue
        record = await call.engine.store.record(text.removeprefix(_SCHEME))
        mine = record is not None and (record.kind, record.account) == (ASSET, call.key.account)
        if record is None or not mine or not record.document["confirmed"]:
            broken = Violation(at=path, keyword="reference", got=text[:200])
            raise Refusal("unknown-reference", text[:200], (broken,))


def stored(call: Call, value: Json, now: float) -> tuple[Json, list[Record]]:
    """`value` with a reference in place of every data URI that can be read, and the assets behind those references."""
    made: dict[str, Record] = {}

    def reference(text: str) -> str:
        if not _DATA_URI.match(text):
            return text
        try:
            content = data_uri.content(text)
        except BadDataUriError:
            return text  # whoever generates will say so
        kind = data_uri.media_type(text) or "application/octet-stream"
        # Named by its content: the same file twice is one asset.
        asset_id = named(call.key.account, kind, hashlib.sha256(content).hexdigest())
        document = new_asset(f"inline-{asset_id[:8]}", kind, "inline") | {
            "confirmed": True,
            "size_bytes": len(content),
            "updated_at": now,
        }
        made[asset_id] = Record(
            id=asset_id, account=call.key.account, kind=ASSET, created=now, document=document, content=content
        )
        return _SCHEME + asset_id

    return _replaced(value, reference), list(made.values())


def new_asset(name: str, mime_type: str, source: str) -> dict[str, Any]:
    """The document of an asset; `source` is upload or inline."""
    return {
        "name": name,
        "mime_type": mime_type,
        "source": source,
        "size_bytes": 0,
        "folder_id": None,
        "confirmed": False,
        "upload_expires": 0,
        "updated_at": 0,
    }


def _texts(value: Json, at: Path) -> Iterator[tuple[Path, str]]:
    """Every string in a JSON value, with its path."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(child, (*at, key))


def _replaced(value: Json, change: Callable[[str], str]) -> Json:
    """A copy of a JSON value with every string changed; names of properties stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _replaced(child, change) for key, child in value.items()}
    return [_replaced(child, change) for child in value] if isinstance(value, list) else value

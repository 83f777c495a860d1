"""Get the file behind an input URL, as the provider would when it generates. Never raises for what a URL does."""

from __future__ import annotations

from msgspec import Struct

from screentest.input_files import data_uri
from screentest.network.egress import Egress
from screentest.network.outbound import NotConnectedError, Resolve, opened, system_resolver

TIMEOUT = 15.0
"""Seconds that one file may take, real time."""


class Fetched(Struct, frozen=True):
    """A file. `more`: it is larger than what was asked for and was cut. `content_type` is a claim, "" when not made."""

    data: bytes
    content_type: str
    more: bool = False


class Unreachable(Struct, frozen=True):
    """No file. `kind` is one word: data, url, egress, resolve, connect, timeout, protocol, status, encoding.

    `reason` is a sentence about the URL.
    """

    kind: str
    reason: str


async def fetch(
    url: str,
    *,
    egress: Egress,
    limit_bytes: int,
    timeout: float = TIMEOUT,
    resolve: Resolve = system_resolver,
) -> Fetched | Unreachable:
    """The file behind a data, http or https URL, its first `limit_bytes` at most.

    What a Content-Length says is not believed: bytes are counted as they come, and the connection is dropped at the
    limit. One that promises more than it sends is unreachable.
    """
    if data_uri.is_data_uri(url):
        return read_data_uri(url, limit_bytes)
    try:
        async with opened("GET", url, egress=egress, timeout=timeout, resolve=resolve) as answer:
            if answer.is_redirect:
                return _not(url, "status", f"answers {answer.status_code}, a redirect, which is not followed")
            if answer.status_code != 200:
                return _not(url, "status", f"answers {answer.status_code}")
            if answer.headers.get("content-encoding", "identity") != "identity":
                return _not(url, "encoding", "sends a content encoding that nobody asked for")
            data = bytearray()
            async for chunk in answer.aiter_raw():
                data += chunk
                if len(data) > limit_bytes:
                    break
            content_type = answer.headers.get("content-type", "")
    except NotConnectedError as error:
        return _not(url, error.kind, str(error))
    return Fetched(bytes(data[:limit_bytes]), content_type, more=len(data) > limit_bytes)


def read_data_uri(uri: str, limit_bytes: int) -> Fetched | Unreachable:
    """The file inside a data URI. Pure, for those who check at submit."""
    try:
        data = data_uri.content(uri)
    except data_uri.BadDataUriError as error:
        return Unreachable("data", f"the data URI {error}")
    return Fetched(data[:limit_bytes], data_uri.media_type(uri), more=len(data) > limit_bytes)


def _not(url: str, kind: str, reason: str) -> Unreachable:
    shown = url if len(url) <= 120 else url[:117] + "..."
    return Unreachable(kind, f"{shown} {reason}")

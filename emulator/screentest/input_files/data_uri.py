"""Read ``data:`` URIs (RFC 2397), all of them or only their beginning."""

from __future__ import annotations

import base64
import binascii
import re

MOST_ESCAPED = 4_000_000
"""Characters of a percent-encoded URI that are read at most: unpicking escapes is slow, base64 is not."""

_SPACE = b" \t\r\n\f"
_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")


class BadDataUriError(ValueError):
    """A data URI that cannot be read; the message goes after "the data URI"."""


def is_data_uri(url: str) -> bool:
    return url[:5].lower() == "data:"


def media_type(uri: str) -> str:
    """The type that the URI claims, lower case, without parameters; "" when it claims none."""
    return uri[5 : uri.find(",") if "," in uri else 5].partition(";")[0].strip().lower()


def content(uri: str) -> bytes:
    """What the URI holds, all of it. Line breaks inside base64 and missing padding are forgiven.

    Raises BadDataUriError.
    """
    meta, comma, payload = uri.partition(",")
    if not comma:
        raise BadDataUriError("has no comma between its type and its content")
    is_base64 = meta.lower().rstrip().endswith(";base64")
    raw = payload.encode("utf-8", "surrogatepass")
    if not is_base64 or b"%" in raw:
        raw = _unescaped(raw)
    return _decoded(raw) if is_base64 else raw


def beginning(uri: str, most: int) -> bytes:
    """About the first `most` bytes of the content, or fewer; what cannot be read is left out."""
    comma = uri.find(",") + 1
    try:
        # Cut between whole groups of four, or base64 has no padding that fits.
        return content(uri[: comma + most * 4 // 3 // 4 * 4]) if comma else b""
    except BadDataUriError:
        return b""


def _unescaped(raw: bytes) -> bytes:
    if len(raw) > MOST_ESCAPED:
        raise BadDataUriError(f"is percent-encoded and longer than {MOST_ESCAPED // 10**6} MB; use base64")
    return _ESCAPES.sub(lambda run: bytes.fromhex(run[0].replace(b"%", b"").decode()), raw)


def _decoded(raw: bytes) -> bytes:
    tight = raw.translate(None, _SPACE).rstrip(b"=")
    try:
        return base64.b64decode(tight + b"=" * (-len(tight) % 4), validate=True)
    except binascii.Error:
        raise BadDataUriError("is not base64") from None

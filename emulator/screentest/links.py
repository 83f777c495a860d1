"""Links that work for a time: it is written into them and signed, so that an altered link is none."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

_KEY = b"screentest"
"""Known to everybody. It keeps nobody out: it makes a link fail where the provider's would."""


def timed(url: str, subject: str, expires: int) -> str:
    """`url` as a link to `subject` that is good until `expires`, in Unix seconds."""
    return f"{url}?expires={expires}&signature={_signature(subject, expires)}"


def good_until(query: Mapping[str, str], subject: str) -> int | None:
    """Until when a link to `subject` is good by its query; None when that is not as it was written."""
    expires = query.get("expires", "")
    if not re.fullmatch(r"[0-9]{1,12}", expires):
        return None
    signed = hmac.compare_digest(query.get("signature", "").encode(), _signature(subject, int(expires)).encode())
    return int(expires) if signed else None


def _signature(subject: str, expires: int) -> str:
    return hmac.new(_KEY, f"{subject}?{expires}".encode(), hashlib.sha256).hexdigest()[:32]

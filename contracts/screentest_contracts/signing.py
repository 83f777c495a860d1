"""Signatures of callbacks, by each provider's scheme: made here, and checked here.

A scheme is data (`document.Signature`): which header carries the lower-case hex of an HMAC-SHA256, and whether it
covers the body alone or ``<timestamp>.<body>``. Time stamps are arguments, in Unix seconds.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from screentest_contracts.document import Signature

TOLERANCE = 300
_MOST_DIGITS = 15  # of a time stamp; Python refuses to read a number of thousands


def sign(scheme: Signature, secret: str, body: bytes, stamp: int) -> dict[str, str]:
    """The headers that sign `body`; none without a secret, as the providers document it."""
    if not secret:
        return {}
    headers = {scheme.header: _digest(scheme, secret, body, str(stamp))}
    if scheme.timestamp_header:
        headers[scheme.timestamp_header] = str(stamp)
    return headers


def verify(scheme: Signature, secret: str, headers: Mapping[str, str], body: bytes, now: int) -> str:
    """Why a callback is not to be trusted; "" when it is. Header names are compared without regard to case."""
    given = {name.lower(): value for name, value in headers.items()}
    signature = given.get(scheme.header.lower())
    if signature is None:
        return "not signed"
    stamp = ""
    if scheme.timestamp_header:
        stamp = given.get(scheme.timestamp_header.lower(), "")
        if not (stamp.isascii() and stamp.isdigit()):
            return "no time stamp"
        if len(stamp) > _MOST_DIGITS or abs(now - int(stamp)) > TOLERANCE:
            return "time stamp out of tolerance"
    expected = _digest(scheme, secret, body, stamp)
    return "" if hmac.compare_digest(expected.encode(), signature.encode()) else "wrong signature"


def _digest(scheme: Signature, secret: str, body: bytes, stamp: str) -> str:
    covered = stamp.encode() + b"." + body if scheme.timestamp_header else body
    return hmac.new(secret.encode(), covered, hashlib.sha256).hexdigest()

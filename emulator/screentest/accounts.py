"""An account is a bearer token. What the token looks like says whether it is good, bad, empty or an administrator's."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qsl, quote

from msgspec import Struct

from screentest.usual import kept_if_short

BAD = ("invalid", "revoked", "expired")
EMPTY = "empty"
_CALLED_A_KEY = re.compile(r"key|token|auth|secret|password", re.IGNORECASE)
ADMIN, OWNER = "rf_svc_", "rf_live_"


class Key(Struct, frozen=True):
    """A bearer token, read. `account` identifies the account without holding the token; `label` shows it, shortened."""

    token: str
    account: str
    label: str
    bad: bool
    empty: bool
    admin: bool


def read_key(authorization: str | None) -> Key | None:
    """The key in an Authorization header; None when there is none. A key with odd characters is a bad one."""
    return _read(authorization) if authorization else None


@kept_if_short
def _read(authorization: str) -> Key | None:
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        return None
    admin = token.startswith(ADMIN)
    owner = OWNER + token.removeprefix(ADMIN) if admin else token
    printable = re.fullmatch(r"[!-~]{1,4096}", token) is not None
    return Key(
        token=token,
        account=hashlib.sha256(owner.encode("utf-8", "surrogateescape")).hexdigest()[:24],
        label=owner if len(owner) <= 12 else f"{owner[:8]}...{owner[-3:]}",
        bad=not printable or token.startswith(BAD),
        empty=token.startswith(EMPTY),
        admin=admin,
    )


def without_keys(query: str, account: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A query string fit to be kept: without the account's key, and without whatever is called a key.

    The second value tells which parameters held one, each with the account that the key belongs to.
    """
    if not query:
        return "", ()
    kept, found = [], []
    for name, value in parse_qsl(query, keep_blank_values=True):
        key = read_key(value if value[:7].lower() == "bearer " else f"Bearer {value}")
        if key is not None and (key.account == account or _CALLED_A_KEY.search(name)):
            found.append((name, key.account))
            value = "redacted"
        kept.append(f"{quote(name, safe='')}={quote(value, safe='/:,')}")
    return ("&".join(kept), tuple(found)) if found else (query, ())

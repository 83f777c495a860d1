"""How Runflow writes ids and times: UUIDs for everything, Python's isoformat for every moment."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH, _MILLISECOND = datetime.fromtimestamp(0, UTC), timedelta(milliseconds=1)
_NAMESPACE = uuid.UUID("5c7e57a1-0000-4000-8000-000000000000")


@lru_cache(maxsize=4096)
def named(*parts: str) -> str:
    """The UUID that always stands for the thing with this name."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def organisation(account: str) -> str:
    """The id of the account's organisation: every account is one."""
    return named(account)


def stamp(at: float) -> str:
    """A moment as the API writes it: milliseconds, and +00:00 rather than Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def milliseconds(since: float, until: float) -> int:
    """How long it is from one moment to another, by their stamps."""
    first, last = ((datetime.fromtimestamp(at, UTC) - _EPOCH) // _MILLISECOND for at in (since, until))
    return last - first

"""Job ids in each provider's form, made from the time and a generator, so that a seed makes them repeat."""

from __future__ import annotations

import random
import uuid

from screentest_contracts.document import Ids

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(ids: Ids, now: float, rng: random.Random) -> str:
    """A fresh id; `now` is Unix seconds and goes into the kinds that carry a time."""
    makers = {"uuid4": _uuid4, "uuid7": _uuid7, "ulid": _ulid}
    return ids.prefix + makers[ids.kind](int(now * 1000), rng)


def _uuid4(_: int, rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _uuid7(milliseconds: int, rng: random.Random) -> str:
    """RFC 9562: 48 bits of Unix milliseconds, version, 12 random bits, variant, 62 random bits."""
    value = milliseconds << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62)
    return str(uuid.UUID(int=value))


def _ulid(milliseconds: int, rng: random.Random) -> str:
    """26 Crockford base32 digits: 48 bits of Unix milliseconds, 80 random bits."""
    value = milliseconds << 80 | rng.getrandbits(80)
    return "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))

"""Job ids in each provider's form, made from the time and a generator, so that a seed makes them repeat.

They end in a number that is next to that of the account's job before. An index that is ordered by the ends of ids then
grows in one place for each account; by an id that is random from the start every job would change a page of its own.
"""

from __future__ import annotations

import random
from zlib import crc32

from screentest_contracts.document import Ids

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_END = 2**40 - 1
"""A mask for the bits of the number at the end: 8 digits of a ULID, which have five each, or 10 of a UUID."""


def new_id(ids: Ids, now: float, rng: random.Random, account: str, number: int) -> str:
    """A fresh id for a job of the account, the one with this number.

    `now` is Unix seconds and goes into the kinds that carry a time.
    """
    end = ((crc32(account.encode()) << 8) + number) & _END
    return ids.prefix + _MAKERS[ids.kind](int(now * 1000), rng, end)


def _uuid4(_: int, rng: random.Random, end: int) -> str:
    """122 bits that are random but for the end."""
    value = rng.getrandbits(128) & ~(15 << 76 | 3 << 62 | _END)
    return _as_uuid(value | 4 << 76 | 2 << 62 | end)


def _uuid7(milliseconds: int, rng: random.Random, end: int) -> str:
    """RFC 9562: 48 bits of Unix milliseconds, version, 12 random bits, variant, 62 bits: random but for the end."""
    value = milliseconds << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62) & ~_END | end
    return _as_uuid(value)


def _as_uuid(value: int) -> str:
    """As `uuid.UUID` writes it, which takes ten times as long as the rest of an id."""
    digits = value.to_bytes(16, "big").hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _ulid(milliseconds: int, rng: random.Random, end: int) -> str:
    """26 Crockford base32 digits: 48 bits of Unix milliseconds, 80 bits that are random but for the end."""
    value = milliseconds << 80 | rng.getrandbits(80) & ~_END | end
    return "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


_MAKERS = {"uuid4": _uuid4, "uuid7": _uuid7, "ulid": _ulid}

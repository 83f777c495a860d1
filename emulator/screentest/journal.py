"""The journal of requests: what came, what was answered, and why. A bounded ring in memory, lost on restart.

Keys are left out when an entry is made; bodies beyond a bound are cut.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from screentest import own_headers
from screentest.errors import Refusal
from screentest.usual import KEPT

MOST_ENTRIES = 10_000
MOST_BYTES = 16 * 2**20
LONGEST_BODY = 64 * 2**10
MEDIA = "media"
"""The operation of a download; it is none of any contract."""

_SECRET = frozenset((b"authorization", b"cookie", own_headers.CONTROL_TOKEN.encode(), b"proxy-authorization"))
_OVERHEAD = 1000  # bytes of memory that an entry takes beside its bodies, roughly

Headers = Sequence[tuple[bytes, bytes]]
Pairs = tuple[tuple[bytes, bytes], ...]
"""Headers that can be looked up, by their names in lower case."""


class Seen(Struct):
    """What is learnt of a request while it is handled. `at` is its account's time, `account` "" without a key.

    `url_keys` are the parameters of its query that held a key, each with the account that the key belongs to.
    """

    provider: str
    operation: str = ""
    at: float = 0.0
    account: str = ""
    label: str = ""
    job: str = ""
    model: str = ""
    scenario: str = ""
    faults: str = ""
    keyed: bool = False
    url_keys: tuple[tuple[str, str], ...] = ()
    refusal: Refusal | None = None
    body: bytes | None = None


class Entry(Struct, frozen=True):
    """One request and its answer. A `status` of 0 means that the connection was broken instead of an answer."""

    number: int
    seen: Seen
    method: str
    target: str
    headers: Headers
    status: int
    answer_headers: Headers
    answer: bytes
    milliseconds: float
    wall: float
    size: int


class Journal:
    """The newest entries; `on_entry` are told of each new one."""

    def __init__(self, most: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self._entries: deque[Entry] = deque()
        self._most, self._most_bytes = most, most_bytes
        self._bytes = self._number = 0
        self._cut: set[str] = set()
        self.on_entry: list[Callable[[Entry], None]] = []

    def record(
        self,
        seen: Seen,
        *,
        method: str,
        target: str,
        headers: Pairs,
        status: int,
        answer_headers: Headers,
        answer: bytes,
        milliseconds: float,
        wall: float,
    ) -> None:
        """Keep one request and its answer, and forget the oldest beyond the bounds."""
        self._number += 1
        # A copy of its own size: what msgspec writes keeps the room that it was begun with.
        kept = bytes(memoryview(answer)[:LONGEST_BODY])
        told, size = _fit_to_keep(headers)
        size += _OVERHEAD + len(kept) + len(target)
        if seen.body:
            seen.body = seen.body[:LONGEST_BODY]
            size += len(seen.body)
        entry = Entry(self._number, seen, method, target, told, status, answer_headers, kept, milliseconds, wall, size)
        self._entries.append(entry)
        self._bytes += size
        while len(self._entries) > self._most or self._bytes > self._most_bytes:
            oldest = self._entries.popleft()
            self._bytes -= oldest.size
            self._cut.add(oldest.seen.account)
        for tell in self.on_entry:
            tell(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self, account: str | None = None) -> Iterator[Entry]:
        """The entries of one account, or of all, oldest first."""
        return (entry for entry in self._entries if account is None or entry.seen.account == account)

    def whole(self, account: str) -> bool:
        """Whether every entry of the account is still there, but for those that were dropped by wish."""
        return account not in self._cut

    def forget(self, account: str | None) -> None:
        """Drop the entries of one account, or all."""
        self._entries = deque(e for e in self._entries if account is not None and e.seen.account != account)
        self._bytes = sum(entry.size for entry in self._entries)
        self._cut = set() if account is None else self._cut - {account}


@lru_cache(maxsize=KEPT)
def _fit_to_keep(headers: Pairs) -> tuple[Pairs, int]:
    """The headers without those that hold a key, and how long they are."""
    told = tuple(pair for pair in headers if pair[0] not in _SECRET)
    return told, sum(len(name) + len(value) for name, value in told)

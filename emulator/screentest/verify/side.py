"""The server under test, as a client sees it: requests and answers, callbacks, time.

Two sides exist: `stepped`, an app in this process on a clock that stands still, and `over_http`, any URL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlencode

from msgspec import Struct, field

from screentest_contracts.exchange import INVALID as INVALID
from screentest_contracts.exchange import NOBODY as NOBODY
from screentest_contracts.exchange import Callback, Exchange

ONE, TWO = "one", "two"
"""The two accounts that verify has: the first does nearly everything, the second tries to see it."""

ADMIN = "one/admin"
TRUNCATED = f"{INVALID}/truncated"
"""A key that misses its last character."""

WHO = (NOBODY, INVALID, TRUNCATED, ONE, TWO, ADMIN)


class UnreachableError(Exception):
    """The server does not answer, or not in time; the message says where and what to do."""


class DeniedError(Exception):
    """The request may not leave; the message says why. An engine goes on with its next case."""


class Ask(Struct, frozen=True, kw_only=True):
    """One request to make. `path` is below the provider's base URL, or a URL out of an answer; `body` is sent as JSON,
    `raw` as it is. `who` is one of WHO; `authorization` replaces the header that goes with it. `waits`: the
    answer comes when a job has ended."""

    method: str
    path: str
    who: str = ONE
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    authorization: str | None = None
    waits: bool = False

    @property
    def content(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return b"" if self.body is None else json.dumps(self.body).encode()

    def target(self, base: str) -> str:
        """The whole URL."""
        url = self.path if "://" in self.path else base + self.path
        return f"{url}{'&' if '?' in url else '?'}{urlencode(self.query)}" if self.query else url

    def headers_with(self, key: str | None) -> dict[str, str]:
        """The request's headers, with this key."""
        sent = {"content-type": "application/json"} if self.content else {}
        if self.authorization is not None:
            sent["authorization"] = self.authorization
        elif key is not None:
            sent["authorization"] = f"Bearer {key}"
        return sent | {name.lower(): value for name, value in self.headers.items()}


class Side(Protocol):
    """`base` is the provider's base URL. `hook` is a URL for callbacks, None where none can be heard; `secret` signs
    them, "" for nothing, None when nobody knows. `controlled`: time can be moved, and does not pass by itself. `sole`:
    nobody else uses the accounts. `media` are what links to outputs begin with, () when they may lead anywhere."""

    base: str
    hook: str | None
    secret: str | None
    controlled: bool
    sole: bool
    media: tuple[str, ...]

    def send(self, ask: Ask) -> Exchange:
        """Make the request. UnreachableError when no answer comes."""

    def wait(self, seconds: float) -> None:
        """Let this much of the accounts' time pass, by moving it or by waiting."""

    def heard(self) -> Sequence[Callback]:
        """The callbacks that came since the last call."""

    def answer_callbacks(self, statuses: Sequence[int]) -> None:
        """Give the next callbacks these answers; those after them are taken."""

    def now(self) -> float:
        """The accounts' time, in Unix seconds."""

    def wall(self) -> float:
        """The receiver's own time, which signatures are stamped with."""

    def set_account(self, settings: Mapping[str, Any]) -> bool:
        """Set the first account's balance or key state; False where that cannot be done."""

    def renew(self) -> None:
        """Go on with accounts that nobody has used, where there are any."""

    def close(self) -> None:
        """Let go of it."""

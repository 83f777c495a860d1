"""What a flow asks of its driver, and what it gets back. No I/O here, and no keys: the driver adds those."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from email.utils import mktime_tz, parsedate_tz
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

IDEMPOTENCY_HEADER = "idempotency-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One API call. `path` (with its query) is below the base URL.

    `timeout` in seconds replaces the client's own, and `most` cuts either where the caller has less time than that.
    """

    method: str
    path: str
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    billable: bool = False
    timeout: float | None = None
    most: float | None = None

    @property
    def where(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def keyed(self) -> bool:
        """Does it carry an idempotency key, so that it may be sent twice?"""
        return IDEMPOTENCY_HEADER in self.headers

    @property
    def doubt(self) -> str:
        """What to tell a caller who will never know whether it took effect; "" where it costs nothing."""
        repeat = "repeat it with the same idempotency key" if self.keyed else "look for the job before you repeat it"
        return f"The job may exist, and be charged: {repeat}." if self.billable else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleep:
    """Let some seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """Fetch a medium, without the key, into a file; into the file `name` when `path` is a directory."""

    url: str
    path: Path
    name: str

    @property
    def where(self) -> str:
        """The URL without its query, which may hold a signature."""
        return f"GET {urlsplit(self.url)._replace(query='', fragment='').geturl()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer to a step. Header names are lower case; `saved` is the file of a Save that was answered 200."""

    step: Request | Save
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    saved: Path | None = None

    @property
    def where(self) -> str:
        return self.step.where

    @property
    def doubt(self) -> str:
        """See Request.doubt."""
        return self.step.doubt if isinstance(self.step, Request) else ""

    @property
    def retry_after(self) -> float | None:
        """Seconds of Retry-After; a date counts from the answer's own Date, so that no clock is read."""
        told = self.headers.get("retry-after", "").strip()
        try:
            return max(0.0, float(told))
        except ValueError:
            until, now = parsedate_tz(told), parsedate_tz(self.headers.get("date", ""))
        try:
            return max(0.0, float(mktime_tz(until) - mktime_tz(now))) if until and now else None
        except (ValueError, OverflowError):  # a year that no calendar has
            return None


Step = Request | Sleep | Save

T = TypeVar("T")

Flow = Generator[Step, Response | None, T]
"""A flow yields steps, is sent the response of each (None after a Sleep) or thrown its error, and returns a T."""


def ask(step: Request | Save) -> Flow[Response]:
    """Have one request or download done, as part of a flow."""
    response = yield step
    assert isinstance(response, Response), "a driver answers a Request or a Save with a Response"
    return response

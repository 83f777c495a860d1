"""Faults on HTTP itself: one small class each. A fault stands between a request and its answer.

Asked for in the header ``Screentest-Fault`` of one request, or armed as a rule at ``/_control/faults``. The text is
``name`` or ``name: arguments``; several are separated by commas. Besides the names here, every failure of a provider's
contract is one: ``rate-limited: 7`` is answered in the provider's own words. Delays are real seconds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Protocol, Self

from msgspec import Struct
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from screentest.durations import seconds

ABORT = "screentest.abort"
"""The ASGI extension of our server that ends a connection: ``{"abort": callable(reset: bool)}``."""

_LONGEST_DELAY = 3600.0
_LONGEST_TEXT = 200
_PIECES = 10
_PAGE = "<html>\n<head><title>{0}</title></head>\n<body>\n<center><h1>{0}</h1></center>\n</body>\n</html>\n"

Proceed = Callable[[], Awaitable[Response]]


class BadFaultError(ValueError):
    """A fault that is none; the message says why and what there is."""


class Place(Struct, frozen=True):
    """Where a fault happens. `error` makes the provider's answer with a status and a Retry-After, `refuse` the one for
    a named failure with its detail; both have the provider's envelope."""

    error: Callable[[int, str], Response]
    refuse: Callable[[str, str], Response]
    dice: random.Random


class Fault(Protocol):
    async def __call__(self, proceed: Proceed, place: Place) -> Response:
        """The answer to send; `proceed` has the request handled as usual."""


class Status(Struct, frozen=True):
    """The provider's own error envelope with this status; nothing is done. The second argument is a Retry-After."""

    name: ClassVar = "status"
    usage: ClassVar = "status: CODE [RETRY-AFTER]"
    code: int
    retry_after: str = ""

    @classmethod
    def parse(cls, words: list[str]) -> Self:
        code, *rest = words or [""]
        if not code.isdecimal() or not 400 <= int(code) <= 599 or len(rest) > 1:
            raise ValueError("a status from 400 to 599")
        return cls(int(code), *rest)

    async def __call__(self, proceed: Proceed, place: Place) -> Response:
        return place.error(self.code, self.retry_after)


class Delay(Struct, frozen=True):
    """The request is handled at once, the answer comes late: by the first argument, and up to the second more."""

    name: ClassVar = "delay"
    usage: ClassVar = "delay: SECONDS [JITTER]"
    least: float
    jitter: float = 0.0

    @classmethod
    def parse(cls, words: list[str]) -> Self:
        return cls(*_delays(words, 2))

    async def __call__(self, proceed: Proceed, place: Place) -> Response:
        answer = await proceed()
        await asyncio.sleep(self.least + place.dice.uniform(0, self.jitter))
        return answer


class SlowBody(Struct, frozen=True):
    """The headers come at once, the body in ten pieces over the time given."""

    name: ClassVar = "slow-body"
    usage: ClassVar = "slow-body: SECONDS"
    lasts: float

    @classmethod
    def parse(cls, words: list[str]) -> Self:
        return cls(*_delays(words, 1))

    async def __call__(self, proceed: Proceed, place: Place) -> Response:
        answer = await proceed()
        if isinstance(answer, Broken):
            answer.lasts = self.lasts
            return answer
        return _Trickling(answer, self.lasts)


class _Plain:
    """A fault without arguments."""

    __slots__ = ()
    name: ClassVar[str]
    usage: ClassVar[str]

    @classmethod
    def parse(cls, words: list[str]) -> Self:
        if words:
            raise ValueError("no argument")
        return cls()


class Reset(_Plain):
    """The connection is reset before anything is done."""

    name = usage = "reset"

    async def __call__(self, proceed: Proceed, place: Place) -> Response:
        return Broken(Response(), reset=True)


class LostAnswer(_Plain):
    """The request is handled, then the connection is reset instead of an answer: a submit has made its job."""

    name = usage = "lost-answer"

    async def __call__(self, proceed: Proceed, place: Place) -> Response:
        return Broken(await proceed(), reset=True)


class CutOff(_Plain):
    """The answer promises its whole length, and the connection closes in the middle."""

    name = usage = "cut-off"

    async def __call__(self, proceed: Proceed, place: Place) -> Response:
        return Broken(await proceed())


class TruncatedJson(_Plain):
    """A complete answer whose body is only the first half of its JSON."""

    name = usage = "truncated-json"

    async def __call__(self, proceed: Proceed, place: Place) -> Response:
        answer = await proceed()
        # In place: an answer that comes slowly, or breaks, goes on doing so.
        answer.body = bytes(answer.body)[: len(answer.body) // 2]
        answer.headers["content-length"] = str(len(answer.body))
        return answer


class WrongType(_Plain):
    """The usual body, declared as text/html."""

    name = usage = "wrong-type"

    async def __call__(self, proceed: Proceed, place: Place) -> Response:
        answer = await proceed()
        answer.headers["content-type"] = "text/html; charset=utf-8"
        return answer


class GatewayPage(_Plain):
    """502 with the HTML page of a proxy; nothing is done."""

    name = usage = "gateway-page"

    async def __call__(self, proceed: Proceed, place: Place) -> Response:
        return Response(_PAGE.format("502 Bad Gateway"), 502, media_type="text/html")


class GatewayTimeout(_Plain):
    """504 with the HTML page of a proxy, while the request is handled behind it: a submit has made its job."""

    name = usage = "gateway-timeout"

    async def __call__(self, proceed: Proceed, place: Place) -> Response:
        await proceed()
        return Response(_PAGE.format("504 Gateway Time-out"), 504, media_type="text/html")


class Refused(Struct, frozen=True):
    """A failure of the contract, in the provider's own words; nothing is done."""

    failure: str
    detail: str

    async def __call__(self, proceed: Proceed, place: Place) -> Response:
        return place.refuse(self.failure, self.detail)


_KINDS = (Status, Delay, SlowBody, Reset, LostAnswer, CutOff, TruncatedJson, WrongType, GatewayPage, GatewayTimeout)
FAULTS: Mapping[str, type[Status | Delay | SlowBody | _Plain]] = {kind.name: kind for kind in _KINDS}


def read_faults(text: str, failures: frozenset[str]) -> tuple[Fault, ...]:
    """The faults that a text asks for. `failures` are the names of the contract's failures.

    BadFaultError says which one is none.
    """
    if not (text.isascii() and text.isprintable()) or len(text) > _LONGEST_TEXT:
        raise BadFaultError(f"a fault is at most {_LONGEST_TEXT} printable ASCII characters")
    return tuple(_read(one.strip(), failures) for one in text.split(","))


def _read(text: str, failures: frozenset[str]) -> Fault:
    name, _, rest = text.partition(":")
    name, words = name.strip().lower(), rest.split()
    if name in failures:
        return Refused(name, " ".join(words))
    kind = FAULTS.get(name)
    if kind is None:
        raise BadFaultError(f"no fault {name[:60]!a}; there is {', '.join(FAULTS)}, and the provider's failures")
    try:
        return kind.parse(words)  # type: ignore[return-value]
    except ValueError as error:
        raise BadFaultError(f"{text[:60]!a}: expected {error}; it is written {kind.usage}") from None


def _delays(words: list[str], most: int) -> list[float]:
    if not 1 <= len(words) <= most:
        raise ValueError("a time" if most == 1 else "a time, or two")
    found = [seconds(word) for word in words]
    if max(found) > _LONGEST_DELAY:
        raise ValueError(f"at most {_LONGEST_DELAY:.0f} seconds")
    return found


async def through(faults: tuple[Fault, ...], proceed: Proceed, place: Place) -> Response:
    """The answer behind these faults; the first one stands outermost."""
    if not faults:
        return await proceed()

    async def inner() -> Response:
        return await through(faults[1:], proceed, place)

    return await faults[0](inner, place)


class Broken(Response):
    """An answer whose connection ends early: half-way through the body, or with a reset before any byte. What was to
    break already, or to come slowly, does so."""

    def __init__(self, whole: Response, *, reset: bool = False) -> None:
        super().__init__(whole.body, whole.status_code)
        self.raw_headers = whole.raw_headers
        self.reset: bool = reset or (isinstance(whole, Broken) and whole.reset)
        self.lasts: float = whole.lasts if isinstance(whole, Broken | _Trickling) else 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        extension = scope.get("extensions", {}).get(ABORT)
        if extension is None:
            raise ConnectionAbortedError("this server cannot break a connection on purpose")
        if not self.reset:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await _trickle(send, bytes(self.body), len(self.body) // 2, self.lasts)
        extension["abort"](self.reset)


class _Trickling(Response):
    def __init__(self, whole: Response, lasts: float) -> None:
        super().__init__(whole.body, whole.status_code)
        self.raw_headers = whole.raw_headers
        self.lasts = lasts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await _trickle(send, bytes(self.body), len(self.body), self.lasts)
        await send({"type": "http.response.body", "body": b""})


async def _trickle(send: Send, body: bytes, until: int, lasts: float) -> None:
    """Send the body up to the byte `until`, so slowly that the whole one would take `lasts` seconds."""
    size = max(1, -(-len(body) // _PIECES)) if lasts else max(1, until)
    await send({"type": "http.response.body", "body": b"", "more_body": True})  # the head goes out with the first piece
    for start in range(0, until, size):
        if lasts:
            await asyncio.sleep(lasts / _PIECES)
        await send({"type": "http.response.body", "body": body[start : min(start + size, until)], "more_body": True})

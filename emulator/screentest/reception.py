"""What stands around every answer, whoever gives it: the faults that were asked for or are armed, and the journal."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from screentest import faults, own_headers
from screentest.accounts import without_keys
from screentest.armed import Armed
from screentest.engine import Engine
from screentest.errors import StoreError
from screentest.faults import Fault, Place, Proceed
from screentest.journal import MEDIA as MEDIA
from screentest.journal import Seen

Read = Callable[[], Awaitable[None]]
Wished = list[tuple[str, tuple[Fault, ...]]]
"""Faults as they were asked for: a text of a header or a rule, and what it says."""

_log = logging.getLogger("screentest")


class Words(Protocol):
    """How refusals are said here."""

    def error(self, seen: Seen, status: int, retry_after: str) -> Response:
        """An error with any status, and a Retry-After if there is one."""

    def refuse(self, seen: Seen, failure: str, detail: str) -> Response:
        """One of the contract's failures, which the caller asked for."""

    def broken(self, seen: Seen) -> Response:
        """The emulator itself has failed."""


@dataclass(slots=True)
class Reception:
    """`refusals` are the names of the contract's failures that a request can be refused with."""

    engine: Engine
    refusals: frozenset[str]
    _armed: Armed = field(init=False)

    def __post_init__(self) -> None:
        self._armed = Armed(self.engine)

    async def answer(
        self, request: Request, seen: Seen, proceed: Proceed, words: Words, read: Read | None = None
    ) -> Response | None:
        """The answer that `proceed` gives, behind its faults, and kept in the journal; None when the caller hung up.

        `read` takes in the request's body, which is kept even where a fault keeps the request from being handled.
        """
        begun = time.perf_counter()
        try:
            seen.at = await self.engine.now(seen.account)
            wished, warning = await self._faults(request, seen)
            if wished and read is not None:
                await read()
            response = await (self._behind(wished, seen, proceed, words) if wished else proceed())
            if warning:  # the scenario of a submit may have one of its own
                response.headers[own_headers.WARNING] = "; ".join(
                    filter(None, (response.headers.get(own_headers.WARNING), warning))
                )
        except ClientDisconnect:
            return None
        except StoreError as error:
            _log.error("%s %s: %s", request.method, request.url.path, error)
            response = words.broken(seen)
        except Exception:
            _log.exception("%s %s: a fault of the emulator", request.method, request.url.path)
            response = words.broken(seen)
        self._record(request, seen, response, time.perf_counter() - begun)
        return response

    async def _behind(self, wished: Wished, seen: Seen, proceed: Proceed, words: Words) -> Response:
        """The answer behind these faults, which says that it is."""
        seen.faults = ", ".join(text for text, _ in wished)
        dice = self.engine.chance.throw(seen.account)
        place = Place(partial(words.error, seen), partial(words.refuse, seen), dice)
        response = await faults.through(tuple(one for _, some in wished for one in some), proceed, place)
        response.headers[own_headers.FAULT] = seen.faults
        return response

    async def _faults(self, request: Request, seen: Seen) -> tuple[Wished, str]:
        """The faults with their texts, and a warning about the header, and the rules, that mean nothing here."""
        asked = request.headers.get(own_headers.FAULT)
        armed = await self._armed.faults(seen.account, seen.provider, seen.operation)
        if asked is None and not armed:
            return [], ""
        wished, warnings = Wished(), list[str]()
        for text in armed if asked is None else [asked, *armed]:
            try:
                wished.append((text, faults.read_faults(text, self.refusals)))
            except faults.BadFaultError as error:
                warnings.append(str(error))
        return wished, "; ".join(warnings)

    def _record(self, request: Request, seen: Seen, response: Response, seconds: float) -> None:
        scope, target = request.scope, request.scope["path"]
        if scope["query_string"]:
            query, seen.url_keys = without_keys(scope["query_string"].decode("latin-1"), seen.account)
            target += f"?{query}"
        self.engine.journal.record(
            seen,
            method=scope["method"],
            target=target,
            headers=tuple(scope["headers"]),
            status=0 if isinstance(response, faults.Broken) and response.reset else response.status_code,
            answer_headers=response.raw_headers,
            answer=b"" if seen.operation == MEDIA else bytes(response.body),
            milliseconds=seconds * 1000,
            wall=self.engine.wall.now(),
        )

"""The ASGI app of one provider: finds the operation, runs its handler, words every refusal, and keeps the journal.

Faults stand around all of that, so that a request with a bad key can be lost as well as a good one.
"""

from __future__ import annotations

import http
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from screentest import faults, scenario
from screentest.accounts import read_key
from screentest.armed import Armed
from screentest.engine import Engine
from screentest.errors import Refusal
from screentest.faults import Fault, Place
from screentest.journal import Journal, Seen
from screentest.providers.routing import routes
from screentest.providers.wire import FAULT, PATIENCE, Call, Handler
from screentest_contracts.document import Failure
from screentest_contracts.load import Contract

_PHRASES = {status.value: status.phrase for status in http.HTTPStatus}
_log = logging.getLogger("screentest")

Envelope = Callable[[Refusal, Failure, Contract], Response]
"""Renders a refusal."""

PublicBase = Callable[[Scope, str], tuple[str, str]]
"""Tells, for a request to a provider, the origin and the base URL to put into answers."""


class ProviderApp:
    """`handlers` maps operation ids to handlers; an operation without one has no route."""

    def __init__(
        self,
        contract: Contract,
        engine: Engine,
        handlers: Mapping[str, Handler],
        envelope: Envelope,
        public_base: PublicBase,
    ) -> None:
        self._contract = contract
        self._engine = engine
        self._handlers = handlers
        self._envelope = envelope
        self._public_base = public_base
        self._armed = Armed(engine)
        self._journal: Journal = engine.journal
        self._failures = frozenset(contract.provider.failures)
        served = {name: one for name, one in contract.provider.operations.items() if name in handlers}
        self._routes = routes(served)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, request = time.perf_counter(), Request(scope, receive)
        key = read_key(request.headers.get("authorization"))
        seen = Seen(self._contract.name)
        if key is not None:
            seen.account, seen.label = key.account, key.label
        try:
            seen.at = await self._engine.now(seen.account)
            response = await self._answer(request, seen)
        except ClientDisconnect:
            return
        except Exception:
            _log.exception("%s %s: a fault of the emulator", scope["method"], scope["path"])
            response = self._refused(Refusal("internal-error"), seen)
        query = scope["query_string"].decode("latin-1")
        self._journal.record(
            seen,
            method=scope["method"],
            target=scope["path"] + (f"?{query}" if query else ""),
            headers=scope["headers"],
            status=0 if isinstance(response, faults.Broken) and response.reset else response.status_code,
            answer_headers=response.raw_headers,
            answer=bytes(response.body),
            milliseconds=(time.perf_counter() - begun) * 1000,
            wall=self._engine.wall.now(),
        )
        await response(scope, receive, send)

    async def _answer(self, request: Request, seen: Seen) -> Response:
        """The answer, behind the faults that were asked for or are armed."""
        call = self._call(request, seen)

        async def proceed() -> Response:
            return self._refused(call, seen) if isinstance(call, Refusal) else await self._handled(call, seen)

        wished, warning = await self._faults(request, seen)
        if not wished:
            response = await proceed()
        else:
            seen.faults = ", ".join(text for text, _ in wished)
            place = Place(self._error, self._named(seen), self._engine.chance(f"{seen.account}/{seen.at}"))
            response = await faults.through(tuple(one for _, one in wished), proceed, place)
            response.headers[FAULT] = seen.faults
        if warning:
            response.headers[scenario.WARNING] = warning
        return response

    async def _faults(self, request: Request, seen: Seen) -> tuple[list[tuple[str, Fault]], str]:
        """The faults with their texts, and a warning about a header that asks for none there is."""
        texts, warning = await self._armed.faults(seen.account, seen.provider, seen.operation), ""
        asked = request.headers.get(faults.HEADER)
        if asked is not None:
            try:
                faults.read_faults(asked, self._failures)
                texts.insert(0, asked)
            except faults.BadFaultError as error:
                warning = str(error)
        return [(text, one) for text in texts for one in faults.read_faults(text, self._failures)], warning

    def _call(self, request: Request, seen: Seen) -> Call | Refusal:
        """The operation that the request is for, or the answer that there is none."""
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        for pattern, operations in self._routes:
            found = pattern.fullmatch(path)
            if not found:
                continue
            method = "GET" if request.method == "HEAD" else request.method
            if method not in operations:
                return Refusal("wrong-method", ", ".join(sorted(operations)))
            operation = operations[method]
            seen.operation = operation.id
            origin, base = self._public_base(request.scope, self._contract.name)
            return Call(request, operation, found.groupdict(), self._contract, self._engine, origin, base, seen)
        return Refusal("unknown-route", path[:200])

    async def _handled(self, call: Call, seen: Seen) -> Response:
        try:
            if call.operation.key:
                await call.admit()
            call.refuse_as_asked(*scenario.demanded(call.request.headers.get(scenario.HEADER)))
            return await self._handlers[call.operation.id](call)
        except Refusal as refusal:
            return self._refused(refusal, seen)
        finally:
            call.finished()

    def _refused(self, refusal: Refusal, seen: Seen) -> Response:
        seen.refusal = refusal
        response = self._worded(refusal, self._contract.provider.failures[refusal.failure])
        if refusal.asked:
            response.headers[FAULT] = refusal.failure
        return response

    def _worded(self, refusal: Refusal, failure: Failure) -> Response:
        response = self._envelope(refusal, failure, self._contract)
        for name, value in failure.headers.items():
            response.headers[name] = value.format(detail=refusal.detail)
        return response

    def _named(self, seen: Seen) -> Callable[[str, str], Response]:
        def refuse(name: str, detail: str) -> Response:
            return self._refused(Refusal(name, detail or PATIENCE, asked=True), seen)

        return refuse

    def _error(self, status: int, retry_after: str) -> Response:
        """The provider's envelope with any status: worded as its own failure with that status, if it has one."""
        table = self._contract.provider.failures.values()
        near = next((one for one in table if one.status == status), None)
        if near is None:
            own = self._contract.provider.failures["internal-error"]
            near = replace(own, status=status, message=_PHRASES.get(status, f"HTTP {status}"))
        response = self._worded(Refusal(near.name, retry_after or PATIENCE, asked=True), near)
        if retry_after:
            response.headers["retry-after"] = retry_after
        return response

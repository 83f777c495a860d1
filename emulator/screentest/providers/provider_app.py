"""The ASGI app of one provider: finds the operation, runs its handler, and words every refusal.

Faults stand around all of that, so that a request with a bad key can be lost as well as a good one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from screentest import own_headers, scenario
from screentest.accounts import Key, read_key
from screentest.engine import Engine
from screentest.errors import Refusal
from screentest.heard import HeardRequest
from screentest.journal import Seen
from screentest.providers import on_demand
from screentest.providers.wire import Call, Handler
from screentest.reception import Reception
from screentest.usual import kept_if_short
from screentest_contracts.document import Failure, Operation
from screentest_contracts.load import Contract
from screentest_contracts.routes import routes

Envelope = Callable[[Refusal, Failure, Contract], Response]
"""Renders a refusal."""

PublicBase = Callable[[Request, str], tuple[str, str]]
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
        self._reception = Reception(engine, contract.provider.refusals)
        served = {name: one for name, one in contract.provider.operations.items() if name in handlers}
        self._routes = routes(served)
        self._found = kept_if_short(self._find)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HeardRequest(scope, receive)
        key = read_key(request.said.get("authorization"))
        seen = Seen(self._contract.name, keyed=key is not None)
        if key is not None:
            seen.account, seen.label = key.account, key.label
        call = self._call(request, key, seen)
        try:
            proceed, read = partial(self._handled, call, seen), partial(_take_in, call)
            response = await self._reception.answer(request, seen, proceed, self, read)
        finally:
            if isinstance(call, Call):
                call.finished()
        if response is not None:
            await response(scope, receive, send)

    def _call(self, request: HeardRequest, key: Key | None, seen: Seen) -> Call | Refusal:
        """The operation that the request is for, or the answer that there is none."""
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        operations, params = self._found(path)
        if not operations:
            return Refusal("unknown-route", path[:200])
        method = "GET" if request.method == "HEAD" else request.method
        if method not in operations:
            return Refusal("wrong-method", ", ".join(sorted(operations)))
        operation = operations[method]
        seen.operation = operation.id
        origin, base = self._public_base(request, self._contract.name)
        return Call(request, operation, params, self._contract, self._engine, origin, base, seen, key)

    def _find(self, path: str) -> tuple[Mapping[str, Operation], Mapping[str, str]]:
        """The operations of a path by their methods, and what its parameters are; nothing for a path of nobody's."""
        for pattern, operations in self._routes:
            if found := pattern.fullmatch(path):
                return operations, found.groupdict()
        return {}, {}

    async def _handled(self, call: Call | Refusal, seen: Seen) -> Response:
        if isinstance(call, Refusal):
            return self._refused(call, seen)
        try:
            if call.operation.key:
                await call.admit()
            call.refuse_as_asked(*scenario.demanded(call.request.said.get(own_headers.SCENARIO)))
            return await self._handlers[call.operation.id](call)
        except Refusal as refusal:
            return self._refused(refusal, seen)

    def _refused(self, refusal: Refusal, seen: Seen) -> Response:
        seen.refusal = refusal.unraised()
        response = self._worded(refusal, self._contract.provider.failures[refusal.failure])
        response.headers.update(refusal.headers)
        if refusal.asked:
            response.headers[own_headers.FAULT] = refusal.failure
        return response

    def _worded(self, refusal: Refusal, failure: Failure) -> Response:
        response = self._envelope(refusal, failure, self._contract)
        for name, value in failure.headers.items():
            response.headers[name] = scenario.header_safe(value.format(detail=refusal.detail))
        return response

    def refuse(self, seen: Seen, failure: str, detail: str) -> Response:
        """One of the contract's failures, which the caller asked for."""
        return self._refused(Refusal(failure, detail or self._detail(failure), asked=True), seen)

    def broken(self, seen: Seen) -> Response:
        """The emulator itself has failed."""
        return self._refused(Refusal("internal-error"), seen)

    def error(self, seen: Seen, status: int, retry_after: str) -> Response:
        """The provider's envelope with any status: worded as the operation's own failure with it, if it has one."""
        failure = on_demand.with_status(self._contract.provider, seen.operation, status)
        said = retry_after if retry_after and failure.name == "rate-limited" else self._detail(failure.name)
        response = self._worded(Refusal(failure.name, said, asked=True), failure)
        if retry_after:
            response.headers["retry-after"] = retry_after
        return response

    def _detail(self, failure: str) -> str:
        return on_demand.detail(self._contract.provider, failure)


async def _take_in(call: Call | Refusal) -> None:
    """Have the body of a request before its faults, which may keep it from being handled."""
    if isinstance(call, Call):
        with contextlib.suppress(Refusal):
            await call.raw_body()

"""What every provider's room stands on: routes derived from the contract, a call with its key, body and job, refusals.

The order of checks: route, method, key, content type, JSON, model, input, balance. A check that fails raises `Refusal`;
the provider puts it into its own envelope.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from screentest import scenario
from screentest.accounts import Key, read_key
from screentest.engine import Engine, Order
from screentest.errors import Refusal
from screentest.jobs import Job
from screentest_contracts.document import Failure, Model, Operation
from screentest_contracts.load import Contract
from screentest_contracts.schema import Violation

_log = logging.getLogger("screentest")

Handler = Callable[["Call"], Awaitable[Response]]


@dataclass(slots=True)
class Call:
    """One request to one operation. `base` is the URL the provider is reached under, `origin` its scheme and host."""

    request: Request
    operation: Operation
    params: Mapping[str, str]
    contract: Contract
    engine: Engine
    origin: str
    base: str
    _key: Key | None = None

    @property
    def key(self) -> Key:
        assert self._key is not None, "only operations with a key ask for it"
        return self._key

    async def now(self) -> float:
        """The account's time."""
        return await self.engine.now(self.key.account)

    def admit(self) -> None:
        """Read the key and refuse one that the provider would not take."""
        self._key = read_key(self.request.headers.get("authorization"))
        if self._key is None:
            raise Refusal("no-key")
        strict = self.contract.assumed("all.any-bearer-is-an-account") == "provider-shape"
        odd = strict and not re.search(self.contract.provider.key_pattern, self._key.token)
        if self._key.bad or odd:
            raise Refusal("bad-key")

    async def body(self) -> dict[str, Any]:
        """The JSON body, checked against the operation's schema."""
        declared = self.request.headers.get("content-type")
        media_type = (declared or "application/json").partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            raise Refusal("wrong-content-type", media_type[:80])
        value = parse_json(await self._raw_body())
        assert self.operation.body, "only operations with a body ask for it"
        self.refuse(self.contract.body(self.operation.body).violations(value))
        return value  # type: ignore[no-any-return]

    async def _raw_body(self) -> bytes:
        limit = self.contract.provider.body_limit
        length = self.request.headers.get("content-length", "")
        if length.isdigit() and int(length) > limit:
            raise Refusal("body-too-large", str(limit))
        chunks, size = [], 0
        async for chunk in self.request.stream():
            size += len(chunk)
            if size > limit:
                raise Refusal("body-too-large", str(limit))
            chunks.append(chunk)
        return b"".join(chunks)

    def model(self, model_id: str) -> Model:
        """The model with this id, or the provider's refusal."""
        model = self.contract.model(model_id)
        if model is None:
            raise Refusal("unknown-model", model_id[:200])
        return model

    async def submit(self, model: Model, sent: Mapping[str, Any], extras: Mapping[str, Any]) -> tuple[Job, str]:
        """Check the input, then the balance, and submit. The second value is a warning for the caller, often empty."""
        prepared = model.input.prepared(sent)
        inside = tuple(token for token in (self.operation.input_at or "").split("/") if token)
        self.refuse(tuple(replace(one, at=(*inside, *one.at)) for one in model.input.violations(prepared)))
        if self.key.empty:
            raise Refusal("no-balance")
        chosen = scenario.choose(self.request.headers.get(scenario.HEADER), prepared.get("prompt"))
        order = Order(
            contract=self.contract,
            model=model,
            sent=sent,
            input=model.input.completed(prepared),
            base=self.base,
            origin=self.origin,
            scenario=chosen,
            extras=extras,
        )
        return await self.engine.submit(self.key, order), chosen.warning

    def refuse(self, violations: tuple[Violation, ...]) -> None:
        """Refuse the request when it breaks any rule."""
        if violations:
            raise Refusal("invalid-input", violations=violations)

    async def job(self, job_id: str) -> Job:
        """The caller's own job with this id."""
        if "malformed-id" in self.operation.failures and not re.search(self.contract.provider.ids.pattern, job_id):
            raise Refusal("malformed-id", job_id[:200])
        job = await self.engine.job(job_id)
        if job is None or job.provider != self.contract.name:
            raise Refusal("unknown-job", job_id[:200])
        if job.account != self.key.account:
            raise Refusal("foreign-job", job_id[:200])
        return job

    def failure_of(self, job: Job) -> tuple[str | int | None, str]:
        """Code and message of a job that failed: as its plan says, else the provider's usual ones."""
        usual = self.contract.provider.failures["generation-failed"]
        code, message = job.plan.failure
        return code or usual.code, message or (f"{usual.message} ({code})" if code else usual.message)


class ProviderApp:
    """The ASGI app of one provider: finds the operation, runs its handler, and words every refusal.

    `handlers` maps operation ids to handlers; `envelope` renders a refusal. `public_base` tells, for a request, the
    origin and the base URL to put into answers.
    """

    def __init__(
        self,
        contract: Contract,
        engine: Engine,
        handlers: Mapping[str, Handler],
        envelope: Callable[[Refusal, Failure, Contract], Response],
        public_base: Callable[[Scope, str], tuple[str, str]],
    ) -> None:
        self._contract = contract
        self._engine = engine
        self._handlers = handlers
        self._envelope = envelope
        self._public_base = public_base
        self._routes = _routes(contract.provider.operations)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._answer(Request(scope, receive))
        except Refusal as refusal:
            response = self._refused(refusal)
        except Exception:
            _log.exception("%s %s: a fault of the emulator", scope["method"], scope["path"])
            response = self._refused(Refusal("internal-error"))
        await response(scope, receive, send)

    def _refused(self, refusal: Refusal) -> Response:
        failure = self._contract.provider.failures[refusal.failure]
        response = self._envelope(refusal, failure, self._contract)
        for name, value in failure.headers.items():
            response.headers[name] = value.format(detail=refusal.detail)
        return response

    async def _answer(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        for pattern, operations in self._routes:
            found = pattern.fullmatch(path)
            if not found:
                continue
            method = "GET" if request.method == "HEAD" else request.method
            if method not in operations:
                raise Refusal("wrong-method", ", ".join(sorted(operations)))
            operation = operations[method]
            origin, base = self._public_base(request.scope, self._contract.name)
            call = Call(request, operation, found.groupdict(), self._contract, self._engine, origin, base)
            if operation.key:
                call.admit()
            return await self._handlers[operation.id](call)
        raise Refusal("unknown-route", path[:200])


def _routes(operations: Mapping[str, Operation]) -> list[tuple[re.Pattern[str], dict[str, Operation]]]:
    """One pattern a path, with its operations by method, in the contract's order."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations.values():
        by_path.setdefault(operation.path, {})[operation.method] = operation
    return [(_pattern(path), methods) for path, methods in by_path.items()]


def _pattern(path: str) -> re.Pattern[str]:
    """``{name}`` is one path segment, ``{name...}`` one or more."""
    parts = re.split(r"\{(\w+)(\.\.\.)?\}", path)
    text = ""
    for literal, name, greedy in zip(parts[::3], [*parts[1::3], None], [*parts[2::3], None], strict=True):
        text += re.escape(literal)
        if name:
            text += f"(?P<{name}>.+)" if greedy else f"(?P<{name}>[^/]+)"
    return re.compile(text)


def parse_json(raw: bytes) -> Any:
    """A JSON document by RFC 8259: no NaN, no lone surrogates, no endless nesting."""
    try:
        value = json.loads(raw, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Refusal("malformed-json", "lone surrogate in a string") from None
    except RecursionError:
        raise Refusal("malformed-json", "nested too deeply") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise Refusal("malformed-json", str(error)[:200]) from None
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def worded(violations: tuple[Violation, ...], contract: Contract) -> list[tuple[Violation, str, str]]:
    """Each violation with its message and type word, as the provider says them."""
    table = contract.provider.wording
    return [(one, one.worded(table[one.keyword].message), table[one.keyword].type) for one in violations]


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer, UTF-8, compact."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, headers, "application/json")

"""What every provider's handlers stand on: a call with its key, body and job, and the wording of answers.

The order of checks: route, method, key, content type, JSON, model, input, balance. A check that fails raises `Refusal`;
the provider puts it into its own envelope.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct, structs
from starlette.responses import Response

from screentest import own_headers, scenario
from screentest.accounts import Key
from screentest.armed import Armed
from screentest.engine import Engine
from screentest.errors import Refusal
from screentest.heard import HeardRequest
from screentest.inputs import looked_at_submit
from screentest.jobs import Job, failure
from screentest.journal import Seen
from screentest.json_text import json_bytes
from screentest.orders import Order
from screentest.providers import on_demand
from screentest.providers.body import parse_json
from screentest.store import Record
from screentest_contracts.document import Model, Operation
from screentest_contracts.load import Contract
from screentest_contracts.pointers import tokens
from screentest_contracts.violation import Violation, together

Handler = Callable[["Call"], Awaitable[Response]]


class Call(Struct):
    """One request to one operation. `base` is the URL the provider is reached under, `origin` its scheme and host."""

    request: HeardRequest
    operation: Operation
    params: Mapping[str, str]
    contract: Contract
    engine: Engine
    origin: str
    base: str
    seen: Seen
    _key: Key | None = None
    _claim: tuple[str, str] | None = None
    _read: tuple[bytes, Any] | None = None
    _flight: tuple[str, int, str, str] | None = None

    @property
    def key(self) -> Key:
        assert self._key is not None, "only operations with a key ask for it"
        return self._key

    async def now(self) -> float:
        """The account's time."""
        return await self.engine.now(self.key.account)

    async def admit(self) -> None:
        """Refuse a key that the provider would not take, or that asks too often; and a request without one."""
        if self._key is None:
            raise Refusal("no-key")
        strict = self.contract.assumed("all.any-bearer-is-an-account") == "provider-shape"
        odd = strict and not re.search(self.contract.provider.key_pattern, self._key.token)
        settings = (await self.engine.seen(self._key)).settings
        state = settings.get("key_state", "good")
        if self._key.bad or odd or state == "bad":
            raise Refusal("bad-key")
        if state == "empty":
            self._key = structs.replace(self._key, empty=True)
        if "requests_per_minute" in settings:
            await self.engine.count_request(self._key)

    def refuse_as_asked(self, name: str, argument: str) -> None:
        """Refuse on purpose, with a failure that the operation knows; the answer says that it was asked for."""
        if name and name in scenario.REFUSALS and name in self.operation.failures:
            raise Refusal(name, argument or on_demand.detail(self.contract.provider, name), asked=True)

    async def body(self) -> dict[str, Any]:
        """The JSON body, checked against the operation's schema; where it may be left out, none is an empty object."""
        _, value = await self._json()
        assert self.operation.body, "only operations with a body ask for it"
        self.refuse(self.contract.body(self.operation.body).violations(value))
        return value  # type: ignore[no-any-return]

    async def replayed(self) -> Job | None:
        """The job that an earlier request with this idempotency key made; None for a first request, or without a key.

        Asked before `body`, because a replay is not validated again; `submit` then remembers the key of a new job.
        Raises Refusal("key-malformed"), or Refusal("key-mismatch") when the key came with another request.
        """
        policy = self.contract.provider.idempotency
        assert policy is not None, "only providers with idempotency keys ask for replays"
        raw, _ = await self._json()
        key = self.request.headers.get(policy.header, "").strip()
        if not key:
            return None
        if len(key.encode("latin-1")) > policy.most_bytes:
            raise Refusal("key-malformed", str(policy.most_bytes))
        path = self.request.scope["path"].removeprefix(self.request.scope.get("root_path", ""))
        flight = (self.key.account, self.engine.resets[self.key.account], self.contract.name, key)
        stored = self.engine.in_flight.get(flight)
        if stored:  # only its answer takes time
            raise Refusal("key-in-flight")
        if stored is False:
            await self.engine.store.flush()  # the first is being written: this one comes after it
        self._claim = key, hashlib.sha256(path.encode() + b"\n" + raw).hexdigest()
        first = await self.engine.replayed(self.key.account, self.contract.name, *self._claim, policy.lifetime)
        if stored is None:
            self.engine.in_flight[flight] = first is not None
            self._flight = flight
        elif first is None:
            raise Refusal("key-in-flight")
        if first is not None:
            self.seen.job, self.seen.model = first.id, first.model
        return first

    async def _json(self) -> tuple[bytes, Any]:
        """The body as it came, and as the JSON that it is declared to be."""
        if self._read is not None:
            return self._read
        declared = self.request.said.get("content-type")
        media_type = (declared or "application/json").partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            raise Refusal("wrong-content-type", media_type[:80])
        raw = await self.raw_body()
        left_out = not raw and self.operation.body_optional
        self._read = raw, {} if left_out else parse_json(raw)
        return self._read

    async def raw_body(self) -> bytes:
        """The body as it came. Raises Refusal("body-too-large")."""
        limit = self.contract.provider.body_limit
        body = await self.request.body_within(limit)
        if body is None:
            raise Refusal("body-too-large", str(limit))
        self.seen.body = body
        return body

    def model(self, model_id: str) -> Model:
        """The model with this id, or the provider's refusal."""
        model = self.contract.model(model_id)
        self.seen.model = model_id[:200]
        if model is None:
            raise Refusal("unknown-model", model_id[:200])
        return model

    async def submit(
        self,
        model: Model,
        sent: Mapping[str, Any],
        extras: Mapping[str, Any],
        *,
        callback_url: str | None = None,
        kept: Mapping[str, Any] | None = None,
        files: Sequence[Record] = (),
    ) -> tuple[Job, dict[str, str]]:
        """Check the input, then the balance, and submit. The second value is headers for the answer: what goes
        otherwise than usual, and a warning.

        `kept` is stored as what was sent, where that is not `sent` itself; `files` are stored together with the job.
        """
        prepared = model.input.prepared(sent)
        if broken := model.input.violations(prepared):
            inside = tokens(self.operation.input_at or "")
            raise Refusal(
                "invalid-input", violations=tuple(structs.replace(one, at=(*inside, *one.at)) for one in broken)
            )
        if self.key.empty:
            raise Refusal("no-balance")
        chosen = await self._scenario(model, prepared, sent.get("prompt"), receiver=callback_url is not None)
        self.refuse_as_asked(*chosen.refusal)
        inputs = model.input.completed(prepared)
        wrong, unchecked = await looked_at_submit(self.contract, model, inputs)
        order = Order(
            contract=self.contract,
            model=model,
            sent=sent if kept is None else kept,
            input=inputs,
            base=self.base,
            origin=self.origin,
            prompt=chosen.prompt,
            scenario=chosen.scenario,
            extras=extras,
            callback_url=callback_url,
            claim=self._claim,
            unchecked=unchecked and not wrong,
            broken=wrong,
            records=tuple(files),
        )
        job = await self.engine.submit(self.key, order)
        if self._flight is not None:
            self.engine.in_flight[self._flight] = True
        self.seen.job, self.seen.scenario = job.id, chosen.text
        told = dict[str, str]()
        if chosen.text:
            told[own_headers.SCENARIO] = chosen.text
        if chosen.warning:
            told[own_headers.WARNING] = chosen.warning
        return job, told

    async def _scenario(
        self, model: Model, inputs: Mapping[str, Any], prompt: object, *, receiver: bool
    ) -> scenario.Chosen:
        """How the job is to go. `prompt` is whole, since a directive may stand behind what the provider cuts off;
        `receiver`: somebody is to be told of the end."""
        chosen = scenario.choose(
            self.request.said.get(own_headers.SCENARIO),
            prompt,
            await Armed(self.engine).scenario(self.key.account, self.contract.name, model.id, inputs),
            self.engine.scenario,
            known=self.engine.scenarios,
            refusals=self.operation.failures,
        )
        taken = inputs.get("prompt")
        if isinstance(taken, str) and taken != prompt:  # it was cut
            chosen = structs.replace(chosen, prompt=chosen.prompt[: len(taken)])
        return scenario.fitted(chosen, self.contract.provider, receiver=receiver)

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
        self.seen.job, self.seen.model = job.id, job.model
        return job

    def finished(self) -> None:
        """The answer is made: the request's idempotency key is in flight no more."""
        if self._flight is not None:
            self.engine.in_flight.pop(self._flight, None)

    async def record(self, record_id: str, kind: str, what: str) -> Record:
        """The caller's own record of this kind; `what` names it to the caller."""
        record = await self.engine.store.record(record_id)
        if record is None or (record.kind, record.account) != (kind, self.key.account):
            raise Refusal("unknown-item", what)
        return record


def failure_of(job: Job, contract: Contract) -> tuple[str | int | None, str]:
    """Code and message of a job that failed: as its plan says, else the provider's usual ones."""
    usual = contract.provider.failures["generation-failed"]
    code, message = failure(job)
    return code or usual.code, message or (f"{usual.message} ({code})" if code else usual.message)


def worded(violations: tuple[Violation, ...], contract: Contract) -> list[tuple[Violation, str, str]]:
    """Each violation with its message and type word, as the provider says them."""
    table = contract.provider.wording
    said = []
    for one in together(violations) if table["required"].several else violations:
        wording = table[one.keyword]
        said.append((one, one.worded((one.several and wording.several) or wording.message), wording.type))
    return said


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return JsonAnswer(json_bytes(value), status, headers or {})


class JsonAnswer(Response):
    """A JSON answer. It writes its few headers itself: Starlette's way is for any, and takes longer than the JSON."""

    def __init__(self, body: bytes, status: int, headers: Mapping[str, str]) -> None:
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        for name, text in headers.items():
            self.raw_headers.append((name.lower().encode("latin-1"), text.encode("latin-1")))

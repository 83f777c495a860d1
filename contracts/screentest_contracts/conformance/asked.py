"""What is wrong with a request, by the contract: which refusals it must meet, and which it may.

Neither valid nor invalid is what only an assumption would enforce (`advisory`), what nobody can know when the request
is sent (the media behind a URL), and free text with a grammar of its own (filters, cursors).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct, field

from screentest_contracts.conformance.facts import Facts
from screentest_contracts.conformance.operations import Found
from screentest_contracts.document import Model, Operation
from screentest_contracts.exchange import INVALID, NOBODY, Exchange, NotJson
from screentest_contracts.explain import query_address, rule_address
from screentest_contracts.json_values import texts
from screentest_contracts.load import Contract
from screentest_contracts.pointers import GONE, at
from screentest_contracts.query_text import typed
from screentest_contracts.reading import Json, pointer_token
from screentest_contracts.urls import scheme_matches
from screentest_contracts.violation import Violation as Breach

REQUEST_MADE = frozenset(
    {
        *("no-key", "bad-key", "wrong-content-type", "malformed-json", "body-too-large", "key-malformed"),
        *("unknown-model", "unknown-model-route", "invalid-input", "bad-query", "malformed-id", "unknown-reference"),
    }
)
"""Failures that follow from the request alone; every other one may meet any request."""

_LONGEST_NUMBER = 300  # digits
_REFERENCES = ("runflow-asset", "asset")


class Fault(Struct, frozen=True):
    """One thing wrong with a request: the failure it has to meet, where, why, and the fact it breaks."""

    failure: str
    pointer: str
    message: str
    fact: str


class Asked(Struct):
    """What there is to say of a request. `possible` are the REQUEST_MADE failures that it may meet, faults or not.

    `model` and `input` are those of a submit that is without fault.
    """

    faults: list[Fault] = field(default_factory=list)
    possible: set[str] = field(default_factory=set)
    model: Model | None = None
    input: Mapping[str, Json] | None = None

    def fault(self, failure: str, fact: str, message: str, pointer: str = "") -> None:
        self.faults.append(Fault(failure, pointer, message, fact))
        self.possible.add(failure)


class Requests:
    """Looks at the requests of one contract."""

    def __init__(self, contract: Contract, facts: Facts) -> None:
        self._contract = contract
        self._facts = facts

    def look(self, found: Found, exchange: Exchange) -> Asked:
        """What is wrong with the request of this exchange."""
        asked, operation = Asked(), found.operation
        if operation.key:
            self._look_at_key(asked, operation, exchange)
        self._look_at_id(asked, found)
        self._look_at_query(asked, operation, exchange)
        policy = self._contract.provider.idempotency
        if policy and _size(exchange.request_headers.get(policy.header.lower(), "")) > policy.most_bytes:
            asked.possible.add("key-malformed")
            if "key-malformed" in operation.failures:
                asked.fault("key-malformed", self._facts.at("/idempotency/most_bytes"), "the key is too long")
        if operation.body:
            self._look_at_body(asked, found, exchange)
        if not operation.billable:
            asked.possible.add("unknown-model")
        if not operation.body:
            asked.possible.add("body-too-large")
        return asked

    def _look_at_key(self, asked: Asked, operation: Operation, exchange: Exchange) -> None:
        fact = self._facts.operation(operation.id, "/key")
        if exchange.who == NOBODY:
            asked.fault("no-key", fact, "there is no key")
        elif exchange.account == INVALID:
            asked.fault("bad-key", fact, "the key is no good")
        else:
            asked.possible.add("bad-key")

    def _look_at_id(self, asked: Asked, found: Found) -> None:
        ids = self._contract.provider.ids
        if found.job is not None and not re.search(ids.pattern, found.job):
            asked.possible.add("malformed-id")
            if "malformed-id" in found.operation.failures:
                asked.fault("malformed-id", self._facts.at("/ids/pattern"), f"{found.job[:80]!r} cannot be an id")

    def _look_at_query(self, asked: Asked, operation: Operation, exchange: Exchange) -> None:
        given = {name: text for name, text in exchange.query.items() if name in operation.query}
        if not given:
            return
        read: dict[str, Json] = {}
        for name, text in given.items():
            rule = operation.query[name]
            if rule.get("type") == "string" and "enum" not in rule:
                asked.possible.add("bad-query")
                continue
            value = typed(text, rule)
            if rule.get("type") == "boolean" and isinstance(value, str):
                asked.possible.add("bad-query")
                continue
            read[name] = value
        for breach in self._contract.query(operation.id).violations(read):
            asked.possible.add("bad-query")
            if "bad-query" in operation.failures:
                fact = query_address(self._contract, operation, breach)
                asked.fault("bad-query", fact, _said(breach), f"?{breach.at[0]}")

    def _look_at_body(self, asked: Asked, found: Found, exchange: Exchange) -> None:
        operation, raw, facts = found.operation, exchange.request_body, self._facts
        declared = exchange.request_headers.get("content-type", "")
        media_type = declared.partition(";")[0].strip().lower()
        if media_type and media_type != "application/json" and not media_type.endswith("+json"):
            fact = facts.at("/failures/wrong-content-type")
            asked.fault("wrong-content-type", fact, f"the body is {media_type[:80]}", "header:content-type")
        elif media_type != "application/json":  # nobody documents what becomes of none, or of another kind of JSON
            asked.possible.add("wrong-content-type")
        announced = exchange.request_headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._contract.provider.body_limit:
            asked.possible.add("body-too-large")
        if len(raw) > self._contract.provider.body_limit:
            asked.fault("body-too-large", facts.at("/body_limit"), f"the body has {len(raw)} bytes")
        value = {} if not raw and operation.body_optional else exchange.asked
        if isinstance(value, NotJson) and value.disputed:
            asked.possible |= {"malformed-json", "invalid-input", "unknown-model", "unknown-model-route"}
            return
        if isinstance(value, NotJson):
            asked.fault("malformed-json", facts.at("/failures/malformed-json"), f"not JSON: {value.said[:120]}")
            return
        if _has_long_number(raw):
            asked.possible |= {"malformed-json", "invalid-input"}
        if b"://" in raw and any(scheme_matches(one, *_REFERENCES) for one in texts(value)):
            asked.possible.add("unknown-reference")
        if operation.billable:
            self._submit(asked, found, value)
        else:
            self._body(asked, operation, value)

    def _body(self, asked: Asked, operation: Operation, value: Json) -> bool:
        """Look at a body without the input of a model in it; whether it is in order."""
        assert operation.body, "only operations with a body have one to look at"
        schema = self._contract.body(operation.body)
        breaches = schema.violations(value)
        home = self._facts.at(f"/schemas/{pointer_token(operation.body)}")
        for breach in breaches:
            fact = rule_address(self._contract, home, schema.source, breach)
            asked.fault("invalid-input", fact, _said(breach), breach.pointer)
        return not breaches

    def _submit(self, asked: Asked, found: Found, value: Json) -> None:
        operation, (place, name) = found.operation, found.operation.model_place
        if not self._body(asked, operation, value):
            asked.possible |= {"unknown-model", "unknown-model-route"}
            return
        model_id = found.params[name] if place == "path" else value[name]
        if "unknown-model-route" in operation.failures and ("@" in model_id or "route" in value):
            model_id = model_id.partition("@")[0]
            asked.possible.add("unknown-model-route")
        model = self._model(asked, operation, model_id)
        sent = at(value, operation.input_at or "")
        if model is None or sent is GONE:
            asked.possible.add("invalid-input")
            return
        prepared = model.input.prepared(sent)
        breaches = model.input.violations(prepared)
        home = self._facts.at("/input", model.id)
        for breach in breaches:
            fact = rule_address(self._contract, home, model.input.source, breach)
            asked.fault("invalid-input", fact, _said(breach), (operation.input_at or "") + breach.pointer)
        if not breaches:
            if model.input.strict.violations(prepared):
                asked.possible.add("invalid-input")
            asked.model, asked.input = model, model.input.completed(prepared)

    def _model(self, asked: Asked, operation: Operation, model_id: str) -> Model | None:
        """The model of this id. One that the contract does not know may be known to the provider: an assumption."""
        model = self._contract.model(model_id)
        if model is None and operation.ownerless:
            named = [one for one in self._contract.model_ids if one.partition("/")[2] == model_id]
            model = self._contract.model(named[0]) if len(named) == 1 else None
        if model is not None:
            return model
        asked.possible.add("unknown-model")
        if model_id not in self._contract.provider.catalogue.named_only:
            fact = self._facts.at("/failures/unknown-model")
            asked.fault("unknown-model", fact, f"the contract has no model {model_id[:80]!r}")
        return None


def _said(breach: Breach) -> str:
    got = f", got {breach.got}" if breach.got else ""
    return f"{breach.field or 'body'}: {breach.keyword} {breach.want}{got}"


def _has_long_number(raw: bytes) -> bool:
    """Whether there is a number that many a server cannot hold."""
    return re.search(rb"[0-9]{%d}" % _LONGEST_NUMBER, raw) is not None


def _size(header: str) -> int:
    """Bytes of a header as it is sent."""
    return len(header.encode("latin-1", "replace") if header.isascii() or max(header) < "\u0100" else header.encode())

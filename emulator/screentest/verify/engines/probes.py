"""Requests that every server of the provider has to answer, and that make no job."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from screentest.verify.engines import Effort, surface
from screentest.verify.engines.scene import Scene
from screentest.verify.session import Run, session
from screentest.verify.side import ADMIN, INVALID, NOBODY, ONE, TRUNCATED, Ask
from screentest_contracts.document import Model, Operation
from screentest_contracts.ids import new_id
from screentest_contracts.load import Contract
from screentest_contracts.reading import Json

_SCHEMES = ("", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token {}", "bearer")
_GARBAGE = (b"", b"{", b"[1,", b"nul", b"\xff\xfe{}", b'{"a": 1,}', b"[]", b"null", b'"text"', b"5", b"{}", b"{}{}")
_TYPES = ("text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data; boundary=x")
_GOOD_TYPES = ("application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_LONG = "a" * 300
_FOREIGN_IDS = (
    "1",
    "0",
    "x",
    "null",
    "undefined",
    "%00",
    "é",
    " ",
    "tk-hiapi-1",
    "00000000-0000-0000-0000-000000000000",
)


def run(run: Run, effort: Effort) -> None:
    """Send every probe once."""
    with session(run, "probes") as one:
        scene = Scene(one)
        for ask in probes(run.contract, effort):
            scene.ask(ask)
        for ask in _afterwards(scene):
            scene.ask(ask)


def probes(contract: Contract, effort: Effort) -> Iterator[Ask]:
    """The probes of a contract, those that cost nothing in any case first."""
    model = surface.models(contract, effort.depth)[0]
    strange = new_id(contract.provider.ids, 1.7e9, random.Random(effort.seed), "nobody", 1)  # noqa: S311 - an id, no secret
    plain = _Plain(contract, model, strange)
    for operation in contract.provider.operations.values():
        yield from _queries(plain, operation)
        yield from _ids(plain, operation)
        yield from _models(plain, operation)
    yield from _catalogue(plain)
    yield from _routes(plain)
    for operation in contract.provider.operations.values():
        yield from _keys(plain, operation)
        yield from _bodies(plain, operation)
    yield from _idempotency(plain)


class _Plain:
    """An ordinary request of every operation, about a job that does not exist."""

    def __init__(self, contract: Contract, model: Model, job: str) -> None:
        self.contract = contract
        self.model = model
        self.job = job

    def ask(self, operation: Operation, values: Mapping[str, str] | None = None, **more: object) -> Ask:
        """The request, with `values` in its path instead of the usual ones."""
        named = dict.fromkeys(surface.parameters(operation), self.job)
        if operation.model_place[0] == "path":
            named[operation.model_place[1]] = self.model.id
        path = surface.path_of(operation, named | dict(values or {}))
        usual = {"method": operation.method, "path": path, "who": self.who(operation), "body": self.body(operation)}
        asked: dict[str, object] = usual | more
        return Ask(**asked)  # type: ignore[arg-type]

    def who(self, operation: Operation) -> str:
        """Whoever may: where the owner of a job cannot cancel it, an administrator."""
        provider = self.contract.provider
        cancels = provider.cancelling is not None and operation.id == provider.cancelling.operation
        return ADMIN if cancels and provider.lifecycle.cancel == "none" else ONE

    def body(self, operation: Operation) -> Json:
        if operation.billable:
            return surface.order_of(operation, self.model, self.model.example)[1]
        return None if operation.body is None else surface.example_of(self.contract.provider.schemas[operation.body])


def _keys(plain: _Plain, operation: Operation) -> Iterator[Ask]:
    """No key, a wrong one, another scheme."""
    if not operation.key:
        yield plain.ask(operation, who=INVALID)
        return
    for who in (NOBODY, INVALID, TRUNCATED):
        yield plain.ask(operation, who=who)
    for text in _SCHEMES:
        yield plain.ask(operation, who=NOBODY, authorization=text)


def _ids(plain: _Plain, operation: Operation) -> Iterator[Ask]:
    """Ids of nothing: well-formed, foreign, malformed and far too long."""
    names = operation.parameters
    if not names:
        return
    yield plain.ask(operation)
    for name in names:
        for text in (*_FOREIGN_IDS, _LONG, plain.job.upper(), plain.job + "0", plain.job[:-1]):
            yield plain.ask(operation, {name: text})


def _models(plain: _Plain, operation: Operation) -> Iterator[Ask]:
    """Models that there are not."""
    place, name = operation.model_place
    known = plain.model.id
    for text in ("no/such-model", "x", known.upper(), known + "x", known + "/x", _LONG, known[:-1]):
        if place == "path":
            yield plain.ask(operation, {name: text})
        elif place == "body":
            yield plain.ask(operation, body={**plain.body(operation), name: text})


def _queries(plain: _Plain, operation: Operation) -> Iterator[Ask]:
    """Every parameter of the query at its edges and beyond."""
    if operation.method == "GET":
        yield plain.ask(operation, query={"screentest_unknown": "1"})
    for name, rule in operation.query.items():
        for text in surface.texts(rule):
            yield plain.ask(operation, query={name: text})


def _catalogue(plain: _Plain) -> Iterator[Ask]:
    """What the provider says of every model, and what needs no path."""
    for operation in plain.contract.provider.operations.values():
        place, name = operation.model_place
        if operation.method != "GET":
            continue
        if place == "path" and len(surface.parameters(operation)) == 1:
            for model_id in plain.contract.model_ids:
                yield plain.ask(operation, {name: model_id})
        elif not surface.parameters(operation):
            yield plain.ask(operation)
            for parameter in operation.query:
                if parameter == "name" or "search" in parameter:
                    yield plain.ask(operation, query={parameter: plain.model.id})


def _routes(plain: _Plain) -> Iterator[Ask]:
    """Methods that a path does not take, endpoints that the provider has not, and what HTTP has beside GET and POST."""
    paths: dict[str, set[str]] = {}
    for operation in plain.contract.provider.operations.values():
        ask = plain.ask(operation)
        paths.setdefault(ask.path, set()).add(operation.method)
        if operation.method == "GET":
            yield Ask(method="HEAD", path=ask.path)
            yield Ask(method="GET", path=ask.path, headers={"if-none-match": "*"})
            yield Ask(method="GET", path=ask.path + "/")
    for path, methods in paths.items():
        yield Ask(method="OPTIONS", path=path)
        for method in _METHODS:
            if method not in methods:
                yield Ask(method=method, path=path, body=None if method == "GET" else {})
    for absence in plain.contract.provider.absent:
        method, _, path = absence.endpoint.partition(" ")
        if absence.status == "refused" and path:
            named = path.replace("{task_id}", plain.job).replace("{run_id}", plain.job)
            yield Ask(method=method, path=named, body={} if method != "GET" else None)
    for path in ("/", "/v1", "/v1/no-such-thing", "/v2/models"):
        yield Ask(method="GET", path=path)


def _bodies(plain: _Plain, operation: Operation) -> Iterator[Ask]:
    """Bodies that are no JSON, no object, or not declared as JSON."""
    if operation.body is None:
        return
    for raw in _GARBAGE:
        yield plain.ask(operation, raw=raw, headers={"content-type": "application/json"})
    for declared in _TYPES:
        yield plain.ask(operation, headers={"content-type": declared})
    refused = {"screentest_unknown": [None]} if not operation.billable else _spoilt(plain, operation)
    for declared in _GOOD_TYPES:
        yield plain.ask(operation, body=refused, headers={"content-type": declared})


def _spoilt(plain: _Plain, operation: Operation) -> Json:
    """A submit whose input has none of what is required."""
    return surface.order_of(operation, plain.model, {})[1]


def _idempotency(plain: _Plain) -> Iterator[Ask]:
    """Idempotency keys of every length: with a body that makes no job, unless the key alone has to be refused."""
    policy = plain.contract.provider.idempotency
    if policy is None:
        return
    most = policy.most_bytes
    for operation in surface.submits(plain.contract):
        for key in ("", " ", "a", "a" * most, "a" * (most + 1), "a" * 2000, "two words", "ü", "ü" * most):
            body = plain.body(operation) if len(key) > most else _spoilt(plain, operation)
            yield plain.ask(operation, body=body, headers={policy.header: key})


def _afterwards(scene: Scene) -> Iterator[Ask]:
    """After all that, a good key is still good."""
    for operation in scene.contract.provider.operations.values():
        if operation.method == "GET" and not surface.parameters(operation):
            yield Ask(method="GET", path=operation.path, who=ONE)

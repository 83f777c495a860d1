"""One exchange, or one callback, against the contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from screentest_contracts.conformance.answers import AnswerSchemas
from screentest_contracts.conformance.asked import REQUEST_MADE, Asked, Requests
from screentest_contracts.conformance.facts import Facts
from screentest_contracts.conformance.operations import Found, Operations, Strange
from screentest_contracts.conformance.sightings import Sighting, Sights
from screentest_contracts.conformance.violation import Violation
from screentest_contracts.document import Failure, Operation
from screentest_contracts.exchange import NO_ANSWER, Callback, Event, Exchange, NotJson
from screentest_contracts.load import Contract
from screentest_contracts.pointers import GONE, at
from screentest_contracts.reading import pointer_token
from screentest_contracts.routes import pattern
from screentest_contracts.urls import is_link

_KEY_FAILURES = ("no-key", "bad-key")
_ANY_CODE = "generation-failed"  # what a job failed with, and jobs fail with many a code
CALLBACK = "callback"
NO_OPERATION = "no operation"
Events = Iterable[Event]


class Judge:
    """Judges exchanges and callbacks by one contract, each for itself.

    `base` is the URL that the provider is reached under, or its path; without it the provider's own, the root, and the
    provider's name are tried. Compiled once, a judge is meant to be kept.
    """

    def __init__(self, contract: Contract, base: str | None = None) -> None:
        self.contract = contract
        self.facts = Facts(contract)
        self.operations = Operations(contract, base)
        self.requests = Requests(contract, self.facts)
        self.schemas = AnswerSchemas(contract, self.facts)
        self.sights = Sights(contract)
        self._absent = _absences(contract)

    def judge(self, exchange: Exchange) -> list[Violation]:
        """Everything that is wrong with this exchange alone."""
        found = self.operations.find(exchange)
        if found is None or exchange.status == NO_ANSWER or exchange.method in ("OPTIONS", "TRACE"):
            return []
        if isinstance(found, Strange):
            return list(self._strange(found, exchange))
        return list(self._known(found, exchange))

    def callback(self, callback: Callback) -> list[Violation]:
        """Everything that is wrong with this notification alone."""
        return list(self._notified(callback))

    def failures(self, operation: Operation, exchange: Exchange) -> list[Failure]:
        """The operation's failures that have the status and business code of this answer."""
        named = (self.contract.provider.failures[name] for name in operation.failures)
        code = _code(self.contract, exchange)
        alike = [one for one in named if one.status == exchange.status]
        return [one for one in alike if one.code == code or one.name == _ANY_CODE]

    def violation(
        self, kind: str, where: str, event: Event, fact: str, message: str, *, pointer: str = "", before: Events = ()
    ) -> Violation:
        """A violation shown by `event`, after the `before` events."""
        return Violation(
            kind=kind,
            operation=where,
            pointer=pointer,
            message=message,
            fact=fact,
            provenance=self.facts.provenance(fact),
            events=(*before, event),
        )

    def _known(self, found: Found, exchange: Exchange) -> Iterator[Violation]:
        operation, status = found.operation, exchange.status
        asked = self.requests.look(found, exchange)
        if status in operation.answers:
            yield from self._accepted(found, exchange, asked)
            yield from self._answer(found, exchange)
        elif _is_partial(exchange):
            return
        elif 200 <= status < 400:
            fact = self.facts.operation(operation.id, "/answers")
            yield self._status("status.undocumented", operation, exchange, fact)
        else:
            yield from self._refused(operation, exchange, asked)

    def _accepted(self, found: Found, exchange: Exchange, asked: Asked) -> Iterator[Violation]:
        for fault in asked.faults[:1]:
            kind = "auth.loosened" if fault.failure in _KEY_FAILURES else "request.loosened"
            said = f"accepted, although {fault.message}"
            yield self.violation(kind, found.operation.id, exchange, fault.fact, said, pointer=fault.pointer)

    def _status(self, kind: str, operation: Operation, exchange: Exchange, fact: str, why: str = "") -> Violation:
        return self.violation(kind, operation.id, exchange, fact, f"HTTP {exchange.status}{why}")

    def _refused(self, operation: Operation, exchange: Exchange, asked: Asked) -> Iterator[Violation]:
        status, provider = exchange.status, self.contract.provider
        known = [provider.failures[name] for name in operation.failures if provider.failures[name].status == status]
        failing = [one.name for one in known]
        where = self.facts.operation(operation.id, "/failures")
        if failing in ([], ["internal-error"]) and status >= 500:
            yield self._status("server.error", operation, exchange, where)
            return
        if not known:
            yield self._status("status.undocumented", operation, exchange, where)
        yield from self._envelope(operation, exchange)
        matching = self.failures(operation, exchange)
        if not matching and known and isinstance(exchange.answer, dict):
            fact = self.facts.at(f"/failures/{known[0].name}/code")
            said = f"{_code(self.contract, exchange)!r} with HTTP {status}, not {_codes(known)}"
            pointer = provider.error_body.code
            yield self.violation("error.code", operation.id, exchange, fact, said, pointer=pointer)
        may = [one for one in matching or known if one.name not in REQUEST_MADE or one.name in asked.possible]
        if known and not may:
            yield self._unearned(operation, exchange, asked, matching or known)
        for failure in may[:1]:
            yield from self._failure_headers(operation, exchange, failure)

    def _unearned(self, operation: Operation, exchange: Exchange, asked: Asked, said: list[Failure]) -> Violation:
        """A refusal that this request cannot have met."""
        names = ", ".join(one.name for one in said)
        if asked.faults:
            first = asked.faults[0]
            due = self.contract.provider.failures.get(first.failure)
            why = f" ({names}) for a request where {first.message}"
            fact = self.facts.at(f"/failures/{first.failure}/status") if due else first.fact
            return self._status("status.unexpected", operation, exchange, fact, why)
        kind = "auth.tightened" if all(one.name in _KEY_FAILURES for one in said) else "request.tightened"
        fact = self.facts.operation(operation.id)
        if asked.model:
            fact = self.facts.at("/input", asked.model.id)
        elif operation.body:
            fact = self.facts.at(f"/schemas/{pointer_token(operation.body)}")
        return self._status(kind, operation, exchange, fact, f" ({names}) for a request that the contract accepts")

    def _envelope(self, operation: Operation, exchange: Exchange) -> Iterator[Violation]:
        if exchange.method == "HEAD":
            return
        yield from self._json(operation.id, exchange)
        body = exchange.answer
        if isinstance(body, NotJson):
            return
        for flaw in self.schemas.flaws(body, "Error"):
            kind = flaw.kind if flaw.kind == "field.unknown" else "envelope"
            yield self.violation(kind, operation.id, exchange, flaw.fact, flaw.message, pointer=flaw.pointer)
        pointer = self.contract.provider.error_body.status
        said = at(body, pointer) if pointer else GONE
        if said is not GONE and said != exchange.status:
            fact, message = self.facts.at("/error_body/status"), f"{said!r} in an answer of HTTP {exchange.status}"
            yield self.violation("envelope", operation.id, exchange, fact, message, pointer=pointer)

    def _failure_headers(self, operation: Operation, exchange: Exchange, failure: Failure) -> Iterator[Violation]:
        for name in failure.headers:
            fact, value = self.facts.at(f"/failures/{failure.name}/headers"), exchange.headers.get(name.lower())
            pointer = f"header:{name}"
            if value is None:
                yield self.violation("header.missing", operation.id, exchange, fact, "is missing", pointer=pointer)
            elif name.lower() == "retry-after" and not (value.isascii() and value.isdigit()):
                said = f"{value!r} is no number of seconds"
                yield self.violation("header.value", operation.id, exchange, fact, said, pointer=pointer)

    def _answer(self, found: Found, exchange: Exchange) -> Iterator[Violation]:
        operation = found.operation
        schema = operation.answers[exchange.status]
        if not self.schemas.is_json(schema) or exchange.method == "HEAD":
            return
        yield from self._json(operation.id, exchange)
        if isinstance(exchange.answer, NotJson):
            return
        listing = self.contract.provider.lists.get(schema)
        projected = bool(listing and listing.fields_by and exchange.query.get(listing.fields_by))
        projected = projected or bool(listing and listing.cursor_by and listing.cursor_by in exchange.query)
        for flaw in self.schemas.flaws(exchange.answer, schema, operation.items, projected=projected):
            yield self.violation(flaw.kind, operation.id, exchange, flaw.fact, flaw.message, pointer=flaw.pointer)
        for sighting in self.sights.of_answer(operation, schema, exchange.answer):
            yield from self._sighted(operation.id, exchange, sighting, found)

    def _json(self, where: str, event: Event) -> Iterator[Violation]:
        declared = event.headers.get("content-type", "").partition(";")[0].strip().lower()
        fact = self.facts.at("/base_url")
        if declared != "application/json":
            said = f"{declared!r}, not application/json"
            yield self.violation("content-type", where, event, fact, said, pointer="header:content-type")
        if isinstance(event.answer, NotJson):
            yield self.violation("body.not-json", where, event, fact, event.answer.said[:200])

    def _sighted(self, where: str, event: Event, seen: Sighting, found: Found | None) -> Iterator[Violation]:
        """Ids and links of one object in an answer."""
        ids, pointer = self.contract.provider.ids, seen.pointer + seen.record.id
        here = f"/records/{pointer_token(seen.record.name)}"
        if seen.id is not None and not self.sights.is_id(seen.id):
            said = f"{seen.id[:80]!r} is not of the form {ids.pattern}"
            yield self.violation("id.form", where, event, self.facts.at("/ids/pattern"), said, pointer=pointer)
        if found and found.job is not None and seen.id not in (None, found.job) and not seen.listed:
            said = f"{seen.id} for {found.job}"
            yield self.violation("id.other", where, event, self.facts.at(f"{here}/id"), said, pointer=pointer)
        if found:
            yield from self._links(where, event, seen, found)
        for place, url in seen.outputs():
            if isinstance(url, str) and not is_link(url):
                fact, said = self.facts.at(f"{here}/outputs"), f"{url[:80]!r} is no link"
                yield self.violation("link", where, event, fact, said, pointer=place)

    def _links(self, where: str, event: Event, seen: Sighting, found: Found) -> Iterator[Violation]:
        """Links from a job to the operations about it."""
        for place, target in seen.record.links.items():
            operation = self.contract.provider.operations[target]
            url, path = at(seen.node, place), operation.path.replace(f"{{{operation.job_parameter}}}", seen.id or "")
            if isinstance(url, str) and not self._leads(url, found, path):
                here = f"/records/{pointer_token(seen.record.name)}/links/{pointer_token(place)}"
                said, pointer = f"{url[:200]} does not lead to {target}", seen.pointer + place
                yield self.violation("link", where, event, self.facts.at(here), said, pointer=pointer)

    def _leads(self, url: str, found: Found, path: str) -> bool:
        """Whether a URL is that of `path` under the base that the request came to."""
        if urlsplit(found.base).scheme:
            return url == found.base + path
        return is_link(url) and urlsplit(url).path == found.base + path

    def _strange(self, strange: Strange, exchange: Exchange) -> Iterator[Violation]:
        """A path without an operation: nothing may be served there that the provider is known not to have."""
        if exchange.status >= 500:
            fact = self.facts.at("/failures/unknown-route")
            yield self.violation("server.error", NO_OPERATION, exchange, fact, f"HTTP {exchange.status}")
        elif 200 <= exchange.status < 300:
            for number, pattern in self._absent.get(exchange.method, ()):
                if pattern.fullmatch(strange.path):
                    fact, said = self.facts.at(f"/absent/{number}/endpoint"), f"HTTP {exchange.status}"
                    yield self.violation("route.served", NO_OPERATION, exchange, fact, said)
        elif strange.methods and exchange.status not in _allowed_for_strange(self.contract.provider.failures):
            fact = self.facts.at("/failures/wrong-method/status")
            said = f"HTTP {exchange.status} for a path that takes {', '.join(strange.methods)}"
            yield self.violation("status.unexpected", NO_OPERATION, exchange, fact, said)

    def _notified(self, callback: Callback) -> Iterator[Violation]:
        policy = self.contract.provider.callbacks
        if policy is None:
            fact = self.facts.at("/callbacks")
            yield self.violation("callback.unasked", CALLBACK, callback, fact, "the provider sends no callbacks")
            return
        yield from self._json(CALLBACK, callback)
        for name in policy.headers:
            if not callback.headers.get(name.lower()):
                fact, pointer = self.facts.at("/callbacks/headers"), f"header:{name}"
                yield self.violation("header.missing", CALLBACK, callback, fact, "is missing", pointer=pointer)
        if isinstance(callback.answer, NotJson):
            return
        for flaw in self.schemas.flaws(callback.answer, policy.schema):
            yield self.violation(flaw.kind, CALLBACK, callback, flaw.fact, flaw.message, pointer=flaw.pointer)
        for sighting in self.sights.of_schema(policy.schema, callback.answer):
            yield from self._final(callback, sighting)
            yield from self._sighted(CALLBACK, callback, sighting, None)

    def _final(self, callback: Callback, sighting: Sighting) -> Iterator[Violation]:
        """A notification is about a job that has ended."""
        if sighting.word is not None and not (sighting.phase and sighting.phase.ends):
            fact = self.facts.at(f"/records/{pointer_token(sighting.record.name)}/states")
            said, pointer = f"{sighting.word!r} is not final", sighting.pointer + sighting.record.state
            yield self.violation("field.value", CALLBACK, callback, fact, said, pointer=pointer)


def _is_partial(exchange: Exchange) -> bool:
    """Whether this is the answer of HTTP itself to a request for a part, or for what changed."""
    asked = exchange.request_headers
    if exchange.status in (206, 416):
        return "range" in asked
    return exchange.status == 304 and bool({"if-none-match", "if-modified-since"} & set(asked))


def _code(contract: Contract, exchange: Exchange) -> object:
    """The business code of a refusal; None without one."""
    found = at(exchange.answer, contract.provider.error_body.code)
    return None if found is GONE else found


def _codes(failures: list[Failure]) -> str:
    return " or ".join(dict.fromkeys(str(one.code) for one in failures))


def _allowed_for_strange(failures: Any) -> set[int]:
    names = ("wrong-method", "unknown-route", "no-key", "bad-key", "not-allowed", "rate-limited", "unavailable")
    return {failures[name].status for name in names if name in failures}


def _absences(contract: Contract) -> dict[str, list[tuple[int, Any]]]:
    """Patterns of the endpoints that the provider refuses, by method."""
    found: dict[str, list[tuple[int, Any]]] = {}
    for number, absence in enumerate(contract.provider.absent):
        method, _, path = absence.endpoint.partition(" ")
        if absence.status == "refused" and path:
            found.setdefault(method, []).append((number, pattern(path)))
    return found

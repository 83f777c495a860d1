"""What answers told of jobs: which requests ask for a job's state, and which answers showed that it had ended."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from screentest.journal import LONGEST_BODY, Entry
from screentest.verdict.value import header, path
from screentest_contracts.document import Operation, Provider
from screentest_contracts.pointers import GONE, at
from screentest_contracts.records import Record
from screentest_contracts.routes import pattern

_REF = "#/components/schemas/"


class _Place(Struct, frozen=True):
    """Where an operation's answer has jobs: one record, or a list of `many`, at a pointer; `final` are the last states.

    `path` finds the job's id in the path of an operation about one job.
    """

    pointer: str
    record: Record
    many: bool
    final: frozenset[str]
    path: re.Pattern[str] | None


class Told:
    """Reads answers by the contracts' records, each once."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers
        self._ended: dict[int, frozenset[str]] = {}
        self._places = {
            (name, operation.id): place
            for name, provider in providers.items()
            for operation in provider.operations.values()
            for place in _places(provider, operation)
        }

    def job_asked(self, entry: Entry) -> str:
        """The id of the job whose state the request asks for; "" for any other request."""
        place = self._places.get((entry.seen.provider, entry.seen.operation))
        found = place.path.search(path(entry)) if place and place.path else None
        return found[1] if found and entry.method == "GET" else ""

    def ended(self, entry: Entry) -> frozenset[str]:
        """The ids of the jobs that the answer showed as ended; without a word of them where it gives the output."""
        if entry.number not in self._ended:
            self._ended[entry.number] = self._shown(entry)
        return self._ended[entry.number]

    def _shown(self, entry: Entry) -> frozenset[str]:
        if not 200 <= entry.status < 300:
            return frozenset()
        if self._gives_output(entry):
            return frozenset((entry.seen.job,))
        place = self._places.get((entry.seen.provider, entry.seen.operation))
        return frozenset(_final(place, _parsed(entry))) if place else frozenset()

    def unread(self, entry: Entry) -> bool:
        """Whether the answer may have shown ends that nobody can read any more, because it was kept only in part."""
        known = (entry.seen.provider, entry.seen.operation) in self._places
        return known and len(entry.answer) >= LONGEST_BODY

    def submits(self, entry: Entry) -> bool:
        """Whether the request submits a job."""
        operation = self._operation(entry)
        return operation is not None and operation.billable

    def takes_key(self, entry: Entry) -> bool:
        """Whether this submit may come with an idempotency key."""
        operation = self._operation(entry)
        return operation is not None and "key-mismatch" in operation.failures

    def key(self, entry: Entry) -> str:
        """The idempotency key that came with the request."""
        policy = self._providers[entry.seen.provider].idempotency
        return header(entry.headers, policy.header.lower().encode()) if policy else ""

    def _operation(self, entry: Entry) -> Operation | None:
        return self._providers[entry.seen.provider].operations.get(entry.seen.operation)

    def _gives_output(self, entry: Entry) -> bool:
        """A submit whose answer is no record of the contract's waits for the job and gives its output."""
        operation = self._operation(entry)
        records = self._providers[entry.seen.provider].records
        return operation is not None and operation.billable and not records.keys() & operation.answers.values()


def _places(provider: Provider, operation: Operation) -> Iterator[_Place]:
    """Where the answers of an operation that reads have jobs."""
    if operation.method != "GET":
        return
    for name in operation.answers.values():
        listing, parameter = provider.lists.get(name), operation.job_parameter
        schema = provider.schemas[name]
        if listing is not None:
            pointer, schema_name = listing.items, operation.items or _referred(schema, listing.items)
        elif parameter:
            pointer, schema_name = ("", name) if name in provider.records else _inside(schema)
        else:
            continue
        record = provider.records.get(schema_name)
        if record is not None and record.state:
            ends = provider.lifecycle.results if record.ends == "results" else provider.lifecycle.outcomes
            about = re.compile(pattern(operation.path).pattern + r"\Z") if parameter and listing is None else None
            yield _Place(pointer, record, listing is not None, frozenset(ends.values()), about)


def _inside(schema: Mapping[str, Any]) -> tuple[str, str]:
    """Where in an envelope the one thing it is about stands, and the name of its schema."""
    for field, one in schema.get("properties", {}).items():
        if "$ref" in one:
            return f"/{field}", one["$ref"].removeprefix(_REF)
    return "", ""


def _referred(schema: Any, items: str) -> str:
    """The name of the schema of a list's items."""
    for token in items.split("/")[1:]:
        schema = schema.get("properties", {}).get(token, {})
    return str(schema.get("items", {}).get("$ref", "")).removeprefix(_REF)


def _parsed(entry: Entry) -> Any:
    try:
        return json.loads(entry.answer)
    except (ValueError, RecursionError):
        return None


def _final(place: _Place, answer: Any) -> Iterator[str]:
    node = at(answer, place.pointer)
    for item in node if place.many and isinstance(node, list) else [node]:
        if item is not GONE and at(item, place.record.state) in place.final:
            yield str(at(item, place.record.id))

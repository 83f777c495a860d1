"""What an answer or a callback shows of jobs: which one, in which state, with which stamps and outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache

from msgspec import Struct

from screentest_contracts.document import Operation
from screentest_contracts.load import Contract
from screentest_contracts.pointers import GONE, at, found
from screentest_contracts.reading import Json, pointer_token
from screentest_contracts.records import Record


class Phase(Struct, frozen=True):
    """How far a job is: `rank` counts its states, `stage` is queue, run or end.

    `ends` are the outcomes that a final word can mean, empty before the end.
    """

    rank: int
    stage: str
    ends: frozenset[str] = frozenset()


class Sighting(Struct, frozen=True):
    """One object of an answer. `pointer` is where it stands; `id`, `word` and `phase` are None where it has none."""

    record: Record
    pointer: str
    node: Json
    id: str | None
    word: str | None
    phase: Phase | None

    @property
    def listed(self) -> bool:
        """Whether it is an item of a list."""
        return any(token.isdecimal() for token in self.pointer.split("/"))

    def stamps(self) -> dict[str, float]:
        """The time stamps that are set, in Unix seconds."""
        read = {name: moment(at(self.node, pointer)) for name, pointer in self.record.stamps.items()}
        return {name: value for name, value in read.items() if value is not None}

    def outputs(self) -> Iterator[tuple[str, Json]]:
        """Pointer and URL of every output."""
        for _, place, url in self.kinds_of_outputs():
            yield place, url

    def kinds_of_outputs(self) -> Iterator[tuple[str, str, Json]]:
        """Kind ("any" where what stands beside tells), pointer and URL of every output."""
        for kind, pointers in self.record.outputs.items():
            for pointer in pointers:
                for place, url in found(self.node, pointer):
                    yield kind, self.pointer + place, url


class Sights:
    """Finds the objects of one contract's records in its answers."""

    def __init__(self, contract: Contract) -> None:
        self._provider = contract.provider
        self._id = re.compile(contract.provider.ids.pattern)
        self._phases = {name: _phases(contract, one) for name, one in contract.provider.records.items()}
        self._places = cache(self._found)

    def is_id(self, text: str) -> bool:
        return self._id.search(text) is not None

    def of_answer(self, operation: Operation, schema: str, body: Json) -> Iterator[Sighting]:
        """Every object in the answer of an operation."""
        yield from self.of_schema(schema, body)
        if operation.items and operation.items in self._provider.records:
            yield from self._sighted(self._provider.lists[schema].items + "/*", operation.items, body)

    def of_schema(self, schema: str, body: Json) -> Iterator[Sighting]:
        """Every object in a body of this schema."""
        for pointer, name in self._places(schema):
            yield from self._sighted(pointer, name, body)

    def words(self, record: str) -> tuple[str, ...]:
        """Every state that objects of this record may be in."""
        known = _enum(self._provider.schemas[record], self._provider.records[record].state)
        states = self._provider.records[record].states
        return tuple(one for one in (known or states) if one in self._phases[record])

    def _sighted(self, pointer: str, name: str, body: Json) -> Iterator[Sighting]:
        record = self._provider.records[name]
        for where, node in found(body, pointer):
            if isinstance(node, dict):
                id_ = at(node, record.id)
                word = at(node, record.state) if record.state else None
                word = word if isinstance(word, str) else None
                phase = self._phases[name].get(word) if word else None
                yield Sighting(record, where, node, id_ if isinstance(id_, str) else None, word, phase)

    def _found(self, schema: str) -> tuple[tuple[str, str], ...]:
        """Pointers to the objects with a record in answers of this schema."""
        return tuple(self._places_in({"$ref": f"/{schema}"}, ""))

    def _places_in(self, node: Mapping[str, Json], pointer: str) -> Iterator[tuple[str, str]]:
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            if name in self._provider.records:
                yield pointer, name
            node = self._provider.schemas[name]
        for name, child in node.get("properties", {}).items():
            if isinstance(child, dict):
                yield from self._places_in(child, f"{pointer}/{pointer_token(name)}")
        if "items" in node:
            yield from self._places_in(node["items"], f"{pointer}/*")


def moment(value: Json) -> float | None:
    """A time stamp in Unix seconds; None for one that is not set (missing, null or 0) or cannot be read."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) or None
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if read.tzinfo is None else read.timestamp()


def _phases(contract: Contract, record: Record) -> dict[str, Phase]:
    """What each word of a record's state means. A word that the lifecycle does not know is final in its own way."""
    lifecycle = contract.provider.lifecycle
    ends = lifecycle.results if record.ends == "results" else lifecycle.outcomes
    words = {step.word: Phase(rank, step.stage) for rank, step in enumerate(lifecycle.steps)}
    last = len(lifecycle.steps)
    for outcome, word in ends.items():
        known = words[word].ends if word in words else frozenset()
        words[word] = Phase(last, "end", known | {outcome})
    for word in _enum(contract.provider.schemas[record.name], record.state):
        words.setdefault(word, Phase(last, "end", frozenset({word})))
    return words


def _enum(schema: Mapping[str, Json], pointer: str) -> tuple[str, ...]:
    node = at(schema, pointer.replace("/", "/properties/")) if pointer else GONE
    return tuple(node.get("enum", ())) if isinstance(node, dict) else ()

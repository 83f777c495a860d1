"""How much of a contract was exercised, and plainly what was not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial

from msgspec import Struct

from screentest_contracts.conformance.judging import Judge
from screentest_contracts.conformance.operations import Found
from screentest_contracts.conformance.sightings import Sighting
from screentest_contracts.document import FAILURES
from screentest_contracts.exchange import Callback, Exchange, NotJson
from screentest_contracts.load import Contract
from screentest_contracts.pointers import at
from screentest_contracts.reading import Json, pointer_token

CLASSES = ("operations", "statuses", "states", "failures", "facts")


class Share(Struct, frozen=True):
    """One class of things: those seen and those not, in the contract's order."""

    seen: tuple[str, ...]
    unseen: tuple[str, ...]

    def __str__(self) -> str:
        return f"{len(self.seen)} of {len(self.seen) + len(self.unseen)}"


Within = Callable[[], "tuple[_Shape, ...]"]
"""What is inside a field, read when it is first asked for: schemas may refer to themselves."""


class _Shape(Struct, frozen=True):
    """One choice of what a value may be: the address of each field with what is inside, and what items are."""

    fields: Mapping[str, tuple[str, Within]]
    items: Within | None


class Coverage:
    """Counts what exchanges and callbacks show of a contract.

    Operations are named by id, statuses ``operation 200``, states ``record word``, failures ``operation failure``, and
    facts by their address: every field that an answer of an operation, or a callback, may have.
    """

    def __init__(self, contract: Contract, judge: Judge | None = None) -> None:
        self._contract = contract
        self._judge = judge or Judge(contract)
        self._known = {name: dict.fromkeys(found) for name, found in self._everything().items()}
        self._seen: dict[str, set[str]] = {name: set() for name in CLASSES}
        self._shapes: dict[str, tuple[_Shape, ...]] = {}

    def see(self, exchange: Exchange) -> None:
        """Take note of one exchange."""
        found = self._judge.operations.find(exchange)
        if not isinstance(found, Found):
            return
        operation = found.operation
        self._seen["operations"].add(operation.id)
        self._seen["statuses"].add(f"{operation.id} {exchange.status}")
        body = exchange.answer
        if exchange.status in operation.answers:
            if isinstance(body, NotJson):
                return
            schema = operation.answers[exchange.status]
            self._sighted(self._judge.sights.of_answer(operation, schema, body))
            self._fields(schema, body, operation.items)
        else:
            names = (one.name for one in self._judge.failures(operation, exchange))
            self._seen["failures"] |= {f"{operation.id} {name}" for name in names}
            self._fields("Error", body)

    def heard(self, callback: Callback) -> None:
        """Take note of one callback."""
        policy = self._contract.provider.callbacks
        if policy and not isinstance(callback.answer, NotJson):
            self._sighted(self._judge.sights.of_schema(policy.schema, callback.answer))
            self._fields(policy.schema, callback.answer)

    def shares(self) -> dict[str, Share]:
        """Seen and unseen, by class."""
        return {
            name: Share(
                tuple(one for one in known if one in self._seen[name]),
                tuple(one for one in known if one not in self._seen[name]),
            )
            for name, known in self._known.items()
        }

    def _sighted(self, sightings: Iterable[Sighting]) -> None:
        self._seen["states"] |= {f"{one.record.name} {one.word}" for one in sightings if one.word}

    def _fields(self, schema: str, body: Json, items: str | None = None) -> None:
        self._walk(self._shape(schema), body)
        if items:
            listed = at(body, self._contract.provider.lists[schema].items)
            for one in listed if isinstance(listed, list) else ():
                self._walk(self._shape(items), one)

    def _at(self, schema: str) -> str:
        return self._judge.facts.at(f"/schemas/{pointer_token(schema)}")

    def _walk(self, shapes: Sequence[_Shape], value: Json) -> None:
        for shape in shapes:
            if isinstance(value, dict):
                for name, one in value.items():
                    field = shape.fields.get(name)
                    if field:
                        self._seen["facts"].add(field[0])
                        if isinstance(one, dict | list):
                            self._walk(field[1](), one)
            elif isinstance(value, list) and shape.items:
                within = shape.items()
                for one in value:
                    self._walk(within, one)

    def _shape(self, schema: str) -> tuple[_Shape, ...]:
        """Where the fields of a schema's objects are kept, read once."""
        if schema not in self._shapes:
            self._shapes[schema] = self._shaped(self._contract.provider.schemas[schema], self._at(schema))
        return self._shapes[schema]

    def _shaped(self, node: Mapping[str, Json], at: str) -> tuple[_Shape, ...]:
        return tuple(self._one_shape(meant, home) for meant, home in self._meant(node, at))

    def _one_shape(self, node: Mapping[str, Json], home: str) -> _Shape:
        fields: dict[str, tuple[str, Within]] = {}
        for name, child in node.get("properties", {}).items():
            if isinstance(child, dict):
                address = f"{home}/properties/{pointer_token(name)}"
                fields[name] = address, cache(partial(self._shaped, child, address))
        return _Shape(fields, cache(partial(self._shaped, node["items"], f"{home}/items")) if "items" in node else None)

    def _meant(self, node: Mapping[str, Json], at: str) -> Iterator[tuple[Mapping[str, Json], str]]:
        """A node, or what it refers to, with its address; each choice of several."""
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            yield self._contract.provider.schemas[name], self._at(name)
        elif "oneOf" in node:
            for index, one in enumerate(node["oneOf"]):
                yield from self._meant(one, f"{at}/oneOf/{index}")
        else:
            yield node, at

    def _everything(self) -> dict[str, list[str]]:
        provider = self._contract.provider
        operations = provider.operations.values()
        statuses = [
            f"{one.id} {status}"
            for one in operations
            for status in dict.fromkeys((*one.answers, *(provider.failures[name].status for name in one.failures)))
        ]
        failures = [f"{one.id} {name}" for one in operations for name in one.failures if name in FAILURES]
        states = [
            f"{record.name} {word}"
            for record in provider.records.values()
            for word in self._judge.sights.words(record.name)
        ]
        policy = provider.callbacks
        answered = {name for one in operations for name in (*one.answers.values(), one.items) if name}
        shapes = [*answered, "Error", *([policy.schema] if policy else [])]
        facts: dict[str, None] = {}
        for name in provider.schemas:
            if name in shapes:
                self._promised({"$ref": f"/{name}"}, "", facts, ())
        return {
            "operations": [one.id for one in operations],
            "statuses": statuses,
            "states": states,
            "failures": failures,
            "facts": list(facts),
        }

    def _promised(self, node: Mapping[str, Json], at: str, facts: dict[str, None], inside: tuple[str, ...]) -> None:
        """Every field that a body of this schema may have."""
        for meant, home in self._meant(node, at):
            if home in inside:
                continue
            for name, child in meant.get("properties", {}).items():
                if isinstance(child, dict):
                    address = f"{home}/properties/{pointer_token(name)}"
                    facts[address] = None
                    self._promised(child, address, facts, (*inside, home))
            if "items" in meant:
                self._promised(meant["items"], f"{home}/items", facts, (*inside, home))

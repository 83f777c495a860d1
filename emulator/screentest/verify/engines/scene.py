"""What an engine knows while it plays: the session, the jobs it made, and the ids and links that answers have shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from screentest.verify.engines import surface
from screentest.verify.engines.secrets import Secrets
from screentest.verify.session import Session
from screentest.verify.side import ONE, Ask
from screentest_contracts.conformance.operations import Found
from screentest_contracts.conformance.sightings import Sighting
from screentest_contracts.document import Model, Operation
from screentest_contracts.exchange import Exchange, NotJson
from screentest_contracts.reading import Json

_KEPT = 8  # of ids and links of one kind, the newest ones


class Order(Struct, frozen=True):
    """A submit to make: the operation, the model, its input, and further fields of the body."""

    operation: Operation
    model: Model
    value: Json
    more: Mapping[str, Json] | None = None


class Made(Struct, frozen=True):
    """A job that was made, and who for."""

    id: str
    who: str
    order: Order


class Scene:
    """One stretch of play. `jobs` are those that were made, oldest first."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.contract = session.run.contract
        self.side = session.run.side
        self.jobs: list[Made] = []
        self._operations = session.run.judge.operations
        self._sights = session.run.judge.sights
        self._things: dict[str, list[dict[str, str]]] = {}
        self._links: dict[str, list[str]] = {}
        self._secrets = Secrets(session.run.side.secret)
        self._item_of = _items(self.contract.provider.operations)
        self._items = frozenset(self._item_of.values())

    def ask(self, ask: Ask) -> Exchange:
        """Send a request; remember what the answer shows."""
        exchange = self.session.ask(ask)
        found = self._operations.find(exchange)
        if isinstance(found, Found) and exchange.status in found.operation.answers:
            self._remember(found, exchange)
        return exchange

    def submit(
        self, order: Order, *, who: str = ONE, hook: bool = False, headers: Mapping[str, str] | None = None
    ) -> Made | None:
        """Make a job; None where the answer shows none. `hook` asks for a callback, where that can be."""
        more = dict(order.more or {})
        if hook and self.side.hook:
            more |= surface.hooked(self.contract, order.operation, self.side.hook)
        path, body = surface.order_of(order.operation, order.model, order.value, more)
        exchange = self.ask(Ask(method=order.operation.method, path=path, who=who, body=body, headers=headers or {}))
        job = next((one.id for one in self.sighted(exchange) if one.id), None)
        if job is None:
            return None
        made = Made(job, who, order)
        if made not in self.jobs:
            self.jobs.append(made)
        return made

    def about(self, operation: Operation, job: str, *, who: str = ONE, **more: object) -> Exchange:
        """Send an operation about one job."""
        path = surface.path_of(operation, {str(operation.job_parameter): job})
        return self.ask(Ask(method=operation.method, path=path, who=who, **more))  # type: ignore[arg-type]

    def look(self, made: Made) -> Sighting | None:
        """Read everything that shows the job; the last state seen."""
        return next((one for one in reversed(self.shown(made)) if one.phase), None)

    def shown(self, made: Made) -> list[Sighting]:
        """Read everything that shows the job; what was seen of it."""
        seen: list[Sighting] = []
        for operation in surface.reads(self.contract):
            exchange = self.about(operation, made.id, who=made.who)
            seen += [one for one in self.sighted(exchange) if one.id == made.id]
        return seen

    def glance(self, made: Made) -> Sighting | None:
        """Read the document that tells the job's state; None where it tells none."""
        for operation in surface.reads(self.contract):
            if not self._tells_state(operation):
                continue
            exchange = self.about(operation, made.id, who=made.who)
            seen = next((one for one in self.sighted(exchange) if one.id == made.id and one.phase), None)
            if seen:
                return seen
        return None

    def sighted(self, exchange: Exchange) -> list[Sighting]:
        """The objects with an id in an answer of success."""
        found = self._operations.find(exchange)
        if not isinstance(found, Found) or exchange.status not in found.operation.answers:
            return []
        if isinstance(exchange.answer, NotJson):
            return []
        schema = found.operation.answers[exchange.status]
        return list(self._sights.of_answer(found.operation, schema, exchange.answer))

    def values(self, operation: Operation) -> dict[str, str]:
        """Values for the path of an operation: of the thing seen last, else of the last job and a model."""
        known = [name for name in surface.parameters(operation) if name in self._things]
        values = dict(self._things[known[-1]][-1]) if known else {}
        if operation.job_parameter and operation.job_parameter not in values and self.jobs:
            values[operation.job_parameter] = self.jobs[-1].id
        place, name = operation.model_place
        if place == "path" and name not in values:
            values[name] = self.jobs[-1].order.model.id if self.jobs else self.contract.model_ids[0]
        return values

    def links(self, operation: Operation) -> list[str]:
        """The signed links to this operation that answers have shown, newest last."""
        return self._links.get(operation.id, [])

    def _tells_state(self, operation: Operation) -> bool:
        records = self.contract.provider.records
        return any(schema in records and records[schema].state for schema in operation.answers.values())

    def _remember(self, found: Found, exchange: Exchange) -> None:
        answer = exchange.answer
        objects = [] if isinstance(answer, NotJson) else list(_objects(answer))
        child, below = self._item_of.get(found.operation.path), self.side.base + "/"
        for node in objects:
            for name, value in node.items():
                if not isinstance(value, str):
                    continue
                if name in self._items:
                    self._keep(name, {name: value})
                elif name == "id" and child:
                    self._keep(child, {**found.params, child: value})
                elif value.startswith(below):
                    self._keep_link(value)
        if exchange.account == ONE:
            self._secrets.see(found, objects)
            self.side.secret = self._secrets.current

    def _keep(self, name: str, values: dict[str, str]) -> None:
        kept = self._things.setdefault(name, [])
        if values not in kept:
            kept[:] = [*kept, values][-_KEPT:]

    def _keep_link(self, url: str) -> None:
        """Links that need no key: whoever has one may use it."""
        for method in ("GET", "PUT"):
            found = self._operations.find(Exchange(method=method, url=url, status=0))
            if isinstance(found, Found) and not found.operation.key:
                kept = self._links.setdefault(found.operation.id, [])
                kept[:] = [*(one for one in kept if one != url), url][-_KEPT:]


def _items(operations: Mapping[str, Operation]) -> dict[str, str]:
    """From the path of a collection to the parameter that names one of its items."""
    found: dict[str, str] = {}
    for operation in operations.values():
        if not operation.parameters or operation.parameters[-1] == operation.job_parameter:
            continue
        name = operation.parameters[-1]
        path = operation.path.partition("/{" + name + "}")[0]
        found.setdefault(path, name)
    return found


def _objects(value: Json, depth: int = 6) -> Iterator[Mapping[str, Json]]:
    """Every object in a document."""
    if depth and isinstance(value, dict):
        yield value
    if depth and isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _objects(one, depth - 1)

"""What a judge has to know of the objects inside answers: where their id and state are, and what goes with each state.

A contract's schemas say which shape an answer has in general; a record says what one thing in it (a task, a run, a
notification) promises beyond that. Records are named after the schema that they speak of, and their pointers start at
that schema's object. A ``*`` in a pointer stands for every item of a list.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct, field

from screentest_contracts.keywords import RESPONSE_ONLY, refuse_unknown_keywords
from screentest_contracts.reading import ContractError, Json, Reader, members, pointer_token

BESIDE = ("kind", "width", "height", "seconds", "expires")
"""What may stand beside the link to an output: kind, sides in pixels, length, and when the link stops working."""


class StateFacts(Struct, frozen=True, kw_only=True):
    """What holds in one state: fields that are there and not null, fields that are not, and schemas of fields."""

    present: tuple[str, ...]
    absent: tuple[str, ...]
    properties: Mapping[str, Json]


class Record(Struct, frozen=True, kw_only=True):
    """One kind of object. All fields but `id` are empty where the object has no such thing.

    `ends` is the vocabulary of final states: the lifecycle's ``outcomes`` or ``results``. `always` are fields that are
    in every such object although its schema does not require them. `constant` never change; `echoes` maps a pointer to
    what it repeats: ``model``, or a pointer into the body of the submit. `links` maps a pointer to the operation that
    its URL leads to. `outputs` are the pointers of links to finished media, by kind ("any" where `beside` tells the
    kind); `beside` names what stands beside such a link. `mirrors` maps pointers to those of the record `mirrors_of`
    that they have to equal.
    """

    name: str
    id: str
    state: str
    ends: str
    created: str
    started: str
    ended: str
    always: tuple[str, ...]
    constant: tuple[str, ...]
    echoes: Mapping[str, str]
    links: Mapping[str, str]
    outputs: Mapping[str, tuple[str, ...]]
    beside: Mapping[str, str]
    states: Mapping[str, StateFacts]
    mirrors_of: str
    mirrors: Mapping[str, str] = field(default_factory=dict)

    @property
    def stamps(self) -> dict[str, str]:
        """Pointers of the time stamps, in the order in which they come."""
        named = {"created": self.created, "started": self.started, "ended": self.ended}
        return {name: pointer for name, pointer in named.items() if pointer}


class Listing(Struct, frozen=True, kw_only=True):
    """How a list is paged: pointers into the answer, and names of query parameters (``*_by``), empty where there are
    none. `key` is the pointer that tells one item from another; `order` is ``field:asc|desc`` where it is fixed, and
    `order_by` the parameter that chooses it."""

    items: str
    key: str
    total: str
    page: str
    size: str
    next: str
    page_by: str
    size_by: str
    offset_by: str
    cursor_by: str
    fields_by: str
    order_by: str
    order: str


class Cancelling(Struct, frozen=True, kw_only=True):
    """How a job is cancelled: by `operation`, while it is in the stage "queue", or in "any".

    `told_at` says where the answer tells: "status" for the HTTP status, else a pointer; `done` and `refused` are the
    values found there.
    """

    operation: str
    stage: str
    told_at: str
    done: str | int
    refused: str | int


class ErrorBody(Struct, frozen=True, kw_only=True):
    """Pointers into the body of a refusal: the business code, and the HTTP status said again ("" where it is not)."""

    code: str
    status: str


def read_records(node: Reader, schemas: Mapping[str, Json], operations: Collection[str]) -> Mapping[str, Record]:
    """The contract's ``records``."""
    found = {name: _record(name, child, schemas, operations) for name, child in node.children("records", {})}
    for record in found.values():
        if record.mirrors_of and record.mirrors_of not in found:
            raise ContractError(f"{node.at}/records/{record.name}/mirrors_of: no record {record.mirrors_of!r}")
    return found


def _record(name: str, node: Reader, schemas: Mapping[str, Json], operations: Collection[str]) -> Record:
    if name not in schemas:
        raise ContractError(f"{node.at}: no schema {name!r}")
    text = {key: node.take(key, str, default="") for key in ("state", "created", "started", "ended", "mirrors_of")}
    outputs = node.child("outputs")
    record = Record(
        name=name,
        id=node.take("id", str),
        **text,
        ends=node.one_of("ends", ("outcomes", "results"), default="outcomes"),
        always=node.words("always", []),
        constant=node.words("constant", []),
        echoes=members(node.take("echoes", dict, default={})),
        links=members(node.take("links", dict, default={})),
        outputs={kind: outputs.words(kind) for kind in members(outputs.value)} if outputs else {},
        beside=members(node.take("beside", dict, default={})),
        states={word: _state(child) for word, child in node.children("states", {})},
        mirrors=members(node.take("mirrors", dict, default={})),
    )
    node.close()
    _check_words(record, node.at, schemas[name], operations)
    return record


def _state(node: Reader) -> StateFacts:
    properties = members(node.take("properties", dict, default={}))
    for name, schema in properties.items():
        refuse_unknown_keywords(schema, f"{node.at}/properties/{pointer_token(name)}", RESPONSE_ONLY)
    facts = StateFacts(present=node.words("present", []), absent=node.words("absent", []), properties=properties)
    node.close()
    return facts


def _check_words(record: Record, at: str, schema: Json, operations: Collection[str]) -> None:
    """Names that stand for fields, states, operations and things beside a link must be such."""
    fields = schema.get("properties", {})
    for name in record.always:
        if name not in fields:
            raise ContractError(f"{at}/always: the schema has no property {name!r}")
    for name in record.beside:
        if name not in BESIDE:
            raise ContractError(f"{at}/beside/{name}: none of {', '.join(BESIDE)}")
    for pointer, operation in record.links.items():
        if operation not in operations:
            raise ContractError(f"{at}/links/{pointer_token(pointer)}: no operation {operation!r}")
    for word, facts in record.states.items():
        for name in (*facts.present, *facts.absent, *facts.properties):
            if name not in fields:
                raise ContractError(f"{at}/states/{word}: the schema has no property {name!r}")


def read_listings(node: Reader, schemas: Mapping[str, Json]) -> Mapping[str, Listing]:
    """The contract's ``lists``, by the schema of the answer."""
    found = {}
    for name, child in node.children("lists", {}):
        if name not in schemas:
            raise ContractError(f"{child.at}: no schema {name!r}")
        optional = [key for key in Listing.__struct_fields__ if key not in ("items", "key")]
        found[name] = Listing(
            items=child.take("items", str),
            key=child.take("key", str),
            **{key: child.take(key, str, default="") for key in optional},
        )
        child.close()
    return found


def read_cancelling(node: Reader | None, operations: Collection[str]) -> Cancelling | None:
    """The contract's ``cancelling``."""
    if node is None:
        return None
    cancelling = Cancelling(
        operation=node.one_of("operation", tuple(operations)),
        stage=node.one_of("stage", ("queue", "any")),
        told_at=node.take("told_at", str),
        done=node.take("done", str, int),
        refused=node.take("refused", str, int),
    )
    node.close()
    return cancelling


def read_error_body(node: Reader) -> ErrorBody:
    """The contract's ``error_body``."""
    body = ErrorBody(code=node.take("code", str), status=node.take("status", str, default=""))
    node.close()
    return body

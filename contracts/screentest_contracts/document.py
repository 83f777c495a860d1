"""A contract, read: everything one provider promises, as values that the rest of the house derives from.

`parse.py` makes them from JSON, `load.py` finds the files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from msgspec import Struct, field

from screentest_contracts.model import Model as Model
from screentest_contracts.provenance import Assumption, Source
from screentest_contracts.reading import Json
from screentest_contracts.records import Cancelling, ErrorBody, Listing, Record

OUTCOMES = ("succeeded", "partial", "failed", "cancelled")
FAILURES = {
    "no-key": "the request carries no API key",
    "bad-key": "the API key is not known, revoked or expired",
    "not-allowed": "the API key may not do this",
    "no-balance": "the account cannot pay for the job",
    "rate-limited": "too many requests",
    "key-in-flight": "a request with this idempotency key is being processed",
    "key-mismatch": "this idempotency key came with another request",
    "key-malformed": "this idempotency key cannot be one",
    "wrong-content-type": "the body is not declared as JSON",
    "malformed-json": "the body is not a JSON document",
    "body-too-large": "the body is larger than the provider takes",
    "unknown-model": "no such model",
    "invalid-input": "the request breaks the operation's or the model's schema",
    "unknown-model-route": "the model has no such route",
    "unavailable": "the service is temporarily unavailable",
    "model-unavailable": "the model is temporarily not served",
    "upstream-refused": "what the provider calls refused the request at once",
    "upstream-timeout": "what the provider calls did not answer in time",
    "storage-unavailable": "outputs cannot be stored",
    "unknown-job": "no such job",
    "foreign-job": "the job belongs to another account",
    "unknown-route": "no such path",
    "wrong-method": "the path does not take this method",
    "sync-timeout": "the job did not end while the caller waited",
    "generation-failed": "a job failed: the usual code of one, and the status where the caller waited for it",
    "moderation": "a job that was refused by moderation",
    "malformed-id": "the job id cannot be one",
    "not-ready": "the job has not ended",
    "bad-query": "a parameter of the query means nothing",
    "unknown-item": "no such thing, or it belongs to another account",
    "unknown-reference": "the input refers to a file that is not there",
    "link-refused": "a signed link is used after its time, or otherwise than it was made for",
    "conflict": "the state of things does not allow it",
    "no-batches": "the model takes no batches",
    "internal-error": "a fault of the emulator itself",
}


class Step(Struct, frozen=True, kw_only=True):
    """One waiting state: the provider's word, the stage it belongs to, and its share of that stage's time."""

    word: str
    stage: str  # "queue" or "run"
    share: float


class Lifecycle(Struct, frozen=True, kw_only=True):
    """States in order, and how a job can end. `results` holds the words of a separate result document, if any."""

    steps: tuple[Step, ...]
    outcomes: Mapping[str, str]
    results: Mapping[str, str]
    cancel: str  # "queued": its owner, while queued; "none": no public cancel

    @property
    def final(self) -> frozenset[str]:
        return frozenset(self.outcomes.values())

    @property
    def words(self) -> tuple[str, ...]:
        """Every word of the status, in order of appearance."""
        return tuple(dict.fromkeys([step.word for step in self.steps] + list(self.outcomes.values())))


class Failure(Struct, frozen=True, kw_only=True):
    """How the provider answers one kind of failure. `message` is a template; `code` its business code, if any."""

    name: str
    status: int
    message: str
    code: str | int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Wording(Struct, frozen=True, kw_only=True):
    """How the provider words one broken schema rule: a message template, and a type word where it has one.

    `several` is the template for several choices, or several missing properties of one object, where it differs.
    """

    message: str
    type: str = ""
    several: str = ""


class Operation(Struct, frozen=True, kw_only=True):
    """One endpoint. `answers` maps a success status to the name of its schema.

    A path parameter is ``{name}``, one that spans slashes ``{name...}``. Where the operation submits a job, `input_at`
    is the JSON pointer of the model's input in the body ("" for the whole body) and `model_at` says where the model id
    is: ``path:<parameter>`` or ``body:<property>``. `ownerless`: the id in the path may leave its first segment out.
    `body_optional`: no body is as good as an empty object. `query` includes what the operation shares with others under
    the name `query_of`. `items` names the record that a list's items are, where the answer's schema does not say.
    """

    id: str
    method: str
    path: str
    summary: str
    key: bool
    billable: bool
    body: str | None
    body_optional: bool
    input_at: str | None
    model_at: str | None
    ownerless: bool
    query: Mapping[str, Json]
    query_of: str | None
    answers: Mapping[int, str]
    items: str | None
    failures: tuple[str, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Path parameters of one segment; the model id spans slashes."""
        return _parameters(self.path)

    @property
    def job_parameter(self) -> str | None:
        """The path parameter that holds a job's id: the first, where there are unknown jobs."""
        return next(iter(self.parameters), None) if "unknown-job" in self.failures else None

    @property
    def model_place(self) -> tuple[str, str]:
        """Where the model id is, "path" or "body", and its name there; ("", "") where there is none."""
        place, _, name = (self.model_at or "").partition(":")
        return place, name


class Absence(Struct, frozen=True, kw_only=True):
    """An endpoint that is not served. `status` is refused (the provider has none), not-emulated or not-known."""

    endpoint: str
    status: str
    why: str


class Ids(Struct, frozen=True, kw_only=True):
    """The form of job ids: `kind` is uuid4, uuid7 or ulid."""

    kind: str
    prefix: str
    pattern: str


class Outputs(Struct, frozen=True, kw_only=True):
    """Links to finished media: they work for `lifetime` seconds after the end, or after each read if `renewed`."""

    name: str
    lifetime: int | None
    renewed: bool
    expired_status: int


class Signature(Struct, frozen=True, kw_only=True):
    """How callbacks are signed: lower-case hex of HMAC-SHA256 in `header`.

    It covers the body, or ``<timestamp>.<body>`` when there is a `timestamp_header`.
    """

    header: str
    timestamp_header: str | None


class CallbackPolicy(Struct, frozen=True, kw_only=True):
    """How the provider notifies: `offsets` are seconds of each attempt after the first, `timeout` seconds of one.

    `url_at` is the JSON pointer of the receiver's URL in the submit's body; `schema` names the notification's.
    `headers` come with every one. `redelivered_by` is the operation that has it sent again, where there is one.
    """

    url_at: str
    schema: str
    offsets: tuple[float, ...]
    timeout: float
    signature: Signature
    headers: tuple[str, ...]
    redelivered_by: str | None


class Idempotency(Struct, frozen=True, kw_only=True):
    """How a submit is made safe to repeat.

    A key in `header`, of at most `most_bytes` as it is sent, is remembered for `lifetime` seconds of the account's
    clock. An answer that repeats the first one carries `replay_headers`.
    """

    header: str
    most_bytes: int
    lifetime: float
    replay_headers: Mapping[str, str]


class Catalogue(Struct, frozen=True, kw_only=True):
    """What the provider offers beyond its models with a schema.

    `named_only` are models known by name alone, `routes` the routes that a model has beside its default one, and
    `placeholder_usd_per_second` a price for where a client needs a number that nobody knows.
    """

    named_only: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    placeholder_usd_per_second: str | None = None


class Assets(Struct, frozen=True, kw_only=True):
    """Files that the provider keeps: seconds for which an upload URL, and a link to a file, can be used."""

    upload_lifetime: int
    link_lifetime: int


class FileInputs(Struct, frozen=True, kw_only=True):
    """How the provider takes files: which kinds of URL, how large it recommends, how it fetches them."""

    schemes: tuple[str, ...]
    recommended_megabytes: Mapping[str, int]
    fetch: str


class Provider(Struct, frozen=True, kw_only=True, dict=True):
    """Everything of a contract but its models, which are read one at a time (`Contract.model`)."""

    name: str
    title: str
    base_url: str
    hosts: tuple[str, ...]
    sources: Mapping[str, Source]
    assumptions: Mapping[str, Assumption]
    ids: Ids
    lifecycle: Lifecycle
    outputs: Outputs
    callbacks: CallbackPolicy | None
    idempotency: Idempotency | None
    assets: Assets | None
    catalogue: Catalogue
    failures: Mapping[str, Failure]
    wording: Mapping[str, Wording]
    operations: Mapping[str, Operation]
    absent: tuple[Absence, ...]
    schemas: Mapping[str, Json]
    records: Mapping[str, Record]
    lists: Mapping[str, Listing]
    cancelling: Cancelling | None
    error_body: ErrorBody
    file_inputs: FileInputs
    guidance: tuple[str, ...]
    auth: str  # HTTP authentication scheme of every operation with a key
    key_pattern: str
    body_limit: int

    @property
    def refusals(self) -> frozenset[str]:
        """The failures that a request can be refused with; the others are how jobs fail."""
        return frozenset(name for name, one in self.failures.items() if one.status >= 400)


@cache
def _parameters(path: str) -> tuple[str, ...]:
    """The names of one segment in a path of the contract's."""
    return tuple(re.findall(r"\{(\w+)\}", path))

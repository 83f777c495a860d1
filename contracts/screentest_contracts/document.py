"""A contract, read: everything one provider promises, as values that the rest of the house derives from.

`parse.py` makes them from JSON, `load.py` finds the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from screentest_contracts.provenance import Assumption, Source
from screentest_contracts.reading import Json
from screentest_contracts.schema import InputSchema

OUTCOMES = ("succeeded", "failed", "cancelled")
FAILURES = {
    "no-key": "the request carries no API key",
    "bad-key": "the API key is not known, revoked or expired",
    "not-allowed": "the API key may not do this",
    "no-balance": "the account cannot pay for the job",
    "wrong-content-type": "the body is not declared as JSON",
    "malformed-json": "the body is not a JSON document",
    "body-too-large": "the body is larger than the provider takes",
    "unknown-model": "no such model",
    "invalid-input": "the request breaks the operation's or the model's schema",
    "unknown-job": "no such job",
    "foreign-job": "the job belongs to another account",
    "unknown-route": "no such path",
    "wrong-method": "the path does not take this method",
    "sync-timeout": "the job did not end while the caller waited",
    "generation-failed": "a synchronous call ended in a failed job",
    "malformed-id": "the job id cannot be one",
    "not-ready": "the job has not ended",
    "internal-error": "a fault of the emulator itself",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One waiting state: the provider's word, the stage it belongs to, and its share of that stage's time."""

    word: str
    stage: str  # "queue" or "run"
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How the provider answers one kind of failure. `message` is a template; `code` its business code, if any."""

    name: str
    status: int
    message: str
    code: str | int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How the provider words one broken schema rule: a message template, and a type word where it has one."""

    message: str
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One endpoint. `answers` maps a success status to the name of its schema.

    A path parameter is ``{name}``, one that spans slashes ``{name...}``. Where the operation submits a job, `input_at`
    is the JSON pointer of the model's input in the body ("" for the whole body) and `model_at` says where the model id
    is: ``path:<parameter>`` or ``body:<property>``. `ownerless`: the id in the path may leave its first segment out.
    """

    id: str
    method: str
    path: str
    summary: str
    key: bool
    billable: bool
    body: str | None
    input_at: str | None
    model_at: str | None
    ownerless: bool
    query: Mapping[str, Json]
    answers: Mapping[int, str]
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """What a model's clip looks like, in terms of its input properties (names) or constants.

    `table` names a size table; `tier` and `ratio` the inputs that pick the row and column; `follows` the image input
    whose shape the clip takes when there is no ratio, or when the ratio has the value `adaptive`.
    """

    table: str
    tier: str
    ratio: str | None
    follows: str | None
    adaptive: str | None
    fps: int
    seconds: str
    audio: bool | str
    watermark: str | None
    watermark_text: str
    seed: str | None
    random_seeds: tuple[int, ...]
    camera_fixed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per second of video, by the value of one input property; decimal strings, none where unknown."""

    by: str
    usd_per_second: Mapping[str, str]
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model of a provider: its input schema, an example request, its output and its price where known."""

    id: str
    key: str
    title: str
    input: InputSchema
    example: Mapping[str, Json]
    video: Video
    price: Price | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """The form of job ids: `kind` is uuid4, uuid7 or ulid."""

    kind: str
    prefix: str
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Links to finished media: they work for `lifetime` seconds after the end, or after each read if `renewed`."""

    name: str
    lifetime: int | None
    renewed: bool
    expired_status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInputs:
    """How the provider takes files: which kinds of URL, how large it recommends, how it fetches them."""

    schemes: tuple[str, ...]
    recommended_megabytes: Mapping[str, int]
    fetch: str


@dataclass(frozen=True, kw_only=True)
class Provider:
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
    failures: Mapping[str, Failure]
    wording: Mapping[str, Wording]
    operations: Mapping[str, Operation]
    schemas: Mapping[str, Json]
    file_inputs: FileInputs
    guidance: tuple[str, ...]
    auth: str  # HTTP authentication scheme of every operation with a key
    key_pattern: str
    body_limit: int

"""One thing that a server did against its contract, and the closed list of kinds there are."""

from __future__ import annotations

import hashlib
import re

from msgspec import Struct

from screentest_contracts.cassette import dumps
from screentest_contracts.curl import curl_script
from screentest_contracts.exchange import Event, Exchange, redacted
from screentest_contracts.provenance import Provenance

KINDS = {
    "server.error": "the server failed: a 5xx that no fact of the operation explains",
    "status.undocumented": "the operation has no such HTTP status",
    "status.unexpected": "the operation has the status, but not for a request like this",
    "content-type": "an answer or callback with JSON says that it is something else",
    "body.not-json": "an answer or callback that should be JSON is not",
    "envelope": "the body of a refusal breaks the provider's error schema, or repeats another HTTP status",
    "error.code": "no failure of the operation has this business code with this status",
    "header.missing": "a header that goes with the answer or callback is missing",
    "header.value": "a header has a value that means nothing",
    "field.missing": "a field that has to be there is not, or is null where it has a value",
    "field.forbidden": "a field has a value that it may not have in this state",
    "field.type": "a field has another JSON type",
    "field.value": "a field has another word, number or form than the contract allows",
    "field.format": "a string is not the date, URI or UUID that it has to be",
    "field.unknown": "a field that the contract does not know",
    "id.form": "an id has another form than the provider's ids",
    "id.other": "the answer is about another job than the request",
    "link": "a URL in an answer does not lead where it has to",
    "request.loosened": "a request that the contract refuses was accepted",
    "request.tightened": "a request that the contract accepts was refused",
    "auth.loosened": "a request without a good key was accepted",
    "auth.tightened": "a good key was refused",
    "route.served": "an endpoint is served that the provider has not",
    "state.backwards": "a job went back to an earlier state",
    "state.left-final": "a job left its final state, or changed it",
    "cancel.too-late": "a job was said to be cancelled that could not be any more",
    "cancel.without-effect": "a job went on although it was said to be cancelled",
    "cancel.withheld": "a cancel was refused although the job could still be cancelled",
    "time.changed": "a time stamp that had been set changed",
    "time.order": "time stamps are in an impossible order",
    "constant.changed": "a field changed that never does",
    "echo.differs": "a field that repeats the request says something else",
    "job.lost": "a job that exists is said not to",
    "job.invented": "an id that nobody was given is answered as a job",
    "job.shared": "two submits were given the same id",
    "tenancy.read": "another account's job is shown or changed",
    "tenancy.listed": "another account's job is in a list",
    "tenancy.refused-otherwise": "another account's job is refused in another way than documented",
    "replay.second-job": "the same request with the same idempotency key made another job",
    "replay.refused": "the same request with the same idempotency key was refused",
    "replay.mismatch-accepted": "an idempotency key was accepted with another request",
    "replay.unmarked": "a replay does not say that it is one, or a first answer says that it is",
    "replay.spurious": "an idempotency key is refused as used that was not",
    "list.order": "a list is not in its order",
    "list.duplicate": "a list, or two pages in a row, show the same thing twice",
    "list.size": "a page is longer than asked, or says another page or size",
    "list.total": "the total and the page contradict each other",
    "list.missing": "a job that belongs into the list is not in it",
    "callback.unasked": "a callback for a job that asked for none, or not at this address, or for no job",
    "callback.differs": "a callback says something else than the job's own document",
    "callback.signature": "a callback's signature does not verify, or is there without a secret",
    "callback.repeated": "a callback was sent again after it had been taken, or too often",
    "callback.missing": "no callback came for a job that ended",
    "callback.not-retried": "a callback that was not taken was not sent again",
    "media.kind": "an output is of another kind than the model makes, or under another key",
    "media.size": "an output has other sides than asked",
    "media.seconds": "an output has another length than asked",
    "media.sound": "an output has sound, or none, against what was asked",
    "media.count": "there are more or fewer outputs than asked",
    "media.unreachable": "the link to an output does not work, or leaves the server",
    "media.expiry": "a link says that it works for another time than documented",
}
"""Every kind with what it means. The kinds of NOTES break no client that ignores what it does not know."""

NOTES = frozenset({"field.unknown"})


class Violation(Struct, frozen=True, kw_only=True):
    """One contradiction. `pointer` is the JSON pointer into the body ("" for the whole, "header:<name>" for a header).

    `fact` is the address of the fact that is broken and `provenance` how we know it. `events` is the shortest sequence
    that shows it: the last one is the one that breaks the fact.
    """

    kind: str
    operation: str
    pointer: str
    message: str
    fact: str
    provenance: Provenance
    events: tuple[Event, ...]

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no kind of violation {self.kind!r}")

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The requests of the sequence, callbacks left out."""
        return tuple(event for event in self.events if isinstance(event, Exchange))

    @property
    def is_note(self) -> bool:
        return self.kind in NOTES

    @property
    def weight(self) -> str:
        """What it means for the contract: a documented fact is contradicted, or an assumption is answered."""
        return "answers an assumption" if self.provenance.how == "chosen" else "contradicts a fact"

    @property
    def fingerprint(self) -> str:
        """12 hex digits that stay the same for the same defect: no values, ids or positions of items go into it."""
        parts = (self.kind, self.operation, re.sub(r"/\d+(?=/|$)", "/*", self.pointer), self.fact)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

    def curl(self) -> str:
        """The sequence as a shell script."""
        return curl_script(self.exchanges)

    def cassette(self, provider: str, keys: tuple[str, ...] = ()) -> str:
        """The sequence as the text of a cassette."""
        return dumps(provider, (redacted(event, keys) for event in self.events))

    def __str__(self) -> str:
        where = f" {self.pointer}" if self.pointer else ""
        return f"{self.kind}: {self.operation}{where}: {self.message} ({self.provenance}; {self.fact})"

"""What a verdict is made from, and what it is made of. The kinds of findings are a closed table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from screentest.callbacks import Delivery
from screentest.jobs import Job
from screentest.journal import Entry, Headers
from screentest_contracts.document import Provider

_MOST_REQUESTS = 50
_SPOILING = {"cut-off", "truncated-json", "wrong-type"}  # faults after which an answer cannot be read

POLL_BOUNDS: Mapping[str, float] = {"instant": 0.1, "quick": 0.1, "realistic": 0.5}
"""Seconds between two looks at a job below which a client polls too fast, by the pace of jobs.

No provider documents a bound. Their own clients look every two to five seconds, and jobs at the quick pace live some
thirty times shorter than real ones.
"""


class Kind(Struct, frozen=True):
    """One kind of finding: what it means, and what to do. `journal`: it is judged from the journal of requests."""

    meaning: str
    advice: str
    journal: bool = True


KINDS: Mapping[str, Kind] = {
    "polled-too-fast": Kind(
        "a job's state was read again sooner than the bound",
        "Wait between two looks: the providers' own clients wait two to five seconds.",
    ),
    "polled-unmoved-clock": Kind(
        "a job's state was read three times or more at one and the same moment of the account's clock",
        "Move the clock between two looks: give the client a sleep that posts to /_control/clock, or let it run.",
    ),
    "polled-after-end": Kind(
        "a job's state was read on after an answer had shown its end; one more read is fine",
        "Stop at the first final state, whichever it is: success, failure or cancelled.",
    ),
    "ignored-retry-after": Kind(
        "a request was sent again before the time in Retry-After had passed",
        "Wait as long as Retry-After says, up to a minute, before the same request is sent again.",
    ),
    "submitted-twice": Kind(
        "a submit whose answer was lost was sent again without the same idempotency key: it may be paid for twice",
        "Give each order an idempotency key of its own, and send the same one with every try.",
    ),
    "never-collected": Kind(
        "a job succeeded and nobody read its end, downloaded its output or took its callback: paid for nothing",
        "Keep the ids of submitted jobs, and look at each until it has ended; also after a restart.",
    ),
    "downloaded-after-expiry": Kind(
        "an output was asked for after its link had stopped working",
        "Download outputs soon after the end, and keep the file instead of the link.",
    ),
    "processed-twice": Kind(
        "the callback of one end of a job was acted upon more than once",
        "Callbacks come at least once: remember the ids of jobs that are done, and act on each only the first time.",
        journal=False,
    ),
    "processed-badly-signed": Kind(
        "a callback without a signature, or with a wrong one, was acted upon",
        "Verify the signature over the raw bytes before anything else, and answer 401 when it is wrong.",
        journal=False,
    ),
    "key-to-media": Kind(
        "the API key was sent along with a download: outputs lie on hosts that are not the provider's API",
        "Download with a client that has no default Authorization header.",
    ),
    "key-in-url": Kind(
        "the API key was written into a URL's query, where logs and proxies keep it",
        "Send the key in the Authorization header only, and replace this one.",
    ),
    "key-to-foreign-host": Kind(
        "the API key was sent to a host that is not the provider's",
        "In pytest, the fixture assert_no_spend_on_real_hosts watches the connections of the process.",
    ),
}
"""Every kind of finding."""


class Evidence(Struct, frozen=True, kw_only=True):
    """All that is known of one account. `entries` are its requests, `keyless` those of nobody; both oldest first.

    `jobs` are those that the entries submitted or downloaded, by id. `signed` are the providers that sign the
    account's callbacks. `whole`: no entry was forgotten for want of room. `now` is the account's time, `poll_bound`
    seconds between two looks at a job.
    """

    providers: Mapping[str, Provider]
    account: str
    now: float
    entries: Sequence[Entry] = ()
    keyless: Sequence[Entry] = ()
    jobs: Mapping[str, Job]
    deliveries: Sequence[Delivery] = ()
    signed: Collection[str] = ()
    whole: bool = True
    poll_bound: float = POLL_BOUNDS["quick"]


class Finding(Struct, frozen=True):
    """One thing that the code under test did wrong. `requests` are numbers of the journal, at most the first fifty."""

    kind: str
    message: str
    job: str
    requests: tuple[int, ...]
    advice: str


class Look(Struct, frozen=True):
    """What came of looking for one kind: how many things could be judged, and `why` none could."""

    kind: str
    checked: int
    why: str
    findings: tuple[Finding, ...] = ()


def finding(kind: str, message: str, entries: Iterable[Entry] = (), *, job: str = "", advice: str = "") -> Finding:
    """A finding about these requests; the advice is the kind's unless there is better."""
    numbers = tuple(entry.number for entry in entries)[:_MOST_REQUESTS]
    return Finding(kind, message, job, numbers, advice or KINDS[kind].advice)


def moment(at: float) -> str:
    """An account's time as a sentence says it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"


def waited(first: Entry, second: Entry) -> float:
    """Seconds from the answer to one request until the other came, on whichever clock more have passed.

    A client waits on the real clock, or on the account's by moving it.
    """
    return max(second.seen.at - first.seen.at, arrived(second) - first.wall)


def arrived(entry: Entry) -> float:
    """The real time at which the request came; its `wall` is that of the answer."""
    return entry.wall - entry.milliseconds / 1000


def header(headers: Headers, name: bytes) -> str:
    """The value of a header of a request or an answer, "" where it is absent."""
    return next((value.decode("latin-1").strip() for key, value in headers if key == name), "")


def path(entry: Entry) -> str:
    """The path that was asked for, without its query."""
    return entry.target.partition("?")[0]


def lost(entry: Entry) -> bool:
    """Whether the client cannot know from the answer what became of its request."""
    return entry.status == 0 or entry.status >= 500 or bool(_SPOILING & set(fault_names(entry)))


def fault_names(entry: Entry) -> list[str]:
    """The names of the faults that the request met."""
    return [text.partition(":")[0].strip().lower() for text in entry.seen.faults.split(",") if text.strip()]

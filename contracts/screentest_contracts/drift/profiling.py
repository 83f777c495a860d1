"""Folds exchanges and callbacks into a profile. Passive: it knows nothing but what a client can see.

What hangs on a job's state is kept only when the job is seen in the same state before and after: between two requests
to a live service a job may have gone on, and that is no drift.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from screentest_contracts.conformance import Judge
from screentest_contracts.conformance.operations import Found
from screentest_contracts.conformance.sightings import Sighting
from screentest_contracts.drift.profile import CALLBACK, Charge, Look, Outcome, Place, Profile
from screentest_contracts.drift.shapes import Shape, Walk
from screentest_contracts.exchange import INVALID, NO_ANSWER, NOBODY, Callback, Event, Exchange, NotJson
from screentest_contracts.pointers import GONE, at
from screentest_contracts.reading import Json, pointer_token

ELSEWHERE = "elsewhere"
MEDIA = "media"
ITEM = "item"
JOB = "job"

_HEADERS = re.compile(
    r"retry-after|(x-)?rate-?limit\b.*|.*idempoten.*|.*replay.*|deprecation|sunset|warning|location|link|allow"
    r"|www-authenticate|content-disposition|content-range|accept-ranges"
)
_LIMIT = re.compile(r"(x-)?rate-?limit(-limit)?|ratelimit-policy")
_OWN = re.compile(r"screentest-.*")


class Probe(Struct, frozen=True, kw_only=True):
    """What a request is sent for. `label` tells it from every other one, with the value that it carries; `kind` is
    auth, order, rule or job; `fact` the address of the fact that it tries."""

    label: str
    kind: str
    fact: str


class _Seen:
    """What was seen at one place."""

    def __init__(self) -> None:
        self.shape = Shape()
        self.count = 0
        self.headers: dict[str, int] = {}
        self.content_types: set[str] = set()

    def look(self) -> Look:
        headers = {name: count == self.count for name, count in self.headers.items()}
        return Look(fields=self.shape.fields(), headers=headers, content_types=frozenset(self.content_types))


class Profiler:
    """Sees a run. `probe` is what the next exchange is sent for, None for one that speaks for itself; `paced` whether
    time passes by itself, so that the length of a state means something."""

    def __init__(self, judge: Judge, *, paced: bool = False) -> None:
        self.probe: Probe | None = None
        self._idle = False
        self._judge = judge
        self._provider = judge.contract.provider
        self._paced = paced
        self._places: dict[Place, _Seen] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._transitions: set[tuple[str, str, str]] = set()
        self._words: dict[tuple[str, str], set[str]] = {}
        self._limits: dict[str, set[str]] = {}
        self._last: dict[tuple[str, str], tuple[str, float]] = {}
        self._waiting: dict[str, list[tuple[str, Outcome, str, bool]]] = {}
        self._ended: set[str] = set()
        self._state: dict[str, str] = {}
        self._keys: set[tuple[str, str, str]] = set()
        self._seconds: dict[str, float] = {}
        self._charges: dict[str, Charge] = {}

    @contextlib.contextmanager
    def idle(self) -> Iterator[None]:
        """What comes meanwhile is not in the profile."""
        self._idle = True
        try:
            yield
        finally:
            self._idle = False

    def see(self, event: Event) -> None:
        """Take note of an exchange or a callback."""
        if self._idle:
            return
        if isinstance(event, Callback):
            self._heard(event)
        elif event.status != NO_ANSWER:
            self._answered(event)

    def charged(self, what: str, paid: str, fact: str) -> None:
        """Take note of a charge: what for, and what was paid, in words; `fact` is the address of the price."""
        self._charges[what] = Charge(paid, fact)

    def profile(self) -> Profile:
        """Everything seen so far."""
        return Profile(
            provider=self._provider.name,
            places={place: seen.look() for place, seen in self._places.items()},
            outcomes=dict(self._outcomes),
            transitions=frozenset(self._transitions),
            words={where: frozenset(words) for where, words in self._words.items()},
            limits={name: frozenset(values) for name, values in self._limits.items()},
            seconds=dict(self._seconds),
            charges=dict(self._charges),
        )

    def _answered(self, exchange: Exchange) -> None:
        probe, self.probe = self.probe, None
        found = self._judge.operations.find(exchange)
        operation = found.operation.id if isinstance(found, Found) else MEDIA if found is None else ELSEWHERE
        silent = exchange.method == "HEAD"  # a body that does not travel says nothing
        code = self._code(exchange) if exchange.status >= 400 and not silent else ""
        turn = self._turn(exchange, operation) + ("+head" if silent else "")
        if isinstance(found, Found) and exchange.status in found.operation.answers and not silent:
            self._accepted(found, exchange, turn)
        else:
            place = Place(operation, exchange.status, code, turn)
            schema = {"$ref": "/Error"} if found and exchange.status >= 400 else None
            self._note(place, exchange, schema)
        if isinstance(found, Found):
            self._judged(found, exchange, code, turn, probe)
        elif probe:
            self._outcome(probe, operation, exchange, code)

    def _accepted(self, found: Found, exchange: Exchange, turn: str) -> None:
        """An answer of success: objects in lists are seen for themselves, by their own state."""
        operation = found.operation
        name = operation.answers[exchange.status]
        sighted = (
            []
            if isinstance(exchange.answer, NotJson)
            else list(self._judge.sights.of_answer(operation, name, exchange.answer))
        )
        items = [one for one in sighted if one.listed]
        word = next((one.word for one in sighted if not one.listed and one.word), "")
        place = Place(operation.id, exchange.status, word, turn)
        self._note(place, exchange, {"$ref": f"/{name}"}, frozenset(id(one.node) for one in items))
        for one in items:
            inner = structs.replace(place, word=one.word or "", turn=f"{ITEM} {turn}".replace(" ", "-"))
            self._body(inner, self._seen(inner), {"$ref": f"/{one.record.name}"}, one.node)
        for one in sighted:
            self._sighted(one, exchange)

    def _note(
        self, place: Place, event: Event, schema: Mapping[str, Json] | None, without: frozenset[int] = frozenset()
    ) -> None:
        seen = self._seen(place)
        seen.count += 1
        seen.content_types.add(event.headers.get("content-type", "").partition(";")[0].strip().lower())
        named = {name.lower() for one in self._provider.failures.values() for name in one.headers}
        for name, value in event.headers.items():
            if name in named or (_HEADERS.fullmatch(name) and not _OWN.fullmatch(name)):
                seen.headers[name] = seen.headers.get(name, 0) + 1
            if _LIMIT.fullmatch(name):
                self._limits.setdefault(f"{place.operation} {name}", set()).add(value)
        if not isinstance(event.answer, NotJson) and not place.turn.endswith("+head"):
            self._body(place, seen, schema, event.answer, without)

    def _body(
        self,
        place: Place,
        seen: _Seen,
        schema: Mapping[str, Json] | None,
        body: Json,
        without: frozenset[int] = frozenset(),
    ) -> None:
        operation = self._provider.operations.get(place.operation)
        name = operation.answers.get(place.status) if operation else None
        listing = self._provider.lists.get(name or "") if not place.turn.startswith(ITEM) else None
        items = (
            {f"{listing.items}/*": {"$ref": f"/{operation.items}"}} if listing and operation and operation.items else {}
        )
        walk = Walk(self._provider.schemas, items, loose=listing is not None)
        for pointer, word in walk.add(seen.shape, schema, body, without):
            self._words.setdefault((place.operation, pointer), set()).add(word)

    def _seen(self, place: Place) -> _Seen:
        return self._places.setdefault(place, _Seen())

    def _sighted(self, one: Sighting, event: Event) -> None:
        """A state of a job: how it goes on, and whether what was asked meanwhile may be kept."""
        if one.id is None or not one.word or one.listed:
            return
        key = one.record.name, one.id
        word, since = self._last.get(key, ("", event.at))
        if word != one.word:
            if word:
                self._transitions.add((one.record.name, word, one.word))
                if self._paced:
                    self._seconds[word] = max(self._seconds.get(word, 0.0), round(event.at - since, 1))
            since = event.at
        self._last[key] = one.word, since
        if one.phase and one.record.ends == "outcomes":
            self._settle(one.id, one.word, final=one.phase.stage == "end")

    def _settle(self, job: str, word: str, *, final: bool) -> None:
        """The job was seen in this state: keep what was asked while it was in it, or what has brought it there."""
        for label, outcome, before, changes in self._waiting.pop(job, ()):
            if word == before or (changes and word == self._provider.lifecycle.outcomes.get("cancelled")):
                self._keep(label, outcome)
        self._state[job] = word
        if final:
            self._ended.add(job)

    def _judged(self, found: Found, exchange: Exchange, code: str, turn: str, probe: Probe | None) -> None:
        operation = found.operation
        if probe is not None:
            self._outcome(probe, operation.id, exchange, code, billable=operation.billable)
            return
        job = found.job or ""
        state = self._state.get(job, "")
        label = f"{operation.id} {turn} as {exchange.who or 'nobody'}" + (f", job {state}" if state else "")
        outcome = Outcome(
            kind="auth" if exchange.account in (NOBODY, INVALID) else JOB,
            operation=operation.id,
            fact=self._judge.facts.operation(operation.id),
            seen=frozenset({(exchange.status, code)}),
            billable=operation.billable,
        )
        if state and job not in self._ended:
            self._waiting.setdefault(job, []).append((label, outcome, state, operation.method != "GET"))
        else:
            self._keep(label, outcome)

    def _outcome(self, probe: Probe, operation: str, exchange: Exchange, code: str, *, billable: bool = False) -> None:
        seen = frozenset({(exchange.status, code)})
        self._keep(
            probe.label, Outcome(kind=probe.kind, operation=operation, fact=probe.fact, seen=seen, billable=billable)
        )

    def _keep(self, label: str, outcome: Outcome) -> None:
        known = self._outcomes.get(label)
        self._outcomes[label] = structs.replace(outcome, seen=known.seen | outcome.seen) if known else outcome

    def _heard(self, callback: Callback) -> None:
        policy = self._provider.callbacks
        if policy is None:
            return
        sighted = (
            []
            if isinstance(callback.answer, NotJson)
            else list(self._judge.sights.of_schema(policy.schema, callback.answer))
        )
        word = next((one.word for one in sighted if one.word), "") or ""
        place = Place(CALLBACK, 0, word)
        self._note(place, callback, {"$ref": f"/{policy.schema}"})
        seen = self._seen(place)
        for name in callback.headers:
            if name.startswith(("x-", f"{self._provider.name}-")):
                seen.headers[name] = seen.headers.get(name, 0) + 1

    def _code(self, exchange: Exchange) -> str:
        code = at(exchange.answer, self._provider.error_body.code)
        return "" if code is GONE or code is None or isinstance(code, dict | list) else str(code)[:80]

    def _turn(self, exchange: Exchange, operation: str) -> str:
        """Whether this request repeats one by its idempotency key, and what its query names."""
        policy, turn = self._provider.idempotency, "first"
        key = exchange.request_headers.get(policy.header.lower(), "") if policy else ""
        if key and (exchange.who, operation, key) in self._keys:
            turn = "replay"
        elif key and exchange.status < 300:
            self._keys.add((exchange.who, operation, key))
        return turn + "".join(f"+{pointer_token(name)[:40]}" for name in sorted(exchange.query))

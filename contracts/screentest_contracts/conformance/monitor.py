"""The passive monitor: what only a sequence of exchanges and callbacks shows."""

from __future__ import annotations

from collections.abc import Iterator

from screentest_contracts.conformance.callbacks import Callbacks
from screentest_contracts.conformance.judging import CALLBACK, Judge
from screentest_contracts.conformance.lists import Lists
from screentest_contracts.conformance.media import Film, Outputs
from screentest_contracts.conformance.operations import Found
from screentest_contracts.conformance.replays import Replays, is_open
from screentest_contracts.conformance.sightings import Sighting
from screentest_contracts.conformance.traces import History, Look, Trace
from screentest_contracts.conformance.violation import Violation
from screentest_contracts.exchange import NOBODY, Callback, Exchange, NotJson
from screentest_contracts.load import Contract

_KEPT = 86400.0  # seconds for which any provider keeps a job


class Monitor:
    """Sees exchanges and callbacks in their order and says what is wrong with the sequence.

    `judge` may be given to share what it has compiled. `sole`: nobody else uses these accounts, so that an id that
    nobody was given is no job. `listening`: every callback reaches `heard`, so that a missing one is missing. `origins`
    are what links to outputs may begin with; none given, they may lead anywhere.
    """

    def __init__(
        self,
        contract: Contract,
        *,
        judge: Judge | None = None,
        base: str | None = None,
        sole: bool = False,
        listening: bool = False,
        origins: tuple[str, ...] = (),
    ) -> None:
        self._judge = judge or Judge(contract, base)
        self._policy = contract.provider.callbacks
        self._cancelling = contract.provider.cancelling
        self._sole = sole
        self._listening = listening
        self._traces: dict[str, Trace] = {}
        self._submits: dict[str, int] = {}
        self._nameless = False
        self._good_keys: dict[str, Exchange] = {}
        self._history = History(self._judge)
        self._replays = Replays(self._judge)
        self._lists = Lists(self._judge)
        self._callbacks = Callbacks(self._judge)
        self._outputs = Outputs(self._judge, origins)
        self._now = 0.0

    def see(self, exchange: Exchange) -> list[Violation]:
        """What this exchange shows to be wrong, given everything before it."""
        self._now = max(self._now, exchange.at)
        found = self._judge.operations.find(exchange)
        if not isinstance(found, Found):
            return list(self._outputs.fetched(exchange))
        return list(self._seen(found, exchange))

    def heard(self, callback: Callback, secret: str | None = None, now: float | None = None) -> list[Violation]:
        """What this callback shows to be wrong. `secret` signs it, "" if the account has none, None if nobody knows;
        `now` is the receiver's time in Unix seconds, that of the callback unless given."""
        self._now = max(self._now, callback.at)
        if self._policy is None or isinstance(callback.answer, NotJson):
            return []
        sightings = tuple(self._judge.sights.of_schema(self._policy.schema, callback.answer))
        trace = next((self._traces[one.id] for one in sightings if one.id in self._traces), None)
        violations = list(self._callbacks.hear(self._policy, trace, callback, sole=self._sole and not self._nameless))
        stamp = callback.at if now is None else now
        violations += self._callbacks.signed(self._policy, trace, callback, secret, stamp)
        if trace is not None:
            look = Look(callback, CALLBACK, sightings)
            for sighting in sightings:
                violations += self._history.see(trace, sighting, look)
                violations += self._outputs.see(trace, sighting, look)
        return violations

    def watched(self, exchange: Exchange, film: Film) -> list[Violation]:
        """What is wrong with a downloaded output, by what somebody found in the file."""
        return list(self._outputs.watched(exchange, film))

    def finish(self, now: float | None = None) -> list[Violation]:
        """What should have come by `now` (the last moment seen unless given) and did not."""
        if self._policy is None or not self._listening:
            return []
        until = self._now if now is None else now
        return list(self._callbacks.owed(self._policy, self._traces.values(), until))

    def _seen(self, found: Found, exchange: Exchange) -> Iterator[Violation]:
        operation = found.operation
        accepted = exchange.status in operation.answers
        yield from self._key(found, exchange, accepted=accepted)
        look = Look(exchange, operation.id, self._shown(found, exchange) if accepted else (), found)
        if operation.billable:
            yield from self._submitted(found, exchange, look, accepted=accepted)
        elif found.job is not None:
            yield from self._about(found, exchange, accepted=accepted)
        for sighting in look.sightings:
            yield from self._sighted(sighting, look)
        if accepted:
            submits = self._submits.get(exchange.account, 0)
            yield from self._lists.see(found, exchange, self._traces.values(), submits)

    def _shown(self, found: Found, exchange: Exchange) -> tuple[Sighting, ...]:
        if isinstance(exchange.answer, NotJson) or exchange.method == "HEAD":
            return ()
        schema = found.operation.answers[exchange.status]
        return tuple(self._judge.sights.of_answer(found.operation, schema, exchange.answer))

    def _key(self, found: Found, exchange: Exchange, *, accepted: bool) -> Iterator[Violation]:
        """A key that was good stays good."""
        if not found.operation.key or exchange.who == NOBODY:
            return
        if accepted:
            self._good_keys.setdefault(exchange.who, exchange)
        elif exchange.who in self._good_keys:
            names = {one.name for one in self._judge.failures(found.operation, exchange)}
            if names and names <= {"no-key", "bad-key"}:
                fact, before = self._judge.facts.at("/failures/bad-key"), (self._good_keys[exchange.who],)
                said = f"HTTP {exchange.status} for a key that was good"
                yield self._judge.violation("auth.tightened", found.operation.id, exchange, fact, said, before=before)

    def _submitted(self, found: Found, exchange: Exchange, look: Look, *, accepted: bool) -> Iterator[Violation]:
        job = next((one.id for one in look.sightings if one.id is not None), None)
        yield from self._replays.see(found, exchange, job)
        if job is None:  # of a submit that was accepted, or whose end is not known, there may be a job without a name
            self._nameless = self._nameless or accepted or is_open(exchange)
        if not accepted or job is None:
            return
        known = self._traces.get(job)
        replay = known and known.submitted and _same_key(self._judge, known.submitted, exchange)
        if known and known.submitted and not replay:
            fact, before = self._judge.facts.at("/ids/kind"), (known.submitted,)
            said = f"{job} was given to another submit"
            yield self._judge.violation("job.shared", found.operation.id, exchange, fact, said, before=before)
        elif known is None:
            self._submits[exchange.account] = self._submits.get(exchange.account, 0) + 1
            asked = self._judge.requests.look(found, exchange)
            trace = Trace(job, exchange.account, len(self._traces), exchange, asked.model, asked.input)
            self._traces[job] = trace

    def _about(self, found: Found, exchange: Exchange, *, accepted: bool) -> Iterator[Violation]:
        """A request about one job: whether it exists, and whose it is."""
        job, where = str(found.job), found.operation.id
        trace = self._traces.get(job)
        if trace is None:
            if accepted and self._sole and not self._nameless:
                fact, said = self._judge.facts.at("/failures/unknown-job"), f"{job} was given to nobody"
                yield self._judge.violation("job.invented", where, exchange, fact, said)
            return
        if exchange.who == NOBODY:
            return
        if trace.owner != exchange.account:
            yield from self._foreign(trace, found, exchange, accepted=accepted)
            return
        if accepted:
            if self._cancelling and where == self._cancelling.operation:
                yield from self._history.cancelled(trace, exchange, where)
            if self._policy and where == self._policy.redelivered_by:
                trace.redeliveries += 1
        elif trace.submitted and exchange.at - trace.submitted.at < _KEPT:
            names = {one.name for one in self._judge.failures(found.operation, exchange)}
            if names and names <= {"unknown-job", "foreign-job", "malformed-id"}:
                fact, said = self._judge.facts.at("/failures/unknown-job"), f"HTTP {exchange.status} for {job}"
                yield self._judge.violation("job.lost", where, exchange, fact, said, before=trace.before())

    def _foreign(self, trace: Trace, found: Found, exchange: Exchange, *, accepted: bool) -> Iterator[Violation]:
        fact, before = self._judge.facts.at("/failures/foreign-job/status"), trace.before(trace.seen)
        if accepted:
            said = f"{trace.id} was submitted by another account"
            yield self._judge.violation("tenancy.read", found.operation.id, exchange, fact, said, before=before)
            return
        names = {one.name for one in self._judge.failures(found.operation, exchange)}
        if "unknown-job" in names and "foreign-job" not in names:
            said = f"HTTP {exchange.status}, as for a job that does not exist"
            yield self._judge.violation(
                "tenancy.refused-otherwise", found.operation.id, exchange, fact, said, before=before
            )

    def _sighted(self, sighting: Sighting, look: Look) -> Iterator[Violation]:
        """One object of an answer, as a moment in the history of its job."""
        if sighting.id is None or not isinstance(look.event, Exchange):
            return
        trace = self._traces.get(sighting.id)
        if trace is None:
            if not sighting.record.state:
                return
            trace = Trace(sighting.id, look.event.account, len(self._traces))
            self._traces[sighting.id] = trace
        yield from self._history.see(trace, sighting, look)
        yield from self._outputs.see(trace, sighting, look)


def _same_key(judge: Judge, one: Exchange, other: Exchange) -> bool:
    """Whether both submits came with the same idempotency key of the same account."""
    policy = judge.contract.provider.idempotency
    name = policy.header.lower() if policy else ""
    key = one.request_headers.get(name)
    return bool(key) and key == other.request_headers.get(name) and one.account == other.account

"""What is remembered of each job, and the rules that one sighting of it must keep with what was seen before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from screentest_contracts.conformance.judging import Judge
from screentest_contracts.conformance.operations import Found
from screentest_contracts.conformance.sightings import Phase, Sighting
from screentest_contracts.conformance.violation import Violation
from screentest_contracts.document import Model
from screentest_contracts.exchange import Callback, Event, Exchange
from screentest_contracts.pointers import GONE, at
from screentest_contracts.reading import Json, pointer_token

_CLOCKS_APART = 1.0  # seconds that two machines of a provider may differ
_LONGEST_ANSWER = 60.0  # seconds by which a state may be older than the answer that shows it


class Trace(Struct):
    """One job as it was seen so far. `owner` is the account that submitted it, or first read it."""

    id: str
    owner: str
    number: int
    submitted: Exchange | None = None
    model: Model | None = None
    input: Mapping[str, Json] | None = None
    phase: Phase | None = None
    word: str = ""
    seen: Event | None = None
    open_seen: Event | None = None
    ended_seen: float | None = None
    cancelled: Exchange | None = None
    kept: Exchange | None = None
    stamps: dict[str, tuple[float, Event]] = field(default_factory=dict)
    constants: dict[tuple[str, str], tuple[Json, Event]] = field(default_factory=dict)
    documents: dict[str, tuple[Sighting, Event]] = field(default_factory=dict)
    deliveries: list[Callback] = field(default_factory=list)
    redeliveries: int = 0

    def before(self, *events: Event | None) -> tuple[Event, ...]:
        """The submit, where it was seen, and these events, each once."""
        listed = [one for one in (self.submitted, *events) if one is not None]
        return tuple({id(one): one for one in listed}.values())


class Look(Struct, frozen=True):
    """One answer of success, or one callback (`found` is None then), with the objects in it."""

    event: Event
    where: str
    sightings: tuple[Sighting, ...]
    found: Found | None = None


class History:
    """The rules for one job's own documents."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._facts = judge.facts
        self._latest: dict[str, tuple[int, float, Event]] = {}

    def see(self, trace: Trace, seen: Sighting, look: Look) -> Iterator[Violation]:
        """Judge one sighting of a job by what was seen of it before, and remember it."""
        yield from self._state(trace, seen, look)
        yield from self._stamps(trace, seen, look)
        yield from self._constants(trace, seen, look)
        yield from self._echoes(trace, seen, look)
        yield from self._mirrors(trace, seen, look)

    def cancelled(self, trace: Trace, exchange: Exchange, where: str) -> Iterator[Violation]:
        """Judge the answer of a cancel, before what else it shows."""
        rule = self._judge.contract.provider.cancelling
        assert rule is not None, "only a provider with a cancel has one answered"
        told = exchange.status if rule.told_at == "status" else at(exchange.answer, rule.told_at)
        before = trace.phase
        if told == rule.refused:
            trace.kept = exchange
        if told != rule.done:
            return
        late = before and (before.ends or (rule.stage == "queue" and before.stage != "queue"))
        if late:
            fact, said = self._facts.at("/cancelling/stage"), f"the job was {trace.word!r} before"
            earlier = trace.before(trace.seen)
            yield self._judge.violation("cancel.too-late", where, exchange, fact, said, before=earlier)
        else:
            trace.cancelled = exchange

    def _state(self, trace: Trace, seen: Sighting, look: Look) -> Iterator[Violation]:
        now, before = seen.phase, trace.phase
        if now is None:
            return
        pointer, word = seen.pointer + seen.record.state, str(seen.word)
        if before and before.ends and (not now.ends or not now.ends & before.ends):
            fact, said = self._facts.at("/lifecycle/outcomes"), f"{trace.word!r}, then {word!r}"
            yield self._shown("state.left-final", look, fact, said, pointer, trace.before(trace.seen))
            return
        if before and now.rank < before.rank:
            fact, said = self._facts.at("/lifecycle/steps"), f"{trace.word!r}, then {word!r}"
            yield self._shown("state.backwards", look, fact, said, pointer, trace.before(trace.seen))
            return
        yield from self._after_cancel(trace, now, word, look, pointer)
        if not now.ends and look.found and not look.found.operation.billable:  # a replay tells of what was
            trace.open_seen = look.event
        if before and before.ends:
            now = Phase(now.rank, now.stage, now.ends & before.ends)
        if before != now:
            trace.phase, trace.word, trace.seen = now, word, look.event
            if now.ends and trace.ended_seen is None:
                trace.ended_seen = look.event.at

    def _after_cancel(self, trace: Trace, now: Phase, word: str, look: Look, pointer: str) -> Iterator[Violation]:
        rule = self._judge.contract.provider.cancelling
        if rule and trace.cancelled and now.stage != "queue" and "cancelled" not in now.ends:
            fact, said = self._facts.at("/cancelling/done"), f"{word!r} after the cancel was accepted"
            yield self._shown("cancel.without-effect", look, fact, said, pointer, trace.before(trace.cancelled))
            trace.cancelled = None
        open_ = not now.ends and rule and (rule.stage == "any" or now.stage == rule.stage)
        if trace.kept and open_ and look.event is not trace.kept:
            fact, said = self._facts.at("/cancelling/refused"), f"{word!r} after the cancel was refused"
            yield self._shown("cancel.withheld", look, fact, said, pointer, trace.before(trace.kept))
            trace.kept = None

    def _stamps(self, trace: Trace, seen: Sighting, look: Look) -> Iterator[Violation]:
        stamps, at_ = seen.stamps(), f"/records/{pointer_token(seen.record.name)}"
        for name, pointer in seen.record.stamps.items():
            before, now = trace.stamps.get(name), stamps.get(name)
            if before and at(seen.node, pointer) is not GONE and now != before[0]:
                fact, said = self._facts.at(f"{at_}/{name}"), f"was {before[0]:.3f}, is {now}"
                yield self._shown("time.changed", look, fact, said, seen.pointer + pointer, trace.before(before[1]))
            if not before and now is not None:
                trace.stamps[name] = (now, look.event)
                if name == "created":
                    yield from self._after_others(trace, now, look, self._facts.at(f"{at_}/created"), pointer)
        values = [stamps[name] for name in seen.record.stamps if name in stamps]
        if values != sorted(values):
            last = list(stamps)[-1]
            said = ", ".join(f"{name} {value:.3f}" for name, value in stamps.items())
            pointer = seen.pointer + seen.record.stamps[last]
            yield self._shown("time.order", look, self._facts.at(f"{at_}/{last}"), said, pointer, trace.before())
        yield from self._lifetime(trace, seen, look, stamps)

    def _lifetime(self, trace: Trace, seen: Sighting, look: Look, stamps: Mapping[str, float]) -> Iterator[Violation]:
        """The time from submit to end against that for which the job was seen to go on."""
        if trace.submitted is None or trace.open_seen is None or not stamps.keys() >= {"created", "ended"}:
            return
        lived, watched = stamps["ended"] - stamps["created"], trace.open_seen.at - trace.submitted.at
        if 0 <= lived < watched - _LONGEST_ANSWER:
            fact = self._facts.at(f"/records/{pointer_token(seen.record.name)}/ended")
            said = f"{lived:.3f} s from submit to end, but it went on {watched:.3f} s after its submit"
            pointer = seen.pointer + seen.record.ended
            yield self._shown("time.order", look, fact, said, pointer, trace.before(trace.open_seen))

    def _after_others(self, trace: Trace, now: float, look: Look, fact: str, pointer: str) -> Iterator[Violation]:
        """The time of a submit against that of the account's submit before."""
        if trace.submitted is None:
            return
        last = self._latest.get(trace.owner)
        if last and trace.number > last[0] and now < last[1] - _CLOCKS_APART:
            said = f"{now:.3f}, after a job of {last[1]:.3f} was submitted"
            yield self._shown("time.order", look, fact, said, pointer, (last[2], *trace.before()))
        if last is None or trace.number > last[0]:
            self._latest[trace.owner] = (trace.number, now, look.event)

    def _constants(self, trace: Trace, seen: Sighting, look: Look) -> Iterator[Violation]:
        for pointer in seen.record.constant:
            value = at(seen.node, pointer)
            if value is GONE:
                continue
            before = trace.constants.setdefault((seen.record.name, pointer), (value, look.event))
            if before[0] != value:
                fact = self._facts.at(f"/records/{pointer_token(seen.record.name)}/constant")
                said = f"was {before[0]!r}, is {value!r}"
                yield self._shown("constant.changed", look, fact, said, seen.pointer + pointer, trace.before(before[1]))

    def _echoes(self, trace: Trace, seen: Sighting, look: Look) -> Iterator[Violation]:
        submit = trace.submitted
        if submit is None or b"data:" in submit.request_body:
            return
        for pointer, source in seen.record.echoes.items():
            said = at(seen.node, pointer)
            if source == "model":
                asked: Json = trace.model.id if trace.model else GONE
            else:
                asked = at(submit.asked, source)
                asked = None if asked is GONE else asked
            routed = isinstance(asked, str) and isinstance(said, str) and said.startswith(f"{asked}@")
            if GONE not in (said, asked) and said != asked and not routed:
                inside = f"/records/{pointer_token(seen.record.name)}/echoes/{pointer_token(pointer)}"
                told = f"{str(said)[:80]!r}, the request said {str(asked)[:80]!r}"
                yield self._shown(
                    "echo.differs", look, self._facts.at(inside), told, seen.pointer + pointer, trace.before()
                )

    def _mirrors(self, trace: Trace, seen: Sighting, look: Look) -> Iterator[Violation]:
        """A final document against the callback, or the callback against the document, whichever comes later."""
        if not (seen.phase and seen.phase.ends):
            return
        trace.documents[seen.record.name] = (seen, look.event)
        for name, (other, event) in trace.documents.items():
            pairs = ((seen, other), (other, seen)) if name != seen.record.name else ()
            for mirror, original in pairs:
                if mirror.record.mirrors_of == original.record.name:
                    yield from self._differing(trace, mirror, original, look, event)

    def _differing(
        self, trace: Trace, mirror: Sighting, original: Sighting, look: Look, before: Event
    ) -> Iterator[Violation]:
        renewed = self._judge.contract.provider.outputs.renewed
        for place, source in mirror.record.mirrors.items():
            ours, theirs = at(mirror.node, place), at(original.node, source)
            both = GONE not in (ours, theirs) and None not in (ours, theirs)
            if both and _settled(ours, renewed) != _settled(theirs, renewed):
                inside = f"/records/{pointer_token(mirror.record.name)}/mirrors/{pointer_token(place)}"
                said = f"{str(ours)[:80]!r}, the job's own document says {str(theirs)[:80]!r}"
                yield self._shown("callback.differs", look, self._facts.at(inside), said, place, trace.before(before))

    def _shown(self, kind: str, look: Look, fact: str, said: str, pointer: str, before: tuple[Event, ...]) -> Violation:
        earlier = tuple(one for one in before if one is not look.event)
        return self._judge.violation(kind, look.where, look.event, fact, said, pointer=pointer, before=earlier)


def _settled(value: Json, renewed: bool) -> Json:
    """A value for comparison: where links are signed anew at each read, without their queries."""
    if not renewed:
        return value
    if isinstance(value, dict):
        return {name: _settled(one, renewed) for name, one in value.items()}
    if isinstance(value, list):
        return [_settled(one, renewed) for one in value]
    return value.partition("?")[0] if isinstance(value, str) and value.startswith("http") else value

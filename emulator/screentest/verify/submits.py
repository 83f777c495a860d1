"""Which request made which job, so that what is wrong with a job's document is shown from the submit on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import structs

from screentest_contracts.conformance import Judge, Violation
from screentest_contracts.conformance.operations import Found
from screentest_contracts.conformance.sightings import Sighting
from screentest_contracts.exchange import Callback, Event, Exchange, NotJson


class Submits:
    """Sees exchanges; `before` puts the submit of its job in front of a violation that one event shows."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._made: dict[str, Exchange] = {}

    def see(self, exchange: Exchange) -> None:
        """Remember the jobs that this request made, if any."""
        found = self._judge.operations.find(exchange)
        if isinstance(found, Found) and found.operation.billable:
            for one in self._sighted(exchange):
                if one.id:
                    self._made.setdefault(one.id, exchange)

    def before(self, violations: Iterable[Violation]) -> Iterator[Violation]:
        """The violations, each with the submit first where it is about a job whose submit was seen."""
        for violation in violations:
            event = violation.events[-1]
            submit = self._made.get(self._job(violation, event))
            if submit is not None and all(one is not submit for one in violation.events):
                violation = structs.replace(violation, events=(submit, *violation.events))
            yield violation

    def _job(self, violation: Violation, event: Event) -> str:
        """The job that a violation is about: that of the path, else the innermost object around its place; "" for
        none."""
        found = self._judge.operations.find(event) if isinstance(event, Exchange) else None
        if isinstance(found, Found) and found.job is not None:
            return found.job
        place = violation.pointer + "/"
        seen = [one for one in self._sighted(event) if one.id]
        around = [one for one in seen if not one.pointer or place.startswith(one.pointer + "/")]
        return max(around, key=lambda one: len(one.pointer)).id or "" if around else ""

    def _sighted(self, event: Event) -> Iterator[Sighting]:
        if isinstance(event.answer, NotJson):
            return
        if isinstance(event, Callback):
            policy = self._judge.contract.provider.callbacks
            yield from self._judge.sights.of_schema(policy.schema, event.answer) if policy else ()
            return
        found = self._judge.operations.find(event)
        if isinstance(found, Found) and event.status in found.operation.answers:
            schema = found.operation.answers[event.status]
            yield from self._judge.sights.of_answer(found.operation, schema, event.answer)

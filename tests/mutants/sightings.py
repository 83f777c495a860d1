"""What a sound server shows: a mutant of a field that no answer has changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from mutants.shapes import Place, places
from mutants.wire import operation_of
from screentest.in_process import in_process
from screentest.verify.runner import verify
from screentest_contracts.exchange import Event, Exchange, NotJson
from screentest_contracts.load import Contract, load
from screentest_contracts.pointers import found

CALLBACK, REFUSAL = "callback", "refusal"

Spotted = tuple[str, int, str, str]
"""Operation (or CALLBACK, or REFUSAL), HTTP status (0 for callbacks), pointer of the field, state."""


@dataclass(slots=True)
class Seen:
    """The fields that were shown, and with what: whether with null only."""

    contract: Contract
    fields: dict[Spotted, bool] = field(default_factory=dict)

    def see(self, event: Event) -> None:
        """Take note of everything in an answer or a callback."""
        if isinstance(event.answer, NotJson):
            return
        if not isinstance(event, Exchange):
            self._note(CALLBACK, 0, event, callback_places(self.contract))
            return
        operation = self.contract.provider.operations.get(operation_of(self.contract.name, event))
        if operation is None or event.method == "HEAD":
            return
        schema = operation.answers.get(event.status)
        if schema:
            self._note(operation.id, event.status, event, places(self.contract, schema, operation.items))
        elif event.status >= 400:
            self._note(REFUSAL, event.status, event, places(self.contract, "Error"))

    def _note(self, where: str, status: int, event: Event, every: list[Place]) -> None:
        for place in every:
            for word in place.words:
                for node in place.objects(event.answer, word):
                    for _, value in found(node, place.pointer):
                        spotted = (where, status, place.whole, word)
                        self.fields[spotted] = self.fields.get(spotted, True) and value is None


def callback_places(contract: Contract) -> list[Place]:
    """The fields of a notification."""
    policy = contract.provider.callbacks
    return places(contract, policy.schema) if policy else []


def look(provider: str) -> Seen:
    """Let verify loose on the sound emulator, and see what it sees."""
    contract = load(provider)
    seen = Seen(contract)
    verify(contract, in_process(provider), record=seen.see)
    return seen

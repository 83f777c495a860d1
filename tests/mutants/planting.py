"""A mutant is one defect at one provider; planting it gives a server that has it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mutants.wire import Plant, Tap, Tapped
from screentest.in_process import in_process
from screentest.settings import Settings
from screentest.verify.around import Around
from screentest.verify.side import Side
from screentest.verify.stepped import App
from screentest_contracts.exchange import Callback
from screentest_contracts.load import Contract
from screentest_contracts.reading import Json

CLASSES = (
    "response",
    "too loose",
    "too strict",
    "crash",
    "auth and tenancy",
    "lifecycle",
    "billing",
    "callback",
    "media",
)

Edit = Callable[[Any], object]
"""Alters a document of a contract in place."""

Retelling = Callable[["Retold", Callback], Sequence[Callback]]
"""What a receiver hears instead of a callback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planting:
    """Where a defect is put. `tap` stands on the wire, `edits` alter the emulator's copy of the contract (by file: a
    model's id, or "" for the provider's), `store` stands before its store, `heard` between it and the receiver.
    `settings` are the emulator's."""

    tap: Plant | None = None
    edits: Mapping[str, Edit] = field(default_factory=dict)
    store: Callable[[Any], Any] | None = None
    heard: Callable[[], Retelling] | None = None
    settings: Settings | None = None


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted defect: its id in the table, its class of CLASSES, one sentence, the provider."""

    name: str
    kind: str
    about: str
    provider: str
    planting: Planting

    @property
    def id(self) -> str:
        return f"{self.name}-{self.provider}"


@dataclass(frozen=True, slots=True)
class Planted:
    """A server with a defect. `tap` tells how often it showed, None where the defect is not on the wire."""

    side: Side
    tap: Tap | None


class Altered(Contract):
    """A provider's contract with some of its documents edited."""

    def __init__(self, name: str, edits: Mapping[str, Edit], switches: Mapping[str, str] | None = None) -> None:
        super().__init__(name, switches or {})
        self._edits = {
            self.model_file(model) if model else f"{name}/provider.json": edit for model, edit in edits.items()
        }

    def _resolved(self, at: str) -> dict[str, Json]:
        document = super()._resolved(at)
        if at in self._edits:
            document = copy.deepcopy(document)
            self._edits[at](document)
        return document


class Retold(Around):
    """A side whose receiver hears something else than was sent."""

    def __init__(self, inner: Side, retelling: Retelling, contract: Contract) -> None:
        super().__init__(inner)
        self.contract = contract
        self._retelling = retelling

    def heard(self) -> list[Callback]:
        return [one for callback in self.inner.heard() for one in self._retelling(self, callback)]


def table(kind: str, name: str, about: str, **by_provider: Planting) -> list[Mutant]:
    """One defect in the tables: the same sentence for each provider that has it."""
    return [Mutant(name, kind, about, provider, planting) for provider, planting in by_provider.items()]


def plant(provider: str, planting: Planting) -> Planted:
    """The emulator with a defect in it or before it."""
    tap = planting.tap() if planting.tap else None
    contract = Altered(provider, planting.edits) if planting.edits else None

    def wrap(app: Any) -> App:
        if planting.store:
            app.engine.store = planting.store(app.engine.store)
        whole: App = Tapped(app, provider, tap) if tap else app
        return whole

    side: Side = in_process(provider, planting.settings, wrap=wrap, contract=contract)
    if planting.heard:
        side = Retold(side, planting.heard(), Altered(provider, {}))
    return Planted(side, tap)

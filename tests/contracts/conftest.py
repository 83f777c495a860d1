"""Arguments that any test of this folder may name; each runs the test once a value.

- `contract`: each provider's contract under the default choices
- `variant`: each contract under the defaults, and under every other choice of every assumption that changes one of its
  documents, one at a time. Of the models such a contract shows those that the choice changes, a few where it changes
  many or the provider itself
- `asking`: those variants that change what is asked or answered, not only what a model makes
- `model`: each model under the default choices, with its contract at hand as `contract_of(model)`
- `sampled`: models for random inputs, which are slow: the documented ones, those with rules between properties, and
  some of the rest
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib.resources import files

import pytest

from screentest_contracts.document import Model
from screentest_contracts.load import PROVIDERS, Contract, assumptions, load
from screentest_contracts.reading import Json

DATA = files("screentest_contracts") / "data"
CONTRACTS = [load(name) for name in PROVIDERS]
MODELS = [(model, contract) for contract in CONTRACTS for model in contract.models()]
MOST_MODELS = 5
DOCUMENTED = {
    "happyhorse/happyhorse-1.0/reference-to-video",
    "happyhorse/happyhorse-1.0/image-to-video",
    "bytedance/seedance-v1.5-pro/image-to-video",
    "alibaba/happy-horse/reference-to-video",
    "happyhorse-1.1/reference-to-video",
}
EVERY = 40


class Narrowed(Contract):
    """A contract that shows some of its models only."""

    def __init__(self, name: str, switches: dict[str, str], shown: tuple[str, ...]) -> None:
        super().__init__(name, switches)
        self._shown = shown

    @cached_property
    def model_ids(self) -> tuple[str, ...]:
        return self._shown


def _decided_by(node: Json) -> Iterator[str]:
    """The assumptions that decide something in a document."""
    if isinstance(node, dict):
        yield from node.get("variants", {})
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _decided_by(child)


def _written(contract: Contract) -> tuple[Json, dict[str, Json]]:
    """The provider's document and each model's, by model id, as they are written."""
    home, *homes = (json.loads((DATA / file).read_text(encoding="utf-8")) for file in contract.documents())
    return home, dict(zip(contract.model_ids, homes, strict=True))


def _variants(contract: Contract, part: str | None) -> Iterator[Contract]:
    """The contract under every other choice that changes the provider's document, or `part` of a model's (any part)."""
    home, models = _written(contract)
    in_home = set(_decided_by(home))
    in_model = {name: set(_decided_by(model[part] if part else model)) for name, model in models.items()}
    for one in assumptions().values():
        few = MOST_MODELS if one.id not in in_home else 2
        touched = tuple(name for name, decided in in_model.items() if one.id in decided or one.id in in_home)
        if touched:
            for choice in one.alternatives:
                yield Narrowed(contract.name, {one.id: choice}, touched[:: -(-len(touched) // few)])


VARIANTS = [variant for contract in CONTRACTS for variant in (*_variants(contract, None), contract)]
ASKING = [variant for contract in CONTRACTS for variant in (*_variants(contract, "input"), contract)]
RULED = [model for model, _ in MODELS if model.input.rules]
REST = [model for model, _ in MODELS if not model.input.rules and model.id not in DOCUMENTED]
SAMPLED = [*(model for model, _ in MODELS if model.id in DOCUMENTED), *RULED, *REST[::EVERY]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "contract" in metafunc.fixturenames:
        metafunc.parametrize("contract", CONTRACTS, ids=PROVIDERS)
    if "variant" in metafunc.fixturenames:
        metafunc.parametrize("variant", VARIANTS, ids=_choices)
    if "asking" in metafunc.fixturenames:
        metafunc.parametrize("asking", ASKING, ids=_choices)
    if "model" in metafunc.fixturenames:
        metafunc.parametrize("model", [model for model, _ in MODELS], ids=_named)
    if "sampled" in metafunc.fixturenames:
        metafunc.parametrize("sampled", SAMPLED, ids=_named)


def _choices(contract: Contract) -> str:
    unusual = [f"{name}={one}" for name, one in contract.chosen.items() if one != assumptions()[name].default]
    return ",".join([contract.name, *unusual])


def _named(model: Model) -> str:
    return f"{_contract_of(model).name}-{model.key}"


def _contract_of(model: Model) -> Contract:
    return next(contract for one, contract in MODELS if one is model)


@pytest.fixture
def contract_of() -> Callable[[Model], Contract]:
    return _contract_of

"""Arguments that any test of this folder may name; each runs the test once a value.

- `contract`: each provider's contract under the default choices
- `variant`: each contract under the defaults and under every other choice of every assumption, one at a time; a choice
  that changes no document of the contract (code decides it) is left out
- `model`: each model under the default choices, with its contract at hand as `contract_of(model)`
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from screentest_contracts.document import Model
from screentest_contracts.load import PROVIDERS, Contract, assumptions, load

CONTRACTS = [load(name) for name in PROVIDERS]
MODELS = {model.id: (model, contract) for contract in CONTRACTS for model in contract.models()}


def _switched(name: str) -> Iterator[Contract]:
    for assumption in assumptions().values():
        yield from (load(name, {assumption.id: choice}) for choice in assumption.alternatives)


VARIANTS = list(
    {json.dumps(one.documents()): one for name in PROVIDERS for one in (*_switched(name), load(name))}.values()
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "contract" in metafunc.fixturenames:
        metafunc.parametrize("contract", CONTRACTS, ids=PROVIDERS)
    if "variant" in metafunc.fixturenames:
        metafunc.parametrize("variant", VARIANTS, ids=_choices)
    if "model" in metafunc.fixturenames:
        metafunc.parametrize("model", [model for model, _ in MODELS.values()], ids=lambda model: str(model.key))


def _choices(contract: Contract) -> str:
    unusual = [f"{name}={one}" for name, one in contract.chosen.items() if one != assumptions()[name].default]
    return ",".join([contract.name, *unusual])


@pytest.fixture
def contract_of() -> Callable[[Model], Contract]:
    return lambda model: MODELS[model.id][1]

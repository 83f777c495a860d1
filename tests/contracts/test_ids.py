"""Job ids: in the provider's form, never twice, and side by side in an index of their ends."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest_contracts.ids import new_id
from screentest_contracts.load import PROVIDERS, load

NUMBERS = st.integers(min_value=0, max_value=2**39)
TIMES = st.floats(min_value=0, max_value=2**33)


@pytest.mark.parametrize("provider", PROVIDERS)
@given(now=TIMES, seed=st.integers(), account=st.text(), number=NUMBERS)
def test_an_id_has_the_providers_form(provider: str, now: float, seed: int, account: str, number: int) -> None:
    ids = load(provider).provider.ids
    made = new_id(ids, now, random.Random(seed), account, number)
    assert re.fullmatch(ids.pattern, made)
    assert made == new_id(ids, now, random.Random(seed), account, number)
    assert made != new_id(ids, now, random.Random(seed), account, number + 1)


@pytest.mark.parametrize("provider", PROVIDERS)
@given(account=st.text(), number=NUMBERS)
def test_the_ends_of_an_accounts_ids_follow_one_another(provider: str, account: str, number: int) -> None:
    """But for the place where they begin again."""
    ids, dice = load(provider).provider.ids, random.Random(1)
    ends = [new_id(ids, 1.7e9, dice, account, number + more)[-8:] for more in range(20)]
    falls = [index for index in range(19) if ends[index] >= ends[index + 1]]
    assert len(falls) <= 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_ids_without_a_seed_are_not_to_be_guessed(provider: str) -> None:
    """The same job of the same account at the same time has another id in another run."""
    ids = load(provider).provider.ids
    assert new_id(ids, 1.7e9, random.Random(1), "a", 1) != new_id(ids, 1.7e9, random.Random(2), "a", 1)

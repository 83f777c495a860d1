"""JSON as it is written: by whatever hand, it says the same."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from screentest.json_text import canonical, json_bytes, with_infinity

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False, width=64) | TEXT
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    """Any JSON value, integers of any size among them."""
    assert json.loads(json_bytes(value)) == value


@given(VALUES)
def test_the_canonical_spelling_has_its_keys_in_order(value: Any) -> None:
    """In whatever order they came, and however deep."""
    assert canonical(value) == json_bytes(json.loads(json.dumps(value, sort_keys=True)))


def test_the_canonical_spelling_is_known() -> None:
    """A fingerprint is the same in any version, also of the library that writes it."""
    value = {"b": [0.1, 1e16, 1e-7, 10**20, -0.0], "a": "é\n\x7f/😀"}
    assert canonical(value) == '{"a":"é\\n\x7f/😀","b":[0.1,1e16,1e-7,100000000000000000000,-0.0]}'.encode()


def test_infinity_is_kept() -> None:
    """A job that never ends is still one after it was stored."""
    assert json.loads(with_infinity({"ends": math.inf})) == {"ends": math.inf}

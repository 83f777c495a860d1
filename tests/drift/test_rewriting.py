"""A JSON text with another value keeps the layout of what stays."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from drift.mutations import mutated
from screentest_contracts.drift.rewriting import rewritten

DATA = Path(__file__).parents[2] / "contracts" / "screentest_contracts" / "data"
FILES = [
    *(DATA / name / "provider.json" for name in ("hiapi", "runcomfy", "runflow")),
    *sorted(DATA.glob("*/models/*.json"))[::12],
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_any_change_is_written(file: Path) -> None:
    """Random changes of a contract's files: what is read back is what was meant."""
    text = file.read_text(encoding="utf-8")
    for seed in range(8):
        new = mutated(json.loads(text), seed)
        assert json.loads(rewritten(text, new)) == new


def test_one_change_is_one_line() -> None:
    """Nothing else moves; a new member stands where the last one stands."""
    text = '{\n  "a": {"b": 1, "c": [1, 2]},\n  "d": 3\n}\n'
    new: Any = {"a": {"b": 5, "c": [1, 2, 3]}, "d": 3, "e": "ü"}

    assert rewritten(text, new) == '{\n  "a": {"b": 5, "c": [1, 2, 3]},\n  "d": 3,\n  "e": "ü"\n}\n'


@pytest.mark.parametrize("gone", [("a",), ("b",), ("c",), ("a", "b"), ("b", "c"), ("a", "c"), ("a", "b", "c")])
def test_members_can_go(gone: tuple[str, ...]) -> None:
    """The first, the last, those in between, all; with a new one, too."""
    text = '{"a": 1,\n "b": {"x": []},\n "c": "}"}'
    new = {key: one for key, one in json.loads(text).items() if key not in gone}

    assert json.loads(rewritten(text, new)) == new
    assert json.loads(rewritten(text, copy.deepcopy(new) | {"z": None})) == {**new, "z": None}


def test_true_is_not_one() -> None:
    """Values that Python holds for equal are others in JSON."""
    assert rewritten('{"a": 1}', {"a": True}) == '{"a": true}'

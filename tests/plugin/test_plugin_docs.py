"""The tests that README and docs/pytest.md show pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugin.inner import PLUGIN

pytest_plugins = "pytester"

ROOT = Path(__file__).parents[2]
TEXT = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/pytest.md"))
TESTS = [block for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if "def test_" in block]


def test_the_examples_pass(pytester: pytest.Pytester) -> None:
    """Each block is a file of its own, in one run, without a sleep in it."""
    pytester.makepyfile(**{f"test_example_{number}": block for number, block in enumerate(TESTS)})

    ran = pytester.runpytest_inprocess(*PLUGIN)

    assert len(TESTS) == 5
    ran.assert_outcomes(passed=len(TESTS))

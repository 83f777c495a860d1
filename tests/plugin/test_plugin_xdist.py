"""The plugin under pytest-xdist: a sample project's 200 tests on four workers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from plugin.inner import PLUGIN

SAMPLE = Path(__file__).parent / "sample"


@pytest.mark.slow
def test_two_hundred_tests_on_four_workers() -> None:
    """All pass, none sleeps (the conftest of the sample sees to it), and one line sums up what all workers did."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "4", "-p", "xdist", *PLUGIN],
        cwd=SAMPLE,
        capture_output=True,
        text=True,
        timeout=240,
    )

    assert re.search(r"^200 passed in ", ran.stdout, re.MULTILINE), ran.stdout
    assert re.search(
        r"^screentest: 200 jobs, 30 callbacks, would have cost \$\d+\.\d\d \(\d+ jobs of unknown price\)$",
        ran.stdout,
        re.MULTILINE,
    )


@pytest.mark.slow
def test_a_worker_that_never_used_it_is_no_trouble(tmp_path: Path) -> None:
    """More workers than tests with the fixture: the sum is that of those that have one."""
    (tmp_path / "test_it.py").write_text("def test_with(screentest): pass\n\ndef test_without(): pass\n")

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "xdist", *PLUGIN],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert "2 passed" in ran.stdout
    assert ran.stdout.count("screentest: 0 jobs, 0 callbacks, would have cost $0.00") == 1

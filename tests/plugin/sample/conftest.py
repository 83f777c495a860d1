"""No test of this project sleeps: one that tries fails."""

from __future__ import annotations

from typing import NoReturn

import pytest


@pytest.fixture(autouse=True)
def _nobody_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(seconds: float) -> NoReturn:
        raise AssertionError(f"a test slept for {seconds} s")

    monkeypatch.setattr("time.sleep", refuse)  # the sample shows that nobody has to wait: a test that sleeps fails

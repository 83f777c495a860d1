"""What a contract says is absent is absent on the wire, in the provider's own envelope."""

from __future__ import annotations

import re

import pytest

from driving import Emulator
from screentest_contracts.load import PROVIDERS, load

ABSENT = [
    pytest.param(name, *absence.endpoint.split(" "), id=f"{name} {absence.endpoint}")
    for name in PROVIDERS
    for absence in load(name).provider.absent
    if " " in absence.endpoint
]


@pytest.mark.parametrize(("provider", "method", "path"), ABSENT)
def test_an_absent_endpoint_is_not_served(emulator: Emulator, provider: str, method: str, path: str) -> None:
    """404 for the path, or 405 for the method; JSON, never a page."""
    called = re.sub(r"\{[^}]*\}", "01HZTQ8BX2N3GM3YFK4Z9D7VQR", path)

    answer = emulator.request(method, f"/{provider}{called}")

    assert answer.status in (404, 405)
    assert answer.headers["content-type"] == "application/json"
    assert "message" in answer.body.decode()

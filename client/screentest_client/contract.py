"""The contracts as the client uses them: read once a process, under their default assumptions."""

from __future__ import annotations

from functools import cache

from screentest_contracts.document import Provider
from screentest_contracts.load import load


@cache
def contract(name: str) -> Provider:
    """What the provider `name` promises: its real host, paths, states and failures."""
    return load(name).provider

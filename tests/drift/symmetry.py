"""Differences as values that can stand in a set."""

from __future__ import annotations

import json
from collections.abc import Iterable

from screentest_contracts.drift.difference import Difference


def comparable(differences: Iterable[Difference]) -> set[str]:
    """Each difference as text."""
    return {json.dumps([one.kind, one.model, one.pointer, one.old, one.new], sort_keys=True) for one in differences}

"""Every hand-planted mutant."""

from __future__ import annotations

from mutants import access, billing, crashes, lifecycle, loose, notifying, outputs, responses, strict
from mutants.planting import Mutant

_TABLES = (responses, loose, strict, crashes, access, lifecycle, billing, notifying, outputs)


def mutants() -> list[Mutant]:
    """All of them, in the order of the tables."""
    return [mutant for one in _TABLES for row in one.ROWS for mutant in row]

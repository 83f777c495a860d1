"""Lengths of time as people write them: 90, 90s, 500ms, 2m, 1h. Pure."""

from __future__ import annotations

import re

_WRITTEN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(text: str) -> float:
    """The length in seconds; a number without a unit is seconds. ValueError for anything else."""
    written = _WRITTEN.fullmatch(text.strip().lower())
    if not written:
        raise ValueError(f"a time such as 90s, 500ms or 2m, not {text[:40]!r}")
    return float(written[1]) * _UNITS[written[2] or "s"]

"""A verdict as JSON, with everything that is in it."""

from __future__ import annotations

import json
from dataclasses import asdict

from screentest.verify.verdict import Verdict


def as_json(verdict: Verdict) -> str:
    """One object: the verdict's fields, with ``exit_code`` and ``summary``."""
    fields = asdict(verdict)
    document = {
        "screentest_verify": 1,
        "summary": verdict.summary,
        "exit_code": verdict.exit_code,
        **fields,
        "entries": [{**asdict(one), "meaning": one.meaning, "breaks": one.breaks} for one in verdict.entries],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

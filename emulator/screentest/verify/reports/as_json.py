"""A verdict as JSON, with everything that is in it."""

from __future__ import annotations

import json

from msgspec import structs, to_builtins

from screentest.verify.verdict import Verdict


def as_json(verdict: Verdict) -> str:
    """One object: the verdict's fields, with ``exit_code`` and ``summary``."""
    fields = to_builtins(verdict)
    document = {
        "screentest_verify": 1,
        "summary": verdict.summary,
        "exit_code": verdict.exit_code,
        **fields,
        "entries": [{**structs.asdict(one), "meaning": one.meaning, "breaks": one.breaks} for one in verdict.entries],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

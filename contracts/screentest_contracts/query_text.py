"""What the text of a query parameter means: the value of its type, where it is one. Server and judge read it alike."""

from __future__ import annotations

import re
from collections.abc import Mapping

from screentest_contracts.reading import Json

_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def typed(text: str, rule: Mapping[str, Json]) -> Json:
    """An integer of up to 15 digits, or a boolean; else the text, which the rule then refuses if it wants another."""
    kind = rule.get("type")
    if kind == "integer" and re.fullmatch(r"-?[0-9]{1,15}", text):
        return int(text)
    return _TRUTH.get(text.lower(), text) if kind == "boolean" else text

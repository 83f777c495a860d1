"""The classes of drift on documents, as one table: how bad each is for the client's code, and how wrong our copy is.

class: (client, emulator)                       one severity whatever happened
class: {"added": (…), "removed": (…), …}        by whether something came, went or changed
"""

from __future__ import annotations

from collections.abc import Mapping

LEVELS = ("silent", "note", "risky", "breaking")
"""Severities, from the mildest."""

_Severity = tuple[str, str]

SEVERITY: Mapping[str, _Severity | Mapping[str, _Severity]] = {
    "model-added": ("silent", "note"),
    "model-removed": ("breaking", "breaking"),
    "endpoint-changed": {
        "added": ("silent", "note"),
        "removed": ("breaking", "breaking"),
        "changed": ("breaking", "breaking"),
    },
    "property-added-optional": ("note", "risky"),
    "property-added-required": ("breaking", "breaking"),
    "property-removed": ("breaking", "breaking"),
    "property-retyped": ("breaking", "breaking"),
    "required-added": ("breaking", "breaking"),
    "required-removed": ("note", "risky"),
    "enum-value-added": ("silent", "risky"),
    "enum-value-removed": ("breaking", "breaking"),
    "bound-tightened": ("breaking", "breaking"),
    "bound-loosened": ("note", "risky"),
    "default-changed": ("risky", "risky"),
    "media-rule-changed": ("risky", "risky"),
    "price-changed": ("risky", "note"),
    "output-field-added": ("note", "risky"),
    "output-field-removed": ("breaking", "breaking"),
    "output-field-retyped": ("breaking", "breaking"),
    "callback-changed": {
        "added": ("note", "risky"),
        "removed": ("breaking", "breaking"),
        "changed": ("breaking", "breaking"),
    },
    "wording-only": ("silent", "silent"),
}


def severity(kind: str, change: str) -> _Severity:
    """Severity for the client and for the emulator; `change` is added, removed or changed."""
    found = SEVERITY[kind]
    return found if isinstance(found, tuple) else found[change]


def at_least(level: str, bar: str) -> bool:
    """Whether `level` is as bad as `bar`, or worse."""
    return LEVELS.index(level) >= LEVELS.index(bar)

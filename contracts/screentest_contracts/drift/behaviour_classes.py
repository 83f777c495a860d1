"""The classes of drift on behaviour, as tables: how bad each is for the client's code, and how wrong our copy is."""

from __future__ import annotations

from collections.abc import Mapping

BEHAVIOUR: Mapping[str, tuple[str, str]] = {
    "request.tightened": ("breaking", "breaking"),
    "request.loosened": ("note", "risky"),
    "request.loosened.billed": ("breaking", "breaking"),
    "auth.loosened": ("risky", "breaking"),
    "auth.tightened": ("breaking", "breaking"),
    "status.changed": ("risky", "breaking"),
    "check.order.changed": ("note", "risky"),
    "error.envelope": ("breaking", "breaking"),
    "error.code.new": ("risky", "risky"),
    "server_error": ("breaking", "risky"),
    "response.field.removed": ("breaking", "breaking"),
    "response.field.added": ("note", "risky"),
    "response.field.type": ("breaking", "breaking"),
    "response.field.nullable": ("breaking", "breaking"),
    "response.value.new": ("breaking", "breaking"),
    "content_type.changed": ("breaking", "breaking"),
    "header.removed": ("risky", "risky"),
    "header.added": ("note", "note"),
    "limit.changed": ("risky", "risky"),
    "price.changed": ("risky", "note"),
    "transition.unseen": ("breaking", "breaking"),
    "semantics": ("breaking", "breaking"),
    "callback.signature": ("breaking", "breaking"),
    "callback.schema": ("breaking", "breaking"),
    "callback.retry": ("risky", "breaking"),
    "callback.missing": ("breaking", "breaking"),
    "callback.unasked": ("risky", "breaking"),
    "callback.repeated": ("risky", "breaking"),
    "timing": ("silent", "silent"),
    "shape.unseen": ("note", "note"),
    "shape.missing": ("silent", "note"),
    "transition.missing": ("silent", "note"),
    "outcome.unseen": ("silent", "note"),
    "outcome.missing": ("silent", "note"),
    "response.type.missing": ("silent", "note"),
    "response.value.missing": ("silent", "note"),
}
"""(client, emulator), each one of `classes.LEVELS`."""

UNOBSERVED = frozenset(
    {"shape.missing", "shape.unseen", "transition.missing", "outcome.missing", "outcome.unseen"}
    | {"response.type.missing", "response.value.missing"}
)
"""What one side did not show in this run. That means nothing by itself: another pace, an empty list, a busy minute."""

OF_VIOLATION: Mapping[str, str] = {
    "server.error": "server_error",
    "status.undocumented": "status.changed",
    "status.unexpected": "status.changed",
    "content-type": "content_type.changed",
    "body.not-json": "content_type.changed",
    "envelope": "error.envelope",
    "error.code": "error.code.new",
    "header.missing": "header.removed",
    "field.missing": "response.field.removed",
    "field.forbidden": "response.field.added",
    "field.unknown": "response.field.added",
    "field.type": "response.field.type",
    "field.format": "response.field.type",
    "field.value": "response.value.new",
    "request.loosened": "request.loosened",
    "request.tightened": "request.tightened",
    "auth.loosened": "auth.loosened",
    "auth.tightened": "auth.tightened",
    "route.served": "request.loosened",
    "callback.unasked": "callback.unasked",
    "callback.differs": "callback.schema",
    "callback.signature": "callback.signature",
    "callback.repeated": "callback.repeated",
    "callback.missing": "callback.missing",
    "callback.not-retried": "callback.retry",
}
"""The class of a kind of violation; those that only a sequence shows are `semantics`."""

CALLBACK_SHAPE = "callback.schema"
"""The class of whatever differs in the shape of a callback."""


_PRICED = frozenset({"/balance"})


def class_of(kind: str, pointer: str = "") -> str:
    """The class of drift that a violation of this kind is, at this place in a body."""
    usual = OF_VIOLATION.get(kind, "semantics")
    return "price.changed" if usual == "semantics" and pointer in _PRICED else usual

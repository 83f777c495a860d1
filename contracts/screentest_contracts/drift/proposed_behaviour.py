"""Write a drift on behaviour into a provider's file: fields of answers, statuses and codes of refusals, headers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from screentest_contracts.drift.behaviour_classes import CALLBACK_SHAPE
from screentest_contracts.drift.difference import Drift
from screentest_contracts.drift.written import NO_PLACE, decided, found, put
from screentest_contracts.pointers import tokens
from screentest_contracts.reading import Json

_SHAPES = ("response.field.", "response.value.new", "error.envelope", CALLBACK_SHAPE)
_BY_HAND = {
    "request.tightened": "that a request is refused now does not say what the new rule is",
    "request.loosened": "that a request is accepted now does not say what the new rule is",
    "request.loosened.billed": "that a request is accepted now does not say what the new rule is",
    "auth.loosened": "who may do what is written by hand",
    "auth.tightened": "who may do what is written by hand",
    "check.order.changed": "the order of an operation's failures is written by hand",
    "server_error": "a failure of the server is no rule",
    "content_type.changed": "the contract has no place for media types",
    "header.added": "a profile has no values, and a header in the contract needs one",
    "limit.changed": "the contract has no place for limits in headers",
    "price.changed": "what was charged instead is not in a profile; look at the account",
    "timing": "how long jobs take is the pace of the emulator, and no rule",
}
_OF_SEQUENCES = "a rule of several requests is written by hand"


def edit_behaviour(document: Json, drift: Drift, address: str, pointer: str, source: str) -> str:
    """Why the drift cannot be written into the document; "" when it was. `address` is that of the fact, `pointer` the
    place in the answer."""
    if drift.kind.startswith(_SHAPES):
        return _edit_answer(document, drift, address, pointer, source)
    if drift.kind in ("status.changed", "error.code.new"):
        return _edit_refusal(document, drift, source)
    if drift.kind == "header.removed":
        return _edit_header(document, drift, pointer.removeprefix("header:"))
    return _BY_HAND.get(drift.kind, _OF_SEQUENCES)


def _edit_answer(document: Json, drift: Drift, address: str, pointer: str, source: str) -> str:
    """A change to the schema of answers, refusals or callbacks."""
    schema, path = found(document, tokens(address.partition("#")[2])), tokens(pointer)
    if not isinstance(schema, dict) or not path:
        return NO_PLACE
    parent = _inside(document, schema, path[:-1])
    if parent is None:
        return "the schema says nothing of what it is in"
    name, change = path[-1], _change(drift)
    if "variants" in parent:
        return f"an assumption decides there: {', '.join(parent['variants'])}"
    node = parent.get("properties", {}).get(name)
    if change == "added" and node is None:
        *types, _ = str(drift.new).split(" ")
        parent.setdefault("properties", {})[name] = {"type": _one(types), "from": source}
        return ""
    if change == "added":
        return "the contract has the field already; whether it is required is written by hand"
    if change == "removed" and node is not None:
        put(parent, "required", [key for key in parent.get("required", ()) if key != name], source)
        return ""
    if not isinstance(node, dict) or "$ref" in node:
        return "the schema of the field stands elsewhere"
    return _edit_field(node, drift, change, source)


def _edit_field(node: dict[str, Json], drift: Drift, change: str, source: str) -> str:
    """Another type, or another word of its vocabulary."""
    if change == "type":
        if why := decided(node, "type", _one(list(drift.new))):
            return why
        put(node, "type", _one(list(drift.new)), source)
        return ""
    if change == "word" and "enum" in node:
        put(node, "enum", [*node["enum"], drift.new], source)
        return ""
    return "the contract has the words elsewhere: look at lifecycle and records" if change == "word" else NO_PLACE


def _change(drift: Drift) -> str:
    """added, removed, type or word."""
    if drift.kind == "response.value.new":
        return "word"
    if isinstance(drift.new, list):
        return "type"
    gone = drift.new is None or str(drift.old or "").endswith(" always")
    return "removed" if gone else "added"


def _edit_refusal(document: Json, drift: Drift, source: str) -> str:
    """Another status or business code of the one failure that was told so."""
    was, now = _answer(drift.old), _answer(drift.new)
    operation = found(document, ["operations", re.split(r"[: ]", drift.pointer, maxsplit=1)[0]])
    if was is None or now is None or now[0] < 400 or not isinstance(operation, dict):
        return "it is no change from one refusal to another"
    names = _failures(document, operation, *was)
    if len(names) != 1:
        said = f"several failures are told so: {', '.join(names)}" if names else f"no failure is told as {drift.old}"
        return f"{said}; which of them changed is to be decided"
    failure = document["failures"][names[0]]
    keys: dict[str, Json] = {"status": now[0]}
    if "code" in failure and now[1]:
        number = isinstance(failure["code"], int)
        if number and not re.fullmatch("-?[0-9]{1,18}", now[1]):
            return f"the code has another type: {now[1]!r} is no number; write it by hand"
        keys["code"] = int(now[1]) if number else now[1]
    changed = {key: value for key, value in keys.items() if failure.get(key) != value}
    if why := next(filter(None, (decided(failure, key, value) for key, value in changed.items())), ""):
        return why
    for key, value in changed.items():
        put(failure, key, value, source)
    return "" if changed else NO_PLACE


def _edit_header(document: Json, drift: Drift, name: str) -> str:
    """A header that a refusal no longer has."""
    operation_id, status, code, *_ = [*drift.pointer.split(" "), "", ""]
    operation = found(document, ["operations", operation_id])
    if not isinstance(operation, dict) or not status.isdecimal() or int(status) < 400 or drift.new is not None:
        return "the contract has headers of refusals only"
    names = [
        one
        for one in _failures(document, operation, int(status), "" if code == "-" else code)
        if name in (document["failures"][one].get("headers") or {})
    ]
    for one in names:
        del document["failures"][one]["headers"][name]
    return "" if names else f"no failure is told as {status} {code} with this header"


def _failures(document: Json, operation: Json, status: int, code: str) -> list[str]:
    """The failures of the operation that are told with this status and code; a code may stand in the envelope."""
    known = ((name, found(document, ["failures", name])) for name in operation.get("failures", ()))
    fitting = [(name, one) for name, one in known if isinstance(one, dict) and one.get("status") == status]
    return [name for name, one in fitting if not code or str(one.get("code", code)) == code]


def _answer(said: Json) -> tuple[int, str] | None:
    """Status and code of an outcome in words; None where there are several."""
    match = re.fullmatch(r"(\d{3})(?: ([^,]+))?", str(said))
    return (int(match[1]), match[2] or "") if match else None


def _inside(document: Json, schema: Json, path: Sequence[str]) -> dict[str, Json] | None:
    """The schema of the object that the names lead to."""
    for step in (*path, ""):
        if isinstance(schema, dict) and "$ref" in schema:
            schema = document["schemas"].get(schema["$ref"].rpartition("/")[2])
        if not isinstance(schema, dict):
            return None
        if step:
            schema = schema.get("items") if step == "*" else schema.get("properties", {}).get(step)
    return schema if isinstance(schema, dict) else None


def _one(types: list[str]) -> Json:
    return types[0] if len(types) == 1 else types

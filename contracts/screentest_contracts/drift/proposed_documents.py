"""Write a drift on documents into a contract's file, at the place that the drift names."""

from __future__ import annotations

from screentest_contracts.drift.difference import Drift
from screentest_contracts.drift.written import NO_PLACE, decided, found, put
from screentest_contracts.pointers import tokens
from screentest_contracts.reading import Json

_ADDED = ("property-added-optional", "property-added-required", "output-field-added")
_REMOVED = ("property-removed", "output-field-removed")
_LISTED = ("enum", "required", "schemes")
_BY_HAND = {
    "model-added": "ingest its page",
    "model-removed": "whether the model is gone or only not listed is to be decided; then take its file away",
    "wording-only": "sentences are written by hand",
}


def edit_document(document: Json, drift: Drift, source: str) -> str:
    """Why the drift cannot be written into the document; "" when it was."""
    if drift.kind in _BY_HAND:
        return _BY_HAND[drift.kind]
    *above, leaf = tokens(drift.pointer) or [""]
    if drift.kind == "endpoint-changed":
        return _endpoint(document, drift, [*above, leaf], source)
    if drift.kind == "price-changed":
        return _price(document, drift, [*above, leaf], source)
    if above and above[-1] == "validations":
        return _validation(found(document, above), drift, leaf, source)
    node = found(document, above)
    if not isinstance(node, dict):
        return NO_PLACE
    if above and above[-1] == "properties":
        return _property(node, found(document, above[:-1]), drift, leaf, source)
    return _keyword(node, drift, leaf, source)


def _property(properties: dict[str, Json], parent: Json, drift: Drift, name: str, source: str) -> str:
    """A property that came or went."""
    came = drift.kind in _ADDED or (drift.old is None and drift.new is not None)
    went = drift.kind in _REMOVED or (drift.new is None and drift.old is not None)
    if "variants" in parent:
        return f"an assumption decides there: {', '.join(parent['variants'])}"
    if came:
        kind = drift.new.get("type") if isinstance(drift.new, dict) else None
        properties[name] = {**({"type": kind} if kind else {}), "from": source}
        if isinstance(drift.new, dict) and drift.new.get("required"):
            put(parent, "required", [*parent.get("required", ()), name], source)
        return ""
    if went and name in properties:
        del properties[name]
        if name in parent.get("required", ()):
            put(parent, "required", [one for one in parent["required"] if one != name], source)
        return ""
    return NO_PLACE


def _keyword(node: dict[str, Json], drift: Drift, leaf: str, source: str) -> str:
    """A keyword of a schema, or a member of an object of rules; lists change by one value."""
    value = drift.new
    if leaf in _LISTED and not isinstance(drift.new, list) and not isinstance(drift.old, list):
        kept = [one for one in node.get(leaf, ()) if one != drift.old]
        value = kept if drift.new is None else [*kept, drift.new]
    if why := decided(node, leaf, value):
        return why
    if value is None:
        if leaf not in node:
            return NO_PLACE
        del node[leaf]
        return ""
    put(node, leaf, value, source)
    return ""


def _validation(rules: Json, drift: Drift, name: str, source: str) -> str:
    """One of a property's rules about its file."""
    if not isinstance(rules, list):
        return NO_PLACE
    for rule in [one for one in rules if one.get("rule") == name]:
        if drift.new is None:
            rules.remove(rule)
        else:
            put(rule, "value", drift.new, source)
        return ""
    rules.append({"rule": name, "value": drift.new, "from": source})
    return ""


def _price(document: Json, drift: Drift, path: list[str], source: str) -> str:
    """The rate of one tier; where the contract knows none, nobody has said which tier the number is of."""
    node = found(document, path[:-1])
    if len(path) < 3 or not isinstance(node, dict):
        return f"{drift.new} is a price, and the contract has no rate here to put it in: which input decides it?"
    usd, _, per = str(drift.new).partition("/")
    if drift.new is not None and path[-2] != f"usd_per_{per}":
        return f"the price is per {per} now; rewrite the model's price"
    if drift.new is None:
        node.pop(path[-1], None)
        return ""
    put(node, path[-1], usd, source)
    return ""


def _endpoint(document: Json, drift: Drift, path: list[str], source: str) -> str:
    """Method and path of an operation."""
    operation = found(document, path[:2])
    method, _, where = str(drift.new).partition(" ")
    if path[0] != "operations" or path[-1] != "path" or not isinstance(operation, dict) or drift.new is None:
        return "an endpoint that came or went is written by hand, with its answers and refusals"
    if not where.startswith("/"):
        return f"another host: {where}; decide whether base_url and hosts follow"
    put(operation, "method", method, source)
    put(operation, "path", where, source)
    return ""

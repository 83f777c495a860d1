"""The filter language of lists (`q`), as official clients and the concept page write it. Pure.

    client_ref.eq:'order 7'
    status_code:succeeded AND created_at>2026-04-01
    NOT failure_code:null OR metadata.order:7

A condition is ``field:value``, ``field.op:value`` (op in any case), or a field with one of ``= > < >= <=`` and a value.
A value is bare or in single quotes; bare ``null`` is no value. What is of any type is compared as a number where record
and value have one, else as text. NOT binds tighter than AND, AND tighter than OR.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from screentest_contracts.reading import Json

Record = Mapping[str, Json]
Filter = Callable[[Record], bool]

FREE = "metadata"
"""The field that is the caller's own object: conditions name a path inside it."""

_WORDS = {"eq": "eq", "ne": "ne", "gt": "gt", "gte": "ge", "ge": "ge", "lt": "lt", "lte": "le", "le": "le"}
_SHAPES = {"type", "$ref", "oneOf"}
"""Keywords that say what a value is; without any of them it is any JSON."""
_SIGNS = {":": "eq", "=": "eq", ">": "gt", "<": "lt", ">=": "ge", "<=": "le"}
_TERM = re.compile(r"\s*(?P<field>\w+(?:\.[\w-]+)*)\s*(?P<sign>>=|<=|[:=<>])\s*(?P<value>'(?:[^'\\]|\\.)*'|[^\s'()]+)")
_NOT, _JOIN = re.compile(r"\s*NOT\s+"), re.compile(r"\s+(AND|OR)\s+")


class BadFilterError(ValueError):
    """A filter that cannot be read, or that names what is not there; the message says which."""


def kinds(properties: Mapping[str, Json]) -> dict[str, str]:
    """The fields of a record that can be compared, from its schema: text, number, decimal, time, flag, or any.

    "any" is what the schema says nothing of. An object or a list is not compared, nor what is another schema's.
    """
    found = {}
    for name, rule in properties.items():
        if not _SHAPES & set(rule):
            found[name] = "any"
        types = rule.get("type", ())
        plain = [one for one in ([types] if isinstance(types, str) else types) if one != "null"]
        if plain == ["string"]:
            found[name] = {"date-time": "time", "decimal": "decimal"}.get(rule.get("format", ""), "text")
        elif plain in (["integer"], ["number"]):
            found[name] = "number"
        elif plain == ["boolean"]:
            found[name] = "flag"
    return found


def comparable(kind: str, value: Any) -> Any:
    """A record's value, or a text out of a filter, as something that can be compared; ValueError when it is none."""
    match kind:
        case "number" | "decimal":
            number = Decimal(str(value))
            if not number.is_finite():
                raise ValueError(value)
            return number
        case "time":
            at = datetime.fromisoformat(value)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        case "flag":
            return {"true": True, "false": False}[str(value).lower()]
    return str(value).lower() if isinstance(value, bool) else str(value)


def parse(text: str, fields: Mapping[str, str]) -> Filter:
    """The filter that `text` says, over records with these `fields` (see `kinds`). Raises BadFilterError."""
    alternatives: list[list[Filter]] = [[]]
    at = 0
    while True:
        wanted = True
        while found := _NOT.match(text, at):
            wanted, at = not wanted, found.end()
        term = _TERM.match(text, at)
        if not term:
            raise BadFilterError(f"expected a condition such as status_code:succeeded at {text[at : at + 40]!r}")
        alternatives[-1].append(_condition(term["field"], term["sign"], term["value"], fields, wanted))
        join = _JOIN.match(text, term.end())
        if not join:
            break
        alternatives += [[]] if join[1] == "OR" else []
        at = join.end()
    if text[term.end() :].strip():
        raise BadFilterError(f"expected AND or OR at {text[term.end() : term.end() + 40]!r}")
    return lambda record: any(all(one(record) for one in together) for together in alternatives)


def _condition(field: str, sign: str, written: str, fields: Mapping[str, str], wanted: bool) -> Filter:
    name, path, how = _target(field, sign, fields)
    kind = fields.get(name, "any")
    compare: Callable[[Any, Any], bool] = getattr(operator, how)
    if written == "null":
        if how not in ("eq", "ne"):
            raise BadFilterError(f"{field}: null is neither more nor less than anything")
        return lambda record: compare(_value(record, name, path), None) is wanted
    text = re.sub(r"\\(.)", r"\1", written[1:-1]) if written.startswith("'") else written
    try:
        literal = comparable(kind, text)
    except (ValueError, KeyError, InvalidOperation):
        raise BadFilterError(f"{field}: {text[:40]!r} is no {kind}") from None
    number = _number(text) if kind == "any" else None

    def holds(record: Record) -> bool:
        value = _value(record, name, path)
        if value is None or isinstance(value, dict | list):
            return (how == "ne") is wanted  # like no literal
        if number is not None and isinstance(value, int | float) and not isinstance(value, bool):
            return compare(comparable("number", value), number) is wanted
        return compare(comparable(kind, value), literal) is wanted

    return holds


def _number(text: str) -> Decimal | None:
    """The number that a text is, if it is one."""
    try:
        return comparable("number", text)  # type: ignore[no-any-return]
    except (ValueError, InvalidOperation):
        return None


def _target(field: str, sign: str, fields: Mapping[str, str]) -> tuple[str, list[str], str]:
    """The field, the path inside it, and the comparison."""
    name, *path = field.split(".")
    how = _SIGNS[sign]
    if sign == ":" and path and path[-1].lower() in _WORDS:
        how = _WORDS[path.pop().lower()]
    if name != FREE and name not in fields:
        raise BadFilterError(f"no field {name!r}; there are {', '.join(fields)}")
    if name != FREE and path:
        raise BadFilterError(f"{field}: no operator {'.'.join(path)!r}; there are {', '.join(_WORDS)}")
    if name == FREE and not path:
        raise BadFilterError(f"{FREE} is an object: name a key of it, as in {FREE}.order:'7'")
    return name, path, how


def _value(record: Record, name: str, path: list[str]) -> Any:
    value = record.get(name)
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value

"""Forms into JSON: what a button or a form of the console wants from ``/_control`` or a provider. Pure.

The name of a field says what it becomes: ``n:advance`` a number, ``b:freeze`` a truth value, ``t:fail/code`` a text
inside an object, ``j:input`` any JSON. What cannot be read as such stays text, so that the emulator can refuse it; a
field left empty is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

_KINDS = "ntbjl"


def read_wish(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The object that the fields of a form spell; fields without a kind are about the form itself."""
    wish: dict[str, Any] = {}
    for name, text in fields:
        kind, colon, path = name.partition(":")
        if colon and kind in _KINDS and text.strip():
            _put(wish, path.split("/"), read_value(kind, text))
    return wish


def read_value(kind: str, text: str) -> Any:
    """One field's value: n a number, b a truth value, j any JSON, l the lines of a list, t text."""
    if kind == "l":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if kind == "t":
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def submit_body(way: Mapping[str, Any], model: str, inputs: Mapping[str, Any], callback: str = "") -> dict[str, Any]:
    """The body of the operation that submits: the model's input where it belongs, and what stands beside it.

    `way` is the submit of ``/_control/contract/{provider}/{model}``.
    """
    if not way["input_at"]:
        return dict(inputs)
    place, name = way["model_at"]
    body: dict[str, Any] = {name: model} if place == "body" else {}
    body[way["input_at"].strip("/")] = inputs
    if callback and way["callback_at"]:
        _put(body, way["callback_at"].strip("/").split("/"), callback)
    return body


def field_of(name: str, schema: Mapping[str, Any], example: Mapping[str, Any]) -> dict[str, Any]:
    """How the form of a model shows one input: the field's name, its widget, its choices and what is filled in."""
    kind, choices = _kind(schema), schema.get("enum")
    if kind == "b":
        choices = [True, False]
    value = example.get(name)
    filled = "" if value is None else value if kind == "t" else json.dumps(value, ensure_ascii=False)
    if kind == "l" and isinstance(value, list):
        filled = "\n".join(map(str, value))
    long = name == "prompt" or name.endswith("_prompt")
    return {
        "field": f"{kind}:{name}",
        "name": name,
        "widget": "select" if choices else "lines" if kind in "lj" or long else "line",
        "choices": [one if isinstance(one, str) else json.dumps(one) for one in choices or ()],
        "filled": str(filled),
        "numeric": kind == "n",
        "description": schema.get("description", ""),
        "default": schema.get("default"),
    }


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "string")
    kinds = kind if isinstance(kind, list) else [kind]
    if "array" in kinds:
        return "l" if schema.get("items", {}).get("type") == "string" else "j"
    for name, letter in (("string", "t"), ("integer", "n"), ("number", "n"), ("boolean", "b")):
        if name in kinds:
            return letter
    return "j"


def _put(wish: dict[str, Any], path: list[str], value: Any) -> None:
    for token in path[:-1]:
        wish = wish.setdefault(token, {})
    wish[path[-1]] = value

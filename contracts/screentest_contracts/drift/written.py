"""A contract's files as they are written, with their variants: find a place, say who speaks for it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files

from screentest_contracts.reading import Json

NO_PLACE = "there is no such place"


def read(name: str) -> str | None:
    """The text of a file of the contract, such as ``hiapi/provider.json``; None where there is none."""
    path = files("screentest_contracts") / "data" / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


def found(document: Json, path: Sequence[str]) -> Json:
    """What stands there; a member of a list is found by its id. None where there is nothing."""
    for token in path:
        if isinstance(document, list):
            document = next((one for one in document if isinstance(one, dict) and one.get("id") == token), None)
        else:
            document = document.get(token) if isinstance(document, dict) else None
    return document


def put(node: dict[str, Json], key: str, value: Json, source: str) -> None:
    """Set one key, and say who says so."""
    node[key] = value
    known = node.get("from", {})
    node["from"] = {**(known if isinstance(known, dict) else {"*": known}), key: source}


def decided(node: Mapping[str, Json], key: str, value: Json) -> str:
    """Why a value cannot be written into a node where an assumption decides it, with the choice that says the same;
    "" where it can."""
    for name, choices in node.get("variants", {}).items():
        if any(key in patch for patch in choices.values()):
            fitting = next((choice for choice, patch in choices.items() if patch.get(key) == value), None)
            return f"the assumption {name} decides it" + (f", and {name}={fitting} says so" if fitting else "")
    return ""

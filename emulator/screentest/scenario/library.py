"""The scenarios that there are: those that ship, and those of users' files, in one format."""

from __future__ import annotations

import functools
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from screentest.errors import SetupError
from screentest.scenario.choice import REFUSALS
from screentest.scenario.value import Scenario, read_scenario
from screentest_contracts.reading import ContractError

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


def library(paths: Iterable[str] = ()) -> Mapping[str, Scenario]:
    """The shipped scenarios and those of TOML or JSON files, by name; a later file overrides an earlier one.

    Raises SetupError with file, scenario and key for what is not understood.
    """
    found = dict(shipped())
    for path in paths:
        found |= _scenarios(_document(Path(path)), path)
    return found


@functools.cache
def shipped() -> Mapping[str, Scenario]:
    """The scenarios that come with the package."""
    text = (files("screentest.scenario") / "shipped.toml").read_text(encoding="utf-8")
    return _scenarios(tomllib.loads(text), "shipped.toml")


def _scenarios(document: Any, path: str) -> dict[str, Scenario]:
    if not isinstance(document, dict):
        raise SetupError(f"{path}: expected an object with a scenario under each name")
    try:
        return {name: _scenario(name, table, path) for name, table in document.items()}
    except ContractError as error:
        raise SetupError(str(error)) from None


def _scenario(name: str, table: Any, path: str) -> Scenario:
    if not _NAME.fullmatch(name):
        raise ContractError(f"{path}#/{name}: a name is up to 40 lower-case letters, digits and hyphens")
    if name in REFUSALS:
        raise ContractError(f"{path}#/{name}: this name asks for a refused request; give the scenario another")
    return read_scenario(name, table, f"{path}#/{name}")


def _document(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SetupError(f"--scenarios {path}: cannot read it: {reason}") from None
    if path.suffix not in (".toml", ".json"):
        raise SetupError(f"--scenarios {path}: the file's name has to end in .toml or .json")
    try:
        return tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SetupError(f"--scenarios {path}: not {path.suffix[1:].upper()}: {error}") from None

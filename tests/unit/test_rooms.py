"""What modules say of themselves and what import-linter checks are the same."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import screentest

ROOT = Path(__file__).parents[2]


def test_what_calls_itself_pure_is_held_to_it() -> None:
    """Every module whose first lines end in "Pure." is in the list of the contract, or below one that is."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {one["name"]: one for one in settings["tool"]["importlinter"]["contracts"]}
    listed = contracts["The middle is pure"]["source_modules"]
    package = Path(screentest.__file__).parent
    pure = {
        ".".join(("screentest", *file.relative_to(package).with_suffix("").parts)).removesuffix(".__init__")
        for file in package.rglob("*.py")
        if (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").partition("\n\n")[0].endswith("Pure.")
    }
    assert len(pure) > 20
    assert [name for name in sorted(pure) if not any(f"{name}.".startswith(f"{one}.") for one in listed)] == []

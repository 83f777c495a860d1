"""Contracts as files: those of a folder, decided under default choices, or the ones we ship."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from screentest_contracts.json_values import DEEPEST, deeper
from screentest_contracts.load import assumptions, load
from screentest_contracts.provenance import Assumption, read_assumptions, resolve
from screentest_contracts.reading import ContractError, Json

LARGEST = 64_000_000
"""Bytes of one JSON file that we read."""


class ContractFiles(Struct, frozen=True, kw_only=True):
    """A provider's contract as resolved JSON. `models` is None where a provider's file stands alone."""

    provider: Mapping[str, Json]
    models: Mapping[str, Mapping[str, Json]] | None

    @property
    def name(self) -> str:
        return str(self.provider.get("provider", ""))


def shipped(name: str) -> ContractFiles:
    """The contract that comes with this version, under default choices."""
    contract = load(name)
    own, *models = contract.documents().values()
    return ContractFiles(provider=own, models={str(one["id"]): one for one in models})


def contract_files(path: Path) -> ContractFiles:
    """The contract in a folder, or around a provider.json; raises `ContractError`."""
    folder = path if path.is_dir() else path.parent
    own = folder / "provider.json" if path.is_dir() else path
    known = dict(assumptions())
    if (folder / "assumptions.json").is_file():
        at = str(folder / "assumptions.json")
        known |= read_assumptions(read_json(folder / "assumptions.json"), at)
    models = folder / "models"
    return ContractFiles(
        provider=_resolved(own, known),
        models={str(one.get("id")): one for one in (_resolved(file, known) for file in sorted(models.glob("*.json")))}
        if models.is_dir()
        else None,
    )


def read_json(path: Path) -> Json:
    """The JSON in a file; raises `ContractError`."""
    try:
        if path.stat().st_size > LARGEST:
            raise ContractError(f"{path}: larger than {LARGEST:,} bytes")
        value = json.loads(path.read_text(encoding="utf-8"))
        if deeper(value, DEEPEST):
            raise RecursionError
        return value
    except ContractError:
        raise
    except OSError as error:
        raise ContractError(f"{path}: cannot be read: {error.strerror or error}") from None
    except RecursionError:
        raise ContractError(f"{path}: JSON that is nested too deeply to be read") from None
    except ValueError as error:
        raise ContractError(f"{path}: not JSON: {error}") from None


def _resolved(path: Path, known: Mapping[str, Assumption]) -> Mapping[str, Json]:
    document = read_json(path)
    if not isinstance(document, dict):
        raise ContractError(f"{path}: expected a JSON object")
    chosen = {name: one.default for name, one in known.items()}
    resolved: Mapping[str, Json] = resolve(document, f"{path}#", chosen, known)
    return resolved

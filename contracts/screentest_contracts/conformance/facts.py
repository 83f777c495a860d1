"""Where a fact is and how it is known, for the violations that break it."""

from __future__ import annotations

from screentest_contracts.load import Contract
from screentest_contracts.provenance import Provenance

_NOWHERE = Provenance(how="inferred", source="contract")


class Facts:
    """Addresses in one contract, and the provenance of what stands there."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._positions = {name: at for at, name in enumerate(contract.provider.operations)}

    def at(self, pointer: str, model_id: str | None = None) -> str:
        """The address "file#/pointer" of a node of provider.json, or of a model's file."""
        file = self._contract.model_file(model_id) if model_id else f"{self._contract.name}/provider.json"
        return f"{file}#{pointer}"

    def operation(self, operation: str, part: str = "") -> str:
        """The address of an operation, or of a part of one such as ``/answers/200``."""
        return self.at(f"/operations/{self._positions[operation]}{part}")

    def provenance(self, address: str) -> Provenance:
        """How the node at `address` is known: by its own fact, the first inside it, or the nearest around it."""
        fact = self._contract.fact(address)
        return fact.provenance if fact else _NOWHERE

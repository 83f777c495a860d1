"""Which secret signs an account's callbacks, where the account makes secrets of its own: as far as answers tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from screentest_contracts.conformance.operations import Found
from screentest_contracts.reading import Json


class Secrets:
    """`current` is the secret that signs, None while nobody can know it. `own` is the one before any was made."""

    def __init__(self, own: str | None) -> None:
        self._own = self.current = own
        self._known: dict[str, str] = {}

    def see(self, found: Found, objects: Iterable[Mapping[str, Json]]) -> None:
        """Take note of an answer of success and the objects in it. A secret is shown once, when it is made."""
        if found.operation.method == "DELETE":
            for value in found.params.values():
                self._removed(value)
        for node in objects:
            id_, plain = node.get("id"), node.get("plain_secret")
            if isinstance(id_, str) and isinstance(plain, str):
                self._known[id_] = plain
            if isinstance(id_, str) and id_ in self._known and node.get("is_current") is True:
                self.current = self._known[id_]

    def _removed(self, id_: str) -> None:
        """Which of several others signs from now on, only a list can tell."""
        plain = self._known.pop(id_, None)
        if plain is not None and plain == self.current:
            self.current = None if self._known else self._own

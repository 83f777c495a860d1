"""Every random choice: repeatable with a seed, and never a secret."""

from __future__ import annotations

import random
import secrets
from collections import Counter


class Chance:
    """Generators by name. With the same seed the same name gives the same numbers."""

    def __init__(self, seed: str | None) -> None:
        self._seeded = seed is not None
        self._seed = secrets.token_hex(16) if seed is None else seed
        self._thrown: Counter[str] = Counter()

    def named(self, what: str) -> random.Random:
        """The generator for one choice."""
        return random.Random(f"{self._seed}/{what}")  # noqa: S311 - repeatable, not secret

    def throw(self, account: str) -> random.Random:
        """The generator for the account's next request that goes wrong on purpose, counted since the server started."""
        self._thrown[account] += 1
        return self.named(f"{account}/thrown/{self._thrown[account]}")

    def forget(self) -> None:
        """Jobs are forgotten. Unless a seed was given, no id from before comes to mean a job from after."""
        self._thrown.clear()
        if not self._seeded:
            self._seed = secrets.token_hex(16)

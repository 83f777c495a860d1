"""Every random choice: repeatable with a seed, and never a secret."""

from __future__ import annotations

import random
import secrets
from collections import Counter


class Chance:
    """Generators by name. With the same seed the same name gives the same numbers; without one, any numbers."""

    def __init__(self, seed: str | None) -> None:
        self._seed = seed
        self._any = random.Random(secrets.randbits(256))  # noqa: S311 - as below
        self._thrown: Counter[str] = Counter()

    def named(self, what: str) -> random.Random:
        """The generator for one choice."""
        if self._seed is None:
            return self._any
        return random.Random(f"{self._seed}/{what}")  # noqa: S311 - repeatable, not secret

    def throw(self, account: str) -> random.Random:
        """The generator for the account's next request that goes wrong on purpose, counted since the server started."""
        self._thrown[account] += 1
        return self.named(f"{account}/thrown/{self._thrown[account]}")

    def forget(self, account: str | None) -> None:
        """The jobs of an account, or of all, are forgotten. With a seed, what comes next is as it was at the start."""
        if account is None:
            self._thrown.clear()
        else:
            del self._thrown[account]

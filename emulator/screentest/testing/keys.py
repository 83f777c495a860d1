"""A key for each test: nobody else's, on any worker; in each run another one, unless a seed makes runs repeat."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter


class Keys:
    """Makes the keys of a run of tests, each of lower-case letters, digits and underscores, as Runflow's SDK insists.

    An emulator's choices hang on its seed and on the key. With the seed a test has the same key in every run, and a
    test that runs again in this process has its second one, which is the same in every run as well.
    """

    def __init__(self) -> None:
        self._turns: Counter[str] = Counter()

    def new(self, test: str, seed: str | None) -> str:
        self._turns[test] += 1
        rest = secrets.token_hex(6) if seed is None else _digest(f"{seed}/{self._turns[test]}/{test}")
        return f"rf_live_{_digest(test)}_{rest}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]

"""What is asked again and again is worked out once: the requests of one client are much alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

KEPT = 64
"""Requests of which is kept what was read, in one place or another: the head of one may have hundreds of kilobytes."""

_SHORT = 2**10
"""Characters or bytes of what may be asked again."""

Asked = TypeVar("Asked", str, bytes)
Found = TypeVar("Found")


def kept_if_short(find: Callable[[Asked], Found]) -> Callable[[Asked], Found]:
    """`find`, which keeps what it found for those asked last, but for long ones: they seldom come twice."""
    kept = lru_cache(maxsize=KEPT)(find)

    def found(asked: Asked) -> Found:
        return kept(asked) if len(asked) <= _SHORT else find(asked)

    return found

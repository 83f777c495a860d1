"""What was read last, kept for the next time: bounded, and dropped by whoever writes it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """At most `most` values by key; the one that was kept first goes first, since a look must cost next to nothing."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """The value, if it is still here."""
        return self._values.get(key)

    def keep(self, key: Key, value: Value) -> None:
        """Have the value at hand next time."""
        if len(self._values) >= self._most and key not in self._values:
            self._values.popitem(last=False)  # of a dict, the first key is the slower to find the more went before it
        self._values[key] = value

    def drop(self, key: Key) -> None:
        """The value has changed."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """Any value may have changed."""
        self._values.clear()

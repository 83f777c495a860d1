"""Run a coroutine that never suspends, without an event loop."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")


def stepped(coroutine: Coroutine[Any, Any, Value]) -> Value:
    """What the coroutine returns; one that suspends fails the test."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        value: Value = end.value
        return value
    coroutine.close()
    raise AssertionError("the coroutine suspended: it needs a real event loop")

"""Which operation of a contract a path belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from screentest_contracts.document import Operation


def routes(operations: Mapping[str, Operation]) -> list[tuple[re.Pattern[str], dict[str, Operation]]]:
    """One pattern a path, with its operations by method: first the paths without parameters, then in the contract's
    order."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in sorted(operations.values(), key=lambda one: "{" in one.path):
        by_path.setdefault(operation.path, {})[operation.method] = operation
    return [(pattern(path), methods) for path, methods in by_path.items()]


def pattern(path: str) -> re.Pattern[str]:
    """``{name}`` is one path segment, ``{name...}`` one or more."""
    parts = re.split(r"\{(\w+)(\.\.\.)?\}", path)
    text = ""
    for literal, name, greedy in zip(parts[::3], [*parts[1::3], None], [*parts[2::3], None], strict=True):
        text += re.escape(literal)
        if name:
            text += f"(?P<{name}>[^/].*)" if greedy else f"(?P<{name}>[^/]+)"
    return re.compile(text)

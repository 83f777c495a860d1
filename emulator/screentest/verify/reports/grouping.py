"""Entries in groups of one operation and one kind, worst group first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screentest.verify.verdict import Entry


def groups(entries: Iterable[Entry]) -> Iterator[tuple[str, str, list[Entry]]]:
    """Operation, kind and entries of each group, in the order of its worst entry."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        found.setdefault((entry.operation, entry.kind), []).append(entry)
    for (operation, kind), members in found.items():
        yield operation, kind, members

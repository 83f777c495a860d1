"""Parameter tables: with cells, or flattened by copying to ``promptstringText prompt``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from screentest_contracts.ingest.properties import TYPES

COLUMNS: Mapping[str, str] = {
    "parameter": "name",
    "name": "name",
    "field": "name",
    "property": "name",
    "type": "type",
    "required": "required",
    "default": "default",
    "allowed values": "values",
    "options": "values",
    "values": "values",
    "enum": "values",
    "description": "description",
}
"""The headings of columns, lower case, and what they hold."""

_FLAT = re.compile(r"(Parameter|Field|Name)Type(Description)", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z]\w*(?:\[\])?(?:\.\w+)*")
_WORDS = "|".join(sorted((re.escape(word) for word in TYPES), key=len, reverse=True))


class Row(Struct, frozen=True, kw_only=True):
    """One row: what each column holds, by the names of `COLUMNS`. `line` is the row as printed."""

    cells: Mapping[str, str]
    line: str


class Table(Struct, frozen=True, kw_only=True):
    """A parameter table: which columns it has, its rows, and the lines in it that are none."""

    columns: frozenset[str]
    rows: tuple[Row, ...]
    unread: tuple[str, ...]


def tables(lines: Sequence[str]) -> Iterator[Table]:
    """Every parameter table, in order."""
    for index, line in enumerate(lines):
        columns = _columns(line)
        if columns:
            yield _table(columns, _body(lines[index + 1 :], "\t" in line), "\t" in line)


def _columns(line: str) -> tuple[str, ...]:
    """What the columns of a heading line hold; empty for a line that is no heading."""
    if _FLAT.fullmatch(line.strip()):
        return ("name", "type", "description")
    cells = [cell.strip().lower() for cell in line.strip().split("\t")]
    held = tuple(COLUMNS.get(cell, "") for cell in cells)
    return held if len(cells) > 1 and held[0] == "name" and "type" in held else ()


def _body(lines: Sequence[str], celled: bool) -> Iterator[str]:
    """The lines of the table: as far as its cells go; a flattened one goes on to the first line that is blank."""
    begun = False
    for line in lines:
        if not line.strip():
            if begun:
                return
            continue
        if celled and "\t" not in line:
            return
        begun = True
        yield line


def _table(columns: Sequence[str], lines: Iterator[str], celled: bool) -> Table:
    rows, unread = [], []
    for line in lines:
        cells = _cells(columns, line) if celled else _split(line)
        if cells is None:
            unread.append(line)
        else:
            rows.append(Row(cells=cells, line=line))
    return Table(columns=frozenset(columns) - {""}, rows=tuple(rows), unread=tuple(unread))


def _cells(columns: Sequence[str], line: str) -> Mapping[str, str] | None:
    cells = [cell.strip() for cell in line.strip("\n").split("\t")]
    held = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
    return held if _NAME.fullmatch(held.get("name", "")) else None


def _split(line: str) -> Mapping[str, str] | None:
    """Name, type and description of a flattened row. Where the type ends in two ways, a capital letter behind it
    decides; None where it does not."""
    found = []
    for match in re.finditer(rf"(?=({_WORDS}))", line[:200]):
        name, word = line[: match.start()], match[1]
        rest = line[match.start() + len(word) :]
        if _NAME.fullmatch(name) and not name.endswith("_"):
            found.append((name, word, rest))
    sure = [one for one in found if not one[2] or one[2][0].isupper() or (not one[2][0].isalnum() and one[2][0] != "_")]
    for candidates in (sure, found):
        if candidates and (candidates is sure or len(candidates) == 1):
            name, word, rest = candidates[0]
            return {"name": name, "type": word, "description": rest.strip()}
    return None

"""Results as Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """`note` says what was done, and how; the first column of a row names what was measured."""

    title: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    def markdown(self) -> str:
        """The table under a heading; numbers to the right."""
        rule = ["---"] + ["---:"] * (len(self.columns) - 1)
        lines = [self.columns, rule, *([_cell(cell) for cell in row] for row in self.rows)]
        table = "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
        return f"### {self.title}\n\n{self.note}\n\n{table}\n"


def _cell(value: object) -> str:
    """Three digits that matter, whole numbers whole."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 100 else f"{value:.3g}"

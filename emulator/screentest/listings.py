"""Tables for the command line: models, facts, assumptions. Each as rows of data and as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from screentest.store import Spend
from screentest_contracts.document import Model
from screentest_contracts.load import assumptions as all_assumptions
from screentest_contracts.load import choose, load


class Listing(Struct, frozen=True):
    """Rows, and the columns that a person reads; `cells` makes these of a row."""

    rows: Sequence[Mapping[str, Any]]
    columns: Sequence[str]
    cells: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict

    def text(self) -> str:
        """An aligned table; the last column may run on."""
        cells = [[_shown(row.get(column, "")) for column in self.columns] for row in map(self.cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(self.columns, *cells, strict=True)]
        lines = [self.columns, *cells]
        return "".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
            for line in lines
        )


def models(providers: Iterable[str]) -> Listing:
    """Every model with what it makes and its inputs; required ones are marked with a star."""
    rows = [_model_row(name, model) for name in providers for model in load(name).models()]
    return Listing(rows, ("provider", "model", "makes", "inputs"))


def assumptions(provider: str | None, switches: Mapping[str, str]) -> Listing:
    """Every assumption with the choice in force."""
    chosen = choose(switches)
    rows = [
        {
            "id": one.id,
            "choice": chosen[one.id],
            "alternatives": [choice for choice in one.choices if choice != chosen[one.id]],
            "question": one.question,
            "evidence": one.evidence,
            "pending": one.pending,
        }
        for one in all_assumptions().values()
        if provider is None or one.id.startswith(f"{provider}.") or (provider == "all" and one.id.startswith("media."))
    ]
    return Listing(rows, ("id", "choice", "alternatives", "question"))


def facts(provider: str, switches: Mapping[str, str]) -> Listing:
    """Every fact of a contract with its provenance."""
    rows = [
        {"fact": one.at, "value": one.value, "how": one.provenance.how, "source": one.provenance.source}
        for one in load(provider, switches).facts()
    ]
    return Listing(rows, ("how", "source", "fact", "value"))


def not_spent(rows: Sequence[Spend]) -> str:
    """What the jobs in a database would have cost, as text; empty when there were none."""
    if not rows:
        return ""
    cells = [
        {
            "provider": row.provider,
            "model": row.model,
            "jobs": row.jobs,
            "not spent": f"${row.usd:.2f}" if row.unknown < row.jobs else "price unknown",
        }
        | ({"account": row.account[:8]} if row.account else {})
        for row in rows
    ]
    known, unknown = sum(row.usd for row in rows), sum(row.unknown for row in rows)
    jobs = sum(row.jobs for row in rows)
    total = f"not spent: ${known:.2f} for {jobs} jobs" + (f", {unknown} of unknown price" if unknown else "")
    return Listing(cells, tuple(cells[0])).text() + total + "\n"


def _model_row(provider: str, model: Model) -> dict[str, Any]:
    required = model.input.source.get("required", [])
    names = [name + "*" if name in required else name for name in model.input.properties]
    return {"provider": provider, "model": model.id, "title": model.title, "makes": model.output.kind, "inputs": names}


def _shown(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return " ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

"""Amounts of money in other people's JSON."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from screentest_contracts.reading import Json

_DIGITS = 30  # before or behind the point; more is no amount, and no context of ours could reckon with it


def amount(said: Json) -> Decimal | None:
    """A number, or a decimal number as text; None for anything else, such as NaN or 1e999."""
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        return None
    try:
        found = Decimal(str(said))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= _DIGITS else None

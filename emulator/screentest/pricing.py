"""What a job would have cost, where the contract knows the price. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from screentest_contracts.document import Model


def cost(model: Model, inputs: Mapping[str, Any], made: Mapping[str, Any]) -> str | None:
    """US dollars as a decimal string for a job with complete `inputs`; None where no price is known.

    `made` is what the plan says that the job makes.
    """
    rate = model.price.rate(inputs) if model.price else None
    return None if rate is None or model.price is None else str(Decimal(rate) * units(model.price.per, made))


def units(per: str, made: Mapping[str, Any]) -> Decimal:
    """How many seconds or outputs are billed for what a job makes."""
    if per == "output":
        return Decimal(made.get("count", 1))
    return Decimal(made["milliseconds"]) / 1000 if "milliseconds" in made else Decimal(made["seconds"])

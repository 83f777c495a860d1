"""Compare a contract's prices with those that a provider's API publishes: RunComfy's catalogue, HiAPI's price list.

Both tell one number for each model: that of the cheapest way to use it. Where the contract knows no price, the
emulator publishes a placeholder, and a number that is another one answers that assumption.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from screentest_contracts.drift.catalogue import rows
from screentest_contracts.drift.difference import Difference, judged, ordered
from screentest_contracts.drift.files import ContractFiles
from screentest_contracts.drift.origins import origin
from screentest_contracts.drift.outcome import Outcome
from screentest_contracts.reading import Json, members, pointer_token

_UNITS = {"duration": "second", "second": "second", "output": "output"}
_ROUTE = "@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The price of a model as it is published: US dollars for each `per`, second or output."""

    model: str
    usd: Decimal
    per: str


def published_prices(document: Json) -> tuple[Published, ...]:
    """The prices in a list of models, or in the entry of one; those of a model's routes are not among them."""
    return tuple(one for row in rows(document) if (one := _published(row)) and _ROUTE not in one.model)


def compare_prices(contract: ContractFiles, prices: Iterable[Published], placeholder: Decimal) -> Outcome:
    """Prices that the contract has otherwise. `placeholder` stands where it has none."""
    drifts = []
    for one in prices:
        model = (contract.models or {}).get(one.model)
        at, usd, per = _known(model or {})
        expected = placeholder if usd is None else Decimal(usd)
        if model is None or (one.usd, one.per) == (expected, per or one.per):
            continue
        known = origin(model, at) if at else None
        fact = f"chosen: {contract.name}.placeholder-price" if usd is None else str(known or "") or None
        found = Difference(
            kind="price-changed",
            model=one.model,
            pointer=at or "/price",
            old=f"{expected}/{per or one.per}",
            new=f"{one.usd}/{one.per}",
        )
        drifts.append(judged(found, contract.name, fact))
    return Outcome(drifts=ordered(drifts))


def _published(row: Mapping[str, Json]) -> Published | None:
    name, usd = row.get("model_id", row.get("model_name")), row.get("base_price_usd", row.get("base_usd_value"))
    factors = row.get("factors")
    unit = factors[0] if isinstance(factors, list) and factors else row.get("price_unit")
    if not isinstance(name, str) or isinstance(usd, bool) or not isinstance(usd, int | float):
        return None
    return Published(model=name, usd=Decimal(str(usd)), per=_UNITS.get(str(unit), str(unit)))


def _known(model: Mapping[str, Json]) -> tuple[str, str | None, str]:
    """Where the contract has the lowest price of a model, that price and its unit; the price is None without one."""
    price, entry = model.get("price") or {}, model.get("catalogue") or {}
    per = str(price.get("per") or entry.get("price_unit") or "")
    rates = members(price.get(f"usd_per_{per}", {}))
    if not rates:
        return "", None, per
    tier = min(rates, key=lambda one: Decimal(rates[one]))
    return f"/price/usd_per_{per}/{pointer_token(tier)}", rates[tier], per

"""Compare a contract's prices with those that a provider's API publishes: RunComfy's catalogue, HiAPI's price list.

Both tell one number for each model: that of the cheapest way to use it. Where the contract knows no price, the
emulator publishes a placeholder, and a number that is another one answers that assumption.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal

from msgspec import Struct

from screentest_contracts.drift.amounts import amount
from screentest_contracts.drift.catalogue import rows
from screentest_contracts.drift.difference import Difference, judged, ordered
from screentest_contracts.drift.files import ContractFiles
from screentest_contracts.drift.origins import origin
from screentest_contracts.drift.outcome import Outcome, Unread
from screentest_contracts.reading import Json, members, pointer_token

_UNITS = {"duration": "second", "second": "second", "output": "output"}
_ROUTE = "@"
_SHOWN = 60  # characters of what is no price


class Published(Struct, frozen=True, kw_only=True):
    """The price of a model as it is published: US dollars for each `per`, second or output, "" where none is told.
    `usd` is None where what stands there, `said`, is no price."""

    model: str
    usd: Decimal | None
    per: str
    said: Json


def published_prices(document: Json) -> tuple[Published, ...]:
    """The prices in a list of models, or in the entry of one; those of a model's routes are not among them."""
    return tuple(one for row in rows(document) if (one := _published(row)) and _ROUTE not in one.model)


def compare_prices(
    contract: ContractFiles, prices: Iterable[Published], placeholder: Decimal, page: str = "the prices"
) -> Outcome:
    """Prices that the contract has otherwise. `placeholder` stands where it has none, and its unit where none is told;
    `page` is what they were read on."""
    drifts, unread = [], []
    for one in prices:
        model = (contract.models or {}).get(one.model)
        if model is None:
            continue
        if one.usd is None:
            unread.append(
                Unread(page=page, at=f"{one.model} /price", text=f"{json.dumps(one.said)[:_SHOWN]} is no price")
            )
            continue
        at, usd, per = _known(model)
        expected = placeholder if usd is None else Decimal(usd)
        if one.usd == expected and (not one.per or not per or one.per == per):
            continue
        known = origin(model, at) if at else None
        fact = f"chosen: {contract.name}.placeholder-price" if usd is None else str(known or "") or None
        found = Difference(
            kind="price-changed",
            model=one.model,
            pointer=at or "/price",
            old=_rate(expected, per or one.per),
            new=_rate(one.usd, one.per or per),
        )
        drifts.append(judged(found, contract.name, fact))
    return Outcome(drifts=ordered(drifts), unread=tuple(unread))


def _rate(usd: Decimal, per: str) -> str:
    return f"{usd}/{per}" if per else str(usd)


def _published(row: Mapping[str, Json]) -> Published | None:
    """The price in an entry; None where it has none."""
    name, said = row.get("model_id", row.get("model_name")), row.get("base_price_usd", row.get("base_usd_value"))
    factors = row.get("factors")
    unit = factors[0] if isinstance(factors, list) and factors else row.get("price_unit")
    if not isinstance(name, str) or said is None:
        return None
    usd, per = amount(said), unit if isinstance(unit, str) else ""
    return Published(model=name, usd=usd if usd is not None and usd >= 0 else None, per=_UNITS.get(per, per), said=said)


def _known(model: Mapping[str, Json]) -> tuple[str, str | None, str]:
    """Where the contract has the lowest price of a model, that price and its unit; the price is None without one."""
    price, entry = model.get("price") or {}, model.get("catalogue") or {}
    per = str(price.get("per") or entry.get("price_unit") or "")
    rates = members(price.get(f"usd_per_{per}", {}))
    if not rates:
        return "", None, per
    tier = min(rates, key=lambda one: Decimal(rates[one]))
    return f"/price/usd_per_{per}/{pointer_token(tier)}", rates[tier], per

"""Compare the prices of a model with those that a page prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from screentest_contracts.drift.difference import Difference
from screentest_contracts.ingest.fragment import Fragment, Rate
from screentest_contracts.reading import Json, members, pointer_token

_UNITS = ("second", "output")


def prices(price: Mapping[str, Json] | None, fragment: Fragment, gone: Callable[[str], bool]) -> Iterator[Difference]:
    """What a page says of the price that the contract does not. A rate without a tier may be that of any tier."""
    unit, known = _known(price)
    tiered = {rate.tier: rate for rate in fragment.rates if rate.tier}
    open_rates = [rate for rate in fragment.rates if not rate.tier]
    for tier, rate in tiered.items():
        yield from _changed(f"/price/usd_per_{unit}/{pointer_token(tier)}", known.get(tier), unit, rate)
    if open_rates and not any(_matches(usd, unit, rate) for usd in known.values() for rate in open_rates):
        tier, usd = _spoken_of(known, unit, gone)
        yield from _changed(
            f"/price/usd_per_{unit}/{pointer_token(tier)}" if tier else "/price", usd, unit, open_rates[0]
        )
    if not open_rates:
        for tier, usd in known.items():
            at = f"/price/usd_per_{unit}/{pointer_token(tier)}"
            if tier not in tiered and gone(at):
                yield Difference(kind="price-changed", pointer=at, old=f"{usd}/{unit}", new=None)


def _known(price: Mapping[str, Json] | None) -> tuple[str, dict[str, str]]:
    """The unit of a contract's price, and its rates by tier."""
    unit = str((price or {}).get("per", _UNITS[0]))
    return unit, members((price or {}).get(f"usd_per_{unit}", {}))


def _spoken_of(known: Mapping[str, str], unit: str, gone: Callable[[str], bool]) -> tuple[str, str | None]:
    """The tier that the page used to give the price of: the first that the contract has from it."""
    for tier, usd in known.items():
        if gone(f"/price/usd_per_{unit}/{pointer_token(tier)}"):
            return tier, usd
    return next(iter(known.items()), ("", None))


def _changed(at: str, usd: str | None, unit: str, rate: Rate) -> Iterator[Difference]:
    if usd is None or not _matches(usd, unit, rate):
        old = None if usd is None else f"{usd}/{unit}"
        yield Difference(kind="price-changed", pointer=at, old=old, new=f"{rate.usd}/{rate.per}")


def _matches(usd: str, unit: str, rate: Rate) -> bool:
    return unit == rate.per and Decimal(usd) == Decimal(rate.usd)

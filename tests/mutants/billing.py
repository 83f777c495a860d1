"""What an account pays."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec import structs

from mutants.editing import put
from mutants.lifecycle import StoreAround
from mutants.planting import Mutant, Planting, table
from mutants.wire import Spot, altered
from screentest.errors import Refusal

_CENT = Decimal("0.01")


class _Served(StoreAround):
    """Nobody looks whether the account can pay."""

    async def account(self, account: str) -> Any:
        row = await self.inner.account(account)
        return row and structs.replace(
            row, settings={name: one for name, one in row.settings.items() if name != "key_state"}
        )


class _Charging(StoreAround):
    """Charges by its own rule: from the account's balance before, the job, and the balance after."""

    def __init__(self, inner: Any, rule: Callable[[Decimal, Any, Decimal], Decimal]) -> None:
        super().__init__(inner)
        self._rule = rule

    async def submit(self, fresh: Any, build: Callable[[Any], Any]) -> Any:
        def charged(row: Any) -> Any:
            made, held = build(row), row.settings.get("balance")
            if held is None or made.settings is None:
                return made
            left = self._rule(Decimal(held), made.job, Decimal(made.settings["balance"]))
            return structs.replace(made, settings={**made.settings, "balance": str(left)})

        return await self.inner.submit(fresh, charged)


class _EveryRequest(StoreAround):
    """A look at the account costs a cent."""

    async def account(self, account: str) -> Any:
        row = await self.inner.account(account)
        if row is None or row.settings.get("balance") is None:
            return row
        left = {**row.settings, "balance": str(Decimal(row.settings["balance"]) - _CENT)}
        await self.inner.set_settings(account, left)
        return structs.replace(row, settings=left)


class _Replays(StoreAround):
    """A replay costs a dollar."""

    async def claim(self, account: str, provider: str, key: str) -> Any:
        found, row = await self.inner.claim(account, provider, key), await self.inner.account(account)
        if found and row and row.settings.get("balance") is not None:
            left = str(Decimal(row.settings["balance"]) - 1)
            await self.inner.set_settings(account, {**row.settings, "balance": left})
        return found


def _charging(rule: Callable[[Decimal, Any, Decimal], Decimal]) -> Planting:
    return Planting(store=lambda inner: _Charging(inner, rule))


def _failed_too(before: Decimal, job: Any, after: Decimal) -> Decimal:
    return before - 1 if job.plan.outcome == "failed" else after


def _twice(before: Decimal, job: Any, after: Decimal) -> Decimal:
    return after - (before - after)


def _nothing(before: Decimal, job: Any, after: Decimal) -> Decimal:
    return before


def _never_enough(before: Decimal, job: Any, after: Decimal) -> Decimal:
    if after <= 0:
        raise Refusal("no-balance")
    return after


ROWS: list[list[Mutant]] = [
    table(
        "billing",
        "B01",
        "an account that cannot pay is served",
        runcomfy=Planting(store=_Served),
        runflow=Planting(store=_Served),
        hiapi=Planting(store=_Served),
    ),
    table(
        "billing",
        "B02",
        "a job that fails is paid for",
        runcomfy=_charging(_failed_too),
        runflow=_charging(_failed_too),
    ),
    table(
        "billing",
        "B03",
        "a request that is refused costs a cent",
        runcomfy=Planting(store=_EveryRequest),
        runflow=Planting(store=_EveryRequest),
    ),
    table("billing", "B04", "a replay is paid for again", runflow=Planting(store=_Replays)),
    table(
        "billing",
        "B05",
        "a job costs twice its price",
        runflow=_charging(_twice),
    ),
    table(
        "billing",
        "B06",
        "a job costs nothing",
        runcomfy=_charging(_nothing),
        runflow=_charging(_nothing),
    ),
    table(
        "billing",
        "B07",
        "a job that failed shows a cost",
        runcomfy=Planting(tap=altered(Spot("result", state="failed"), put("/cost", 0.7))),
        runflow=Planting(tap=altered(Spot("get-run", state="failed"), put("/cost", "0.7"))),
    ),
    table(
        "billing",
        "B08",
        "a balance that is just enough is not",
        runcomfy=_charging(_never_enough),
        runflow=_charging(_never_enough),
    ),
    table(
        "billing",
        "B09",
        "the balance that is told is another one",
        runflow=Planting(tap=altered(Spot("get-balance"), put("/balance", "100.00"))),
    ),
]

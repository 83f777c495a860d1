"""How many jobs a live run may make, and for how much. Pure."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct, structs


class Budget(Struct, frozen=True, kw_only=True):
    """What may be spent and what is gone. A submit is paid for before it leaves and given back when it was refused.

    Amounts are in US dollars, at the worst price that the submit can have.
    """

    jobs: int = 0
    usd: Decimal = Decimal(0)
    jobs_gone: int = 0
    usd_gone: Decimal = Decimal(0)

    @property
    def jobs_left(self) -> int:
        return self.jobs - self.jobs_gone

    @property
    def usd_left(self) -> Decimal:
        return self.usd - self.usd_gone

    def allows(self, usd: Decimal | None) -> bool:
        """Whether one more job of this price may be made; never for a price that nobody knows."""
        return usd is not None and usd >= 0 and self.jobs_left >= 1 and usd <= self.usd_left

    def paid(self, usd: Decimal) -> Budget:
        """With one job of this price gone. ValueError when the budget does not allow it."""
        if not self.allows(usd):
            raise ValueError(f"the budget does not allow a job of ${usd:f}")
        return structs.replace(self, jobs_gone=self.jobs_gone + 1, usd_gone=self.usd_gone + usd)

    def given_back(self, usd: Decimal) -> Budget:
        """With a job of this price back that was paid for and not made."""
        return structs.replace(self, jobs_gone=self.jobs_gone - 1, usd_gone=self.usd_gone - usd)

    def __str__(self) -> str:
        return f"{self.jobs_gone} of {self.jobs} jobs, ${self.usd_gone:f} of ${self.usd:f}"

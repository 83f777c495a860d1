"""Rules that are armed: kept in the store, drawn when a request comes, one use at a time."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from screentest.engine import Engine
from screentest.rules import FAULT, SCENARIO, Rule
from screentest.store import Record


class Armed:
    """The rules of every account, and those for all. The newest comes first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._last: dict[tuple[str, str, int], int] = {}

    async def scenario(self, account: str, provider: str, model: str, inputs: Mapping[str, Any]) -> str | None:
        """The scenario of the first rule that fits this submit, which is one use of it."""
        for record in await self._records(account, SCENARIO):
            rule = _rule(record)
            if rule.fits(provider, "", model, inputs) and await self._draw(record, rule):
                return rule.wish
        return None

    async def faults(self, account: str, provider: str, operation: str) -> list[str]:
        """The faults of every rule that fits this request, which is one use of each."""
        found = []
        for record in await self._records(account, FAULT):
            rule = _rule(record)
            if rule.fits(provider, operation) and await self._draw(record, rule):
                found.append(rule.wish)
        return found

    async def add(self, account: str, kind: str, rule: Rule) -> str:
        """Arm a rule; its id."""
        taken = [int(record.id.rpartition("-")[2]) for record in await self._own(account, kind)]
        # Not that of a rule that is used up, which somebody may still mean to disarm; after a reset from 1 again.
        place = account, kind, self._engine.resets[account]
        self._last[place] = max((self._last.get(place, 0), *taken)) + 1
        rule_id = f"{kind}-{account or 'all'}-{self._last[place]}"
        await self._save(rule_id, account, kind, rule)
        return rule_id

    async def listed(self, account: str, kind: str) -> Sequence[tuple[str, str, Rule]]:
        """Id, account and rule of all that concerns the account, the newest first."""
        return [(record.id, record.account, _rule(record)) for record in await self._records(account, kind)]

    async def remove(self, account: str, kind: str, rule_id: str | None) -> int:
        """Disarm one of the account's own rules, or all of them; how many there were."""
        gone = [one for one in await self._own(account, kind) if rule_id in (None, one.id)]
        for record in gone:
            await self._engine.store.remove_record(record.id)
        return len(gone)

    async def _own(self, account: str, kind: str) -> Sequence[Record]:
        return await self._engine.store.records(account, kind)

    def _records(self, account: str, kind: str) -> Awaitable[Sequence[Record]]:
        return self._engine.store.records(account, kind, shared=True)

    async def _draw(self, record: Record, rule: Rule) -> bool:
        """Whether the rule is used now; what is counted is stored."""
        happened = rule.chance >= 1 or self._dice(record, rule).random() < rule.chance
        counted = rule.used(happened=happened)
        if counted.spent:
            await self._engine.store.remove_record(record.id)
        elif rule.times is not None or rule.chance < 1:
            await self._save(record.id, record.account, record.kind, counted)
        return happened

    def _dice(self, record: Record, rule: Rule) -> random.Random:
        return self._engine.chance.named(f"{record.id}/{rule.tried}")

    async def _save(self, rule_id: str, account: str, kind: str, rule: Rule) -> None:
        created = self._engine.wall.now()
        record = Record(id=rule_id, account=account, kind=kind, created=created, document=rule.document())
        await self._engine.store.put_record(record)


def _rule(record: Record) -> Rule:
    return Rule(**record.document)

"""From what a run found to a verdict: with what is waived, and what is remembered of earlier runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from screentest.verify import history, waivers
from screentest.verify.runner import Outcome
from screentest.verify.verdict import Verdict, entries, hider
from screentest_contracts.load import Contract


class Memory(Struct, frozen=True, kw_only=True):
    """What is known beside the run: its moment, waivers, what earlier runs saw, and the keys, which nobody may see."""

    now: datetime
    waivers: tuple[waivers.Waiver, ...] = ()
    history: history.History = field(default_factory=dict)
    keys: tuple[str, ...] = ()


def conclude(contract: Contract, outcome: Outcome, memory: Memory, **more: Any) -> tuple[Verdict, history.History]:
    """The verdict, and the history as it is now. `more` are further fields of the verdict; their texts are made
    fit to be shown as well."""
    hide = hider(memory.keys)
    found = list(outcome.findings)
    waived = waivers.apply(memory.waivers, found, memory.now.date())
    at = memory.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    seen = history.seen(memory.history, contract.name, found, at)
    cut = tuple(f"{name} was cut short: it had had its time" for name in outcome.cut)
    remarks = (*cut, *outcome.broke, *outcome.remarks, *more.get("remarks", ()))
    verdict = Verdict(
        provider=contract.name,
        requests=outcome.requests,
        accepted=outcome.accepted,
        seconds=dict(outcome.seconds),
        entries=entries(found, waived, seen[contract.name], memory.keys),
        coverage=dict(outcome.coverage),
        unreachable=hide(outcome.unreachable),
        interrupted=outcome.interrupted,
        expired=tuple(f"{one}, on {one.expires}" for one in waived.expired),
        unused=tuple(map(str, waived.unused)),
        not_observed=history.not_observed(memory.history, contract.name, found),
        **_hidden({**more, "remarks": remarks}, hide),
    )
    return verdict, seen


def _hidden(fields: Mapping[str, Any], hide: Any) -> dict[str, Any]:
    """The fields with every text in them made fit to be shown."""

    def clear(value: Any) -> Any:
        if isinstance(value, str):
            return hide(value)
        if isinstance(value, tuple):
            return tuple(map(clear, value))
        return {hide(name): one for name, one in value.items()} if isinstance(value, Mapping) else value

    return {name: clear(value) for name, value in fields.items()}

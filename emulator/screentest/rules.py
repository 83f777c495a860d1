"""What is armed at ``/_control``: a rule gives the requests that it fits a scenario or a fault. Pure.

The rule armed last wins. A rule with `times` is spent after so many uses; one with a `chance` is used that often.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct, field, structs

from screentest_contracts.reading import ContractError, Reader

SCENARIO, FAULT = "scenario", "fault"
_MOST_TIMES = 1_000_000


class Rule(Struct, frozen=True, kw_only=True):
    """`wish` is the scenario or the faults as text, such as "slow: 90s".

    The other fields narrow down the requests; empty ones take any. `model` may hold the wildcards * and ?, `input`
    names input values that must be equal. `times` is how often the rule may still be used, None for ever; `tried` is
    how often it fitted.
    """

    wish: str
    provider: str = ""
    operation: str = ""
    model: str = ""
    input: Mapping[str, Any] = field(default_factory=dict)
    chance: float = 1.0
    times: int | None = None
    tried: int = 0

    def fits(self, provider: str, operation: str, model: str = "", inputs: Mapping[str, Any] | None = None) -> bool:
        """Whether the rule is about this request."""
        given = inputs or {}
        return (
            self.provider in ("", provider)
            and self.operation in ("", operation)
            and (not self.model or fnmatchcase(model, self.model))
            and all(name in given and given[name] == value for name, value in self.input.items())
        )

    def used(self, *, happened: bool) -> Rule:
        """The rule after it fitted once more; `happened` when the dice said so."""
        times = self.times - 1 if happened and self.times is not None else self.times
        return structs.replace(self, times=times, tried=self.tried + 1)

    @property
    def spent(self) -> bool:
        return self.times == 0

    def document(self) -> dict[str, Any]:
        return structs.asdict(self)


def read_rule(kind: str, document: Any, operations: Mapping[str, tuple[str, ...]]) -> Rule:
    """A rule as a caller writes it: ``{"fault": "status: 503", "operation": "status", "times": 2}``.

    `operations` names each provider's operations. ContractError says which key is wrong.
    """
    reader = Reader(document, kind)
    rule = Rule(
        wish=reader.take(kind, str),
        provider=reader.one_of("provider", tuple(operations), default=""),
        operation=reader.take("operation", str, default="") if kind == FAULT else "",
        model=reader.take("model", str, default="") if kind == SCENARIO else "",
        input=reader.take("input", dict, default={}) if kind == SCENARIO else {},
        chance=float(reader.take("chance", int, float, default=1.0)),
        times=reader.take("times", int, default=None),
    )
    reader.close()
    if not 0 < rule.chance <= 1:
        raise ContractError(f"{kind}/chance: more than 0, at most 1, got {rule.chance}")
    if rule.times is not None and not 1 <= rule.times <= _MOST_TIMES:
        raise ContractError(f"{kind}/times: 1 to {_MOST_TIMES}, got {rule.times}")
    known = {name for provider, names in operations.items() if rule.provider in ("", provider) for name in names}
    if rule.operation and rule.operation not in known:
        raise ContractError(f"{kind}/operation: no operation {rule.operation!r}; there are {', '.join(sorted(known))}")
    return rule

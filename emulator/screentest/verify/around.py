"""Sides around a side. This one passes everything on; what it refuses to send is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from screentest.verify.side import Ask, DeniedError, Side
from screentest_contracts.exchange import NOBODY, Callback, Exchange


class Around:
    """A `Side` that does what `inner` does. `denied` counts what did not leave, by reason."""

    def __init__(self, inner: Side) -> None:
        self.inner = inner
        self.base, self.hook, self.secret = inner.base, inner.hook, inner.secret
        self.controlled, self.sole, self.media = inner.controlled, inner.sole, inner.media
        self.denied: Counter[str] = Counter()

    def send(self, ask: Ask) -> Exchange:
        return self.inner.send(ask)

    def wait(self, seconds: float) -> None:
        self.inner.wait(seconds)

    def heard(self) -> Sequence[Callback]:
        return self.inner.heard()

    def answer_callbacks(self, statuses: Sequence[int]) -> None:
        self.inner.answer_callbacks(statuses)

    def now(self) -> float:
        return self.inner.now()

    def wall(self) -> float:
        return self.inner.wall()

    def set_account(self, settings: Mapping[str, Any]) -> bool:
        return self.inner.set_account(settings)

    def renew(self) -> None:
        self.inner.renew()
        self.hook, self.secret = self.inner.hook, self.inner.secret

    def close(self) -> None:
        self.inner.close()

    def deny(self, why: str) -> DeniedError:
        """The error to raise for a request that does not leave."""
        self.denied[why] += 1
        return DeniedError(why)


def denied(side: Side) -> dict[str, int]:
    """What did not leave, by reason, over all sides around the innermost one."""
    found: dict[str, int] = {}
    around: Side | None = side
    while around is not None:
        found |= dict(getattr(around, "denied", {}))
        around = getattr(around, "inner", None)
    return found


class Keyed(Around):
    """Lets requests through only as somebody whose key there is: `whose` of WHO."""

    def __init__(self, inner: Side, whose: Collection[str]) -> None:
        super().__init__(inner)
        self._whose = frozenset(whose)

    def send(self, ask: Ask) -> Exchange:
        if ask.who not in self._whose and ask.who != NOBODY:
            raise self.deny(_MISSING.get(ask.who, f"there is no key of {ask.who}"))
        return self.inner.send(ask)


_MISSING = {
    "one": "no key was given (--key)",
    "two": "no key of a second account was given (--second-key)",
    "one/admin": "no key of an administrator was given",
}

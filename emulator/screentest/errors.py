"""What can go wrong, by whose fault it is.

ScreentestError
├── SetupError       the command line, a setting, the database file: one line for the person who started us
├── StoreError       the database cannot be written: one line in the log, the provider's internal error to the caller
├── Refusal          the caller broke the contract: becomes the provider's own error envelope
├── ResetError       the account was reset while somebody waited for one of its jobs
└── ClockError       a wish about time that cannot be granted
"""

from __future__ import annotations

from collections.abc import Mapping

from screentest_contracts.violation import Violation


class ScreentestError(Exception):
    """The base of everything raised on purpose."""


class SetupError(ScreentestError):
    """The emulator cannot start as asked; the message says what, where, and what to do."""


class StoreError(ScreentestError):
    """The database cannot be written now, as when the disk is full; nothing of the transaction was stored."""


class ResetError(ScreentestError):
    """The account was reset meanwhile: its jobs are gone, and with a seed another may have the id of one."""


class ClockError(ScreentestError):
    """Time cannot be moved as asked."""


class Refusal(ScreentestError):
    """A request that the provider refuses. `failure` names an entry of the contract's failures table.

    `asked`: the caller asked for it, to see what that is like. `headers` go into the answer.
    """

    def __init__(
        self,
        failure: str,
        detail: str = "",
        violations: tuple[Violation, ...] = (),
        *,
        asked: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{failure}: {detail}")
        self.failure = failure
        self.detail = detail
        self.violations = violations
        self.asked = asked
        self.headers = headers or {}

    def unraised(self) -> Refusal:
        """The same for who keeps it: one that was raised holds on to its frames, and so to the whole request."""
        return Refusal(self.failure, self.detail, self.violations, asked=self.asked)

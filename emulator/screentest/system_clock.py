"""The machine's clock: the one place that reads it for the emulator's time."""

from __future__ import annotations

import time


class SystemClock:
    """The machine's clock. When that one is set back, this one stands still until it has caught up."""

    def __init__(self) -> None:
        self._latest = 0.0

    def now(self) -> float:
        now = time.time()  # noqa: TID251 - this is the one place that reads it
        if now > self._latest:
            self._latest = now
        return self._latest

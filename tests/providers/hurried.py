"""An emulator in a hurry: every look at its wall clock finds it ten seconds later.

Jobs have ended when they are first looked at, so that the synchronous route answers without waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from driving import ORIGIN, Answer, Emulator
from screentest.app import App
from screentest.clock import ManualClock
from screentest.engine import Engine
from screentest.media.artefact import Artefact
from screentest.outputs import Render
from screentest.store.sqlite import SqliteStore


class HurriedClock(ManualClock):
    def now(self) -> float:
        self.advance(10)
        return super().now()


class Hurried(Emulator):
    """As `Emulator`, with a clock that nobody needs to move."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.clock = HurriedClock()
        self.engine = Engine(SqliteStore(), self.clock, switches=self.settings.switches, seed=self.settings.seed)
        self.app = App(self.engine, self.settings, ORIGIN, offload=_inline)


def looped(ask: Callable[[], Answer]) -> Answer:
    """Ask inside an event loop: the synchronous route reads the loop's clock, even when it need not wait."""

    async def asked() -> Answer:
        return ask()

    return asyncio.run(asked())


async def _inline(render: Render, artefact: Artefact) -> bytes:
    return render(artefact)

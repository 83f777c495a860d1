"""The engine of tier paid: what only jobs show, with the cheapest one, at most three times.

The first is followed to its end, with its idempotency key used again and used otherwise; the second is cancelled while
it waits, the third once it is seen running, where the provider cancels at all. The guard has the last word.
"""

from __future__ import annotations

from screentest.verify.cheapest import cheapest
from screentest.verify.engines import Effort, journeys
from screentest.verify.engines.scene import Order, Scene
from screentest.verify.session import Run, session
from screentest.verify.side import ONE

NAME = "paid"
_STEP = 3.0
"""Seconds between two looks at a job that takes minutes."""


def run(run: Run, effort: Effort) -> None:
    """Make the jobs."""
    one = cheapest(run.contract)
    order = Order(one.operation, one.model, one.input)
    with session(run, NAME) as stretch:
        scene = Scene(stretch)
        headers = _key(run, effort)
        made = scene.submit(order, hook=True, headers=headers)
        if made is None:
            return
        scene.look(made)
        if headers:
            scene.submit(order, hook=True, headers=headers)
        journeys.walk(scene, ONE)
        journeys.to_end(scene, made, _STEP)
        journeys.spy(scene, made)
        journeys.fetch(scene, made)
        if run.contract.provider.cancelling and run.contract.provider.lifecycle.cancel != "none":
            for stage in ("queue", "run"):
                journeys.cancel(scene, order, stage, hook=False)


def _key(run: Run, effort: Effort) -> dict[str, str]:
    policy = run.contract.provider.idempotency
    return {policy.header: f"screentest-{effort.seed}-{run.side.now():.0f}"} if policy else {}

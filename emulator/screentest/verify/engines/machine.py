"""Whole lives of jobs: each kind of life once, then at random and mixed, by a Hypothesis state machine.

The machine raises nothing for a violation: the session notes it and the play goes on, so that one run finds many. It
needs no shrinking either, since a violation comes with the shortest sequence that shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from msgspec import Struct

from screentest.verify.engines import Effort, billing, journeys, surface, things
from screentest.verify.engines.lives import lives
from screentest.verify.engines.scene import Order, Scene
from screentest.verify.session import Enough, OutOfTimeError, Run, Session
from screentest.verify.side import ONE, TWO, UnreachableError
from screentest.verify.stepped import SuspendedError
from screentest_contracts.document import Model
from screentest_contracts.strategies import valid_inputs

NAME = "machine"
_STEPS = (0.5, 2.0)  # seconds between two looks; `lives` look closely
_WAITS = (0.05, 0.5, 1.0, 3.0, 11.0, 61.0, 400.0, 90000.0)


def run(run: Run, effort: Effort) -> None:
    """Every kind of life once, then `effort.examples` random plays."""
    models = surface.models(run.contract, effort.depth, effort.only)
    lives(run, models)
    if not run.side.controlled:
        return
    stop = _Stop()
    machine = machine_of(run, models, stop)
    few = settings(
        max_examples=effort.examples,
        stateful_step_count=effort.steps,
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(effort.seed)(machine), settings=few)
    if stop.cause is not None:
        raise stop.cause


class _Stop(Struct):
    """Why nothing more is to be sent. Hypothesis would take it for a finding, play it again, and find another end."""

    cause: Exception | None = None


def machine_of(run: Run, models: list[Model], stop: _Stop) -> type[RuleBasedStateMachine]:
    """The state machine of a provider. What it draws does not depend on what is answered."""
    contract = run.contract
    orders = st.sampled_from([(one, model) for one in surface.submits(contract) for model in models]).flatmap(
        lambda pair: st.builds(Order, st.just(pair[0]), st.just(pair[1]), _inputs(pair[1]))
    )
    calls = [one for one in surface.others(contract) if not one.job_parameter or one.method == "GET"]
    has_keys, has_cancel = contract.provider.idempotency is not None, contract.provider.cancelling is not None
    has_callbacks = run.side.hook is not None

    class Machine(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.scene: Scene | None = None
            self._do(lambda scene: None)

        def teardown(self) -> None:
            self._do(lambda scene: scene.session.finish())

        def _do(self, play: Callable[[Scene], object]) -> None:
            """Play on, unless the run is to stop."""
            if stop.cause is not None:
                return
            try:
                if self.scene is None:
                    run.side.renew()
                    self.scene = Scene(Session(run, NAME))
                play(self.scene)
            except (Enough, OutOfTimeError, UnreachableError, SuspendedError) as cause:
                stop.cause = cause

        @rule(order=orders, who=st.sampled_from([ONE, ONE, ONE, TWO]), hook=st.booleans())
        def submit(self, order: Order, who: str, hook: bool) -> None:
            self._do(lambda scene: scene.submit(order, who=who, hook=hook and who == ONE))

        @precondition(lambda self: has_callbacks)
        @rule(order=orders, refusals=st.sampled_from([(500,), (500, 500), (404, 302)]), fails=st.booleans())
        def notify(self, order: Order, refusals: tuple[int, ...], fails: bool) -> None:
            order = (journeys.failing(order) or order) if fails else order
            self._do(lambda scene: journeys.follow(scene, order, step=1.0, refusals=refusals))

        @rule(order=orders, step=st.sampled_from(_STEPS), hook=st.booleans(), fetch=st.booleans())
        def follow(self, order: Order, step: float, hook: bool, fetch: bool) -> None:
            def play(scene: Scene) -> None:
                made = journeys.follow(scene, order, step=step, hook=hook)
                if made and fetch:
                    journeys.fetch(scene, made)

            self._do(play)

        @precondition(lambda self: has_cancel)
        @rule(order=orders, stage=st.sampled_from(["queue", "run", "end"]))
        def cancel(self, order: Order, stage: str) -> None:
            self._do(lambda scene: journeys.cancel(scene, order, stage, step=_STEPS[0]))

        @precondition(lambda self: has_keys)
        @rule(order=orders, key=st.sampled_from(["a", "b", "c" * 255]), wait=st.sampled_from([0.0, 2.0, 3600.0]))
        def repeat(self, order: Order, key: str, wait: float) -> None:
            self._do(lambda scene: journeys.repeat(scene, order, key=key, wait=wait))

        @rule(which=st.integers(0, 99))
        def poll(self, which: int) -> None:
            self._do(lambda scene: scene.look(scene.jobs[which % len(scene.jobs)]) if scene.jobs else None)

        @rule(which=st.integers(0, 99))
        def spy(self, which: int) -> None:
            def play(scene: Scene) -> None:
                mine = [one for one in scene.jobs if one.who == ONE]
                if mine:
                    journeys.spy(scene, mine[which % len(mine)])

            self._do(play)

        @rule(who=st.sampled_from([ONE, TWO]), size=st.sampled_from([1, 2, 3, 100]))
        def walk(self, who: str, size: int) -> None:
            self._do(lambda scene: journeys.walk(scene, who, size))

        @rule(seconds=st.sampled_from(_WAITS))
        def wait(self, seconds: float) -> None:
            self._do(lambda scene: scene.session.wait(seconds))

        @rule(order=orders)
        def poor(self, order: Order) -> None:
            self._do(lambda scene: billing.poor(scene, order))

        @precondition(lambda self: bool(calls))
        @rule(which=st.integers(0, 999))
        def use(self, which: int) -> None:
            self._do(lambda scene: things.uses(scene, calls[which % len(calls)]))

    return Machine


def _inputs(model: Model) -> st.SearchStrategy[dict[str, Any]]:
    """Valid inputs; built once for each model."""
    if model.id not in _STRATEGIES:
        _STRATEGIES[model.id] = valid_inputs(model)
    return _STRATEGIES[model.id]


_STRATEGIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {}

"""The script of a comparison: the same requests to two sides, each for a stated purpose, and at most three jobs.

It acts on what it sees, never on the time that has passed: a job is cancelled when it is *seen* waiting, and followed
until it is *seen* to have ended. What a side may not be asked (no key, no money, the guard) is simply not seen. Where
jobs cost nothing and time can be moved, the lives of `verify` are played as well, for their contradictions only.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator

from msgspec import Struct

from screentest.verify import charging
from screentest.verify.cheapest import Cheapest, cheapest
from screentest.verify.engines import EFFORTS, Effort, enumerated, journeys, surface, things
from screentest.verify.engines.lives import lives
from screentest.verify.engines.probes import probes
from screentest.verify.engines.scene import Made, Order, Scene
from screentest.verify.session import Run, session
from screentest.verify.side import ADMIN, INVALID, NOBODY, ONE, Ask
from screentest_contracts.document import Model, Operation
from screentest_contracts.drift.profiling import Probe, Profiler
from screentest_contracts.edges import Case, accepted, accepted_by, refused, refused_by
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import Contract
from screentest_contracts.reading import pointer_token

NAME = "script"
_SHOWN = 60  # characters of a value in a label
_STEP, _LIVE_STEP = 0.25, 3.0
_SEED = 0


class Situation(Struct, frozen=True, kw_only=True):
    """What both sides are asked under. `jobs`: the cheapest jobs are made, at most three; `edges`: an account without
    balance is asked for every edge of the inputs; `forced`: both can be told how jobs go, what an account has and what
    time it is; `lives`: then the lives of `verify` are played too; `depth` is one of `engines.DEPTHS`."""

    jobs: bool = True
    edges: bool = True
    forced: bool = True
    lives: bool = True
    depth: str = "quick"


class Script:
    """Plays on one side and tells the profiler what each request is for."""

    def __init__(self, run: Run, profiler: Profiler, situation: Situation) -> None:
        self._run, self._profiler, self._situation = run, profiler, situation
        self._contract, self._judge = run.contract, run.judge
        self._effort = Effort(seed=_SEED, depth=EFFORTS[situation.depth].depth)

    def play(self) -> None:
        """All of it, what costs nothing in any case first."""
        with session(self._run, NAME) as one:
            scene = Scene(one)
            for ask in probes(self._contract, self._effort):
                self._probe(scene, ask, _label(ask), self._kind(ask), self._fact(ask))
            for label, ask in _orders(self._contract, self._effort):
                self._probe(scene, ask, f"order: {label}", "order", self._fact(ask))
            things.tour(scene)
        if self._situation.edges:
            self._edges()
        if self._situation.jobs:
            self._jobs()
        if self._situation.jobs and self._situation.forced and self._situation.lives:
            with self._profiler.idle():
                lives(self._run, surface.models(self._contract, self._effort.depth))

    def _edges(self) -> None:
        """Every edge of the models' inputs, on an account that cannot pay: what is right is refused for that only."""
        with session(self._run, NAME) as one:
            scene = Scene(one)
            if self._run.side.controlled:
                self._run.side.set_account({"key_state": "empty"})
            models = sorted(surface.models(self._contract, self._effort.depth), key=enumerated.worst_price)
            for operation in surface.submits(self._contract):
                for cases in (refused, accepted):
                    for model in models:
                        for case in cases(model):
                            self._edge(scene, operation, model, case)
                self._around(scene, operation, models[0])
            if self._run.side.controlled:
                self._run.side.set_account({"key_state": None})

    def _edge(self, scene: Scene, operation: Operation, model: Model, case: Case) -> None:
        path, body = surface.order_of(operation, model, case.input)
        place = "".join(f"/{pointer_token(str(token))}" for token in case.path)
        named = "".join(f"/properties/{pointer_token(str(token))}" for token in case.path if isinstance(token, str))
        label = f"{operation.id} {model.id} {place or '/'} {case.reason} {_short(case.input)}"
        fact = self._judge.facts.at(f"/input{named}/{case.keyword}", model.id)
        self._probe(scene, Ask(method=operation.method, path=path, body=body), label, "rule", fact)

    def _around(self, scene: Scene, operation: Operation, model: Model) -> None:
        """Every edge of the body around the input."""
        if not operation.input_at or not operation.body:
            return
        path, body = surface.order_of(operation, model, model.example)
        schema = self._contract.body(operation.body)
        for case in (*refused_by(schema, body), *accepted_by(schema, body)):
            ask = Ask(method=operation.method, path=path, body=case.input)
            self._probe(scene, ask, f"body {case.reason} {_label(ask)}", "rule", self._fact(ask))

    def _jobs(self) -> None:
        """Three jobs: one to its end and used in every way, one cancelled while it waits, one once it runs."""
        one = cheapest(self._contract)
        order = Order(one.operation, one.model, one.input)
        cancelling = self._contract.provider.cancelling
        with self._stretch(order, "a job and its replay") as scene:
            made = _whole(scene, order, self._key(one))
            if made:
                charging.told_costs(scene, made, "a job", self._charge(order))
        if cancelling and self._contract.provider.lifecycle.cancel != "none":
            for stage in ("queue", "run"):
                with self._stretch(order, f"a job cancelled in stage {stage}") as scene:
                    journeys.cancel(scene, order, stage)
        failing = journeys.failing(order) if self._situation.forced else None
        if failing:
            with self._stretch(failing, "a job that failed") as scene:
                journeys.follow(scene, failing)
                journeys.walk(scene, ONE)

    @contextlib.contextmanager
    def _stretch(self, order: Order, what: str) -> Iterator[Scene]:
        """One stretch of play with an account that has a balance, and what is gone of it at the end."""
        with session(self._run, NAME) as one:
            scene = Scene(one)
            charging.provide(scene)
            with charging.charged(scene, order, what, self._charge(order)):
                yield scene

    def _charge(self, order: Order) -> charging.Tell:
        fact = self._judge.facts.at("/price", order.model.id)
        return lambda what, paid: self._profiler.charged(what, paid, fact)

    def _key(self, one: Cheapest) -> dict[str, str]:
        policy = self._contract.provider.idempotency
        return {policy.header: f"screentest-drift-{self._run.side.now():.0f}"} if policy else {}

    def _probe(self, scene: Scene, ask: Ask, label: str, kind: str, fact: str) -> None:
        self._profiler.probe = Probe(label=label, kind=kind, fact=fact)
        try:
            scene.ask(ask)
        finally:
            self._profiler.probe = None

    def _kind(self, ask: Ask) -> str:
        other = ask.who != ONE or ask.authorization is not None
        return "auth" if other else "rule"

    def _fact(self, ask: Ask) -> str:
        draft = Exchange(method=ask.method, url=ask.target(self._run.side.base), status=0)
        operation = getattr(self._judge.operations.find(draft), "operation", None)
        return self._judge.facts.operation(operation.id, "/failures") if operation else ""


def _whole(scene: Scene, order: Order, headers: dict[str, str]) -> Made | None:
    """One job in small steps to its end and beyond: its documents all the way, its key again and otherwise, its
    callback with one refusal, the lists, another account's eyes, a cancel that is too late. None without a job."""
    step = _STEP if scene.side.controlled else _LIVE_STEP
    scene.side.answer_callbacks((503,))
    made = scene.submit(order, hook=True, headers=headers)
    if made is None:
        return None
    scene.look(made)
    if headers:
        scene.submit(order, hook=True, headers=headers)
        scene.submit(Order(order.operation, order.model, _other(order)), hook=True, headers=headers)
    journeys.walk(scene, ONE)
    journeys.to_end(scene, made, step)
    for _ in range(2):
        scene.session.wait(step)
        scene.look(made)
    policy = scene.contract.provider.callbacks
    if policy and scene.side.hook and scene.side.controlled:
        for pause in (*policy.offsets[1:3], 45.0):
            scene.session.wait(pause)
    journeys.spy(scene, made)
    _late_cancel(scene, made)
    journeys.walk(scene, ONE)
    journeys.fetch(scene, made)
    scene.look(made)
    return made


def _late_cancel(scene: Scene, made: Made) -> None:
    """Cancel a job that has ended, as whoever may."""
    rule, life = scene.contract.provider.cancelling, scene.contract.provider.lifecycle
    if rule is None:
        return
    operation = scene.contract.provider.operations[rule.operation]
    body = surface.example_of(scene.contract.provider.schemas[operation.body]) if operation.body else None
    scene.about(operation, made.id, who=ADMIN if life.cancel == "none" else made.who, body=body)


def _other(order: Order) -> dict[str, object]:
    """Another input that is as valid and as cheap, as far as there is one: another prompt."""
    value = dict(order.value)
    return value | {"prompt": "another one"} if "prompt" in value else value


def _orders(contract: Contract, effort: Effort) -> Iterator[tuple[str, Ask]]:
    """Requests with two faults: which of them is told shows the order of the checks."""
    model = surface.models(contract, effort.depth)[0]
    for operation in surface.submits(contract):
        path, bad = surface.order_of(operation, model, {})
        nowhere = path.replace(model.id, "no/such-model")
        unknown = bad | {operation.model_place[1]: "no/such-model"} if operation.model_place[0] == "body" else bad
        for who in (NOBODY, INVALID):
            name = who or "nobody"
            yield f"{operation.id} {name}, invalid", Ask(method=operation.method, path=path, who=who, body=bad)
            yield f"{operation.id} {name}, no JSON", Ask(method=operation.method, path=path, who=who, raw=b"{")
            yield f"{operation.id} {name}, no model", Ask(method=operation.method, path=nowhere, who=who, body=unknown)
        yield f"{operation.id} no model, invalid", Ask(method=operation.method, path=nowhere, body=unknown)
        yield f"{operation.id} no model, no JSON", Ask(method=operation.method, path=nowhere, raw=b"{")
    for operation in surface.lists(contract):
        queries = {name: "-5" for name, rule in operation.query.items() if rule.get("type") == "integer"}
        if operation.key and not operation.parameters and queries:
            yield f"{operation.id} nobody, bad query", Ask(method="GET", path=operation.path, who=NOBODY, query=queries)


def _label(ask: Ask) -> str:
    """What tells a probe from all others, with its value; links out of answers and keys are never in a probe."""
    said = [ask.method, _cut(ask.path), "as", ask.who or "nobody"]
    if ask.authorization is not None:
        said.append(f"authorization {ask.authorization!r}")
    said += [f"?{name}={_cut(value)}" for name, value in ask.query.items()]
    said += [f"{name}: {_cut(value)}" for name, value in ask.headers.items()]
    if ask.raw is not None:
        said.append(f"raw {ask.raw!r}")
    elif ask.body is not None:
        said.append(_short(ask.body))
    return " ".join(said)


def _short(value: object) -> str:
    return _cut(json.dumps(value, ensure_ascii=False, sort_keys=True))


def _cut(text: str) -> str:
    """A text that fits into a label, and is still another one than any other."""
    if len(text) <= _SHOWN:
        return text
    return f"{text[:_SHOWN]}…{len(text)}/{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"

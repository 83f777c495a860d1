"""Whole lives of jobs, as a client lives them. What is wrong with the answers, the session notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from screentest.verify.engines import surface
from screentest.verify.engines.scene import Made, Order, Scene
from screentest.verify.film import film_of
from screentest.verify.side import ADMIN, ONE, TWO, Ask
from screentest_contracts.document import Operation
from screentest_contracts.exchange import Exchange
from screentest_contracts.reading import Json
from screentest_contracts.urls import is_link

STEP = 0.25
"""Seconds between two looks, shorter than most states last."""

_PATIENCE = 60  # looks, after which the steps grow
_MOST_LOOKS = 240
_LONGEST_STEP = 15.0  # seconds, where they pass by themselves
_NOW_AND_THEN = 5  # looks
_BEYOND = 45.0  # seconds after which a callback that did not come is missing
_REFUSING = "[[fail]]"
_RANGES = ("bytes=0-99", "bytes=-50", "bytes=100-", "bytes=999999999-")


def follow(
    scene: Scene,
    order: Order,
    *,
    step: float = STEP,
    hook: bool = True,
    refusals: Sequence[int] = (),
    headers: Mapping[str, str] | None = None,
) -> Made | None:
    """Submit, look in small steps to the end and twice beyond, hear the callback, fetch what was made.

    `refusals` are what the receiver answers first.
    """
    scene.side.answer_callbacks(refusals)
    made = scene.submit(order, hook=hook, headers=headers)
    if made is None:
        return None
    to_end(scene, made, step)
    for _ in range(2):
        scene.session.wait(step)
        scene.look(made)
    if hook and scene.side.hook and scene.side.controlled:
        rounds = scene.contract.provider.callbacks
        offsets = rounds.offsets if rounds else ()
        for pause in [*offsets[1 : 1 + len(refusals)], _BEYOND]:
            scene.session.wait(pause)
        scene.look(made)
    return made


def to_end(scene: Scene, made: Made, step: float = STEP) -> bool:
    """Look until the job has ended; whether it did."""
    return reach(scene, made, "end", step)


def reach(scene: Scene, made: Made, stage: str, step: float = STEP) -> bool:
    """Look until the job is seen in this stage, or beyond it; whether it is in it. Every document is read when the
    state changes, and now and then; the one that tells the state, always."""
    stages, word = ("queue", "run", "end"), None
    for count in range(_MOST_LOOKS):
        seen = scene.glance(made)
        if seen is None or seen.word != word or count % _NOW_AND_THEN == 0:
            seen = scene.look(made) or seen
        word, now = (seen.word, seen.phase) if seen else (None, None)
        if now and stages.index(now.stage) >= stages.index(stage):
            return now.stage == stage
        pause = step * 2 ** max(0, (count - _PATIENCE) // 10)
        scene.session.wait(pause if scene.side.controlled else min(pause, _LONGEST_STEP))
    return False


def fetch(scene: Scene, made: Made) -> None:
    """Download what the job made, whole and in parts, and look into the file."""
    for url in outputs(scene, made):
        head = scene.ask(Ask(method="HEAD", path=url, who=""))
        whole = scene.ask(Ask(method="GET", path=url, who=""))
        if whole.status == 200:
            _watch(scene, whole, head)
            for wish in _RANGES:
                scene.ask(Ask(method="GET", path=url, who="", headers={"range": wish}))
        scene.ask(Ask(method="GET", path=url, who="", headers={"if-none-match": whole.headers.get("etag", "*")}))


def outputs(scene: Scene, made: Made) -> list[str]:
    """The links to what the job made, each once; not what is no link at all, which the judge has told."""
    seen = scene.shown(made)
    urls = [url for one in seen for _, url in one.outputs()]
    return list(dict.fromkeys(url for url in urls if isinstance(url, str) and is_link(url)))


def outlive(scene: Scene, made: Made) -> None:
    """Come back after the links' time, just before its end and after it."""
    lifetime = scene.contract.provider.outputs.lifetime
    links = outputs(scene, made)
    if lifetime is None or not links or not scene.side.controlled:
        return
    for pause in (lifetime * 0.8, lifetime * 0.5):
        scene.session.wait(pause)
        for url in links:
            scene.ask(Ask(method="GET", path=url, who=""))
    scene.look(made)
    for url in outputs(scene, made):
        scene.ask(Ask(method="GET", path=url, who=""))


def cancel(scene: Scene, order: Order, stage: str, *, hook: bool = True, step: float = STEP) -> None:
    """Cancel in this stage, twice, and look at what becomes of it."""
    rule = scene.contract.provider.cancelling
    if rule is None:
        return
    made = scene.submit(order, hook=hook)
    if made is None or not reach(scene, made, stage, step):
        return
    operation = scene.contract.provider.operations[rule.operation]
    for _ in range(2):
        _cancel(scene, operation, made)
        scene.look(made)
    scene.session.wait(STEP)
    scene.look(made)
    to_end(scene, made, 1.0)
    scene.session.wait(_BEYOND if scene.side.controlled else STEP)
    walk(scene, made.who)


def repeat(scene: Scene, order: Order, *, key: str, wait: float = 0.0) -> None:
    """The same request with the same key, before and, where time can be moved, after `wait` seconds; then another one,
    and another account's."""
    policy = scene.contract.provider.idempotency
    if policy is None:
        return
    headers = {policy.header: key}
    scene.submit(order, headers=headers)
    scene.submit(order, headers=headers)
    if wait and scene.side.controlled:
        scene.session.wait(wait)
        scene.submit(order, headers=headers)
    other = Order(order.operation, order.model, _changed(order.value), order.more)
    scene.submit(other, headers=headers)
    scene.submit(order, headers=headers)
    scene.submit(order, headers=headers, who=TWO)
    walk(scene, ONE)
    if scene.side.controlled:
        scene.session.wait(policy.lifetime + 120)
        scene.submit(order, headers=headers)


def spy(scene: Scene, made: Made) -> None:
    """Another account tries everything with this job, and its owner looks after it."""
    for operation in scene.contract.provider.operations.values():
        if not operation.job_parameter or "foreign-job" not in operation.failures:
            continue
        values = {**scene.values(operation), operation.job_parameter: made.id}
        body: Json = {} if operation.body else None
        path = surface.path_of(operation, values)
        scene.ask(Ask(method=operation.method, path=path, who=TWO, body=body))
    walk(scene, TWO)
    scene.look(made)


def walk(scene: Scene, who: str, size: int = 2) -> None:
    """Read every list of jobs page by page, and whole."""
    for operation in surface.job_lists(scene.contract):
        scene.ask(Ask(method="GET", path=operation.path, who=who))
        pages(scene, operation, {}, who=who, size=size)


def pages(scene: Scene, operation: Operation, values: Mapping[str, str], *, who: str = ONE, size: int = 2) -> None:
    """Read one list page by page."""
    schema = next(iter(operation.answers.values()))
    listing = scene.contract.provider.lists[schema]
    path = surface.path_of(operation, values)
    query = {listing.size_by: str(size)} if listing.size_by else {}
    for number in range(1, 7):
        if listing.page_by:
            query[listing.page_by] = str(number)
        if listing.offset_by:
            query[listing.offset_by] = str((number - 1) * size)
        page = scene.ask(Ask(method="GET", path=path, who=who, query=query))
        if listing.next:
            cursor = page.answer.get(listing.next[1:]) if isinstance(page.answer, dict) else None
            if not isinstance(cursor, str) or not listing.cursor_by:
                return
            query[listing.cursor_by] = cursor
        elif not (listing.page_by or listing.offset_by):
            return


def failing(order: Order) -> Order | None:
    """The same order with a prompt that lets the emulator's job fail; None where there is no prompt to say it in."""
    if not isinstance(order.value, dict) or not isinstance(order.value.get("prompt"), str):
        return None
    return Order(order.operation, order.model, {**order.value, "prompt": _REFUSING}, order.more)


def redeliver(scene: Scene, made: Made) -> None:
    """Ask for the callback again, of this job and of one that never asked for any."""
    policy = scene.contract.provider.callbacks
    if policy is None or policy.redelivered_by is None:
        return
    operation = scene.contract.provider.operations[policy.redelivered_by]
    for one in (made, scene.submit(made.order)):
        if one:
            scene.about(operation, one.id)
            scene.session.wait(5)
            scene.look(one)


def _cancel(scene: Scene, operation: Operation, made: Made) -> None:
    """By whoever may, and by whoever may not."""
    body: Json = surface.example_of(scene.contract.provider.schemas[operation.body]) if operation.body else None
    administers = scene.contract.provider.lifecycle.cancel == "none"
    if administers:
        tried = scene.about(operation, made.id, who=made.who, body=body)
        if tried.status in operation.answers and scene.side.controlled:
            judge = scene.session.run.judge
            fact, said = judge.facts.at("/lifecycle/cancel"), "cancelled by somebody who is no administrator"
            scene.session.blame([judge.violation("auth.loosened", operation.id, tried, fact, said)])
    scene.about(operation, made.id, who=ADMIN if administers else made.who, body=body)


def _changed(value: Json) -> Json:
    """Another input that is as valid: the prompt says something else."""
    if isinstance(value, dict) and isinstance(value.get("prompt"), str):
        return {**value, "prompt": "another one"}
    return value


def _watch(scene: Scene, whole: Exchange, head: Exchange) -> None:
    violations = scene.session.monitor.watched(whole, film_of(whole.body))
    judge = scene.session.run.judge
    if head.status == 200 and head.headers.get("content-length", str(len(whole.body))) != str(len(whole.body)):
        fact, said = judge.facts.at("/outputs"), "HEAD tells another length than GET has"
        violations.append(judge.violation("header.value", "media", head, fact, said, pointer="header:content-length"))
    scene.session.blame(violations)

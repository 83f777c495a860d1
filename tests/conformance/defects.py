"""How a defect is planted: tampers for answers, retellings for callbacks, and the stories in which they happen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from conformance.journeys import SAMPLES, cancel, fetch, follow, look, pages, sign_callbacks
from conformance.watching import SECOND, Tamper, Watched, resigned
from driving import KEY, Answer
from providers.samples import job_id
from screentest.sender import Posted
from screentest_contracts.conformance import Film
from screentest_contracts.exchange import Callback, Exchange

Change = Callable[[Any], Any]
"""Edits a body in place and answers None, or answers what takes its place."""

Story = Callable[[Watched], Any]
Retelling = Callable[[Watched, Callback], list[Callback]]

JSON = {"content-type": "application/json"}
SOME_TASK = "tk-hiapi-01KYV4GTDQPDGKR8ZRRXCTF1H8"
TASK = {"model": "m", "status": "queued", "created": 1, "completed": 0, "storage": "temp", "taskId": SOME_TASK}
SUCCESS: dict[str, Any] = {"code": 200, "message": "success", "data": TASK}
CREATED = {"code": 200, "message": "success", "data": {"taskId": SOME_TASK}}
INVALID_REQUEST = {"code": 400, "message": "invalid", "data": None, "error_code": "INVALID_REQUEST"}


@dataclass(frozen=True)
class Plant:
    """One defect: the kind it has to be found as, what it is, its provider, what is done, and what alters answers.

    `tamper` is made anew for each run, since it may count.
    """

    kind: str
    what: str
    provider: str
    story: Story
    tamper: Callable[[], Tamper] | None = None

    def __str__(self) -> str:
        return f"{self.kind}-{self.provider}-{self.what}".replace(" ", "-")


def where(path: str, change: Change, method: str = "GET", after: int = 0) -> Callable[[], Tamper]:
    """Alters the answers of `method` under a path that contains `path`, but the first `after` of them."""

    def made() -> Tamper:
        seen = 0

        def tamper(exchange: Exchange, body: Any) -> Any:
            nonlocal seen
            if path not in exchange.path or exchange.method != method:
                return body
            seen += 1
            changed = change(body) if seen > after else None
            return body if changed is None else changed

        return tamper

    return made


def again(state: str, earlier: dict[str, Any]) -> Callable[[], Tamper]:
    """From the second document in `state` on, jobs have the values of `earlier`."""

    def made() -> Tamper:
        seen = 0

        def tamper(exchange: Exchange, body: Any) -> Any:
            nonlocal seen
            if state in _states(body):
                seen += 1
                if seen > 1:
                    (body.get("data") or body).update(earlier)
            return body

        return tamper

    return made


def put(pointer: str, value: Any) -> Change:
    """Sets what a pointer leads to, if its parent is there; the value may be a function of the old one, if there is."""

    def change(body: Any) -> None:
        path: list[Any] = [int(token) if token.isdecimal() else token for token in pointer.split("/")[1:]]
        last = path.pop()
        for token in path:
            if not (body and (token in body if isinstance(body, dict) else isinstance(token, int))):
                return
            body = body[token]
        old = body[last] if isinstance(body, list) or last in body else None
        if not callable(value):
            body[last] = value
        elif old is not None:
            body[last] = value(old)

    return change


def drop(pointer: str) -> Change:
    """Takes a member of an object away."""

    def change(body: Any) -> None:
        *path, last = pointer.split("/")[1:]
        for token in path:
            body = body.get(token, {})
        body.pop(last, None)

    return change


def when(state: str, change: Change) -> Change:
    """A change for bodies in one state only."""
    return lambda body: change(body) if state in _states(body) else None


def both(*changes: Change) -> Change:
    def change(body: Any) -> None:
        for one in changes:
            one(body)

    return change


def answer(status: int, body: Any = None, **headers: str) -> Change:
    """Another status; another body where one is given."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda old: Answer(status, JSON | named, json.dumps(old if body is None else body).encode())


def every(change: Callable[[Exchange, Any], Any]) -> Callable[[], Tamper]:
    """A tamper that looks at every exchange."""
    return lambda: change


def _states(body: Any) -> tuple[Any, ...]:
    inner = (body.get("data") or body) if isinstance(body, dict) else {}
    return (inner.get("status"), inner.get("status_code")) if isinstance(inner, dict) else ()


def life(emulator: Watched) -> None:
    """One job from submit to the end and beyond."""
    follow(emulator, SAMPLES[emulator.judge.contract.name])


def submit(**changes: Any) -> Story:
    return lambda emulator: SAMPLES[emulator.judge.contract.name].send(emulator, **changes)


def get(path: str, key: str | None = KEY, **headers: str) -> Story:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda emulator: emulator.get(path, key=key, headers=named)


def accounts_and_lists(emulator: Watched) -> None:
    """Jobs of two accounts, and the lists of both, on pages of many and of one."""
    sample = SAMPLES[emulator.judge.contract.name]
    for key in (KEY, SECOND, KEY):
        sample.send(emulator, key=key)
        emulator.advance(2, key)
        look(emulator, sample, job_id(sample.send(emulator, key=key)), key=key)
        emulator.advance(2, key)
    pages(emulator, sample, 100)
    pages(emulator, sample, 1)


def other_account(emulator: Watched) -> None:
    sample = SAMPLES[emulator.judge.contract.name]
    look(emulator, sample, job_id(sample.send(emulator)), key=SECOND)


def two_lives(emulator: Watched) -> None:
    """Two jobs, the second submitted a minute after the first has ended."""
    life(emulator)
    emulator.advance(60)
    life(emulator)


def cancelling(wait: float) -> Story:
    """A request that is cancelled `wait` seconds after its submit, and looked at before and after."""

    def story(emulator: Watched) -> None:
        sample = SAMPLES["runcomfy"]
        job = job_id(sample.send(emulator))
        for seconds in (wait, 0.1, 30):
            emulator.advance(seconds)
            look(emulator, sample, job)
            cancel(emulator, sample, job)
        look(emulator, sample, job)

    return story


def keyed(*prompts: str) -> Story:
    """Submits with one idempotency key."""

    def story(emulator: Watched) -> None:
        sample = SAMPLES[emulator.judge.contract.name]
        for prompt in prompts:
            emulator.post(sample.path, sample.body(prompt=prompt), headers={"Idempotency-Key": "k"})

    return story


def heard(retelling: Retelling, *, signed: bool = False) -> Story:
    """A life whose callbacks are retold before they are heard."""

    def story(emulator: Watched) -> None:
        if signed:
            sign_callbacks(emulator, SAMPLES[emulator.judge.contract.name])
        emulator.retold = lambda callback: retelling(emulator, callback)
        life(emulator)
        emulator.advance(4000)
        emulator.finish()

    return story


def edited(pointer: str, value: Any) -> Retelling:
    """The callback with another value, signed as it should be."""

    def retelling(emulator: Watched, callback: Callback) -> list[Callback]:
        body = json.loads(callback.body)
        put(pointer, value)(body)
        return [resigned(callback, body, emulator.judge, emulator.clock.now())]

    return retelling


def with_headers(**headers: str | None) -> Retelling:
    """The callback with other headers; None takes one away."""

    def retelling(emulator: Watched, callback: Callback) -> list[Callback]:
        changed = {**callback.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return [replace(callback, headers={name: value for name, value in changed.items() if value is not None})]

    return retelling


def refused_once(emulator: Watched) -> None:
    """A receiver that takes nothing, and a server that tries only once."""
    emulator.receiver = Posted(503, "")
    first: list[Callback] = []

    def once(callback: Callback) -> list[Callback]:
        first.append(callback)
        return first if len(first) == 1 else []

    emulator.retold = once
    life(emulator)
    emulator.advance(4000)
    emulator.finish()


def downloaded(status: int, later: float = 0.0) -> Story:
    """An output that is fetched, and once more, `later`, with another answer."""

    def story(emulator: Watched) -> None:
        sample = SAMPLES[emulator.judge.contract.name]
        fetch(emulator, sample, follow(emulator, sample))
        last = emulator.exchanges[-1]
        emulator.violations += emulator.monitor.see(replace(last, status=status, at=last.at + later))

    return story


def film(what: Film) -> Story:
    """An output in which somebody finds `what`."""

    def story(emulator: Watched) -> None:
        sample = SAMPLES[emulator.judge.contract.name]
        fetch(emulator, sample, follow(emulator, sample))
        emulator.violations += emulator.monitor.watched(emulator.exchanges[-1], what)

    return story

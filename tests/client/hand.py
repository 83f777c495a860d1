"""A driver made of nothing: it plays a flow by hand, on a clock that only sleeping moves."""

from __future__ import annotations

import json
from typing import Any, TypeVar, cast

from screentest_client.errors import ClientError
from screentest_client.pace import Waiting
from screentest_client.steps import Flow, Response, Sleep, Step

T = TypeVar("T")


class Hand:
    """Drives a flow by hand: each request gets the next answer, each sleep moves the clock as far as it is asked."""

    def __init__(self, *answers: Any, steady: bool = False, seconds_per_call: float = 0.0, stuck: bool = False) -> None:
        self.answers = list(answers)
        self.steady, self.seconds_per_call, self.stuck = steady, seconds_per_call, stuck
        self.time = 1000.0
        self.steps: list[Step] = []

    def clock(self) -> float:
        return self.time

    @property
    def slept(self) -> list[float]:
        return [step.seconds for step in self.steps if isinstance(step, Sleep)]

    def run(self, flow: Flow[T]) -> T:
        try:
            step = next(flow)
            while True:
                self.steps.append(step)
                answer = self._answer(step)
                step = flow.throw(answer) if isinstance(answer, ClientError) else flow.send(answer)
        except StopIteration as end:
            return cast("T", end.value)

    def _answer(self, step: Step) -> Response | ClientError | None:
        if isinstance(step, Sleep):
            self.time += 0.0 if self.stuck else step.seconds
            return None
        self.time += self.seconds_per_call
        answer = self.answers[0] if self.steady and len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, ClientError):
            return answer
        status, body, *headers = answer if isinstance(answer, tuple) else (200, answer)
        return Response(step=step, status=status, content=json.dumps(body).encode(), headers=dict(*headers))


def waiting(hand: Hand, timeout: float | None = 600.0, poll: float | None = None, **more: Any) -> Waiting:
    facts: dict[str, Any] = {"progress": None, "raise_on_failure": True, **more}
    return Waiting(timeout, poll, clock=hand.clock, **facts)

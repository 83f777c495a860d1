"""Every operation on jobs, of all three providers: what clients under load ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from screentest_contracts.load import load

MODELS = {
    "hiapi": "happyhorse-1.1/reference-to-video",
    "runcomfy": "happyhorse/happyhorse-1.0/text-to-video",
    "runflow": "bytedance/seedance/2.0/text-to-video",
}
_WAITING = ("run",)  # Runflow's synchronous route answers when the job has ended
_PARAMETER = re.compile(r"\{(\w+)(?:\.\.\.)?\}")

FAULTS = (
    *("status: 500", "status: 429 1", "delay: 0.02", "slow-body: 0.05", "reset", "lost-answer", "cut-off"),
    *("truncated-json", "wrong-type", "gateway-page", "gateway-timeout"),
)


@dataclass(frozen=True, slots=True)
class Submit:
    """A request that makes a job. `id_at` are the keys that lead to its id in the answer."""

    provider: str
    path: str
    id_at: tuple[str, ...]
    body: dict[str, Any] = field(hash=False)

    def id_of(self, answer: Any) -> str:
        """The new job's id."""
        for key in self.id_at:
            answer = answer[key]
        return str(answer)


def submits(mark: str, callback: str | None = None) -> list[Submit]:
    """One submit of each provider; `mark` tells it from others, `callback` is told of the end where it can be."""
    prompt = f"a horse runs along a beach, take {mark}"
    clip = {"prompt": prompt, "reference_image": ["https://example.com/fox.jpg"]}
    task: dict[str, Any] = {"model": MODELS["hiapi"], "input": clip}
    run: dict[str, Any] = {"input": {"prompt": prompt}}
    if callback:
        task["callback"] = {"url": callback}
        run["callback_url"] = callback
    request = {"prompt": prompt, "duration": 5, "resolution": "720P"}
    return [
        Submit("hiapi", "/hiapi/v1/tasks", ("data", "taskId"), task),
        Submit("runcomfy", f"/runcomfy/v1/models/{MODELS['runcomfy']}", ("request_id",), request),
        Submit("runflow", f"/runflow/v1/models/{MODELS['runflow']}/runs", ("id",), run),
    ]


def calls(submit: Submit, job: str) -> list[tuple[str, str, Any]]:
    """Every operation of the provider, about this job where it is about one; and a few of the control."""
    found: list[tuple[str, str, Any]] = [("GET", "/_control/clock", None), ("GET", "/_control/requests", None)]
    for operation in load(submit.provider).provider.operations.values():
        if operation.id in _WAITING:
            continue
        path = _PARAMETER.sub(lambda name: _filled(name[1], submit.provider, job), operation.path)
        body: dict[str, Any] | None = {} if operation.method in ("POST", "PATCH", "PUT") else None
        found.append((operation.method, f"/{submit.provider}{path}", body))
    return found


def _filled(name: str, provider: str, job: str) -> str:
    if name.startswith("model"):
        return MODELS[provider]
    return job if name in ("task_id", "request_id", "run_id") else "00000000-0000-4000-8000-000000000000"

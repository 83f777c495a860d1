"""A job as the provider last described it, whatever the provider calls it: request, run or task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from screentest_client.contract import contract

Outcome = Literal["succeeded", "partial", "failed", "cancelled"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One finished medium. What the provider does not say is None.

    `type` is the provider's word ("video", "image", "first_frame" ...), `width` and `height` are pixels, `duration`
    is seconds, `expires_at` is the Unix second at which the link stops working.
    """

    url: str
    type: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    expires_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as last seen. It does not change; `status`, `result` and `wait` return a newer one.

    `state` is the provider's own word ("in_queue", "running", "archiving" ...), or "unknown" if it was never heard.
    `outcome` is None until it is known how the job ended, which on RunComfy only the result says; a partial one has
    some of the outputs, and counts as a success. `model` is the id
    that was submitted, None for a job looked up by id where the provider does not repeat it. `error` and `error_code`
    are the provider's words on a failure. `queue_position` counts only where the provider counts. `raw` is the
    provider's document, unchanged.
    """

    provider: str
    id: str
    model: str | None
    state: str
    outcome: Outcome | None = None
    outputs: tuple[Output, ...] = ()
    error: str | None = None
    queue_position: int | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    error_code: str | None = None

    @property
    def finished(self) -> bool:
        """Has it ended, one way or another? True also when only the result can tell which."""
        return self.outcome is not None or self.state in contract(self.provider).lifecycle.final

    @property
    def primary(self) -> Output | None:
        """The output to show: the first video, else the first of any type; None when there is none."""
        return next((output for output in self.outputs if output.type == "video"), next(iter(self.outputs), None))


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """One page of an account's jobs, newest first. `page` counts from 1, `total` counts all jobs on all pages."""

    jobs: tuple[Job, ...]
    page: int
    size: int
    total: int

    def __iter__(self) -> Iterator[Job]:
        return iter(self.jobs)

    def __len__(self) -> int:
        return len(self.jobs)


Progress = Callable[[Job], object]
"""Told of a job each time it was looked at."""

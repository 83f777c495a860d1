"""How long to wait between two looks at a job, and when to stop looking."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

from screentest_client.contract import contract
from screentest_client.errors import ClientError, ConnectionFailedError, UnexpectedAnswerError, WaitTimeoutError
from screentest_client.job import Job, Progress
from screentest_client.steps import Flow, Sleep

LONGEST_TOLD = 60.0
"""Seconds of a Retry-After that are honoured at most."""
LONGEST_BACKOFF = 30.0
LONGEST_POLL = 1e9
"""Some thirty years; ten times that is more than Python can sleep."""
LAST_LOOK = 2.0
"""Seconds for the look at the deadline, so that a job that ended meanwhile is not missed."""
LOST_CALLS = 5
"""Calls in a row without an answer that can be read before we give up: a provider in trouble still says so at times, a
wrong address never."""


def backoff(troubles: int, told: float | None, least: float) -> float:
    """Seconds to wait after so many troubles in a row: what the provider asked for, else doubling from a second."""
    if told is not None:
        return max(least, min(told, LONGEST_TOLD))
    return min(max(least, 1.0) * 2.0 ** (troubles - 1), LONGEST_BACKOFF)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a caller wants to wait, and whom to tell: seconds in all, and between looks (None: the provider's pace).

    What cannot be meant is refused here: the first thing that `run` does costs money.
    """

    timeout: float | None
    poll: float | None
    progress: Progress | None
    raise_on_failure: bool
    clock: Callable[[], float]

    def __post_init__(self) -> None:
        _check(self.timeout, "timeout is seconds, zero or more, or None to wait for ever", math.inf)
        _check(self.poll, "poll is seconds, zero or more, or None for the provider's pace", LONGEST_POLL)
        if self.progress is not None and not callable(self.progress):
            raise TypeError(f"progress is None or a function that is told of a Job, not {self.progress!r}")


def _check(seconds: object, expected: str, most: float) -> None:
    if seconds is not None and not isinstance(seconds, Real):
        raise TypeError(f"{expected}, not {seconds!r}")
    if seconds is not None and not 0 <= float(seconds) <= most:
        raise ValueError(f"{expected}, not {seconds!r}")


class Pace:
    """The patience of one wait, or of one run: its submit takes of the same time.

    Time is what `clock` says, plus what a sleep skipped: a `sleep` that moves a frozen clock takes no time of ours, and
    the deadline still comes.
    """

    def __init__(self, waiting: Waiting, poll: float) -> None:
        self._poll = poll if waiting.poll is None else waiting.poll
        self._timeout = math.inf if waiting.timeout is None else waiting.timeout
        self._clock = waiting.clock
        self._start = self._clock()
        self._skipped = 0.0
        self._error: ClientError | None = None
        self._troubles = 0
        self._lost = 0

    def well(self) -> None:
        """The last look told something."""
        self._error, self._troubles, self._lost = None, 0, 0

    def trouble(self, error: ClientError) -> bool:
        """The last look told nothing; is it worth another?"""
        self._error = error
        self._troubles += 1
        unheard = isinstance(error, (ConnectionFailedError, UnexpectedAnswerError))
        self._lost = self._lost + 1 if unheard else 0
        return self._lost < LOST_CALLS

    def left(self) -> float:
        """Seconds until the deadline."""
        return self._timeout - self._spent()

    def most(self) -> float | None:
        """Seconds that a look may be without progress: what is left, and a moment for the one at the deadline."""
        return None if math.isinf(self._timeout) else max(self.left(), LAST_LOOK)

    def sleep(self, seconds: float) -> Flow[None]:
        """Let some of the time pass."""
        before = self._clock()
        yield Sleep(seconds=seconds)
        self._skipped += max(0.0, seconds - (self._clock() - before))

    def pause(self, seen: Job) -> Flow[None]:
        """Sleep until the next look, or raise WaitTimeoutError when there is no time for one."""
        told = None if self._error is None else self._error.retry_after
        delay = backoff(self._troubles, told, self._poll) if self._error else self._poll
        left = self.left()
        if left <= 0 or (told is not None and delay > left):
            raise self._timed_out(seen, told, max(0.0, left)) from self._error
        yield from self.sleep(min(delay, left))

    def _spent(self) -> float:
        return self._clock() - self._start + self._skipped

    def _timed_out(self, seen: Job, told: float | None, left: float) -> WaitTimeoutError:
        provider = contract(seen.provider)
        asked = "" if told is None else f", with {told:g} s to wait where {round(left, 1):g} s are left"
        trouble = f"; the last look failed{asked}: {str(self._error).rstrip('.')}" if self._error else ""
        cancel = ", or cancel() while it is queued" if provider.lifecycle.cancel == "queued" else ""
        return WaitTimeoutError(
            f"{provider.title}: job {seen.id} was still {seen.state!r} after {round(self._spent(), 1):g} s{trouble}."
            f" It goes on, and may be charged: wait({seen.id!r}) again{cancel}.",
            job=seen,
        )

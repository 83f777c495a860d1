"""Counts for Prometheus, in its text format: requests, jobs, callback attempts, and how much there is of what."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from screentest import callbacks
from screentest.engine import Engine, Event
from screentest.journal import Entry

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1000.0, 5000.0)
"""Upper bounds of the histogram's buckets, in milliseconds."""

_STATEMENT = Path("/proc/self/statm")
_PAGE = 4096

Labels = tuple[tuple[str, str], ...]


class _Answered(Struct):
    """Requests of one kind: how many took how long, by the bounds, and all together."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    milliseconds: float = 0.0

    @property
    def count(self) -> int:
        return sum(self.buckets)


class Metrics:
    """Counts since the server started. `answered` is told of requests, `told` of callback attempts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._began = time.monotonic()
        self._attempts: Counter[tuple[str, str]] = Counter()
        self._answered: defaultdict[tuple[str, str, int], _Answered] = defaultdict(_Answered)
        engine.journal.on_entry.append(self.answered)

    @property
    def uptime(self) -> float:
        """Real seconds since the start."""
        return time.monotonic() - self._began

    def answered(self, entry: Entry) -> None:
        """A request was answered. Its operation is one of the contract, so that there are only so many."""
        seen = entry.seen
        found = self._answered[seen.provider, seen.operation or "unknown", entry.status]
        found.buckets[bisect_left(BOUNDS, entry.milliseconds)] += 1
        found.milliseconds += entry.milliseconds

    def told(self, event: Event) -> None:
        """An effect was performed; callback attempts are counted by their outcome."""
        if event.kind == callbacks.KIND:
            outcome = f"{event.after[0]}xx" if event.after.isdecimal() else "no answer"
            self._attempts[event.provider, outcome] += 1

    async def text(self) -> str:
        """Everything, as Prometheus reads it."""
        spend = await self._engine.store.spend(None)
        stored: Counter[str] = Counter()
        for row in spend:
            stored[row.provider] += row.jobs
        lines = [
            *_counted(
                "screentest_requests_total",
                "Requests answered; status 0 is a connection broken on purpose.",
                {_labels(provider=p, operation=o, status=str(s)): n.count for (p, o, s), n in self._answered.items()},
            ),
            *_counted(
                "screentest_jobs_submitted_total",
                "Jobs accepted since the start.",
                {_labels(provider=name): count for name, count in self._engine.submitted.items()},
            ),
            *_counted(
                "screentest_callback_attempts_total",
                "Callback attempts by the receiver's answer.",
                {_labels(provider=p, outcome=o): n for (p, o), n in self._attempts.items()},
            ),
            *self._histogram(),
            *_gauge("screentest_jobs", "Jobs in the store.", {_labels(provider=p): n for p, n in stored.items()}),
            *_gauge("screentest_accounts", "Accounts in the store.", {(): len(await self._engine.store.accounts())}),
            *_gauge("screentest_journal_entries", "Requests in the journal.", {(): len(self._engine.journal)}),
            *_gauge("screentest_uptime_seconds", "Since the start.", {(): round(self.uptime, 3)}),
            *_gauge("process_resident_memory_bytes", "Memory in use.", _memory()),
        ]
        return "\n".join(lines) + "\n"

    def _histogram(self) -> Iterator[str]:
        name = "screentest_request_milliseconds"
        yield from _head(name, "How long answers took to make.", "histogram")
        for provider in dict.fromkeys(provider for provider, _, _ in self._answered):
            own = [found for (one, _, _), found in self._answered.items() if one == provider]
            every = zip(*(one.buckets for one in own), strict=True)
            sofar = 0
            for bound, counts in zip((*map(str, BOUNDS), "+Inf"), every, strict=True):
                sofar += sum(counts)
                yield f"{name}_bucket{_written(_labels(provider=provider, le=bound))} {sofar}"
            milliseconds = round(sum(one.milliseconds for one in own), 3)
            yield f"{name}_sum{_written(_labels(provider=provider))} {milliseconds}"
            yield f"{name}_count{_written(_labels(provider=provider))} {sofar}"


def _memory() -> Mapping[Labels, float]:
    """The bytes of memory in use, where the system tells."""
    try:
        return {(): int(_STATEMENT.read_text().split()[1]) * _PAGE}
    except OSError:
        return {}


def _labels(**values: str) -> Labels:
    return tuple(values.items())


def _counted(name: str, about: str, values: Mapping[Labels, float]) -> Iterator[str]:
    yield from _head(name, about, "counter")
    yield from _samples(name, values.items())


def _gauge(name: str, about: str, values: Mapping[Labels, float]) -> Iterator[str]:
    yield from _head(name, about, "gauge")
    yield from _samples(name, values.items())


def _head(name: str, about: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"


def _samples(name: str, values: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    yield from (f"{name}{_written(labels)} {value}" for labels, value in sorted(values))


def _written(labels: Labels) -> str:
    """Labels in braces. Their values are names of ours: nothing in them needs an escape."""
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}" if labels else ""

"""The life of jobs: states, times, cancels, repeated requests, lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from mutants.asking import answered, headed, queried
from mutants.editing import both, put
from mutants.planting import Mutant, Planting, table
from mutants.remembering import FirstBody, Invented, Later, Overlap, Reworded, SameId, Stale, Withheld
from mutants.wire import Spot, Tap, altered, asked, rewritten
from screentest.store import Effect
from screentest_contracts.exchange import Exchange

_GONE = {
    "runcomfy": {"error_code": 404001, "error_message": "no such request"},
    "runflow": {"code": "RUN_NOT_FOUND", "message": "no such run", "errors": None},
    "hiapi": {"code": 404, "message": "no such task", "data": None},
}
_OTHER_ORG = "00000000-0000-4000-8000-000000000001"


class StoreAround:
    """A store that does what the inner one does."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class _NoCancel(StoreAround):
    async def amend(self, job: Any, amendment: Any, effects: Sequence[Effect] = (), **more: Any) -> None:
        if "cancelled" not in amendment.kind:
            await self.inner.amend(job, amendment, effects, **more)


def _tap(kind: Callable[..., Tap], *arguments: Any) -> Planting:
    return Planting(tap=lambda: kind(*arguments))


def _change(spot: Spot, change: Callable[[Any], Any]) -> Planting:
    return Planting(tap=altered(spot, change))


def _lost(provider: str, spot: Spot) -> Planting:
    return Planting(tap=rewritten(spot, lambda exchange: answered(exchange, 404, _GONE[provider])))


def _shifted(seconds: float) -> Callable[[Any], Any]:
    """A time stamp so much later, in its own form."""

    def shift(value: Any) -> Any:
        if isinstance(value, str):
            return (datetime.fromisoformat(value) + timedelta(seconds=seconds)).isoformat(timespec="microseconds")
        return value + int(seconds) if value else value

    return shift


def _without(place: str, state: tuple[str, str]) -> Callable[[Any], Any]:
    """A list without the items in one state."""
    return put(place, lambda items: [one for one in items if one.get(state[0]) != state[1]])


def _headers(change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> Planting:
    return Planting(tap=rewritten(Spot("create"), lambda exchange: replace(exchange, headers=change(exchange.headers))))


def _unmarked(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in headers.items() if name != "idempotent-replay"}


def _only_read(exchange: Exchange) -> Exchange:
    url = exchange.url.replace("/admin/runs/", "/runs/").removesuffix("/cancellation")
    return replace(exchange, method="GET", url=url, request_body=b"")


_RC_SUCCESS = both(
    put("/status", "succeeded"),
    put("/output", {"video": "http://127.0.0.1:8790/media/runcomfy/x/output.mp4"}),
    put("/finished_at", "2027-01-15T08:00:02.000000+00:00"),
    put("/input", {}),
)

ROWS: list[list[Mutant]] = [
    table(
        "lifecycle",
        "L01",
        "a cancel is accepted and the job goes on",
        runcomfy=Planting(store=_NoCancel),
        runflow=Planting(store=_NoCancel),
    ),
    table(
        "lifecycle",
        "L02",
        "a job that has ended is gone after it was read three times",
        runcomfy=_lost("runcomfy", Spot("result", state="succeeded", after=3)),
        runflow=_lost("runflow", Spot("get-run", state="succeeded", after=3)),
        hiapi=_lost("hiapi", Spot("detail", state="success", after=3)),
    ),
    table(
        "lifecycle",
        "L03",
        "the same idempotency key makes another job",
        runflow=headed("create-run", "idempotency-key", lambda text: None),
        hiapi=headed("create", "idempotency-key", lambda text: None),
    ),
    table(
        "lifecycle",
        "L04",
        "an idempotency key with another request is answered with the first job",
        runflow=_tap(FirstBody, "create-run"),
        hiapi=_tap(FirstBody, "create"),
    ),
    table(
        "lifecycle",
        "L05",
        "a job that has ended is said to run at the second look",
        runcomfy=_tap(Stale, Spot("status", state="in_progress"), Spot("status", state="completed"), 2),
        runflow=_tap(Stale, Spot("get-run", state="running"), Spot("get-run", state="succeeded"), 2),
        hiapi=_tap(Stale, Spot("detail", state="handling"), Spot("detail", state="success"), 2),
    ),
    table(
        "lifecycle",
        "L06",
        "the time of the submit moves",
        runcomfy=_tap(Later, Spot("result"), put("/created_at", _shifted(60))),
        runflow=_tap(Later, Spot("get-run"), put("/created_at", _shifted(60))),
        hiapi=_tap(Later, Spot("detail"), put("/data/created", _shifted(60))),
    ),
    table(
        "lifecycle",
        "L07",
        "a job that has ended is said to be cancelled",
        runcomfy=_change(Spot("cancel", state="completed"), put("/outcome", "cancelled")),
        runflow=Planting(tap=rewritten(Spot("cancel-run", status=200), lambda exchange: replace(exchange, status=201))),
    ),
    table(
        "lifecycle",
        "L08",
        "the result is there while the job runs",
        runcomfy=_change(Spot("result", state="in_progress"), _RC_SUCCESS),
        runflow=_change(
            Spot("get-run", state="running"),
            put("/output", {"outputs": [], "seed": 1, "timing": {}, "nsfw_detected": None}),
        ),
        hiapi=_change(Spot("detail", state="handling"), put("/data/output", [])),
    ),
    table(
        "lifecycle",
        "L09",
        "jobs that have failed are not listed",
        runflow=_change(Spot("list-runs"), _without("/items", ("status_code", "failed"))),
        hiapi=_change(Spot("list"), _without("/data/tasks", ("status", "fail"))),
    ),
    table(
        "lifecycle",
        "L10",
        "a page begins with the last item of the page before",
        runflow=_tap(Overlap, "list-runs", "pq"),
        hiapi=_tap(Overlap, "list", "page"),
    ),
    table(
        "lifecycle",
        "L11",
        "a job that runs is said to be queued at the second look",
        runcomfy=_tap(Stale, Spot("status", state="in_queue"), Spot("status", state="in_progress"), 2),
        runflow=_tap(Stale, Spot("get-run", state="queued"), Spot("get-run", state="running"), 2),
        hiapi=_tap(Stale, Spot("detail", state="queued"), Spot("detail", state="handling"), 2),
    ),
    table(
        "lifecycle",
        "L12",
        "the newest job is not listed",
        runflow=_change(Spot("list-runs"), put("/items", lambda items: items[1:])),
        hiapi=_change(Spot("list"), put("/data/tasks", lambda items: items[1:])),
    ),
    table(
        "lifecycle",
        "L13",
        "the list begins with the oldest job",
        runflow=_change(Spot("list-runs"), put("/items", lambda items: items[::-1])),
        hiapi=_change(Spot("list"), put("/data/tasks", lambda items: items[::-1])),
    ),
    table(
        "lifecycle",
        "L14",
        "the total counts one too many",
        runcomfy=_change(Spot("models"), put("/total", lambda total: total + 1)),
        hiapi=_change(Spot("list"), put("/data/total", lambda total: total + 1)),
    ),
    table(
        "lifecycle",
        "L15",
        "idempotency keys are forgotten after a minute",
        runflow=Planting(edits={"": put("/idempotency/lifetime", 60)}),
        hiapi=Planting(edits={"": put("/idempotency/lifetime", 60)}),
    ),
    table(
        "lifecycle",
        "L16",
        "two submits are answered with the same id",
        runcomfy=_tap(SameId, "submit"),
        runflow=_tap(SameId, "create-run"),
        hiapi=_tap(SameId, "create"),
    ),
    table(
        "lifecycle",
        "L17",
        "a job ended before it was submitted",
        runcomfy=_change(Spot("result", state="succeeded"), put("/finished_at", _shifted(-3600))),
        runflow=_change(Spot("get-run", state="succeeded"), put("/completed_at", _shifted(-3600))),
        hiapi=_change(Spot("detail", state="success"), put("/data/completed", _shifted(-3600))),
    ),
    table(
        "lifecycle",
        "L18",
        "the time of the end moves",
        runcomfy=_tap(Later, Spot("result", state="succeeded"), put("/finished_at", _shifted(60))),
        runflow=_tap(Later, Spot("get-run", state="succeeded"), put("/completed_at", _shifted(60))),
        hiapi=_tap(Later, Spot("detail", state="success"), put("/data/completed", _shifted(60))),
    ),
    table(
        "lifecycle",
        "L19",
        "what never changes does: the organisation, or the model",
        runcomfy=_tap(Later, Spot("result"), put("/model_id", "other/model")),
        runflow=_tap(Later, Spot("get-run"), put("/org_id", _OTHER_ORG)),
        hiapi=_tap(Later, Spot("detail"), put("/data/model", "other")),
    ),
    table(
        "lifecycle",
        "L20",
        "a job that can be cancelled is not",
        runcomfy=_tap(Withheld),
        runflow=Planting(tap=asked("cancel-run", _only_read)),
    ),
    table(
        "lifecycle",
        "L21",
        "a replay does not say that it is one",
        hiapi=_headers(_unmarked),
    ),
    table(
        "lifecycle",
        "L22",
        "a first answer says that it is a replay",
        hiapi=_headers(lambda headers: {**headers, "idempotent-replay": "true"}),
    ),
    table(
        "lifecycle",
        "L23",
        "the same request with the same idempotency key is refused",
        runflow=_tap(Reworded, "create-run"),
        hiapi=_tap(Reworded, "create"),
    ),
    table(
        "lifecycle",
        "L24",
        "a job that nobody submitted is shown",
        runcomfy=_tap(Invented, "status"),
        runflow=_tap(Invented, "get-run"),
        hiapi=_tap(Invented, "detail"),
    ),
    table(
        "lifecycle",
        "L25",
        "pages are longer than was asked for",
        runcomfy=queried("models", "limit", lambda text: "500" if text.isdecimal() and 0 < int(text) < 501 else text),
        runflow=queried("list-runs", "limit", lambda text: "500" if text.isdecimal() and 0 < int(text) < 501 else text),
        hiapi=queried("list", "size", lambda text: "100" if text.isdecimal() and 0 < int(text) < 101 else text),
    ),
    table(
        "lifecycle",
        "L26",
        "a job that runs is gone for a moment",
        runcomfy=_lost("runcomfy", Spot("status", state="in_progress", every=3)),
        runflow=_lost("runflow", Spot("get-run", state="running", every=3)),
        hiapi=_lost("hiapi", Spot("detail", state="handling", every=3)),
    ),
]

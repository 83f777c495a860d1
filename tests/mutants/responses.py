"""Answers that break the published schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from mutants.editing import drop, put
from mutants.planting import Mutant, Planting, table
from mutants.wire import NOTHING, Spot, altered, rewritten
from screentest_contracts.exchange import Exchange

_OTHER_UUID = "6b0d52a4-9a55-4c3e-8d52-3f1f0a3b6c11"
_OTHER_UUID7 = "01990000-9a55-7c3e-8d52-3f1f0a3b6c11"
_OTHER_TASK = "tk-hiapi-01KYV4GTDQPDGKR8ZRRXCTF1H8"


def _change(spot: Spot, change: Callable[[Any], Any]) -> Planting:
    return Planting(tap=altered(spot, change))


def _status(spot: Spot, status: int) -> Planting:
    return Planting(tap=rewritten(spot, lambda exchange: replace(exchange, status=status)))


def _typed(spot: Spot, declared: str) -> Planting:
    def rewrite(exchange: Exchange) -> Exchange:
        return replace(exchange, headers={**exchange.headers, "content-type": declared})

    return Planting(tap=rewritten(spot, rewrite))


def _cut(spot: Spot) -> Planting:
    return Planting(
        tap=rewritten(spot, lambda exchange: replace(exchange, body=exchange.body[:-1], headers=_uncounted(exchange)))
    )


def _uncounted(exchange: Exchange) -> dict[str, str]:
    return {name: value for name, value in exchange.headers.items() if name != "content-length"}


def _detail(body: Any) -> Any:
    return {"detail": "Not Found"}


_RUN = "get-run"

ROWS: list[list[Mutant]] = [
    table(
        "response",
        "R01",
        "a job that runs answers with a status that nobody documented",
        runcomfy=_status(Spot("status", state="in_progress"), 203),
        runflow=_status(Spot(_RUN, state="running"), 203),
        hiapi=_status(Spot("detail", state="handling"), 203),
    ),
    table(
        "response",
        "R02",
        "the list of models is text/plain",
        runcomfy=_typed(Spot("models"), "text/plain"),
        runflow=_typed(Spot("list-models"), "text/plain"),
        hiapi=_typed(Spot("models"), "text/plain"),
    ),
    table(
        "response",
        "R03",
        "the answer to a submit lacks a field",
        runcomfy=_change(Spot("submit"), drop("/cancel_url")),
        runflow=_change(Spot("create-run"), drop("/created_at")),
        hiapi=_change(Spot("create"), drop("/message")),
    ),
    table(
        "response",
        "R04",
        "what was made is missing, only once the job has succeeded",
        runcomfy=_change(Spot("result", state="succeeded"), drop("/output")),
        runflow=_change(Spot(_RUN, state="succeeded"), put("/output", None)),
        hiapi=_change(Spot("detail", state="success"), drop("/data/output")),
    ),
    table(
        "response",
        "R05",
        "another word for a job that runs",
        runcomfy=_change(Spot("status", state="in_progress"), put("/status", "processing")),
        runflow=_change(Spot(_RUN, state="running"), put("/status_code", "processing")),
        hiapi=_change(Spot("detail", state="handling"), put("/data/status", "processing")),
    ),
    table(
        "response",
        "R06",
        "a time stamp has another type while the job runs",
        runcomfy=_change(Spot("result", state="in_progress"), put("/created_at", 1800000000)),
        runflow=_change(Spot(_RUN, state="running"), put("/started_at", 1800000000)),
        hiapi=_change(Spot("detail", state="handling"), put("/data/created", str)),
    ),
    table(
        "response",
        "R07",
        "a job that there is not is refused in an envelope of the framework's",
        runcomfy=_change(Spot("status", status=404), _detail),
        runflow=_change(Spot(_RUN, status=404), _detail),
        hiapi=_change(Spot("detail", status=404), _detail),
    ),
    table(
        "response",
        "R08",
        "the time of the end is null, only once the job has failed",
        runcomfy=_change(Spot("result", state="failed"), put("/finished_at", None)),
        runflow=_change(Spot(_RUN, state="failed"), put("/completed_at", None)),
        hiapi=_change(Spot("detail", state="fail"), put("/data/completed", None)),
    ),
    table(
        "response",
        "R09",
        "why the job failed is missing",
        runcomfy=_change(Spot("result", state="failed"), drop("/error")),
        runflow=_change(Spot(_RUN, state="failed"), put("/failure_code", None)),
        hiapi=_change(Spot("detail", state="fail"), drop("/data/error")),
    ),
    table(
        "response",
        "R10",
        "a refused input has a business code that nobody documented",
        runcomfy=_change(Spot("submit", status=422), put("/error_code", 422999)),
        runflow=_change(Spot("create-run", status=422), put("/code", "OOPS")),
        hiapi=_change(Spot("create", status=400), put("/error_code", "OOPS")),
    ),
    table(
        "response",
        "R11",
        "ids are in the other case",
        runcomfy=_change(Spot("submit"), put("/request_id", str.upper)),
        runflow=_change(Spot("create-run"), put("/id", str.upper)),
        hiapi=_change(Spot("create"), put("/data/taskId", str.lower)),
    ),
    table(
        "response",
        "R12",
        "the body stops before its end while the job is queued",
        runcomfy=_cut(Spot("status", state="in_queue")),
        runflow=_cut(Spot(_RUN, state="queued")),
        hiapi=_cut(Spot("detail", state="queued")),
    ),
    table(
        "response",
        "R13",
        "a time stamp is no time",
        runcomfy=_change(Spot("result"), put("/created_at", "yesterday")),
        runflow=_change(Spot(_RUN), put("/created_at", "yesterday")),
        hiapi=_change(Spot("detail"), put("/data/created", 1.5)),
    ),
    table(
        "response",
        "R14",
        "the answer is about another job than was asked for",
        runcomfy=_change(Spot("status"), put("/request_id", _OTHER_UUID)),
        runflow=_change(Spot(_RUN), put("/id", _OTHER_UUID7)),
        hiapi=_change(Spot("detail"), put("/data/taskId", _OTHER_TASK)),
    ),
    table(
        "response",
        "R15",
        "the job repeats something else than was asked",
        runcomfy=_change(Spot("result"), put("/model_id", "other/model")),
        runflow=_change(Spot(_RUN), put("/callback_url", lambda url: url and url + "/x")),
        hiapi=_change(Spot("detail"), put("/data/model", "other/model")),
    ),
    table(
        "response",
        "R16",
        "a field is there in a state that has none",
        runcomfy=_change(Spot("status", state="in_progress"), put("/queue_position", 0)),
        runflow=_change(Spot(_RUN, state="running"), put("/completed_at", "2027-01-01T00:00:00Z")),
        hiapi=_change(Spot("detail", state="handling"), put("/data/error", {"code": "x", "message": "x"})),
    ),
    table(
        "response",
        "R17",
        "the refusal of a key says another status than HTTP does, or is another one",
        runcomfy=_status(Spot("status", status=401), 403),
        runflow=_status(Spot(_RUN, status=401), 403),
        hiapi=_change(Spot("detail", status=401), put("/code", 403)),
    ),
    table(
        "response",
        "R18",
        "a link in the answer leads to another server, or to another document",
        runcomfy=_change(Spot("submit"), put("/result_url", "https://elsewhere.example/result")),
        runflow=_change(Spot("create-upload"), put("/upload_url", 5)),
    ),
    table(
        "response",
        "R19",
        "an answer is an empty body",
        runcomfy=Planting(tap=rewritten(Spot("cancel"), lambda exchange: replace(exchange, body=b""))),
        runflow=Planting(tap=rewritten(Spot("get-balance"), lambda exchange: replace(exchange, body=b""))),
        hiapi=Planting(tap=rewritten(Spot("list"), lambda exchange: replace(exchange, body=b""))),
    ),
    table(
        "response",
        "R20",
        "an endpoint that the provider has not is served",
        runflow=Planting(tap=rewritten(Spot(NOTHING, status=404), lambda exchange: replace(exchange, status=200))),
        hiapi=Planting(tap=rewritten(Spot(NOTHING, status=404), lambda exchange: replace(exchange, status=200))),
    ),
]

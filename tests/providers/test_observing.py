"""What can be seen from outside of a running server: a line for each request, its health, its counts."""

from __future__ import annotations

import io
import json
import re

import pytest

from driving import Emulator
from screentest.journal import Entry
from screentest.logs import Log, chosen

TASK = {
    "model": "happyhorse-1.1/reference-to-video",
    "input": {"prompt": "a fox", "reference_image": ["https://example.com/fox.jpg"]},
    "callback": {"url": "https://example.com/hook"},
}
LONG_KEY = "sk-a-key-that-nobody-may-see"


class Terminal(io.StringIO):
    """A stream with somebody in front of it."""

    def isatty(self) -> bool:
        return True


def logged(emulator: Emulator, kind: str) -> io.StringIO:
    """Where the emulator's lines go."""
    stream = io.StringIO()
    emulator.engine.journal.on_entry.append(Log(kind, stream))
    return stream


def test_a_json_line_tells_the_request(emulator: Emulator) -> None:
    """Account, provider, operation, method, path, status, milliseconds and job; the time is the machine's."""
    stream = logged(emulator, "json")
    task = emulator.post("/hiapi/v1/tasks", TASK).json()["data"]["taskId"]

    line = json.loads(stream.getvalue())

    assert line.pop("ms") >= 0
    assert line == {
        "time": "2027-01-15T08:00:00.000+00:00",
        "account": "sk-test",
        "provider": "hiapi",
        "operation": "create",
        "method": "POST",
        "path": "/hiapi/v1/tasks",
        "status": 200,
        "job": task,
    }


def test_a_refusal_and_a_fault_are_named(emulator: Emulator) -> None:
    """The failure by its name in the contract, the fault as it was asked for."""
    stream = logged(emulator, "json")
    emulator.get("/hiapi/v1/tasks/nobody", headers={"screentest-fault": "wrong-type"})

    line = json.loads(stream.getvalue())

    assert (line["refusal"], line["faults"]) == ("malformed-id", "wrong-type")


def test_a_text_line_is_for_the_eye(emulator: Emulator) -> None:
    """Time, status, milliseconds, request, and the rest by name."""
    stream = logged(emulator, "text")
    emulator.get("/hiapi/v1/tasks")

    line = stream.getvalue()

    assert re.fullmatch(
        r"08:00:00\.000 200 +[\d.]+ ms GET /hiapi/v1/tasks account=sk-test provider=hiapi operation=list\n", line
    )


@pytest.mark.parametrize("kind", ["text", "json"])
def test_no_line_has_a_key(emulator: Emulator, kind: str) -> None:
    """Neither out of the header nor out of the query."""
    stream = logged(emulator, kind)
    emulator.get(f"/hiapi/v1/tasks?api_key={LONG_KEY}", key=LONG_KEY)

    assert LONG_KEY not in stream.getvalue()
    assert "redacted" in stream.getvalue()


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_request_stays_one_line(emulator: Emulator, kind: str) -> None:
    """Nothing in a path can begin a line of its own, or speak to a terminal."""
    stream = logged(emulator, kind)
    emulator.get("/hiapi/v1/tasks/x\ninjected\x1b[31m")

    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


def test_a_log_that_nobody_reads_stops_nothing(emulator: Emulator) -> None:
    """A closed stream is let go, the requests are answered."""
    logged(emulator, "text").close()

    assert emulator.get("/hiapi/v1/tasks").status == 200


@pytest.mark.parametrize(
    ("kind", "stream", "expected"),
    [
        pytest.param("auto", Terminal(), "text", id="a-terminal"),
        pytest.param("auto", io.StringIO(), "none", id="a-pipe"),
        pytest.param("json", Terminal(), "json", id="as-asked"),
    ],
)
def test_auto_is_text_for_a_terminal(kind: str, stream: io.StringIO, expected: str) -> None:
    """Somebody who watches sees lines; a file or a pipe gets them on request."""
    assert chosen(kind, stream) == expected


def test_health_tells_version_uptime_and_store(emulator: Emulator) -> None:
    """Whether jobs survive is told by the kind of store, not by its path."""
    told = emulator.get("/_control/health", key=None).json()

    assert told["status"] == "ok"
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["version"])
    assert told["uptime"] >= 0
    assert told["store"] == "memory"


def test_metrics_count_what_happened(emulator: Emulator) -> None:
    """Requests by operation and status, jobs, callback attempts by outcome, and what is stored."""
    emulator.post("/hiapi/v1/tasks", TASK)
    emulator.get("/hiapi/v1/tasks/nobody")
    emulator.advance(60)

    answer = emulator.get("/_control/metrics", key=None)
    values = dict(line.rsplit(" ", 1) for line in answer.body.decode().splitlines() if not line.startswith("#"))

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert values['screentest_requests_total{provider="hiapi",operation="create",status="200"}'] == "1"
    assert values['screentest_requests_total{provider="hiapi",operation="detail",status="404"}'] == "1"
    assert values['screentest_jobs_submitted_total{provider="hiapi"}'] == "1"
    assert values['screentest_callback_attempts_total{provider="hiapi",outcome="2xx"}'] == "1"
    assert values['screentest_jobs{provider="hiapi"}'] == "1"
    assert values["screentest_accounts"] == "1"
    assert values["screentest_journal_entries"] == "2"


def test_the_buckets_of_the_histogram_add_up(emulator: Emulator) -> None:
    """Each holds what the smaller ones hold; the last one holds all."""
    for _ in range(5):
        emulator.get("/hiapi/v1/tasks")

    text = emulator.get("/_control/metrics", key=None).body.decode()
    counts = [int(found) for found in re.findall(r"milliseconds_bucket\{.*\} (\d+)", text)]

    assert counts == sorted(counts)
    assert counts[-1] == 5


def test_what_is_not_ours_makes_no_series(emulator: Emulator) -> None:
    """Paths that nobody has are one operation, so that a scanner cannot fill the memory with labels."""
    for number in range(20):
        emulator.get(f"/hiapi/v1/nothing-{number}")

    text = emulator.get("/_control/metrics", key=None).body.decode()

    assert text.count("screentest_requests_total{") == 1


def test_entries_cannot_be_changed(emulator: Emulator) -> None:
    """What is in the journal stays as it was."""
    seen: list[Entry] = []
    emulator.engine.journal.on_entry.append(seen.append)
    emulator.get("/hiapi/v1/tasks")

    with pytest.raises(AttributeError):
        seen[0].status = 500  # type: ignore[misc]

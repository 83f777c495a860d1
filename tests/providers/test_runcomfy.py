"""RunComfy: submit, status, result and cancel, with the keys that belong to each state and no others."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from driving import Answer, Emulator
from providers.samples import EACH_MODEL, I2V, R2V, SEEDANCE, Sample, job_id

BASE = "http://127.0.0.1:8790/runcomfy/v1/requests"
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")

RUNCOMFY = pytest.mark.parametrize("sample", [R2V, I2V, SEEDANCE], ids=str)


def ask(emulator: Emulator, job: str, document: str) -> dict[str, Any]:
    """The status or result of a request."""
    answer = emulator.get(f"/runcomfy/v1/requests/{job}/{document}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    return dict(answer.json())


def cancel(emulator: Emulator, job: str) -> Answer:
    return emulator.post(f"/runcomfy/v1/requests/{job}/cancel")


def to_next(emulator: Emulator) -> None:
    """Move the account to the next change of its job."""
    assert emulator.post("/_control/clock", {"advance_to": "next"}).status == 200


@RUNCOMFY
def test_submit(emulator: Emulator, sample: Sample) -> None:
    """200 with exactly four fields: a UUID and three URLs on the emulator itself."""
    answer = sample.send(emulator)
    job = answer.json()["request_id"]
    assert answer.status == 200
    assert UUID4.fullmatch(job)
    assert answer.json() == {
        "request_id": job,
        "status_url": f"{BASE}/{job}/status",
        "result_url": f"{BASE}/{job}/result",
        "cancel_url": f"{BASE}/{job}/cancel",
    }


@RUNCOMFY
def test_a_whole_life(emulator: Emulator, sample: Sample) -> None:
    """in_queue with a position, in_progress, completed; the URLs of the submit lead through it."""
    links = sample.send(emulator).json()
    urls = {"status_url": links["status_url"], "result_url": links["result_url"]}
    seen = []
    for _ in range(3):
        status = emulator.get(links["status_url"]).json()
        assert isinstance(status.pop("queue_position", 1), int)
        assert status == {"request_id": links["request_id"], "status": status["status"], **urls}
        seen.append(status["status"])
        to_next(emulator)
    assert seen == ["in_queue", "in_progress", "completed"]


def test_the_status_has_a_position_only_while_queued(emulator: Emulator) -> None:
    """queue_position is an integer of 1 or more that counts down; after the queue the key is gone."""
    job = job_id(R2V.send(emulator))
    positions = []
    while (status := ask(emulator, job, "status"))["status"] == "in_queue":
        positions.append(status["queue_position"])
        emulator.advance(0.05)
    assert positions == sorted(positions, reverse=True)
    assert positions[-1] == 1
    assert "queue_position" not in status


@RUNCOMFY
def test_the_result_of_an_unfinished_request(emulator: Emulator, sample: Sample) -> None:
    """200 with the current state, so that the caller goes on polling; no output, no error, no end."""
    job = job_id(sample.send(emulator))
    seen = []
    for _ in range(2):
        result = ask(emulator, job, "result")
        assert set(result) == {"request_id", "model_id", "status", "created_at"}
        assert (result["request_id"], result["model_id"]) == (job, sample.model)
        seen.append(result["status"])
        to_next(emulator)
    assert seen == ["in_queue", "in_progress"]


@RUNCOMFY
def test_the_result_of_a_success(emulator: Emulator, sample: Sample) -> None:
    """succeeded, with the single clip under output.video, the input as it was sent, and when it was made."""
    job = job_id(sample.send(emulator))
    emulator.advance(60)
    result = ask(emulator, job, "result")
    assert set(result) == {"request_id", "model_id", "status", "created_at", "finished_at", "output", "input"}
    assert result["status"] == "succeeded"
    assert result["input"] == sample.body()
    assert result["output"] == {"video": f"http://127.0.0.1:8790/media/runcomfy/{job}/output.mp4"}
    assert emulator.get(result["output"]["video"], key=None).headers["content-type"] == "video/mp4"


@RUNCOMFY
def test_a_failure_is_completed_in_status_and_failed_in_result(emulator: Emulator, sample: Sample) -> None:
    """completed means finished; whether it succeeded is in the result, with an error in words."""
    job = job_id(sample.send(emulator, prompt="[[fail]] a horse"))
    emulator.advance(60)
    assert ask(emulator, job, "status")["status"] == "completed"
    result = ask(emulator, job, "result")
    assert set(result) == {"request_id", "model_id", "status", "created_at", "finished_at", "error"}
    assert result["status"] == "failed"
    assert isinstance(result["error"], str)


def test_time_stamps(emulator: Emulator) -> None:
    """Submit and end as Python's isoformat with microseconds and +00:00, on the account's clock."""
    emulator.advance(1000)
    job = job_id(R2V.send(emulator))
    emulator.advance(60)
    result = ask(emulator, job, "result")
    assert STAMP.fullmatch(result["created_at"])
    assert STAMP.fullmatch(result["finished_at"])
    assert result["created_at"] == datetime.fromtimestamp(1_800_001_000, UTC).isoformat(timespec="microseconds")
    lasted = datetime.fromisoformat(result["finished_at"]) - datetime.fromisoformat(result["created_at"])
    assert 3 <= lasted.total_seconds() <= 5


def test_the_status_knows_no_time_and_no_error(emulator: Emulator) -> None:
    """A failed request's status has the same four keys as any finished one's."""
    job = job_id(R2V.send(emulator, prompt="[[fail]]"))
    emulator.advance(60)
    assert set(ask(emulator, job, "status")) == {"request_id", "status", "status_url", "result_url"}


def test_cancel_while_queued(emulator: Emulator) -> None:
    """202 cancelled; status and result say so, and nothing else happens to the request."""
    job = job_id(R2V.send(emulator))
    answer = cancel(emulator, job)
    assert (answer.status, answer.json()) == (
        202,
        {"request_id": job, "status": "cancelled", "outcome": "cancelled"},
    )
    assert emulator.advance(60) == []
    assert ask(emulator, job, "status")["status"] == "cancelled"
    result = ask(emulator, job, "result")
    assert set(result) == {"request_id", "model_id", "status", "created_at", "finished_at"}
    assert result["status"] == "cancelled"


def test_cancel_while_running(emulator: Emulator) -> None:
    """202 not_cancellable with the current status; the request runs to its end."""
    job = job_id(R2V.send(emulator))
    to_next(emulator)
    answer = cancel(emulator, job)
    assert (answer.status, answer.json()) == (
        202,
        {"request_id": job, "status": "in_progress", "outcome": "not_cancellable"},
    )
    emulator.advance(60)
    assert ask(emulator, job, "result")["status"] == "succeeded"


@pytest.mark.parametrize(("prompt", "how"), [("a horse", "succeeded"), ("[[fail]]", "failed")])
def test_cancel_after_the_end(emulator: Emulator, prompt: str, how: str) -> None:
    """202 not_cancellable with completed; the result stays what it was."""
    job = job_id(R2V.send(emulator, prompt=prompt))
    emulator.advance(60)
    before = ask(emulator, job, "result")
    answer = cancel(emulator, job)
    assert (answer.status, answer.json()["status"], answer.json()["outcome"]) == (202, "completed", "not_cancellable")
    assert ask(emulator, job, "result") == before
    assert before["status"] == how


def test_cancel_twice(emulator: Emulator) -> None:
    """The second cancel is a no-op: the request is cancelled already, at the time of the first."""
    job = job_id(R2V.send(emulator))
    cancel(emulator, job)
    before = ask(emulator, job, "result")
    emulator.advance(0.5)
    again = cancel(emulator, job)
    assert (again.status, again.json()) == (
        202,
        {"request_id": job, "status": "cancelled", "outcome": "not_cancellable"},
    )
    assert ask(emulator, job, "result") == before


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/json"}, {"content-type": "text/plain"}])
@pytest.mark.parametrize("raw", [b"", b"{}", b"{"])
def test_cancel_reads_no_body(emulator: Emulator, headers: dict[str, str], raw: bytes) -> None:
    """Official clients cancel with an empty body and a JSON content type; whatever is sent does not matter."""
    job = job_id(R2V.send(emulator))
    assert emulator.post(f"/runcomfy/v1/requests/{job}/cancel", raw=raw, headers=headers).status == 202


def test_a_cancel_changes_no_other_request(emulator: Emulator) -> None:
    """There are no shared slots: the neighbours' states and positions stay."""
    jobs = [job_id(R2V.send(emulator)) for _ in range(3)]
    before = [ask(emulator, job, "status") for job in jobs[1:]]
    cancel(emulator, jobs[0])
    assert [ask(emulator, job, "status") for job in jobs[1:]] == before


@pytest.mark.parametrize("headers", [{"content-type": "application/json"}, {"cache-control": "no-cache"}])
def test_reading_with_the_headers_of_official_clients(emulator: Emulator, headers: dict[str, str]) -> None:
    """A GET that declares JSON, or asks for a fresh answer, is a GET; an unknown query is ignored."""
    job = job_id(R2V.send(emulator))
    assert emulator.get(f"/runcomfy/v1/requests/{job}/status", headers=headers).status == 200
    assert emulator.get(f"/runcomfy/v1/requests/{job}/result?include_cost=true", headers=headers).status == 200


def test_reading_changes_nothing(emulator: Emulator) -> None:
    """On a still clock every look shows the same."""
    job = job_id(R2V.send(emulator))
    assert all(ask(emulator, job, "status") == ask(emulator, job, "status") for _ in range(3))


@EACH_MODEL
def test_every_model_takes_its_own_example(emulator: Emulator, sample: Sample) -> None:
    """The example of each page, as the contract keeps it, is accepted as it is."""
    model = emulator.engine.contracts[sample.provider].model(sample.model)
    assert model is not None
    assert sample.send(emulator, **model.example).status in (200, 201)

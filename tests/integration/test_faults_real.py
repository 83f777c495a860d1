"""Faults over real sockets: what a client's connection sees, and what became of the job behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count

import httpx2
import pytest

from screentest.server import Running

_accounts = count()
TASK = {
    "model": "happyhorse-1.1/reference-to-video",
    "input": {"prompt": "a fox", "reference_image": ["https://example.com/fox.jpg"]},
}
BROKEN = (httpx2.ReadError, httpx2.RemoteProtocolError)
"""A reset, seen by whoever touches the socket first: the reader, or the writer, which leaves the reader an end."""


@pytest.fixture
def client(server: Running) -> Iterator[httpx2.Client]:
    """A client with an account of its own, whose clock stands still."""
    headers = {"authorization": f"Bearer sk-faults-{next(_accounts)}"}
    with httpx2.Client(base_url=server.url, headers=headers) as one:
        one.post("/_control/clock", json={"freeze": True})
        yield one


def ask(client: httpx2.Client, fault: str) -> httpx2.Response:
    """A submit with a fault."""
    return client.post("/hiapi/v1/tasks", json=TASK, headers={"screentest-fault": fault})


def jobs(client: httpx2.Client) -> int:
    return len(client.get("/_control/jobs").json()["jobs"])


def test_reset(client: httpx2.Client) -> None:
    """The connection is reset, and nothing was done; the server goes on."""
    with pytest.raises(BROKEN):
        ask(client, "reset")
    assert jobs(client) == 0


def test_lost_answer(client: httpx2.Client) -> None:
    """The connection is reset, but the job is there: a client that tries again pays twice."""
    with pytest.raises(BROKEN):
        ask(client, "lost-answer")
    assert jobs(client) == 1
    assert client.get("/_control/requests", params={"operation": "create"}).json()["requests"][0]["status"] == 0


def test_cut_off(client: httpx2.Client) -> None:
    """The answer ends before its promised length."""
    with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete message body"):
        ask(client, "cut-off")
    assert jobs(client) == 1


def test_gateway_timeout(client: httpx2.Client) -> None:
    """A proxy's page says 504 while the job lives on behind it."""
    answer = ask(client, "gateway-timeout")
    assert (answer.status_code, answer.headers["content-type"]) == (504, "text/html; charset=utf-8")
    assert answer.headers["screentest-fault"] == "gateway-timeout"
    assert "504 Gateway Time-out" in answer.text
    assert jobs(client) == 1


def test_delay(client: httpx2.Client) -> None:
    """The job is there before the answer is: a client that gives up has submitted all the same."""
    with pytest.raises(httpx2.ReadTimeout):
        client.post("/hiapi/v1/tasks", json=TASK, headers={"screentest-fault": "delay: 30s"}, timeout=0.3)
    assert jobs(client) == 1


def test_delay_lasts_as_long_as_asked(client: httpx2.Client) -> None:
    """At least the first time, at most both together and what the request takes."""
    begun = time.monotonic()
    assert ask(client, "delay: 100ms 50ms").status_code == 200
    assert 0.1 <= time.monotonic() - begun < 5


def test_slow_body(client: httpx2.Client) -> None:
    """The headers come at once, the body in pieces, complete."""
    begun = time.monotonic()
    with client.stream("GET", "/hiapi/v1/tasks", headers={"screentest-fault": "slow-body: 300ms"}) as answer:
        started = time.monotonic() - begun
        whole = answer.read()
    assert started < 0.25 < time.monotonic() - begun
    assert len(whole) == int(answer.headers["content-length"])


def test_a_key_in_flight(client: httpx2.Client) -> None:
    """While the first request with an idempotency key is still being answered, the second one is told so."""
    key = {"idempotency-key": "once"}
    with pytest.raises(httpx2.ReadTimeout):
        client.post("/hiapi/v1/tasks", json=TASK, headers={"screentest-fault": "delay: 700ms", **key}, timeout=0.2)
    second = client.post("/hiapi/v1/tasks", json=TASK, headers=key)
    assert (second.status_code, second.json()["error_code"]) == (409, "IDEMPOTENCY_KEY_PROCESSING")
    late = client.get("/_control/requests", params={"operation": "create", "status": 200, "wait": 5}).json()["requests"]
    assert late[0]["job"]
    third = client.post("/hiapi/v1/tasks", json=TASK, headers=key)
    assert (third.status_code, third.json()["data"]["taskId"]) == (200, late[0]["job"])


def test_a_download_that_breaks(client: httpx2.Client) -> None:
    """A rule for `media` breaks one download; the next one is whole."""
    job = client.post("/hiapi/v1/tasks", json=TASK).json()["data"]["taskId"]
    client.post("/_control/clock", json={"advance": 60})
    link = client.get(f"/hiapi/v1/tasks/{job}").json()["data"]["output"][0]["url"]
    client.post("/_control/faults", json={"fault": "cut-off", "operation": "media", "times": 1})
    with pytest.raises(httpx2.RemoteProtocolError):
        client.get(link)
    assert len(client.get(link).content) > 10_000


def test_a_wait_without_a_loop(client: httpx2.Client) -> None:
    """`wait` answers as soon as there is enough, or after its time with what there is."""
    begun = time.monotonic()
    none = client.get("/_control/requests", params={"operation": "create", "wait": 0.2})
    assert none.json()["requests"] == []
    assert 0.2 <= time.monotonic() - begun < 5


def test_events_as_they_happen(client: httpx2.Client) -> None:
    """Server-sent events: the requests and the status changes of the account, each once."""
    names: list[str] = []
    with client.stream("GET", "/_control/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": listening"
        client.post("/hiapi/v1/tasks", json=TASK)
        client.post("/_control/clock", json={"advance": 60})
        while len(names) < 4:
            line = next(lines)
            if line.startswith("event: "):
                names.append(line.removeprefix("event: "))
    assert sorted(names) == ["request", "status", "status", "status"]

"""The lists of control: how many, how long to wait for them, and filters that mean nothing."""

from __future__ import annotations

import httpx2
import pytest

from driving import Emulator
from providers.samples import HIAPI
from screentest.server import Running

LISTS = ("jobs", "requests", "deliveries")


@pytest.mark.parametrize("name", LISTS)
def test_none_at_all(emulator: Emulator, name: str) -> None:
    """A limit of 0 is a list of none."""
    emulator.post("/hiapi/v1/tasks", {**HIAPI.body(), "callback": {"url": "http://127.0.0.1:9/hook"}})
    assert len(emulator.get(f"/_control/{name}").json()[name]) == 1
    assert emulator.get(f"/_control/{name}", query={"limit": 0}).json()[name] == []


@pytest.mark.parametrize("name", ["jobs", "requests"])
def test_a_count_beyond_the_limit(server: Running, name: str) -> None:
    """As soon as there are as many as are waited for, the limit's worth of them is answered."""
    account = {"authorization": f"Bearer sk-count-of-{name}"}
    with httpx2.Client(base_url=server.url, headers=account, timeout=20) as http:
        for _ in range(3):
            http.post(HIAPI.path, json=HIAPI.body())
        answer = http.get(f"/_control/{name}", params={"count": 3, "limit": 2, "wait": 60})
        assert len(answer.json()[name]) == 2


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("jobs?provider=nope", "no provider 'nope'; there are runcomfy, runflow, hiapi"),
        ("jobs?state=x", "no state 'x'; there are queue, run, end, "),
        ("requests?provider=nope", "no provider 'nope'; there are "),
        ("requests?operation=x", "no operation 'x'; there are "),
        ("requests?refusal=x", "no refusal 'x'; there are no-key, "),
        ("requests?status=x", "status is a number up to 599, 0 for a connection that was broken, not 'x'"),
        ("requests?status=0200", "status is a number"),
        ("requests?status=600", "status is a number"),
        ("deliveries?provider=nope", "no provider 'nope'; there are "),
        ("deliveries?state=x", "no state 'x'; there are pending, delivered, given-up"),
    ],
)
def test_a_filter_by_what_there_is_not(emulator: Emulator, query: str, told: str) -> None:
    """It is refused, and the sentence lists the choices."""
    answer = emulator.get(f"/_control/{query}")
    assert (answer.status, answer.json()["error"][: len(told)]) == (400, told)


@pytest.mark.parametrize(
    "query",
    [
        "jobs?provider=hiapi&state=queued",
        "jobs?state=end",
        "jobs?provider=",
        "requests?operation=media",
        "requests?status=0&refusal=rate-limited",
        "deliveries?state=given-up",
    ],
)
def test_a_filter_by_what_there_is(emulator: Emulator, query: str) -> None:
    """A list, if only of none."""
    assert emulator.get(f"/_control/{query}").status == 200


def test_a_head_of_the_events(server: Running) -> None:
    """The headers alone, and the connection is free again."""
    with httpx2.Client(base_url=server.url, timeout=20) as http:
        answer = http.head("/_control/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert http.get("/_control/health").status_code == 200

"""Our own client over real sockets: whatever happens to it, the verdict finds nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from screentest.server import Running
from screentest_client import ClientError, HiAPI, RunComfy, Runflow
from screentest_client.base import Client

IMAGE = "https://example.com/fox.jpg"
CLIENTS: dict[type[Client], tuple[str, str, dict[str, Any], str]] = {
    RunComfy: ("runcomfy", "happyhorse/happyhorse-1.0/reference-to-video", {"image_url_1": IMAGE}, "status"),
    Runflow: ("runflow", "alibaba/happy-horse/reference-to-video", {"image_urls": [IMAGE]}, "get-run"),
    HiAPI: ("hiapi", "happyhorse-1.1/reference-to-video", {"reference_image": [IMAGE]}, "detail"),
}
EACH_CLIENT = pytest.mark.parametrize("kind", CLIENTS, ids=lambda kind: kind.__name__)
KEYED = pytest.mark.parametrize("kind", [Runflow, HiAPI], ids=lambda kind: kind.__name__)
_accounts = count()


class Stage:
    """One account of a running server, and a client on it whose sleep moves the account's clock."""

    def __init__(self, server: Running, kind: type[Client], sleep: Callable[[float], object] | None = None) -> None:
        key = f"sk-verdict-{next(_accounts)}"
        name, self.model, self.inputs, self.read = CLIENTS[kind]
        self.control = httpx2.Client(base_url=f"{server.url}/_control", headers={"authorization": f"Bearer {key}"})
        self.client: Any = kind(server.base_url(name), key, sleep=sleep or self.advance)

    def advance(self, seconds: float) -> None:
        self.tell("clock", advance=seconds)

    def tell(self, what: str, **wish: Any) -> None:
        assert self.control.post(f"/{what}", json=wish).status_code == 200

    def submit(self, prompt: str = "a fox", **options: Any) -> Any:
        return self.client.submit(self.model, {"prompt": prompt, **self.inputs}, **options)

    def clean(self) -> list[str]:
        """The kinds that were judged; there must be no findings."""
        told = self.control.get("/verdict").json()
        assert told["findings"] == []
        return [one["kind"] for one in told["judged"]]


@contextmanager
def staged(
    server: Running, kind: type[Client], sleep: Callable[[float], object] | None = None, **clock: Any
) -> Iterator[Stage]:
    """An account with its clock set so."""
    one = Stage(server, kind, sleep)
    with closing(one.control), closing(one.client):
        one.tell("clock", **clock)
        yield one


@pytest.fixture
def stage(server: Running, kind: type[Client]) -> Iterator[Stage]:
    """A client on an account whose clock stands still unless the client sleeps."""
    with staged(server, kind, freeze=True) as one:
        yield one


@EACH_CLIENT
def test_a_job_from_submit_to_download(stage: Stage, tmp_path: Path) -> None:
    """Submit, wait, look once more, download; an hour later still nothing is held against it."""
    job = stage.client.wait(stage.submit(), poll=0.5)
    stage.client.result(job)
    stage.client.download(job, tmp_path)
    stage.advance(3600)
    judged = stage.clean()
    assert {"polled-too-fast", "polled-after-end", "never-collected", "key-to-media", "key-in-url"} <= set(judged)


@EACH_CLIENT
def test_a_job_in_real_time(server: Running, kind: type[Client], tmp_path: Path) -> None:
    """A client that really sleeps, on an account whose clock runs fast."""
    with staged(server, kind, time.sleep, rate=20) as stage:  # noqa: TID251 - what a client outside a test does
        job = stage.client.wait(stage.submit(), poll=0.05)
        stage.client.download(job, tmp_path)
        assert "polled-too-fast" in stage.clean()


@EACH_CLIENT
@pytest.mark.parametrize("prompt", ["a fox [[fail]]", "a fox [[moderation]]"])
def test_a_job_that_fails(stage: Stage, prompt: str) -> None:
    """A failure ends the wait, and need not be collected."""
    with pytest.raises(ClientError):
        stage.client.wait(stage.submit(prompt))
    stage.advance(3600)
    assert "polled-after-end" in stage.clean()


@pytest.mark.parametrize("kind", [RunComfy])
def test_a_job_that_is_cancelled(stage: Stage) -> None:
    """Reading what became of a cancelled job is no polling."""
    job = stage.submit()
    stage.client.status(job)
    stage.client.cancel(job)
    stage.client.status(job)
    stage.client.result(job)
    stage.advance(3600)
    stage.clean()


@EACH_CLIENT
@pytest.mark.parametrize("fault", ["status: 429 7", "status: 503 7", "lost-answer", "gateway-page", "gateway-timeout"])
def test_trouble_while_waiting(stage: Stage, fault: str) -> None:
    """Refusals with a Retry-After, lost answers and pages of a gateway, twice in the middle and at the end."""
    job = stage.submit()
    for _ in range(2):
        stage.tell("faults", fault=fault, operation=stage.read, times=2)
        stage.client.wait(job, poll=2)
    assert ("ignored-retry-after" in stage.clean()) == fault.endswith("7")


@pytest.mark.parametrize("kind", [RunComfy])
def test_trouble_with_the_result(stage: Stage) -> None:
    """The status said completed, and the result was refused three times: the status is read again, rightly."""
    stage.tell("faults", fault="status: 503", operation="result", times=3)
    stage.client.wait(stage.submit())
    stage.clean()


@KEYED
@pytest.mark.parametrize("fault", ["lost-answer", "gateway-timeout", "status: 429 7", "rate-limited: 7"])
def test_trouble_with_a_submit(stage: Stage, fault: str) -> None:
    """With an idempotency key the client tries again, makes one job, and collects it."""
    stage.tell("faults", fault=fault, times=2)
    job = stage.submit(idempotency_key="order-7")
    stage.client.wait(job)
    stage.advance(3600)
    judged = stage.clean()
    assert len(stage.control.get("/jobs").json()["jobs"]) == 1
    assert ("submitted-twice" in judged) == (fault in ("lost-answer", "gateway-timeout"))


@EACH_CLIENT
def test_a_submit_without_a_key_is_sent_once(stage: Stage) -> None:
    """Its answer is lost, and the client gives up: nothing was sent twice."""
    stage.tell("faults", fault="lost-answer", times=1)
    with pytest.raises(ClientError):
        stage.submit()
    stage.advance(3600)
    assert "submitted-twice" in stage.clean()


@pytest.mark.parametrize("kind", [HiAPI])
@pytest.mark.parametrize("impatient", [True, False], ids=["gave up", "waited"])
def test_an_answer_that_comes_late(stage: Stage, impatient: bool) -> None:
    """A client that gives up on a late answer and sends the same again is caught; one that waits may order two."""
    headers = {**stage.control.headers, "screentest-fault": "delay: 300ms"}
    body = {"model": stage.model, "input": {"prompt": "a fox", **stage.inputs}}
    url = f"{stage.client.base_url}/v1/tasks"
    with httpx2.Client(headers=headers) as http:
        if impatient:
            with pytest.raises(httpx2.ReadTimeout):
                http.post(url, json=body, timeout=0.1)
        else:
            http.post(url, json=body)
        http.post(url, json=body)
    kinds = [one["kind"] for one in stage.control.get("/verdict").json()["findings"]]
    assert kinds == (["submitted-twice"] if impatient else [])


def test_runflows_synchronous_route_gives_the_output(server: Running) -> None:
    """A job whose submit was answered with its output is collected."""
    with staged(server, Runflow, rate=100) as stage:
        stage.client.run_sync("happy-horse/reference-to-video", {"prompt": "a fox", **stage.inputs})
        stage.advance(3600)
        assert "never-collected" in stage.clean()

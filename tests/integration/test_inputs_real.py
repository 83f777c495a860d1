"""Input files over real sockets: looked at when generation begins, judged by the model's rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from screentest.media.mp4_reader import probe
from screentest.server import Running, running
from screentest.settings import Settings

MODEL = "happyhorse/happyhorse-1.0/image-to-video"


class Caller:
    """One account of RunComfy's API."""

    def __init__(self, server: Running, key: str) -> None:
        self.server = server
        self.http = httpx2.Client(headers={"authorization": f"Bearer {key}"}, timeout=30)

    def made(self, image_url: str, **more: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The result of a job with this first frame, and what happened on the way."""
        body = {"image_url": image_url, "prompt": "a fox", "resolution": "720P", "duration": 3, **more}
        submitted = self.http.post(f"{self.server.base_url('runcomfy')}/v1/models/{MODEL}", json=body).json()
        events = self.http.post(f"{self.server.url}/_control/clock", json={"advance": 60}).json()["events"]
        return self.http.get(submitted["result_url"]).json(), events


@pytest.fixture
def caller(server: Running, request: pytest.FixtureRequest) -> Iterator[Caller]:
    one = Caller(server, f"rc_inputs_{abs(hash(request.node.name))}")
    with one.http:
        yield one


def test_the_clip_has_the_shape_of_the_fetched_image(caller: Caller) -> None:
    """An upright first frame gives an upright clip: the server looked at the file itself."""
    result, events = caller.made(f"{caller.server.url}/inputs/450x800.png")

    movie = probe(httpx2.get(result["output"]["video"]).content)
    assert (movie.video.width, movie.video.height) == (720, 1280)
    assert [event["to"] for event in events if event["kind"] == "inputs"] == ["valid"]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("299x400.png", "300"),
        ("400x1001.jpg", "ratio"),
        ("640x480.gif", "GIF"),
        ("640x480.png?bytes=10000001", "10 MB"),
        ("640x480.webp?truncate=0.5", "image_url"),
        ("640x480.png?status=404", "404"),
        ("640x480.png?status=302", "redirect"),
        ("3s.mp4", "image"),
    ],
)
def test_a_file_that_breaks_a_rule_fails_the_job(caller: Caller, file: str, said: str) -> None:
    """The request was accepted; the result says failed and what is wrong with which field."""
    result, _ = caller.made(f"{caller.server.url}/inputs/{file}")

    assert result["status"] == "failed"
    assert "image_url" in result["error"]
    assert said in result["error"]


def test_nobody_behind_the_url_fails_the_job(caller: Caller) -> None:
    """A closed port on this machine is an unreachable file."""
    result, _ = caller.made("http://127.0.0.1:9/a.png")

    assert result["status"] == "failed"
    assert "image_url" in result["error"]


def test_a_job_runs_until_its_file_was_looked_at(caller: Caller) -> None:
    """While a slow host takes its time the job is running, however far its clock has gone."""
    body = {"image_url": f"{caller.server.url}/inputs/640x480.png?delay=2", "prompt": "a fox"}
    base = caller.server.base_url("runcomfy")
    caller.http.post(f"{caller.server.url}/_control/clock", json={"rate": 1000})
    submitted = caller.http.post(f"{base}/v1/models/{MODEL}", json=body).json()

    seen: list[str] = []
    while not seen or seen[-1] != "completed":
        seen.append(caller.http.get(submitted["status_url"]).json()["status"])

    assert "in_progress" in seen
    assert caller.http.get(submitted["result_url"]).json()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("choice", "status"), [("assume-valid", "succeeded"), ("unreachable", "failed"), ("fetch", "failed")]
)
def test_files_elsewhere(choice: str, status: str) -> None:
    """By assumption they count as valid, or as unreachable; `fetch` reaches only what --allow-egress names."""
    with running(Settings(port=0, switches={"media.outside-inputs": choice})) as server:
        one = Caller(server, "rc_outside")
        with one.http:
            result, _ = one.made("https://192.0.2.1/a.png")

    assert result["status"] == status

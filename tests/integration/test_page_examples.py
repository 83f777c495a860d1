"""The examples that providers print on their model pages run against the emulator as they stand."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx2
import pytest

from integration.pages import FIXTURES, ask_runcomfy, request_bodies, run_python, submit_runcomfy
from screentest.media.mp4_reader import probe
from screentest.server import Running

PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(FIXTURES.glob("*.txt"))}
RUNCOMFY = sorted(name for name in PAGES if name.startswith("runcomfy"))
AS_PRINTED = {"authorization": "Bearer <token>"}

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@needs_curl
@pytest.mark.parametrize("name", RUNCOMFY)
def test_runcomfy_pages_run_from_submit_to_video(server: Running, name: str) -> None:
    """Submit, status and result lines work; a minute later the result holds a clip of five seconds."""
    submitted = submit_runcomfy(PAGES[name], server.url)
    request_id = submitted["request_id"]
    early = ask_runcomfy(PAGES[name], server.url, "result", request_id)
    httpx2.post(f"{server.url}/_control/clock", json={"advance": 60}, headers=AS_PRINTED)

    status = ask_runcomfy(PAGES[name], server.url, "status", request_id)
    result = ask_runcomfy(PAGES[name], server.url, "result", request_id)

    assert early["status"] in ("in_queue", "in_progress")
    assert status["status"] == "completed"
    assert result["status"] == "succeeded"
    assert probe(httpx2.get(result["output"]["video"]).content).seconds == 5


@needs_curl
@pytest.mark.parametrize("name", RUNCOMFY)
def test_runcomfy_pages_cancel_a_queued_request(server: Running, name: str) -> None:
    """The cancel line takes a request back that has just been submitted."""
    httpx2.post(f"{server.url}/_control/clock", json={"freeze": True}, headers=AS_PRINTED)
    try:
        request_id = submit_runcomfy(PAGES[name], server.url)["request_id"]
        cancelled = ask_runcomfy(PAGES[name], server.url, "cancel", request_id)
    finally:
        httpx2.post(f"{server.url}/_control/clock", json={"rate": 1}, headers=AS_PRINTED)

    assert cancelled == {"request_id": request_id, "status": "cancelled", "outcome": "cancelled"}


def test_the_runflow_page_prints_the_url_of_a_video(server: Running) -> None:
    """The Python snippet blocks until the run has ended and prints a link that plays."""
    printed = run_python(PAGES["runflow-happy-horse-reference-to-video.txt"], server.url)

    movie = probe(httpx2.get(printed).content)
    assert (movie.video.width, movie.video.height) == (1280, 720)
    assert movie.seconds == 5


@pytest.mark.parametrize("index", [0, 1])
def test_the_hiapi_page_bodies_are_accepted(server: Running, index: int) -> None:
    """Each request body on the page makes a task that succeeds with the size that was asked for."""
    body = request_bodies(PAGES["hiapi-happyhorse-1.1-reference-to-video.txt"])[index]
    key = {"authorization": f"Bearer sk-page-{index}"}
    task = httpx2.post(f"{server.url}/hiapi/v1/tasks", json=body, headers=key).json()["data"]["taskId"]
    httpx2.post(f"{server.url}/_control/clock", json={"advance": 60}, headers=key)

    detail = httpx2.get(f"{server.url}/hiapi/v1/tasks/{task}", headers=key).json()["data"]

    movie = probe(httpx2.get(detail["output"][0]["url"]).content)
    assert (movie.video.width, movie.video.height) == [(1920, 1080), (720, 1280)][index]


def test_there_is_a_page_for_every_model() -> None:
    """Five pages, one for each model that is emulated."""
    assert len(PAGES) == 5
    assert all(Path(FIXTURES / name).stat().st_size > 1000 for name in PAGES)

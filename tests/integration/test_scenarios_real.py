"""Scenarios over real sockets: a callback before its answer, a download that stops, files and options of `serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest

from integration.receivers import receiving
from screentest.server import Running, running
from screentest.settings import Settings

BODY: dict[str, Any] = {
    "model": "happyhorse-1.1/reference-to-video",
    "input": {"prompt": "a fox", "reference_image": ["https://example.com/fox.jpg"]},
}


def submit(server: Running, account: str, scenario: str = "", **more: Any) -> httpx2.Response:
    headers = {"authorization": f"Bearer {account}"} | ({"screentest-scenario": scenario} if scenario else {})
    return httpx2.post(server.base_url("hiapi") + "/v1/tasks", json=BODY | more, headers=headers, timeout=30)


def test_a_callback_before_its_answer(server: Running) -> None:
    """When the submit is answered, a real receiver has heard of the end already."""
    with receiving() as receiver:
        submitted = submit(server, "sk-early", "early-callback", callback={"url": receiver.url})
        assert receiver.heard.qsize() == 1
        assert submitted.json()["data"]["taskId"] in receiver.next().body.decode()


def test_a_download_that_stops(server: Running) -> None:
    """The client sees the connection close before the promised length."""
    task = submit(server, "sk-cut", "truncated").json()["data"]["taskId"]
    account = {"authorization": "Bearer sk-cut"}
    httpx2.post(f"{server.url}/_control/clock", json={"advance": 60}, headers=account)
    shown = httpx2.get(f"{server.base_url('hiapi')}/v1/tasks/{task}", headers=account).json()["data"]
    with pytest.raises(httpx2.RemoteProtocolError, match=r"incomplete|closed"):
        httpx2.get(shown["output"][0]["url"])


def test_settings_of_a_server(tmp_path: Path) -> None:
    """Files, default and pace reach the jobs."""
    path = tmp_path / "mine.json"
    path.write_text('{"mine": {"about": "Mine.", "outcome": "failed"}}')
    settings = Settings(port=0, scenarios=(str(path),), scenario="mine", pace="instant")
    with running(settings) as server:
        assert submit(server, "sk-one").headers["screentest-scenario"] == "mine"

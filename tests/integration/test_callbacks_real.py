"""Callbacks over real sockets: on running clocks, through retries, and after the death of the process."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import hiapi
import httpx2

from integration.receivers import receiving
from integration.test_serve import serving
from screentest.server import Running, running
from screentest.settings import Settings

KEY = {"authorization": "Bearer sk-callbacks"}
RUN = "/runflow/v1/models/alibaba/happy-horse/reference-to-video/runs"


def task(url: str) -> dict[str, object]:
    inputs = {"prompt": "a fox", "reference_image": ["https://example.com/fox.jpg"]}
    return {"model": "happyhorse-1.1/reference-to-video", "input": inputs, "callback": {"url": url}}


def test_a_callback_comes_by_itself_on_a_running_clock() -> None:
    """Nobody advances anything: the end falls due, and the receiver is told."""
    with receiving() as receiver, running(Settings(port=0, speed=200)) as server:
        created = httpx2.post(f"{server.url}/hiapi/v1/tasks", json=task(receiver.url), headers=KEY).json()

        told = json.loads(receiver.next().body)

    assert told["taskId"] == created["data"]["taskId"]
    assert told["status"] == "success"


def test_a_refused_callback_is_tried_again(server: Running) -> None:
    """The receiver answers 500 once; an advance of two minutes brings the second attempt, with the same bytes."""
    with receiving() as receiver:
        receiver.answers = [500]
        httpx2.post(f"{server.url}/hiapi/v1/tasks", json=task(receiver.url), headers=KEY)
        moved = httpx2.post(f"{server.url}/_control/clock", json={"advance": 120}, headers=KEY).json()

        first, second = receiver.next(), receiver.next()

    assert [event["to"] for event in moved["events"] if event["kind"] == "callback"] == ["500", "204"]
    assert first.body == second.body


def test_the_official_sdk_verifies_what_comes(server: Running) -> None:
    """With a secret set, the SDK's own check accepts bytes and headers as they arrive."""
    secret = "whsec_0123456789abcdef"
    key = {"authorization": "Bearer sk-verified"}
    httpx2.put(f"{server.url}/_control/account", json={"callback_secret": secret}, headers=key)
    with receiving() as receiver:
        httpx2.post(f"{server.url}/hiapi/v1/tasks", json=task(receiver.url), headers=key)
        httpx2.post(f"{server.url}/_control/clock", json={"advance": 60}, headers=key)

        heard = receiver.next()

    verified = hiapi.verify_webhook(
        heard.body,
        signature=heard.headers["x-hiapi-signature"],
        timestamp=heard.headers["x-hiapi-timestamp"],
        secret=secret,
    )
    assert verified.status == "success"


def test_a_callback_owed_before_kill_9_comes_after_it(tmp_path: Path) -> None:
    """A job that was answered before the process died still tells its receiver when the server is back."""
    with receiving() as receiver:
        with serving("--db", "jobs.sqlite3", folder=tmp_path) as (process, url):
            httpx2.post(f"{url}/_control/clock", json={"freeze": True}, headers=KEY)
            body = {"input": {"prompt": "a", "image_urls": ["https://example.com/a.png"]}, "callback_url": receiver.url}
            run = httpx2.post(url + RUN, json=body, headers=KEY).json()["id"]
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=10)
        assert receiver.heard.empty()

        with serving("--db", "jobs.sqlite3", folder=tmp_path) as (_, url):
            httpx2.post(f"{url}/_control/clock", json={"rate": 100}, headers=KEY)
            told = json.loads(receiver.next().body)

    assert told["run_id"] == run
    assert told["event"] == "run.completed"


def test_nothing_leaves_this_machine(server: Running) -> None:
    """A receiver elsewhere is an attempt with the error egress; the job is as it was."""
    key = {"authorization": "Bearer sk-egress"}
    httpx2.post(f"{server.url}/hiapi/v1/tasks", json=task("http://192.0.2.1/hook"), headers=key)
    httpx2.post(f"{server.url}/_control/clock", json={"advance": 5}, headers=key)

    (delivery,) = httpx2.get(f"{server.url}/_control/deliveries", headers=key).json()["deliveries"]

    assert delivery["attempts"][0]["status"] is None
    assert delivery["attempts"][0]["error"] == "egress"
    assert delivery["state"] == "pending"

"""Runflow: the run record through its states, health, and the synchronous route of the marketing pages."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.types import Message

from driving import Emulator
from providers.hurried import Hurried, looped
from providers.runflow_refusals import ADMIN, OWNER
from providers.samples import RUNFLOW, SYNC, job_id

RECORD = {
    *("id", "flow_id", "model_id", "comfyui_workflow_id", "target_type", "target_version", "org_id", "status_code"),
    *("source_code", "input", "output", "context", "duration_ms", "cost", "cost_breakdown", "nodes_total"),
    *("nodes_completed", "resolved_template_id", "batch_id", "client_ref", "jurisdiction_code", "flow_version_id"),
    *("request_id", "created_by", "created_at", "started_at", "completed_at", "callback_url", "metadata", "has_logs"),
    *("has_node_runs", "links", "failure_code", "failure_message", "failure_stage_code", "feedback_is_positive"),
    *("feedback_reason", "source_chat_message_id", "current_evaluation_summary"),
}
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")
PATHS = ["/runflow/v1/run/happy-horse/reference-to-video", "/runflow/v1/run/alibaba/happy-horse/reference-to-video"]


def get_run(emulator: Emulator, job: str) -> dict[str, Any]:
    answer = emulator.get(f"/runflow/v1/runs/{job}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    return dict(answer.json())


def ended_run(emulator: Emulator, **changes: Any) -> dict[str, Any]:
    job = job_id(RUNFLOW.send(emulator, **changes))
    emulator.advance(60)
    return get_run(emulator, job)


def test_create_answers_the_whole_run(emulator: Emulator) -> None:
    """201 with the full record, queued: all the documented keys, and nothing that only the end knows."""
    answer = RUNFLOW.send(emulator)
    run = answer.json()
    assert (answer.status, run["status_code"]) == (201, "queued")
    assert set(run) == RECORD
    assert UUID7.fullmatch(run["id"])
    late = ("output", "duration_ms", "cost", "started_at", "completed_at", "failure_code", "failure_message")
    assert [run[name] for name in late] == [None] * len(late)
    assert get_run(emulator, run["id"]) == run


def test_a_whole_life(emulator: Emulator) -> None:
    """queued, dispatching, running, succeeded; every look has the same keys."""
    job = job_id(RUNFLOW.send(emulator))
    seen = []
    for _ in range(4):
        run = get_run(emulator, job)
        assert set(run) == RECORD
        assert (run["output"] is None) == (run["status_code"] != "succeeded")
        assert (run["started_at"] is None) == (run["status_code"] in ("queued", "dispatching"))
        assert (run["completed_at"] is None) == (run["status_code"] != "succeeded")
        seen.append(run["status_code"])
        emulator.post("/_control/clock", {"advance_to": "next"})
    assert seen == ["queued", "dispatching", "running", "succeeded"]


def test_a_succeeded_run(emulator: Emulator) -> None:
    """One output with what is known of it, the seed, the time it took, and the verdict of the safety checker."""
    run = ended_run(emulator, seed=7, resolution="720p")
    (artefact,) = run["output"]["outputs"]
    url = artefact.pop("url")
    assert url.startswith(f"http://127.0.0.1:8790/media/runflow/{run['id']}/video.mp4?expires=")
    assert artefact == {"type": "video", "width": 1280, "height": 720, "duration": 5}
    assert set(run["output"]) == {"outputs", "seed", "timing", "nsfw_detected"}
    assert (run["output"]["seed"], run["output"]["nsfw_detected"]) == (7, False)
    assert 2500 <= run["output"]["timing"]["inference_ms"] <= 3500
    assert emulator.get(url, key=None).headers["content-type"] == "video/mp4"


@pytest.mark.parametrize(
    ("changes", "cost"),
    [
        ({"resolution": "720p"}, "0.70"),
        ({"resolution": "1080p"}, "1.40"),
        ({}, "1.40"),
        ({"resolution": "720p", "duration": 3}, "0.42"),
        ({"resolution": "1080p", "duration": 15}, "4.20"),
    ],
)
def test_cost(emulator: Emulator, changes: dict[str, Any], cost: str) -> None:
    """US dollars as a decimal string: 0.14 a second at 720p, 0.28 at 1080p, which is the default."""
    assert ended_run(emulator, **changes)["cost"] == cost


@pytest.mark.parametrize(("changes", "verdict"), [({}, False), ({"enable_safety_checker": False}, None)])
def test_nsfw_detected(emulator: Emulator, changes: dict[str, Any], verdict: bool | None) -> None:
    """false when it was checked, which is the default; null when it was not."""
    assert ended_run(emulator, **changes)["output"]["nsfw_detected"] is verdict


@pytest.mark.parametrize("seed", [0, 1, 2147483647])
def test_the_seed_is_told(emulator: Emulator, seed: int) -> None:
    """The seed that was asked for is the one that was used, zero included."""
    assert ended_run(emulator, seed=seed)["output"]["seed"] == seed


def test_the_seed_that_nobody_asked_for_is_told(emulator: Emulator) -> None:
    """Without a seed the request decides it; the run says which one was used."""
    seeds = [ended_run(emulator)["output"]["seed"] for _ in range(2)]
    assert seeds[0] == seeds[1]
    assert 1 <= seeds[0] <= 2147483647


def test_a_failed_run(emulator: Emulator) -> None:
    """failed with code, message and stage; no output and no cost, for a failed run is not billed."""
    run = ended_run(emulator, prompt="[[fail]]")
    assert set(run) == RECORD
    assert (run["status_code"], run["output"], run["cost"]) == ("failed", None, None)
    assert (run["failure_code"], run["failure_stage_code"]) == ("PROVIDER_ERROR", "dispatch")
    assert run["failure_message"] == "The model could not make a video from this request"


def test_times(emulator: Emulator) -> None:
    """Created, started and completed as isoformat with milliseconds and +00:00, in order."""
    run = ended_run(emulator)
    stamps = [run[name] for name in ("created_at", "started_at", "completed_at")]
    assert all(STAMP.fullmatch(stamp) for stamp in stamps)
    created, started, completed = map(datetime.fromisoformat, stamps)
    assert created.timestamp() == 1_800_000_000
    assert created < started < completed


def test_durations_are_those_between_the_stamps(emulator: Emulator) -> None:
    """To the millisecond, wherever in one the run began and ended."""
    for number in range(20):
        emulator.advance(number / 7)
        run = ended_run(emulator)
        created, started, completed = (
            datetime.fromisoformat(run[name]) for name in ("created_at", "started_at", "completed_at")
        )
        assert run["duration_ms"] == round((completed - created) / timedelta(milliseconds=1))
        assert run["output"]["timing"]["inference_ms"] == round((completed - started) / timedelta(milliseconds=1))


def test_what_was_sent_is_told(emulator: Emulator) -> None:
    """The input comes back as it was sent, without defaults; client_ref, metadata and callback_url are echoed."""
    more = {"client_ref": "order 7", "metadata": {"a": [1, {"b": None}]}, "callback_url": "https://a.example/hook"}
    sent = RUNFLOW.body(surprise=[1.5, "é"])
    run = emulator.post(RUNFLOW.path, sent | more).json()
    assert run["input"] == sent["input"]
    assert {name: run[name] for name in more} == more
    assert get_run(emulator, run["id"])["metadata"] == more["metadata"]


@pytest.mark.parametrize("more", [{}, {"metadata": None, "callback_url": None, "client_ref": None}])
def test_optional_fields_may_be_null(emulator: Emulator, more: dict[str, None]) -> None:
    """Left out and null are the same."""
    run = emulator.post(RUNFLOW.path, RUNFLOW.body() | more).json()
    assert (run["metadata"], run["callback_url"], run["client_ref"]) == (None, None, None)


def test_ids(emulator: Emulator) -> None:
    """model_id and org_id are UUIDs, not names, the same from run to run; the organisation is the account."""
    one, two = RUNFLOW.send(emulator).json(), RUNFLOW.send(emulator).json()
    other = RUNFLOW.send(emulator, key="rf_live_other").json()
    assert UUID.fullmatch(one["model_id"])
    assert UUID.fullmatch(one["org_id"])
    assert (one["model_id"], one["org_id"]) == (two["model_id"], two["org_id"])
    assert (one["model_id"], one["org_id"] == other["org_id"]) == (other["model_id"], False)


def test_run_ids_carry_the_accounts_time(emulator: Emulator) -> None:
    """A UUID of version 7 begins with the milliseconds of its making, on the account's clock."""
    emulator.advance(3600)
    assert int(job_id(RUNFLOW.send(emulator)).replace("-", "")[:12], 16) == 1_800_003_600_000


def test_every_read_signs_the_link_anew(emulator: Emulator) -> None:
    """A later read gives a later link."""
    run = ended_run(emulator)
    emulator.advance(100)
    later = get_run(emulator, run["id"])
    links = [urlsplit(one["output"]["outputs"][0]["url"]) for one in (run, later)]
    expiry = [int(parse_qs(link.query)["expires"][0]) for link in links]
    assert expiry[1] - expiry[0] == 100
    assert expiry[0] == 1_800_000_060 + 3 * 86400


@pytest.mark.parametrize("key", [None, "invalid", "sk-x"])
def test_health_needs_no_key(emulator: Emulator, key: str | None) -> None:
    """The one operation that asks for no key."""
    answer = emulator.get("/runflow/v1/health", key=key)
    assert (answer.status, answer.json()) == (200, {"status": "ok", "ok": True})


@pytest.mark.parametrize("path", PATHS)
def test_the_synchronous_route(path: str) -> None:
    """With and without the owner: 200 with the normalised output, and video.url for the page's own snippet."""
    emulator = Hurried()
    answer = looped(lambda: emulator.post(path, SYNC.body(seed=7)))
    output = answer.json()
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert set(output) == {"outputs", "seed", "timing", "nsfw_detected", "video"}
    assert output["video"] == {"url": output["outputs"][0]["url"]}
    assert output["seed"] == 7
    assert emulator.get(output["video"]["url"], key=None).status == 200


def test_a_synchronous_run_is_a_run_like_any_other() -> None:
    """Its id comes in a header, and its record can be read."""
    emulator = Hurried()
    answer = looped(lambda: SYNC.send(emulator))
    run = get_run(emulator, answer.headers["screentest-job"])
    assert (run["status_code"], run["input"]) == ("succeeded", SYNC.body())


def test_a_synchronous_run_that_fails() -> None:
    """502 in the documented envelope, with the run's own code and message."""
    emulator = Hurried()
    answer = looped(lambda: SYNC.send(emulator, prompt="[[fail: NSFW]]"))
    assert (answer.status, answer.json()) == (
        502,
        {
            "code": "NSFW",
            "message": "The model could not make a video from this request (NSFW)",
            "errors": None,
        },
    )


@pytest.mark.parametrize("word", ["canceled", "cancelled"])
def test_a_synchronous_run_that_is_cancelled(word: str) -> None:
    """502 that says so, with the run's status for a code: it did not fail, and its record has no failure either."""
    emulator = Hurried(switches={"runflow.cancelled-word": word})
    answer = looped(lambda: SYNC.send(emulator, prompt="[[cancelled]]"))
    told = {"code": word.upper(), "message": f"The run was {word}", "errors": None}
    assert (answer.status, answer.json()) == (502, told)
    run = get_run(emulator, answer.headers["screentest-job"])
    assert (run["status_code"], run["failure_code"]) == (word, None)


def waited(emulator: Emulator, meanwhile: Callable[[str], object]) -> tuple[int, dict[str, str], dict[str, Any]]:
    """The answer of a synchronous run of the owner's while which `meanwhile` happens; it is given the run's id."""
    body, sent = json.dumps(SYNC.body()).encode(), list[Message]()
    headers = [(b"authorization", f"Bearer {OWNER}".encode()), (b"content-type", b"application/json")]
    scope: dict[str, Any] = {"type": "http", "http_version": "1.1", "method": "POST", "scheme": "http"}
    scope |= {"path": PATHS[0], "raw_path": PATHS[0].encode(), "query_string": b"", "headers": headers}
    scope |= {"root_path": "", "extensions": {}}

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    async def both() -> None:
        waiting = asyncio.create_task(emulator.app(scope, receive, send))
        while not (found := emulator.get("/runflow/v1/runs", key=OWNER).json()["items"]):
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        meanwhile(found[0]["id"])
        await asyncio.wait_for(waiting, 5)

    asyncio.run(both())
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, json.loads(sent[1]["body"])


def test_a_synchronous_run_that_an_administrator_cancels(emulator: Emulator) -> None:
    """Who waits is told at once."""
    runs: list[str] = []

    def cancel(run: str) -> None:
        runs.append(run)
        emulator.post(f"/runflow/v1/admin/runs/{run}/cancellation", key=ADMIN)

    status, headers, answer = waited(emulator, cancel)
    assert (status, headers["screentest-job"], answer["code"]) == (502, runs[0], "CANCELED")


@pytest.mark.parametrize("wish", [{}, {"only": ["jobs"]}])
@pytest.mark.parametrize("seed", [None, "7"])
def test_a_synchronous_run_that_is_reset(wish: dict[str, Any], seed: str | None) -> None:
    """It does not go on, and the answer does not say so; also where the same run is made again at once."""
    emulator = Emulator(seed=seed, start_time=1_900_000_000.0)

    def reset(run: str) -> None:
        emulator.post("/_control/reset", wish, key=OWNER)
        RUNFLOW.send(emulator, key=OWNER)

    status, headers, answer = waited(emulator, reset)
    assert (status, "screentest-job" in headers) == (502, True)
    assert answer == {"code": "PROVIDER_ERROR", "message": "The account was reset; the run is gone", "errors": None}


def test_every_answer_of_a_synchronous_run_names_it() -> None:
    """Whatever comes of it: its id, and what was asked to go otherwise than usual."""
    for prompt, status, emulator in (
        ("[[partial]]", 200, Hurried()),
        ("[[fail: NSFW]]", 502, Hurried()),
        ("[[cancelled]]", 502, Hurried()),
        ("[[stuck]]", 504, Emulator(sync_timeout=0)),
    ):
        answer = looped(lambda emulator=emulator, prompt=prompt: SYNC.send(emulator, prompt=prompt))  # type: ignore[misc]
        run = get_run(emulator, answer.headers["screentest-job"])
        assert (answer.status, answer.headers["screentest-scenario"]) == (status, prompt.strip("[]"))
        assert run["input"]["prompt"] == prompt


def test_a_synchronous_run_that_takes_too_long() -> None:
    """504 with the run's id; the run goes on."""
    emulator = Emulator(sync_timeout=0)
    answer = looped(lambda: SYNC.send(emulator))
    job = UUID.search(answer.json()["message"])
    assert (answer.status, answer.json()["code"], bool(job)) == (504, "GATEWAY_TIMEOUT", True)
    assert job is not None
    emulator.advance(60)
    assert get_run(emulator, job[0])["status_code"] == "succeeded"


@pytest.mark.parametrize(
    "name", ["reference-to-video", "horse/reference-to-video", "kuaishou/happy-horse/reference-to-video"]
)
def test_the_synchronous_route_knows_whole_names_only(emulator: Emulator, name: str) -> None:
    """Without the owner means without exactly that: part of a name, or another owner, is no model."""
    answer = emulator.post(f"/runflow/v1/run/{name}", SYNC.body())
    assert (answer.status, answer.json()["code"]) == (404, "MODEL_NOT_FOUND")


def test_the_documented_route_wants_the_owner(emulator: Emulator) -> None:
    """Only the marketing pages leave it out."""
    answer = emulator.post("/runflow/v1/models/happy-horse/reference-to-video/runs", RUNFLOW.body())
    assert (answer.status, answer.json()["code"]) == (404, "MODEL_NOT_FOUND")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("key", [None, "rf_live_x"])
def test_the_synchronous_route_switched_off(method: str, key: str | None) -> None:
    """When it is switched off it is as if it had never been there: 404 for any method, with or without a key."""
    emulator = Emulator(switches={"runflow.sync-route": "off"})
    answer = emulator.request(method, PATHS[0], SYNC.body(), key=key)
    assert (answer.status, answer.json()["code"]) == (404, "NOT_FOUND")
    assert RUNFLOW.send(emulator).status == 201


def test_there_is_no_public_cancel(emulator: Emulator) -> None:
    """No path cancels a run."""
    job = job_id(RUNFLOW.send(emulator))
    for method, path in (("POST", f"/runflow/v1/runs/{job}/cancel"), ("DELETE", f"/runflow/v1/runs/{job}")):
        assert emulator.request(method, path).status in (404, 405)
    emulator.advance(60)
    assert get_run(emulator, job)["status_code"] == "succeeded"

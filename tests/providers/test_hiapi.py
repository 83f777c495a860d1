"""HiAPI: create, detail and list of tasks, in the flat envelope of every answer; no cancel."""

from __future__ import annotations

import re
from typing import Any

import pytest

from driving import Emulator
from providers.samples import HIAPI, job_id

TASK = re.compile(r"tk-hiapi-[0-9A-HJKMNP-TV-Z]{26}")
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NOW = 1_800_000_000


def detail(emulator: Emulator, job: str) -> dict[str, Any]:
    """The task, out of its envelope."""
    answer = emulator.get(f"/hiapi/v1/tasks/{job}")
    body = answer.json()
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert (set(body), body["code"], body["message"]) == ({"code", "message", "data"}, 200, "success")
    return dict(body["data"])


def listed(emulator: Emulator, **query: Any) -> dict[str, Any]:
    """A page of the list, out of its envelope."""
    answer = emulator.get("/hiapi/v1/tasks", query=query)
    body = answer.json()
    assert (answer.status, set(body), body["code"]) == (200, {"code", "message", "data"}, 200)
    assert set(body["data"]) == {"page", "size", "total", "tasks"}
    return dict(body["data"])


def created(emulator: Emulator, number: int) -> list[str]:
    """Tasks made a second apart, oldest first."""
    made = []
    for _ in range(number):
        made.append(job_id(HIAPI.send(emulator)))
        emulator.advance(1)
    return made


def test_create(emulator: Emulator) -> None:
    """200, not 201, with nothing but the task's id."""
    answer = HIAPI.send(emulator)
    task = answer.json()["data"]["taskId"]
    assert answer.status == 200
    assert answer.json() == {"code": 200, "message": "success", "data": {"taskId": task}}
    assert TASK.fullmatch(task)
    assert len(task) == 35


def test_task_ids_are_ulids_of_the_accounts_time(emulator: Emulator) -> None:
    """The first ten characters decode to the milliseconds of the submit."""
    emulator.advance(3600)
    milliseconds = 0
    for character in job_id(HIAPI.send(emulator)).removeprefix("tk-hiapi-")[:10]:
        milliseconds = milliseconds * 32 + CROCKFORD.index(character)
    assert milliseconds == (NOW + 3600) * 1000


def test_a_whole_life(emulator: Emulator) -> None:
    """queued, handling, archiving: no output, no error, completed 0; then success with output."""
    job = job_id(HIAPI.send(emulator))
    for word in ("queued", "handling", "archiving"):
        assert detail(emulator, job) == {
            "taskId": job,
            "model": "happyhorse-1.1/reference-to-video",
            "status": word,
            "created": NOW,
            "completed": 0,
            "storage": "temp",
        }
        emulator.post("/_control/clock", {"advance_to": "next"})
    assert detail(emulator, job)["status"] == "success"


def test_a_success(emulator: Emulator) -> None:
    """One video that lasts seven days after the end, as whole Unix seconds."""
    job = job_id(HIAPI.send(emulator))
    emulator.advance(60)
    task = detail(emulator, job)
    assert set(task) == {"taskId", "model", "status", "created", "completed", "storage", "output"}
    assert NOW + 3 <= task["completed"] <= NOW + 5
    assert task["output"] == [
        {
            "url": f"http://127.0.0.1:8790/media/hiapi/{job}/video.mp4",
            "type": "video",
            "expireAt": task["completed"] + 604_800,
        }
    ]
    assert isinstance(task["completed"], int)
    assert emulator.get(task["output"][0]["url"], key=None).headers["content-type"] == "video/mp4"


def test_a_failure(emulator: Emulator) -> None:
    """A failed task is read with 200 success around it; inside are fail and an error, and no output."""
    job = job_id(HIAPI.send(emulator, prompt="[[fail]]"))
    emulator.advance(60)
    task = detail(emulator, job)
    assert set(task) == {"taskId", "model", "status", "created", "completed", "storage", "error"}
    assert (task["status"], task["error"]["code"]) == ("fail", "TASK_FAILED")
    assert isinstance(task["error"]["message"], str)
    assert task["completed"] > NOW


def test_the_input_is_never_echoed(emulator: Emulator) -> None:
    """Neither prompt nor images come back, in the detail or in the list."""
    job = job_id(HIAPI.send(emulator, prompt="a very special horse"))
    emulator.advance(60)
    for answer in (emulator.get(f"/hiapi/v1/tasks/{job}"), emulator.get("/hiapi/v1/tasks")):
        assert b"special" not in answer.body
        assert b"images.example" not in answer.body


def test_the_callback_is_not_echoed(emulator: Emulator) -> None:
    """A task with a callback looks like any other."""
    answer = emulator.post(HIAPI.path, HIAPI.body() | {"callback": {"url": "https://a.example/hook"}})
    assert set(detail(emulator, job_id(answer))) == {"taskId", "model", "status", "created", "completed", "storage"}


def test_an_empty_list(emulator: Emulator) -> None:
    """Who has no tasks has a first page of none."""
    assert listed(emulator) == {"page": 1, "size": 10, "total": 0, "tasks": []}


def test_the_list_is_newest_first(emulator: Emulator) -> None:
    """By default the ten newest, and the total of all."""
    made = created(emulator, 12)
    page = listed(emulator)
    assert (page["page"], page["size"], page["total"]) == (1, 10, 12)
    assert [task["taskId"] for task in page["tasks"]] == made[:1:-1]
    assert [task["created"] for task in page["tasks"]] == sorted(
        (NOW + second for second in range(2, 12)), reverse=True
    )


def test_pages_tile_the_list(emulator: Emulator) -> None:
    """Three pages of five of twelve tasks are all of them, once; a page past the end is empty with the real total."""
    made = created(emulator, 12)
    pages = [listed(emulator, page=page, size=5) for page in (1, 2, 3, 4, 10**14)]
    assert [task["taskId"] for page in pages for task in page["tasks"]] == made[::-1]
    assert [len(page["tasks"]) for page in pages] == [5, 5, 2, 0, 0]
    assert [(page["page"], page["size"], page["total"]) for page in pages] == [
        (number, 5, 12) for number in (1, 2, 3, 4, 10**14)
    ]


def test_tasks_of_one_instant(emulator: Emulator) -> None:
    """On a still clock all tasks are of one second; the last made is still the first listed."""
    made = [job_id(HIAPI.send(emulator)) for _ in range(5)]
    assert [task["taskId"] for task in listed(emulator)["tasks"]] == made[::-1]


@pytest.mark.parametrize(
    ("size", "taken"),
    [
        ("1", 1),
        ("100", 100),
        ("0", 10),
        ("101", 10),
        ("-1", 10),
        ("abc", 10),
        ("", 10),
        ("5.0", 10),
        ("1e1", 10),
        ("+5", 10),
        ("\u0665", 10),
        ("007", 7),
        ("9" * 400, 10),
    ],
)
def test_a_size_out_of_range_is_the_default(emulator: Emulator, size: str, taken: int) -> None:
    """1 to 100; anything else is 10, never an error, and 101 is not cut to 100."""
    assert listed(emulator, size=size)["size"] == taken


@pytest.mark.parametrize(
    ("page", "taken"),
    [("1", 1), ("2", 2), ("0", 1), ("-3", 1), ("x", 1), ("", 1), ("1.5", 1), ("9" * 20, 1), ("9" * 400, 1)],
)
def test_a_page_out_of_range_is_the_first(emulator: Emulator, page: str, taken: int) -> None:
    """1 or more; anything else is 1, never an error."""
    assert listed(emulator, page=page)["page"] == taken


def test_the_list_shows_what_the_detail_shows(emulator: Emulator) -> None:
    """Queued, failed and succeeded tasks look the same in both."""
    jobs = [job_id(HIAPI.send(emulator)), job_id(HIAPI.send(emulator, prompt="[[fail]]"))]
    emulator.advance(60)
    jobs.append(job_id(HIAPI.send(emulator)))
    assert listed(emulator)["tasks"] == [detail(emulator, job) for job in jobs[::-1]]


def test_the_list_is_the_accounts_own(emulator: Emulator) -> None:
    """Other accounts' tasks are neither listed nor counted."""
    HIAPI.send(emulator, key="sk-other")
    assert listed(emulator)["total"] == 0


def test_unknown_filters_are_ignored(emulator: Emulator) -> None:
    """No filter is documented."""
    created(emulator, 2)
    assert listed(emulator, status="success", model="x")["total"] == 2


@pytest.mark.parametrize(
    ("method", "tail"),
    [("DELETE", ""), ("POST", ""), ("PATCH", ""), ("PUT", ""), ("POST", "/cancel"), ("DELETE", "/cancel")],
)
def test_there_is_no_cancel(emulator: Emulator, method: str, tail: str) -> None:
    """No way to cancel, delete or change a task; it runs to its end."""
    job = job_id(HIAPI.send(emulator))
    answer = emulator.request(method, f"/hiapi/v1/tasks/{job}{tail}")
    assert (answer.status, answer.json()["data"]) == (405 if not tail else 404, None)
    emulator.advance(60)
    assert detail(emulator, job)["status"] == "success"

"""What goes over the wire, and what is read from it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from client import answers as say
from client.stand_ins import KEY, KINDS, Actor, Answer, Kind
from client.talks import hiapi, runcomfy, runflow
from client.talks.talk import ok
from screentest_client.errors import AuthError, ClientError, InvalidInputError, ServerError, UnexpectedAnswerError
from screentest_client.job import Job, Output
from screentest_client.steps import Request, Response
from screentest_client.wire.base import Wire
from screentest_client.wire.hiapi import HIAPI, fields_of
from screentest_client.wire.runcomfy import RUNCOMFY
from screentest_client.wire.runflow import RUNFLOW

VIDEO = Output(url=say.CLIP, type="video")


def answered(body: Any, status: int = 200, headers: dict[str, str] | None = None, billable: bool = False) -> Response:
    request = Request(method="POST", path="/v1/x", billable=billable)
    return Response(step=request, status=status, content=json.dumps(body).encode(), headers=headers or {})


@pytest.mark.parametrize("kind", KINDS)
def test_requests_carry_key_and_json(kind: Kind) -> None:
    """Bearer key, JSON body and Accept, as every provider wants them; a GET has no body and no type."""
    actor = Actor(kind, "HiAPI", ok(say.CREATED), ok(say.detail("queued")))

    actor.do("status", actor.do("submit", say.HIAPI_R2V, say.INPUT))

    post, get = actor.requests
    assert f"Bearer {KEY}" == post.headers["authorization"] == get.headers["authorization"]
    assert (post.headers["content-type"], post.headers["accept"]) == ("application/json", "application/json")
    assert "content-type" not in get.headers
    assert ["POST /v1/tasks", f"GET /v1/tasks/{say.TASK_ID}"] == actor.asked
    assert actor.sent() == {"model": say.HIAPI_R2V, "input": say.INPUT}


def test_runcomfy_sends_the_input_bare_and_slashes_raw() -> None:
    """The model id is the tail of the path, the input the whole body."""
    request = RUNCOMFY.submit(say.R2V, say.INPUT)

    assert f"POST /v1/models/{say.R2V}" == request.where
    assert request.content == json.dumps(say.INPUT).encode()
    assert request.billable


def test_runflow_wraps_the_input_and_takes_its_options() -> None:
    """What is not given is not sent."""
    bare = RUNFLOW.submit("a/b/c", {"prompt": "x"})
    full = RUNFLOW.submit(
        "a/b/c", {}, metadata={"a": 1}, callback_url="https://h/x", client_ref="r", idempotency_key="k 1"
    )

    assert bare.where == "POST /v1/models/a/b/c/runs"
    assert json.loads(bare.content or b"") == {"input": {"prompt": "x"}}
    assert json.loads(full.content or b"") == {
        "input": {},
        "metadata": {"a": 1},
        "callback_url": "https://h/x",
        "client_ref": "r",
    }
    assert full.headers["idempotency-key"] == "k 1"


def test_hiapi_takes_its_options_beside_the_input() -> None:
    """A callback may be its URL; an empty route is left out, so that the bytes an idempotency key covers stay."""
    assert json.loads(HIAPI.submit("m", {}, route="", storage=None).content or b"") == {"model": "m", "input": {}}
    assert json.loads(
        HIAPI.submit("m", {}, callback="https://h/x", route="ext", storage="persistent").content or b""
    ) == {
        "model": "m",
        "input": {},
        "callback": {"url": "https://h/x"},
        "route": "ext",
        "storage": "persistent",
    }
    told = {"url": "https://h/x", "when": "final"}
    assert told == json.loads(HIAPI.submit("m", {}, callback=told).content or b"")["callback"]


@pytest.mark.parametrize("model", ["", "a//b", "../requests/x/cancel", "a/./b", None, 7])
def test_model_id_cannot_leave_its_path(model: Any) -> None:
    """An id with empty or dotted parts would be another address, and none at all the contract's own pattern."""
    for ask in (RUNCOMFY.submit, RUNFLOW.submit):
        with pytest.raises(ValueError, match="not an id"):
            ask(model, {})
    with pytest.raises(ValueError, match="not an id"):
        RUNFLOW.run(model, {}, 1.0)


def test_odd_characters_of_an_id_are_escaped() -> None:
    """A question mark in an id does not become a query."""
    assert RUNCOMFY.submit("a?b/c d", {}).where == "POST /v1/models/a%3Fb/c%20d"
    assert RUNFLOW.status("a/b").where == "GET /v1/runs/a%2Fb"


@pytest.mark.parametrize("key", ["", " k", "k ", "a\nb", "é", "k" * 256])
def test_idempotency_key_that_no_header_carries_is_refused(key: str) -> None:
    """Printable ASCII, 255 characters at most."""
    with pytest.raises(ValueError, match="idempotency key"):
        HIAPI.submit("m", {}, idempotency_key=key)


def test_input_that_is_not_json_is_refused() -> None:
    """NaN is no JSON, though Python would write it."""
    with pytest.raises(ValueError, match="JSON"):
        HIAPI.submit("m", {"duration": float("nan")})


@pytest.mark.parametrize("kind", KINDS)
def test_list_reads_a_page(kind: Kind) -> None:
    """Only what is asked for is sent; a page can be counted and walked."""
    page = {"page": 2, "size": 1, "total": 42, "tasks": [say.task("handling")]}
    actor = Actor(kind, "HiAPI", ok(say.enveloped(page)), ok(say.enveloped(page)))

    found = actor.do("list", page=2, size=1)
    actor.do("list")

    assert actor.asked == ["GET /v1/tasks?page=2&size=1", "GET /v1/tasks"]
    assert (found.page, found.size, found.total, len(found)) == (2, 1, 42, 1)
    assert [job.state for job in found] == ["handling"]


def test_jobs_keep_what_the_provider_says() -> None:
    """State, outcome, outputs with their sizes and expiry, queue position, error, and the whole document."""
    seen = Job(provider="runcomfy", id=say.REQUEST_ID, model=say.R2V, state="unknown")
    queued = RUNCOMFY.read_status(answered(say.status("in_queue", queue_position=3)), seen)
    done = RUNCOMFY.read_result(answered(say.SUCCEEDED), seen)
    run = RUNFLOW.read_submitted(answered(say.runflow_run("succeeded", output=say.OUTPUT)), say.RUNFLOW_R2V)
    failed = RUNFLOW.read_submitted(answered(runflow.FAILED), say.RUNFLOW_R2V)
    task = HIAPI.read_status(answered(say.SUCCESS), Job(provider="hiapi", id=say.TASK_ID, model=None, state="unknown"))

    assert (queued.model, queued.state, queued.outcome, queued.queue_position) == (say.R2V, "in_queue", None, 3)
    assert done.outputs == (VIDEO,), "the input that the result repeats is no output"
    assert (Output(url=say.CLIP, type="video", width=1280, height=720, duration=5.0),) == run.outputs
    assert run.model == say.RUNFLOW_R2V, "not the UUID of the run's model_id"
    assert (failed.error, failed.error_code) == ("no video", "PROVIDER_ERROR")
    assert Output(url=say.CLIP, type="video", expires_at=1777886899) == task.primary
    assert [output.type for output in task.outputs] == ["first_frame", "video"]
    assert say.SUCCESS["data"] == task.raw


@pytest.mark.parametrize("error", ["boo", {"message": "boo"}])
def test_reason_of_a_failure_may_be_a_sentence(error: Any) -> None:
    """HiAPI and RunComfy print an object; a plain sentence is told too, and not lost."""
    told = HIAPI.read_status(answered(say.detail("fail", error=error)), HIAPI.known(say.TASK_ID))
    also = RUNCOMFY.read_result(answered(say.result("failed", error=error)), RUNCOMFY.known(say.REQUEST_ID))

    assert (told.error, also.error) == ("boo", "boo")


@pytest.mark.parametrize(
    ("output", "types"),
    [
        ({"video": "u1"}, ["video"]),
        ({"videos": ["u1", "u2"]}, ["video", "video"]),
        ({"video": "u1", "videos": ["u1", "u2"], "image": "u3"}, ["video", "video", "image"]),
        ({"audio": "u1", "seed": 7, "images": []}, ["audio"]),
        ("u1", ["file"]),
        (["u1", "u2"], ["file", "file"]),
        (None, []),
    ],
)
def test_runcomfy_outputs_are_found_under_any_key(output: Any, types: list[str]) -> None:
    """Which key a model fills is not documented; the same URL under two keys is one output."""
    seen = Job(provider="runcomfy", id=say.REQUEST_ID, model=None, state="unknown")

    job = RUNCOMFY.read_result(answered(say.result("succeeded", output=output)), seen)

    assert types == [one.type for one in job.outputs]


def test_completed_is_finished_but_not_yet_succeeded() -> None:
    """On RunComfy a final status has no outcome; the result has."""
    seen = Job(provider="runcomfy", id=say.REQUEST_ID, model=None, state="unknown")

    job = RUNCOMFY.read_status(answered(say.status("completed")), seen)

    assert (job.finished, job.outcome) == (True, None)
    assert not seen.finished


def runflow_says(*fields: dict[str, Any]) -> dict[str, Any]:
    return say.runflow_error("VALIDATION_ERROR", "no", *fields)


@pytest.mark.parametrize(
    ("read", "body", "fields"),
    [
        (RUNCOMFY, say.runcomfy_error(422001, "no", runcomfy.FIELD), (("duration", "must be at most 15"),)),
        (RUNFLOW, runflow_says(runflow.FIELD), (("duration", runflow.FIELD["msg"]),)),
        (RUNFLOW, runflow_says({"loc": ["body", "callback_url"], "msg": "m"}), (("callback_url", "m"),)),
        (RUNFLOW, runflow_says({"loc": ["body", "input", "image_urls", 0], "msg": "m"}), (("image_urls.0", "m"),)),
        (RUNFLOW, runflow_says({"loc": ["body", "input"], "msg": "m"}), (("input", "m"),)),
        (RUNFLOW, runflow_says({"msg": "m"}, {"loc": ["x"]}), (("", "m"),)),
        (RUNFLOW, runflow_says(), ()),
        (HIAPI, say.hiapi_error(400, hiapi.TOO_LONG, "INVALID_REQUEST"), (("duration", "maximum: got 16, want 15"),)),
        (HIAPI, say.hiapi_error(400, "invalid request", "INVALID_REQUEST"), ()),
    ],
)
def test_invalid_input_names_the_fields(read: Any, body: Any, fields: Any) -> None:
    """Paths are dotted and relative to the model's input, whichever way the provider writes them."""
    with pytest.raises(InvalidInputError) as caught:
        read.open(answered(body, 422))

    assert fields == caught.value.fields
    assert all(message in str(caught.value) for _, message in fields)


@pytest.mark.parametrize(
    ("message", "paths"),
    [
        ("at '/duration': got string, want integer", ["duration"]),
        ("at '': missing property 'prompt'", ["prompt"]),
        ("missing properties 'prompt', 'reference_image'", ["prompt", "reference_image"]),
        ("additional properties 'a', 'b' not allowed", ["a", "b"]),
        ("at '/reference_image/0': 'x' is not valid uri (https)", ["reference_image.0"]),
        ("at '/duration': got 1; at '/prompt': got 2", ["duration", "prompt"]),
        (
            "validation failed\n- at '/duration': minimum: got 2, want 3\n- at '': missing property 'p'",
            ["duration", "p"],
        ),
        ("at '/prompt': 'a; b' does not match pattern 'c'", ["prompt"]),
        ("model 'x' is not available", []),
    ],
)
def test_fields_of_a_hiapi_sentence(message: str, paths: list[str]) -> None:
    """HiAPI names fields only in its sentence; one or several are found there, and no others."""
    assert paths == [path for path, _ in fields_of(message)]


def test_error_carries_status_code_and_body() -> None:
    """A caller can branch on facts instead of reading the message."""
    body = say.runflow_error("RATE_LIMITED", "Rate limit exceeded: 10/min")

    with pytest.raises(ClientError) as caught:
        RUNFLOW.open(answered(body, 429, {"retry-after": "7"}))

    assert (429, "RATE_LIMITED", body, 7.0) == (
        caught.value.status, caught.value.code, caught.value.body, caught.value.retry_after,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "-7"}, 0.0),
        ({"retry-after": "Mon, 02 Nov 2026 10:00:30 GMT", "date": "Mon, 02 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Mon, 02 Nov 2026 10:00:30 GMT", "date": "Mon, 02 Nov 2026 10:01:00 GMT"}, 0.0),
        ({"retry-after": "Mon, 02 Nov 2026 10:00:30 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Fri, 01 Jan 99999 00:00:00 GMT", "date": "Mon, 02 Nov 2026 10:00:00 GMT"}, None),
        ({"retry-after": "Mon, 02 Nov 2026 10:00:30 GMT", "date": f"Fri, 01 Jan {10**24} 00:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    """A date counts from the answer's own date; what cannot be read is as good as absent."""
    assert seconds == answered({}, 429, headers).retry_after


@pytest.mark.parametrize("status", [500, 502])
def test_submit_that_may_have_worked_says_so(status: int) -> None:
    """After a 5xx, or an answer that makes no sense, nobody knows whether the job exists: do not simply repeat it."""
    with pytest.raises(ServerError, match="The job may exist, and be charged: look for the job"):
        RUNCOMFY.open(answered({}, status, billable=True))
    with pytest.raises(UnexpectedAnswerError, match="The job may exist, and be charged"):
        RUNCOMFY.open(answered([], 200, billable=True))
    with pytest.raises(ServerError, match="Try again later"):
        RUNCOMFY.open(answered({}, 503, billable=True))


@pytest.mark.parametrize("start", [b"[", b'{"a":'])
@pytest.mark.parametrize("kind", KINDS)
def test_answer_too_deep_to_read_is_unexpected(kind: Kind, start: bytes) -> None:
    """An answer nested beyond Python's stack is as good as no JSON, and a submit still says what may have happened."""
    actor = Actor(kind, "RunComfy", Answer(content=start * 100_000))

    with pytest.raises(UnexpectedAnswerError, match="The job may exist, and be charged"):
        actor.do("submit", say.R2V, say.INPUT)


@pytest.mark.parametrize("code", ["²", "²²²²²²", "٤٠٠٠٠٤", "9" * 5000])
def test_code_that_is_no_number_stays_text(code: str) -> None:
    """Only a few ASCII digits are a number; anything else is told as it came, and the status decides."""
    for wire, status in ((RUNCOMFY, 400), (RUNCOMFY, 200), (RUNFLOW, 400), (HIAPI, 400)):
        with pytest.raises(ClientError) as caught:
            wire.open(answered({"error_code": code, "code": code, "message": "no"}, status))

        assert caught.value.code == code
        assert caught.value.status == status


def test_code_in_digits_is_a_number() -> None:
    """A code is known by its number, written as text or not."""
    with pytest.raises(AuthError) as caught:
        RUNCOMFY.open(answered(say.runcomfy_error(400004, "no") | {"error_code": "400004"}, 200))

    assert caught.value.code == 400004


@pytest.mark.parametrize("wire", [RUNCOMFY, RUNFLOW, HIAPI])
def test_message_can_be_printed(wire: Wire) -> None:
    """JSON can hold half of a surrogate pair, which no terminal takes; the body keeps it."""
    body = {"message": "not \ud800", "code": 400, "data": None}

    with pytest.raises(InvalidInputError) as caught:
        wire.open(answered(body, 400))

    assert "not \\ud800" in str(caught.value).encode().decode()
    assert body == caught.value.body

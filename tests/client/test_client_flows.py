"""The flows, driven by hand: no transport, no loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from client import answers as say
from client.hand import Hand
from screentest_client import flows
from screentest_client.errors import (
    ClientError,
    ConnectionFailedError,
    DownloadError,
    UnexpectedAnswerError,
)
from screentest_client.job import Job, Output
from screentest_client.steps import Request, Save, Sleep
from screentest_client.wire.hiapi import HIAPI
from screentest_client.wire.runcomfy import RUNCOMFY
from screentest_client.wire.runflow import RUNFLOW

DONE = Job(provider="hiapi", id="tk-1", model="m", state="success", outcome="succeeded")


def test_status_yields_one_request_and_returns_the_job() -> None:
    """A flow says what it wants sent, and turns the answer into a job."""
    hand = Hand(say.detail("handling"))

    job = hand.run(flows.status(HIAPI, say.TASK_ID))

    assert [Request(method="GET", path=f"/v1/tasks/{say.TASK_ID}")] == hand.steps
    assert (job.provider, job.id, job.model, job.state) == ("hiapi", say.TASK_ID, say.HIAPI_R2V, "handling")


def test_submit_is_never_repeated_without_an_idempotency_key() -> None:
    """Each submit may cost money: whatever goes wrong, one request is sent."""
    troubles: list[Any] = [ConnectionFailedError("lost"), (503, {}, {"retry-after": "1"}), (500, {}), (429, {})]
    for trouble in troubles:
        for wire, request in (
            (RUNCOMFY, RUNCOMFY.submit("a/b", {})),
            (RUNFLOW, RUNFLOW.submit("a/b", {})),
            (HIAPI, HIAPI.submit("a", {})),
        ):
            hand = Hand(trouble)

            with pytest.raises(ClientError):
                hand.run(flows.submit(wire, request, "a/b"))

            assert [request] == hand.steps


def test_submit_with_an_idempotency_key_sends_the_same_bytes_again() -> None:
    """With a key the repetition creates nothing new, so trouble is tried again, as asked for by Retry-After."""
    hand = Hand((503, {}, {"retry-after": "9"}), ConnectionFailedError("lost"), say.CREATED)
    request = HIAPI.submit("m", say.INPUT, idempotency_key="order-7")

    job = hand.run(flows.submit(HIAPI, request, "m"))

    assert job.id == say.TASK_ID
    assert [request, Sleep(seconds=9.0), request, Sleep(seconds=2.0), request] == hand.steps
    assert request.headers["idempotency-key"] == "order-7"


def test_refused_submit_with_a_key_is_not_repeated() -> None:
    """A request that is wrong stays wrong."""
    hand = Hand((400, say.hiapi_error(400, "no", "INVALID_REQUEST")))

    with pytest.raises(ClientError):
        hand.run(flows.submit(HIAPI, HIAPI.submit("m", {}, idempotency_key="k"), "m"))

    assert len(hand.steps) == 1


@pytest.mark.parametrize("job", ["", "..", "."])
def test_id_that_would_ask_for_something_else_is_refused(job: str) -> None:
    """An empty id would list all tasks, a dotted one leave the path."""
    with pytest.raises(ValueError, match="not an id"):
        Hand().run(flows.status(HIAPI, job))


@pytest.mark.parametrize("odd", ["..", "", "\ud800"])
def test_id_in_an_answer_that_cannot_be_asked_about(odd: str) -> None:
    """The provider's fault, told as such when the job is made and not as a wrong argument when it is looked at."""
    created = say.enveloped({"taskId": odd})
    with pytest.raises(UnexpectedAnswerError, match=r"no URL can be made|no text under 'taskId'"):
        Hand((200, created)).run(flows.submit(HIAPI, HIAPI.submit("m", {}), "m"))


def test_job_of_another_provider_is_refused() -> None:
    """A job knows where it lives."""
    with pytest.raises(ValueError, match="is of hiapi, this client talks to runflow"):
        Hand().run(flows.status(RUNFLOW, DONE))


@pytest.mark.parametrize("job", [None, 7])
def test_job_that_is_none_is_refused(job: Any) -> None:
    """A variable that was never filled is told as what it is, before any request."""
    for flow in (flows.status(HIAPI, job), flows.result(RUNFLOW, job), flows.cancel(job)):
        with pytest.raises(TypeError, match=f"a job is named by its Job or its id, a text, not {job}"):
            next(flow)


@pytest.mark.parametrize("wanted", ["tk-1", None])
def test_download_of_an_id_says_where_the_job_is(wanted: Any) -> None:
    """An id has no outputs; the message says who has them."""
    with pytest.raises(TypeError, match=rf"not {wanted!r}: result\(\) gives the Job"):
        next(flows.download(HIAPI, wanted, Path("out")))


def saved(url: str, path: Path = Path("out"), job: Job | None = None) -> Save:
    """The step that a download asks for."""
    wanted = Output(url=url, type="video")
    flow = flows.download(HIAPI, wanted if job is None else job, path)
    step = next(flow)
    assert isinstance(step, Save)
    return step


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://m.example/a/clip.mp4?sig=1", "clip.mp4"),
        ("https://m.example/a/", "video.mp4"),
        ("https://m.example/..", "video.mp4"),
        ("https://m.example/%2e%2e%2fpasswd.mp4", "video.mp4"),
        ("https://m.example/.hidden", "video.mp4"),
    ],
)
def test_name_in_a_directory_comes_from_the_url_if_it_is_one(url: str, name: str) -> None:
    """A URL cannot choose a place outside; without a good name the contract's is taken."""
    assert name == saved(url).name


def test_name_in_a_directory_starts_with_the_job_id() -> None:
    """Two jobs whose clips are both called video.mp4 do not overwrite each other."""
    job = Job(provider="hiapi", id="tk-1", model="m", state="success", outputs=(Output(url=say.CLIP, type="video"),))

    assert saved("", job=job).name == "tk-1-video.mp4"


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "data:video/mp4;base64,AA", "//host/x.mp4", "http:///x.mp4", ""),
        *("http://[::1/x.mp4", "http://h\uff0f/x.mp4", "http://h/\ud800.mp4"),
    ],
)
def test_only_http_is_fetched(url: str) -> None:
    """What a provider calls a URL is not believed."""
    with pytest.raises(DownloadError, match="http or https"):
        next(flows.download(HIAPI, Output(url=url, type="video"), Path("out")))


@pytest.mark.parametrize(
    ("job", "told"),
    [
        (Job(provider="hiapi", id="t", model=None, state="queued"), r"has no output, it is 'queued'; wait\(\) for it"),
        (Job(provider="runcomfy", id="t", model=None, state="completed"), r"result\(\) has the outputs"),
        (Job(provider="hiapi", id="t", model=None, state="fail", outcome="failed"), r"it is 'fail'\.$"),
        (Job(provider="hiapi", id="t", model=None, state="success", outcome="succeeded"), r"it is 'success'\.$"),
    ],
)
def test_download_without_output_says_why(job: Job, told: str) -> None:
    """No request is made; the message says what to do, where something can be done."""
    wire = RUNCOMFY if job.provider == "runcomfy" else HIAPI

    with pytest.raises(DownloadError, match=told):
        next(flows.download(wire, job, Path("out")))


@pytest.mark.parametrize(
    ("wire", "status", "told"),
    [
        (RUNFLOW, 403, r"may have expired: result\(\) gives a fresh one"),
        (HIAPI, 404, "may have expired: fetch outputs soon after the end"),
        (HIAPI, 302, "a redirect, which is not followed"),
        (HIAPI, 500, "answered 500; try again"),
    ],
)
def test_download_that_is_refused_says_what_to_do(wire: Any, status: int, told: str) -> None:
    """Expired links, redirects and trouble read differently; the query of the URL, a signature perhaps, is not told."""
    output = Output(url="https://m.example/clip.mp4?X-Amz-Signature=secret", type="video")

    with pytest.raises(DownloadError, match=told) as caught:
        Hand((status, None)).run(flows.download(wire, output, Path("out")))

    assert "secret" not in str(caught.value)
    assert status == caught.value.status

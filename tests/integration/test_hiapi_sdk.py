"""HiAPI's official Python SDK, unchanged, against the served emulator."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import hiapi
import pytest

from screentest.media.mp4_reader import probe
from screentest.server import Running, running
from screentest.settings import Settings

MODEL = "happyhorse-1.1/reference-to-video"
INPUT = {
    "prompt": "a fox in the snow, as in [Image 1]",
    "reference_image": ["https://example.com/fox.jpg"],
    "resolution": "720p",
    "aspect_ratio": "9:16",
    "duration": 3,
}


@pytest.fixture(scope="module")
def fast() -> Iterator[Running]:
    """A server whose accounts live a hundred times as fast, since the SDK sleeps in real time."""
    with running(Settings(port=0, speed=100)) as up:
        yield up


def client(server: Running, key: str = "sk-sdk") -> hiapi.HiAPI:
    return hiapi.HiAPI(api_key=key, base_url=server.base_url("hiapi"), max_retries=0)


def test_a_task_is_created_waited_for_and_downloaded(fast: Running) -> None:
    """The SDK sees success, and the file is the clip that was asked for."""
    tasks = client(fast).tasks
    created = tasks.create(model=MODEL, input=INPUT)

    done = tasks.wait(created.task_id, poll_interval=0.05, timeout=30)

    assert done.status == "success"
    with urllib.request.urlopen(done.output[0].url) as answer:
        assert answer.headers["content-type"] == "video/mp4"
        movie = probe(answer.read())
    assert (movie.video.width, movie.video.height) == (720, 1280)
    assert movie.seconds == 3


def test_every_state_word_is_known_to_the_sdk(fast: Running) -> None:
    """on_update is told documented words only, in order, ending in success."""
    seen: list[str] = []
    tasks = client(fast).tasks
    created = tasks.create(model=MODEL, input=INPUT)

    tasks.wait(created.task_id, poll_interval=0.005, timeout=30, on_update=lambda task: seen.append(task.status))

    order = ["queued", "handling", "archiving", "success"]
    assert seen == [word for word in order if word in seen]
    assert seen[-1] == "success"


def test_a_failed_task_raises_with_its_code(fast: Running) -> None:
    """A task that ends in fail carries error.code and error.message, and the SDK raises it."""
    tasks = client(fast).tasks
    created = tasks.create(model=MODEL, input=INPUT | {"prompt": "a fox [[fail]]"})

    with pytest.raises(hiapi.TaskFailed) as failed:
        tasks.wait(created.task_id, poll_interval=0.05, timeout=30)

    assert failed.value.code == "TASK_FAILED"


def test_the_list_is_newest_first_and_paged(fast: Running) -> None:
    """Two tasks of a fresh account are listed, the later one first."""
    tasks = client(fast, "sk-sdk-list").tasks
    ids = [tasks.create(model=MODEL, input=INPUT).task_id for _ in range(2)]

    listed = tasks.list(page=1, size=1)

    assert listed.total == 2
    assert [task.task_id for task in listed.items] == ids[1:]


def test_an_unknown_task_is_not_found(fast: Running) -> None:
    """404 becomes the SDK's NotFoundError."""
    with pytest.raises(hiapi.NotFoundError):
        client(fast).tasks.retrieve("tk-hiapi-01HZTQ8BX2N3GM3YFK4Z9D7VQR")


def test_an_invalid_input_names_the_field(fast: Running) -> None:
    """400 INVALID_REQUEST becomes the SDK's error, and the message names the field."""
    with pytest.raises(hiapi.APIError, match="duration") as refused:
        client(fast).tasks.create(model=MODEL, input=INPUT | {"duration": 99})

    assert refused.value.status == 400


def test_a_bad_key_is_an_authentication_error(fast: Running) -> None:
    """401 becomes the SDK's AuthenticationError."""
    with pytest.raises(hiapi.AuthenticationError):
        client(fast, "invalid-key").tasks.list()

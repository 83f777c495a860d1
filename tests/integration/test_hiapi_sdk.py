"""HiAPI's official Python SDK, unchanged, against the served emulator."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import hiapi
import httpx2
import pytest

from integration.receivers import receiving
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


def create(server: Running, key: str = "sk-sdk", **fields: Any) -> hiapi.CreatedTask:
    """A task of the usual model; `prompt` goes into its input."""
    inputs = INPUT | {"prompt": fields.pop("prompt", INPUT["prompt"])}
    return client(server, key).tasks.create(model=MODEL, input=inputs, **fields)


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


def test_a_repeated_create_is_a_replay(fast: Running) -> None:
    """The same key and body give the first task, and the SDK says so."""
    first = create(fast, "sk-sdk-replay", idempotency_key="order-1")
    second = create(fast, "sk-sdk-replay", idempotency_key="order-1")

    assert (first.idempotent_replay, second.idempotent_replay) == (False, True)
    assert second.task_id == first.task_id
    assert client(fast, "sk-sdk-replay").tasks.list().total == 1


def test_an_empty_route_is_the_same_request(fast: Running) -> None:
    """The SDK leaves an empty route out, so that the bytes stay the same."""
    first = create(fast, "sk-sdk-route", idempotency_key="order-1")

    assert create(fast, "sk-sdk-route", idempotency_key="order-1", route="").task_id == first.task_id


def test_a_key_of_another_request_is_a_mismatch(fast: Running) -> None:
    """422 becomes IdempotencyKeyMismatchError."""
    create(fast, "sk-sdk-mismatch", idempotency_key="order-1")

    with pytest.raises(hiapi.IdempotencyKeyMismatchError) as refused:
        create(fast, "sk-sdk-mismatch", idempotency_key="order-1", prompt="another")

    assert refused.value.status == 422


def test_a_route_is_part_of_the_models_name(fast: Running) -> None:
    """The task's model is model@route."""
    tasks = client(fast).tasks
    task = tasks.retrieve(create(fast, route="ext").task_id)

    assert (task.model, task.raw["route"]) == (f"{MODEL}@ext", "ext")


def test_an_unknown_route_lists_the_routes(fast: Running) -> None:
    """400, with the routes that the model has."""
    with pytest.raises(hiapi.InvalidRequestError, match="default, ext, beta"):
        create(fast, route="scenic")


def test_a_callback_is_verified_by_the_sdk(fast: Running) -> None:
    """What a real receiver gets passes the SDK's own check, and is the task that the SDK reads."""
    secret, key = "whsec_0123456789abcdef", "sk-sdk-callback"
    settings = {"callback_secret": secret}
    httpx2.put(f"{fast.url}/_control/account", json=settings, headers={"authorization": f"Bearer {key}"})
    with receiving() as receiver:
        created = create(fast, key, callback={"url": receiver.url, "when": "final"}, route="ext")
        heard = receiver.next()

    sdk = hiapi.HiAPI(api_key=key, base_url=fast.base_url("hiapi"), webhook_secret=secret)
    told = sdk.webhooks.verify(heard.body, heard.headers)
    assert told.task_id == created.task_id
    assert (told.status, told.model, told.output[0].type) == ("success", f"{MODEL}@ext", "video")
    assert "storage" not in json.loads(heard.body)
    with pytest.raises(hiapi.WebhookVerificationError):
        sdk.webhooks.verify(heard.body + b" ", heard.headers)


def test_run_creates_and_waits(fast: Running) -> None:
    """One call from the request to the output; a replay of it ends at once."""
    tasks = client(fast, "sk-sdk-run").tasks

    def run() -> str:
        done = tasks.run(model=MODEL, input=INPUT, idempotency_key="run-1", poll_interval=0.05, timeout=30)
        return str(done.task_id)

    assert run() == run()


def test_giving_up_leaves_the_task_running(fast: Running) -> None:
    """A client-side timeout cancels nothing: the task ends as if nobody had waited."""
    tasks = client(fast, "sk-sdk-patience").tasks
    created = create(fast, "sk-sdk-patience")
    with pytest.raises(hiapi.PollTimeout):
        tasks.wait(created.task_id, poll_interval=0.001, timeout=0)

    assert tasks.wait(created.task_id, poll_interval=0.05, timeout=30).status == "success"


def test_pages_of_the_list(fast: Running) -> None:
    """Three pages of two hold five tasks, once each; the page size of the SDK's own default is taken."""
    key = "sk-sdk-pages"
    made = [create(fast, key).task_id for _ in range(5)]
    tasks = client(fast, key).tasks
    pages = [tasks.list(page=number, size=2) for number in (1, 2, 3, 4)]

    assert [task.task_id for page in pages for task in page.items] == made[::-1]
    assert {page.total for page in pages} == {5}
    assert tasks.list().size == 20


@pytest.mark.parametrize(
    ("wish", "raised", "status"),
    [
        ("not-allowed", hiapi.APIError, 403),
        ("rate-limited", hiapi.APIError, 429),
        ("unavailable", hiapi.ServiceUnavailableError, 503),
        ("model-unavailable", hiapi.ModelUnavailableError, 400),
        ("upstream-refused", hiapi.TaskFailedError, 400),
        ("upstream-timeout", hiapi.TaskTimeoutError, 400),
        ("storage-unavailable", hiapi.StorageUnavailableError, 400),
        ("key-in-flight", hiapi.IdempotencyKeyProcessingError, 409),
    ],
)
def test_every_error_class_of_a_create(fast: Running, wish: str, raised: type[hiapi.APIError], status: int) -> None:
    """A directive in the prompt brings about each error that the SDK has a class for."""
    with pytest.raises(raised) as refused:
        create(fast, "sk-sdk-errors", prompt=f"a fox [[{wish}]]", idempotency_key=f"errors-{wish}")

    assert refused.value.status == status
    assert type(refused.value) is raised


@pytest.mark.parametrize("code", ["TASK_FAILED", "TASK_TIMEOUT", "STORAGE_UNAVAILABLE", "INVALID_REQUEST"])
def test_every_code_of_a_failed_task(fast: Running, code: str) -> None:
    """[[fail: CODE]] ends the task with that code."""
    created = create(fast, prompt=f"a fox [[fail: {code}]]")

    with pytest.raises(hiapi.TaskFailed) as failed:
        client(fast).tasks.wait(created.task_id, poll_interval=0.05, timeout=30)

    assert failed.value.code == code


def test_an_account_without_money_is_told(fast: Running) -> None:
    """402 is an APIError; nothing was created."""
    with pytest.raises(hiapi.APIError) as refused:
        create(fast, "empty-sdk")

    assert refused.value.status == 402
    assert client(fast, "empty-sdk").tasks.list().total == 0


def test_the_rate_limit_of_an_account(fast: Running) -> None:
    """An account that may ask for nothing is told 429."""
    key = "sk-sdk-limited"
    limit = {"requests_per_minute": 0}
    httpx2.put(f"{fast.url}/_control/account", json=limit, headers={"authorization": f"Bearer {key}"})
    with pytest.raises(hiapi.APIError) as refused:
        client(fast, key).tasks.list()

    assert refused.value.status == 429


def test_nothing_answers(fast: Running) -> None:
    """A port without a server is an APIConnectionError: the last class there is."""
    nowhere = hiapi.HiAPI(api_key="sk-sdk", base_url="http://127.0.0.1:9", max_retries=0)
    with pytest.raises(hiapi.APIConnectionError):
        nowhere.tasks.list()

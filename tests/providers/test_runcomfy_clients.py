"""What RunComfy's official clients rely on, client by client, from the fact sheet: how each polls and breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from driving import ORIGIN, Answer, Emulator
from providers.runcomfy_rows import ask
from providers.samples import R2V, job_id

CLI_STATES = {"in_queue", "in_progress", "completed", "succeeded", "failed", "cancelled", "canceled"}
CLI_TERMINAL = CLI_STATES - {"in_queue", "in_progress"}
MCP_TERMINAL = {"completed", "cancelled", "failed"}
NODES_STATES = {"in_queue", "in_progress", "pending", "waiting", "starting", "processing"}
NODES_TERMINAL = {"completed", "succeeded", "failed", "cancelled"}
NODES_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
FATES = pytest.mark.parametrize("prompt", ["a fox", "[[fail]]", "cancel me"])
MODELS = pytest.mark.parametrize("model", [R2V.model, "openai/gpt-image-2/edit", "acestep-ai/ace-step/audio-inpaint"])
JSON = {"content-type": "application/json"}


def submitted(emulator: Emulator, prompt: str) -> dict[str, Any]:
    """The answer to a submit; one that wants to be cancelled is."""
    links = dict(R2V.send(emulator, prompt=prompt).json())
    if prompt == "cancel me":
        assert emulator.request("POST", links["cancel_url"], headers=JSON).status == 202
    return links


def told(emulator: Emulator, url: str, **query: str) -> Iterator[dict[str, Any]]:
    """Everything that polling a URL shows until nothing changes any more."""
    for _ in range(60):
        answer = emulator.get(url, query=query)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        yield answer.json()
        emulator.advance(0.1)


@FATES
def test_the_command_line_client_polls_the_status(emulator: Emulator, prompt: str) -> None:
    """It aborts on a word it does not know, needs request_id in the body, and an integer for a queue position."""
    links = submitted(emulator, prompt)
    seen = list(told(emulator, links["status_url"]))
    for status in seen:
        assert status["request_id"] == links["request_id"]
        assert status["status"] in CLI_STATES
        assert type(status.get("queue_position", 1)) is int
    assert seen[-1]["status"] in CLI_TERMINAL


@FATES
def test_the_command_line_client_fetches_the_result_once_it_is_terminal(emulator: Emulator, prompt: str) -> None:
    """A result that is then still in progress counts as "not finished yet", and the client gives up."""
    links = submitted(emulator, prompt)
    for status in told(emulator, links["status_url"]):
        if status["status"] in CLI_TERMINAL:
            assert emulator.get(links["result_url"]).json()["status"] in ("succeeded", "failed", "cancelled")


@FATES
def test_the_mcp_client_stops_on_three_words_only(emulator: Emulator, prompt: str) -> None:
    """`succeeded` in a status would let it poll for ever; an error_code in any answer would make it fail."""
    links = submitted(emulator, prompt)
    seen = list(told(emulator, links["status_url"]))
    assert seen[-1]["status"] in MCP_TERMINAL
    assert "succeeded" not in {status["status"] for status in seen}
    assert all("error_code" not in one for one in (links, *seen, emulator.get(links["result_url"]).json()))


@FATES
def test_the_nodes_poll_the_result_alone(emulator: Emulator, prompt: str) -> None:
    """From the first moment on: never a 404 for a result that is not ready, states they know, their own model id."""
    links = submitted(emulator, prompt)
    seen = list(told(emulator, links["result_url"], include_cost="true"))
    for one in seen:
        assert one["status"] in NODES_STATES | NODES_TERMINAL
        assert one["model_id"] == R2V.model
    assert seen[-1]["status"] in NODES_TERMINAL
    if seen[-1]["status"] == "succeeded":
        assert isinstance(seen[-1]["cost"], int | float)


def test_the_nodes_read_one_output(emulator: Emulator) -> None:
    """A video under video, or videos with one element; pictures under images, else image."""
    for model, keys in ((R2V.model, {"video", "videos"}), ("openai/gpt-image-2/edit", {"image", "images"})):
        job = job_id(ask(model)(emulator))
        emulator.advance(60)
        (key,) = emulator.get(f"/runcomfy/v1/requests/{job}/result").json()["output"]
        assert key in keys


@MODELS
def test_ids_and_urls_that_every_client_takes(emulator: Emulator, model: str) -> None:
    """The id is of the nodes' form; the URLs are absolute, on the origin that was called, so no token leaves it."""
    links = ask(model)(emulator).json()
    assert NODES_ID.fullmatch(links["request_id"])
    for name in ("status", "result", "cancel"):
        assert links[f"{name}_url"] == f"{ORIGIN}/runcomfy/v1/requests/{links['request_id']}/{name}"


def test_urls_follow_the_host_that_was_called(emulator: Emulator) -> None:
    """A client with a hardcoded host reaches the emulator under that name, and stays there."""
    answer = emulator.post(f"/v1/models/{R2V.model}", R2V.body(), headers={"host": "model-api.runcomfy.net"})
    assert urlsplit(answer.json()["result_url"])[:3] == (
        "http",
        "model-api.runcomfy.net",
        f"/v1/requests/{answer.json()['request_id']}/result",
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "runcomfy-cli/0.2.0"},
        {"user-agent": "runcomfy-mcp/1.0", "x-runcomfy-client": "mcp"},
        {"user-agent": "RunComfy-ComfyUI/0.2.0", "cache-control": "no-cache"},
        JSON,
    ],
)
def test_the_headers_of_official_clients(emulator: Emulator, headers: dict[str, str]) -> None:
    """Whatever they send, a GET is a GET; a body-less POST with a JSON content type cancels."""
    links = R2V.send(emulator).json()
    for url in (links["status_url"], links["result_url"], f"/runcomfy/v1/models/{R2V.model}"):
        assert emulator.get(url, headers=headers).status == 200
    assert emulator.request("POST", links["cancel_url"], headers=headers).json()["outcome"] == "cancelled"


@pytest.mark.parametrize("path", ["", "/", "//"])
def test_no_answer_is_a_redirect(emulator: Emulator, path: str) -> None:
    """nodes, dify and zapier follow none: a trailing slash is an answer of its own."""
    answers: list[Answer] = [
        emulator.get(f"/runcomfy/v1/models{path}"),
        emulator.get(f"/runcomfy/v1/models/{R2V.model}{path}"),
        emulator.post(f"/runcomfy/v1/models/{R2V.model}{path}", R2V.body()),
    ]
    assert all(answer.status < 300 or answer.status >= 400 for answer in answers)
    assert all(answer.headers["content-type"] == "application/json" for answer in answers)


def test_a_stray_token_on_a_media_link_is_ignored(emulator: Emulator) -> None:
    """The files are fetched without the token; one that is sent all the same, even a bad one, does not matter."""
    job = job_id(R2V.send(emulator))
    emulator.advance(60)
    link = emulator.get(f"/runcomfy/v1/requests/{job}/result").json()["output"]["video"]
    files = [emulator.get(link, key=key) for key in (None, "sk-test", "somebody-else", "invalid")]
    assert {file.status for file in files} == {200}
    assert len({file.body for file in files}) == 1


def test_a_data_uri_of_the_nodes(emulator: Emulator) -> None:
    """They send images of up to 6 MiB inline; the whole body may have 64 MiB."""
    uri = "data:image/png;base64," + "A" * (8 * 2**20)
    assert R2V.send(emulator, image_url_1=uri).status == 200
    big = {"content-type": "application/json", "content-length": str(64 * 2**20 + 1)}
    assert emulator.post(R2V.path, raw=b"{}", headers=big).status == 413


def test_an_empty_object_is_a_submit_without_input(emulator: Emulator) -> None:
    """The command line client sends {} when it is given nothing: a refusal that names what is missing."""
    answer = emulator.post(R2V.path, {})
    assert answer.status == 422
    assert [detail["loc"] for detail in answer.json()["detail"]] == [["body", "image_url_1"], ["body", "prompt"]]

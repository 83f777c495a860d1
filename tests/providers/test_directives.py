"""Failures on demand, through the wire: directives in the prompt, the header, and the warning about unknown ones."""

from __future__ import annotations

from typing import Any

import pytest

from driving import Answer, Emulator
from providers.samples import EACH_MODEL, EACH_PROVIDER, HIAPI, I2V, R2V, RUNFLOW, Sample, finished, job_id, reading


def end(emulator: Emulator, submitted: Answer, sample: Sample) -> dict[str, Any]:
    """The job's document after its end."""
    emulator.advance(60)
    shown = emulator.get(reading(sample, job_id(submitted))).json()
    return dict(shown["data"] if sample.provider == "hiapi" else shown)


def failure(shown: dict[str, Any], sample: Sample) -> tuple[str, Any]:
    """The final state and what is said of the failure."""
    if sample.provider == "runflow":
        return shown["status_code"], (shown["failure_code"], shown["failure_message"])
    return shown["status"], shown.get("error")


USUAL = {
    "runcomfy": ("failed", "the generation failed"),
    "runflow": ("failed", ("PROVIDER_ERROR", "The model could not make a video from this request")),
    "hiapi": ("fail", {"code": "TASK_FAILED", "message": "the upstream service rejected the request"}),
}
CODED = {
    "runcomfy": ("failed", "the generation failed (NSFW)"),
    "runflow": ("failed", ("NSFW", "The model could not make a video from this request (NSFW)")),
    "hiapi": ("fail", {"code": "NSFW", "message": "the upstream service rejected the request (NSFW)"}),
}


@EACH_MODEL
def test_fail_in_the_prompt(emulator: Emulator, sample: Sample) -> None:
    """The submit succeeds, the generation fails, in the provider's own words."""
    submitted = sample.send(emulator, prompt="a horse [[fail]]")
    assert "screentest-warning" not in submitted.headers
    assert failure(end(emulator, submitted, sample), sample) == USUAL[sample.provider]


@EACH_PROVIDER
def test_fail_with_a_code(emulator: Emulator, sample: Sample) -> None:
    """The code is the provider's business code where it has one, and is named in the message."""
    submitted = sample.send(emulator, prompt="a horse [[fail: NSFW]]")
    assert failure(end(emulator, submitted, sample), sample) == CODED[sample.provider]


@pytest.mark.parametrize(("header", "expected"), [("fail", USUAL), ("Fail", USUAL), ("fail: NSFW", CODED)])
@EACH_PROVIDER
def test_fail_by_header(emulator: Emulator, sample: Sample, header: str, expected: dict[str, Any]) -> None:
    """The header asks for the same without touching the request."""
    submitted = emulator.post(sample.path, sample.body(), headers={"screentest-scenario": header})
    assert failure(end(emulator, submitted, sample), sample) == expected[sample.provider]


@EACH_PROVIDER
def test_the_header_wins(emulator: Emulator, sample: Sample) -> None:
    """Over a directive in the prompt."""
    body = sample.body(prompt="[[fail: OTHER]]")
    submitted = emulator.post(sample.path, body, headers={"screentest-scenario": "fail: NSFW"})
    assert failure(end(emulator, submitted, sample), sample) == CODED[sample.provider]


@EACH_PROVIDER
def test_an_unknown_directive(emulator: Emulator, sample: Sample) -> None:
    """It stays text: the job succeeds, and the answer to the submit warns."""
    submitted = sample.send(emulator, prompt="a horse [[fial]]")
    assert "[[fial]]" in submitted.headers["screentest-warning"]
    assert failure(end(emulator, submitted, sample), sample)[0] in ("succeeded", "success")


@EACH_PROVIDER
def test_an_unknown_header(emulator: Emulator, sample: Sample) -> None:
    """Likewise; the warning names what there is."""
    submitted = emulator.post(sample.path, sample.body(), headers={"screentest-scenario": "explode\xe9"})
    assert submitted.headers["screentest-warning"].startswith("no scenario 'explode\\xe9'; there is fail")
    assert failure(end(emulator, submitted, sample), sample)[0] in ("succeeded", "success")


def test_only_the_prompt_is_looked_at(emulator: Emulator) -> None:
    """A directive elsewhere in the request is nothing."""
    run = emulator.post(RUNFLOW.path, RUNFLOW.body() | {"metadata": {"prompt": "[[fail]]"}, "client_ref": "[[fail]]"})
    assert end(emulator, run, RUNFLOW)["status_code"] == "succeeded"
    answer = R2V.send(emulator, negative_prompt="[[fail]]")
    assert end(emulator, answer, R2V)["status"] == "succeeded"


def test_the_prompt_is_told_as_it_was_sent(emulator: Emulator) -> None:
    """The directive is kept out of the picture, not out of the record."""
    run = RUNFLOW.send(emulator, prompt="a horse [[fail]]").json()
    assert run["input"]["prompt"] == "a horse [[fail]]"


def test_an_unknown_directive_is_in_the_picture(emulator: Emulator) -> None:
    """The prompt in the file's comment is the one with the unknown directive."""
    assert b"prompt: a horse [[fial]]" in emulator.get(finished(emulator, HIAPI, prompt="a horse [[fial]]")).body


def test_a_failing_job_takes_its_time(emulator: Emulator) -> None:
    """It goes through the same states; only the last one differs."""
    HIAPI.send(emulator, prompt="[[fail]]")
    assert [event["to"] for event in emulator.advance(60)] == ["handling", "archiving", "fail"]
    RUNFLOW.send(emulator, prompt="[[fail]]")
    assert [event["to"] for event in emulator.advance(60)] == ["dispatching", "running", "failed"]
    R2V.send(emulator, prompt="[[fail]]")
    assert [event["to"] for event in emulator.advance(60)] == ["in_progress", "completed"]


def test_a_directive_behind_what_is_cut_off(emulator: Emulator) -> None:
    """RunComfy cuts prompts at 5000 characters; what is wished stands in the prompt as it was sent."""
    submitted = I2V.send(emulator, prompt="a" * 4995 + " [[fail]]")
    assert end(emulator, submitted, I2V)["status"] == "failed"


def test_a_long_argument(emulator: Emulator) -> None:
    """A message of some hundred characters is one, or is warned about; it is never lost."""
    submitted = R2V.send(emulator, prompt=f"a fox [[fail: {'Q' * 300}]]")
    assert submitted.headers["screentest-scenario"] == f"fail: {'Q' * 300}"

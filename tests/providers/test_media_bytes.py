"""The promise of the same bytes: what a film depends on, and that whatever was accepted can be fetched."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from driving import Emulator
from providers.samples import EACH_MODEL, HIAPI, R2V, RUNFLOW, SEEDANCE, Sample, finished
from screentest.store import Submission
from unit.stepping import stepped


@EACH_MODEL
def test_the_same_request_with_a_seed_makes_the_same_bytes(emulator: Emulator, sample: Sample) -> None:
    """In another job, of another account, on another emulator: the same file and validator. The job's id differs."""
    changes: dict[str, Any] = {} if sample in (HIAPI, SEEDANCE) else {"seed": 7}
    answers = [
        emulator.get(finished(emulator, sample, **changes)),
        emulator.get(finished(emulator, sample, key="sk-other", **changes)),
        (other := Emulator(seed="other")).get(finished(other, sample, **changes)),
    ]
    assert len({answer.body for answer in answers}) == 1
    assert len({answer.headers["etag"] for answer in answers}) == 1
    assert len({answer.headers["screentest-job"] for answer in answers}) == 3


@pytest.mark.parametrize("sample", [R2V, RUNFLOW], ids=str)
def test_another_seed_makes_other_bytes(emulator: Emulator, sample: Sample) -> None:
    """The seed shows."""
    films = [emulator.get(finished(emulator, sample, seed=seed)) for seed in (1, 2)]
    assert films[0].body != films[1].body
    assert films[0].headers["etag"] != films[1].headers["etag"]


def test_runcomfys_seed_zero_makes_other_bytes_each_time(emulator: Emulator) -> None:
    """Seed 0 lets the provider pick: another film for each job, and the same film for each look at one."""
    urls = [finished(emulator, R2V, seed=0) for _ in range(2)]
    assert emulator.get(urls[0]).body != emulator.get(urls[1]).body
    assert emulator.get(urls[0]).body == emulator.get(urls[0]).body


@EACH_MODEL
def test_another_prompt_makes_other_bytes(emulator: Emulator, sample: Sample) -> None:
    """The request shows."""
    films = {emulator.get(finished(emulator, sample, prompt=prompt)).body for prompt in ("one", "two")}
    assert len(films) == 2


def test_a_file_keeps_the_fingerprint_of_its_plan(emulator: Emulator) -> None:
    """Older plans have one, which was made in another way; their files do not become others."""
    url = finished(emulator, R2V)
    job = stepped(emulator.store.job(url.split("/")[-2]))
    assert job is not None
    plan = structs.replace(job.plan, clip={**job.plan.clip, "fingerprint": "0123456789ab"})
    older = structs.replace(job, id="8d1f1d1e-0b52-4b36-9f1e-3f2a9b9d1c01", plan=plan)
    (account,) = stepped(emulator.store.accounts())
    stepped(emulator.store.submit(account, lambda row: Submission(job=older)))

    told = emulator.get(f"/_control/jobs/{older.id}").json()
    assert told["asked"]["fingerprint"] == told["made"]["fingerprint"] == "0123456789ab"
    assert b"0123456789ab" in emulator.get(url.replace(job.id, older.id)).body


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (RUNFLOW, {"duration": 0}),
        (RUNFLOW, {"duration": -5}),
        (RUNFLOW, {"duration": 10**40}),
        (RUNFLOW, {"seed": -(10**40)}),
        (RUNFLOW, {"seed": 1e300}),
        (RUNFLOW, {"prompt": "x" * 100_000}),
        (RUNFLOW, {"prompt": "\x00\x1f\x7f\u202e\U0001f600" * 9}),
    ],
)
def test_whatever_was_accepted_can_be_fetched(model: Sample, changes: dict[str, Any]) -> None:
    """Where the limits of the prose are switched off, absurd requests still end in a film."""
    emulator = Emulator(switches={"runflow.prose-limits": "accept"})
    answer = emulator.get(finished(emulator, model, **changes))
    assert (answer.status, answer.body[4:8]) == (200, b"ftyp")

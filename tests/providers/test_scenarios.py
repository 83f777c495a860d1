"""How jobs go under scenarios, in each provider's own words: times, outcomes, prices, and what is announced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from driving import Answer, Emulator
from providers.samples import EACH_PROVIDER, HIAPI, R2V, RUNFLOW, Sample, job_id, reading
from screentest.scenario import shipped

WORDS = {
    "runcomfy": {"failed": "failed", "cancelled": "cancelled", "succeeded": "succeeded"},
    "runflow": {"failed": "failed", "cancelled": "canceled", "partial": "partial_succeeded", "succeeded": "succeeded"},
    "hiapi": {"failed": "fail", "succeeded": "success"},
}

HOOK = "http://127.0.0.1:9/x"
HOOKS: dict[str, dict[str, Any]] = {"runflow": {"callback_url": HOOK}, "hiapi": {"callback": {"url": HOOK}}}

REFUSED: dict[str, dict[str, Any]] = {
    "runcomfy": {"error": "content moderation refused the prompt or an input"},
    "runflow": {
        "failure_code": "CONTENT_MODERATED",
        "failure_message": "Content moderation refused the prompt or an input",
    },
    "hiapi": {
        "error": {
            "code": "TASK_FAILED",
            "message": "the upstream service rejected the prompt or an input: content policy",
        }
    },
}


def asked(emulator: Emulator, sample: Sample, scenario: str, **more: Any) -> Answer:
    """A submit under a scenario."""
    return emulator.post(sample.path, sample.body() | more, headers={"screentest-scenario": scenario})


def document(emulator: Emulator, sample: Sample, job: str) -> dict[str, Any]:
    shown = emulator.get(reading(sample, job)).json()
    return dict(shown["data"] if sample is HIAPI else shown)


def word(emulator: Emulator, sample: Sample, job: str) -> str:
    shown = document(emulator, sample, job)
    return str(shown["status_code"] if sample is RUNFLOW else shown["status"])


@EACH_PROVIDER
@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario(emulator: Emulator, sample: Sample, name: str) -> None:
    """Each is accepted everywhere and announced, or said to be impossible; the job ends as it says, if it ends."""
    submitted = asked(emulator, sample, name, **HOOKS.get(sample.provider, {}))
    one, job = shipped()[name], job_id(submitted)
    impossible = submitted.headers.get("screentest-warning", "")
    assert submitted.headers.get("screentest-scenario", "") == ("" if impossible else name)
    emulator.advance(3600)
    if name in ("stuck", "stuck-in-queue"):
        expected = {"stuck": ("in_progress", "running", "handling"), "stuck-in-queue": ("in_queue", "queued", "queued")}
        assert word(emulator, sample, job) in expected[name]
    else:
        outcome = "succeeded" if impossible else one.outcome
        assert word(emulator, sample, job) == WORDS[sample.provider][outcome]


@EACH_PROVIDER
@pytest.mark.parametrize("name", ["stuck", "stuck-in-queue"])
def test_a_job_that_never_ends(emulator: Emulator, sample: Sample, name: str) -> None:
    """Every document of it can be read, and stepping through time finds nothing more to come."""
    job = job_id(asked(emulator, sample, name, **HOOKS.get(sample.provider, {})))
    emulator.advance(86_400 * 300)
    now = emulator.get("/_control/clock").json()["now"]
    stepped = emulator.post("/_control/clock", {"advance_to": "next"}).json()
    assert (stepped["now"], stepped["events"], emulator.posted) == (now, [], [])
    assert document(emulator, sample, job)
    assert all(one["due"] is None for one in emulator.get("/_control/deliveries").json()["deliveries"])
    for path in (f"/runcomfy/v1/requests/{job}/status", f"/runflow/v1/runs/{job}/logs", "/runflow/v1/runs", HIAPI.path):
        if path.startswith(f"/{sample.provider}/"):
            assert emulator.get(path).status == 200


@EACH_PROVIDER
def test_a_directive_with_a_time(emulator: Emulator, sample: Sample) -> None:
    """[[slow 90s]] runs for ninety seconds and is not in the way of anything else."""
    job = job_id(sample.send(emulator, prompt="a horse [[slow 90s]]"))
    emulator.advance(80)
    assert word(emulator, sample, job) in ("in_progress", "running", "handling")
    emulator.advance(20)
    assert word(emulator, sample, job) == WORDS[sample.provider]["succeeded"]


def test_a_place_far_back_in_the_queue(emulator: Emulator) -> None:
    """RunComfy tells the place, and it counts down over the queue's time."""
    job = job_id(asked(emulator, R2V, "long-queue: 60"))
    places = []
    for _ in range(5):
        places.append(emulator.get(f"/runcomfy/v1/requests/{job}/status").json()["queue_position"])
        emulator.advance(60)
    assert places == [60, 48, 36, 24, 12]


@EACH_PROVIDER
@pytest.mark.parametrize("text", ["moderation", "fail: moderation", "fail: Moderation"])
def test_moderation(emulator: Emulator, sample: Sample, text: str) -> None:
    """The job fails in the words that the contract has for it, which are not those of any failure."""
    job = job_id(asked(emulator, sample, text))
    emulator.advance(60)
    shown = document(emulator, sample, job)
    expected = REFUSED[sample.provider]
    assert {name: shown[name] for name in expected} == expected


def test_a_scenario_of_the_users(tmp_path: Path) -> None:
    """A file's scenario works by header, directive and default; its message goes over the wire."""
    path = tmp_path / "mine.toml"
    path.write_text('[odd]\noutcome = "failed"\ncode = "ODD"\nmessage = "zu früh"\nrun = 1\nargument = "message"\n')
    emulator = Emulator(scenarios=(str(path),), scenario="odd: später")
    for submitted, said in (
        (asked(emulator, HIAPI, "odd"), "zu früh"),
        (HIAPI.send(emulator, prompt="[[odd: nie]]"), "nie"),
        (HIAPI.send(emulator), "später"),
    ):
        emulator.advance(60)
        assert document(emulator, HIAPI, job_id(submitted))["error"] == {"code": "ODD", "message": said}


def test_the_default_and_a_rule(emulator: Emulator) -> None:
    """A rule of the account beats the server's default and gives way to a directive; each is announced."""
    emulator = Emulator(scenario="slow: 5m")
    assert HIAPI.send(emulator).headers["screentest-scenario"] == "slow: 5m"
    assert emulator.post("/_control/scenarios", {"scenario": "fail: rule"}).status == 200
    assert HIAPI.send(emulator).headers["screentest-scenario"] == "fail: rule"
    assert HIAPI.send(emulator, prompt="[[moderation]]").headers["screentest-scenario"] == "moderation"


def test_a_usual_job_is_not_announced(emulator: Emulator) -> None:
    """Neither scenario nor warning."""
    headers = HIAPI.send(emulator).headers
    assert not {"screentest-scenario", "screentest-warning"} & set(headers)


def test_a_bad_argument_is_warned_about(emulator: Emulator) -> None:
    """The job is slow by the scenario's own default."""
    submitted = asked(emulator, HIAPI, "slow: soon")
    assert submitted.headers["screentest-warning"].startswith("slow takes a time such as 90s")
    assert submitted.headers["screentest-scenario"] == "slow"


def test_what_is_billed(emulator: Emulator) -> None:
    """A partial run costs as a whole one, a late cancel what was begun, a failure nothing; defects change no price."""
    costs = {}
    for text in (
        "instant",
        "partial",
        "cancelled",
        "fail",
        "moderation",
        "wrong-duration",
        "many-outputs",
        "no-output",
    ):
        job = job_id(asked(emulator, RUNFLOW, text))
        emulator.advance(60)
        costs[text] = document(emulator, RUNFLOW, job)["cost"]
    free = {"fail": None, "moderation": None}
    assert costs == dict.fromkeys(costs, "1.40") | free
    assert emulator.get("/_control/spend").json()["usd"] == pytest.approx(6 * 1.4)


def test_a_cancel_before_the_planned_one_is_free(emulator: Emulator) -> None:
    """A job that was to be cancelled late, and is cancelled in the queue, has cost nothing."""
    put = emulator.request("PUT", "/_control/account", {"balance": 100})
    assert put.status == 200
    job = job_id(asked(emulator, R2V, "cancelled"))
    emulator.post(f"/runcomfy/v1/requests/{job}/cancel")
    assert float(emulator.get("/_control/account").json()["balance"]) == 100


def test_a_partial_run(emulator: Emulator) -> None:
    """It counts as a success: it has an output and links, and its callback has an event of its own."""
    job = job_id(asked(emulator, RUNFLOW, "partial", callback_url=HOOK))
    emulator.advance(60)
    run = document(emulator, RUNFLOW, job)
    assert (run["status_code"], run["failure_code"], len(run["output"]["outputs"])) == ("partial_succeeded", None, 1)
    assert emulator.get(run["output"]["outputs"][0]["url"]).status == 200
    assert b'"event":"run.partial_succeeded","' in emulator.posted[0][1]


def test_the_pace_instant() -> None:
    """Jobs take a fraction of a second, and a still clock shows every state."""
    emulator = Emulator(pace="instant", speed=0)
    job = job_id(RUNFLOW.send(emulator))
    seen = [word(emulator, RUNFLOW, job)]
    for _ in range(3):
        emulator.post("/_control/clock", {"advance_to": "next"})
        seen.append(word(emulator, RUNFLOW, job))
    assert seen == ["queued", "dispatching", "running", "succeeded"]


def test_the_pace_realistic() -> None:
    """A video takes minutes."""
    emulator = Emulator(pace="realistic")
    job = job_id(HIAPI.send(emulator))
    emulator.advance(90)
    assert word(emulator, HIAPI, job) != "success"
    emulator.advance(180)
    assert word(emulator, HIAPI, job) == "success"

"""/_control: jobs and their ends, callbacks sent again or made up, reset, what is armed, and who may see it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from driving import Emulator
from providers.samples import EACH_PROVIDER, HIAPI, R2V, RUNFLOW, Sample, job_id, reading
from screentest.sender import Posted

HOOK = "http://127.0.0.1:9/hook"
SECOND = "sk-second"


def submitted(emulator: Emulator, sample: Sample, key: str = "sk-test") -> str:
    return job_id(sample.send(emulator, key=key))


def called_back(emulator: Emulator) -> dict[str, Any]:
    """A finished HiAPI task whose receiver was told; the delivery."""
    emulator.post("/hiapi/v1/tasks", {**HIAPI.body(), "callback": {"url": HOOK}})
    emulator.advance(60)
    return dict(emulator.get("/_control/deliveries").json()["deliveries"][0])


@EACH_PROVIDER
def test_finish(emulator: Emulator, sample: Sample) -> None:
    """The planned end is brought forward: the provider shows it at once."""
    job = submitted(emulator, sample)
    shown = emulator.post(f"/_control/jobs/{job}", {"finish": True}).json()
    assert (shown["outcome"], shown["ends"]) == ("succeeded", shown["now"])
    assert emulator.get(reading(sample, job)).status == 200
    again = emulator.post(f"/_control/jobs/{job}", {"finish": True})
    assert (again.status, again.json()["error"]) == (409, f"job {job} has ended as succeeded")


@EACH_PROVIDER
def test_fail(emulator: Emulator, sample: Sample) -> None:
    """The job fails with the code given, and costs nothing."""
    job = submitted(emulator, sample)
    shown = emulator.post(f"/_control/jobs/{job}", {"fail": {"code": "NSFW"}}).json()
    assert shown["outcome"] == "failed"
    assert shown["amendments"][0]["data"] == {"code": "NSFW"}
    assert emulator.get("/_control/spend").json()["usd"] == 0


def test_cancel_as_an_administrator(emulator: Emulator) -> None:
    """Where the provider has cancelled jobs; HiAPI has none, and that is said."""
    run, task = submitted(emulator, RUNFLOW), submitted(emulator, HIAPI)
    assert emulator.post(f"/_control/jobs/{run}", {"cancel": "test"}).json()["outcome"] == "cancelled"
    refused = emulator.post(f"/_control/jobs/{task}", {"cancel": "test"})
    assert (refused.status, refused.json()["error"]) == (409, "hiapi has no cancelled jobs")


@pytest.mark.parametrize(
    "wish", [{}, {"finish": False}, {"finish": True, "fail": {}}, {"fail": {"why": "x"}}, {"cancel": 5}]
)
def test_a_bad_wish_changes_nothing(emulator: Emulator, wish: dict[str, Any]) -> None:
    """The answer lists what can be wished, and the job goes on."""
    job = submitted(emulator, R2V)
    answer = emulator.post(f"/_control/jobs/{job}", wish)
    assert (answer.status, "expected one of" in answer.json()["error"]) == (400, True)
    assert emulator.get(f"/_control/jobs/{job}").json()["outcome"] is None


def test_listing_jobs(emulator: Emulator) -> None:
    """Newest first, filtered by provider, state and text, cut and gone on from."""
    first = [submitted(emulator, sample) for sample in (R2V, RUNFLOW, HIAPI)]
    other = submitted(emulator, HIAPI, SECOND)

    def ids(**query: Any) -> list[str]:
        found = emulator.get("/_control/jobs", query=query).json()["jobs"]
        return [str(job["id"]) for job in found]

    assert ids() == first[::-1]
    assert ids(provider="runflow") == [first[1]]
    assert ids(state="in_queue") == [first[0]]
    assert ids(state="queue") == first[::-1]
    assert ids(text=first[2][-8:].lower()) == [first[2]]
    assert ids(limit=2) == first[:0:-1]
    last = emulator.get("/_control/jobs", query={"limit": 2}).json()["jobs"][-1]["serial"]
    assert ids(before=last) == first[:1]
    assert [job["id"] for job in emulator.get("/_control/jobs", key=None).json()["jobs"]] == [other, *first[::-1]]
    assert emulator.get(f"/_control/jobs/{other}").status == 404
    assert emulator.get(f"/_control/jobs/{other}", key=None).status == 200


@pytest.mark.parametrize(
    "query", [{"x": "1"}, {"limit": "-1"}, {"limit": "x"}, {"wait": "61"}, {"before": "x"}, {"count": "nan"}]
)
def test_a_bad_query(emulator: Emulator, query: dict[str, str]) -> None:
    """The parameter is named."""
    answer = emulator.get("/_control/jobs", query=query)
    assert answer.status == 400
    assert next(iter(query)) in answer.json()["error"]


def test_resend(emulator: Emulator) -> None:
    """The same bytes once more; the first delivery stays as it was."""
    delivery = called_back(emulator)
    again = emulator.post(f"/_control/deliveries/{delivery['id']}/resend").json()
    emulator.advance(0)
    assert again["state"] == "pending"
    assert [body for _, body, _ in emulator.posted] == [delivery["body"].encode()] * 2
    states = [one["state"] for one in emulator.get("/_control/deliveries").json()["deliveries"]]
    assert states == ["delivered", "delivered"]


def test_trigger(emulator: Emulator) -> None:
    """A callback with a body of one's own, about no job, signed like the others."""
    emulator.request("PUT", "/_control/account", {"callback_secret": "s3cret"})
    wish = {"provider": "hiapi", "url": HOOK, "body": {"taskId": "made-up", "status": "success"}}
    assert emulator.post("/_control/deliveries", wish).json()["automatic"] is False
    emulator.advance(0)
    url, body, headers = emulator.posted[0]
    assert (url, json.loads(body)) == (HOOK, wish["body"])
    assert "x-hiapi-signature" in {name.lower() for name in headers}


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({}, "expected {"),
        ({"provider": "fal", "url": HOOK, "body": {}}, "expected {"),
        ({"provider": "runcomfy", "url": HOOK, "body": {}}, "runcomfy sends no callbacks"),
        ({"provider": "hiapi", "url": "ftp://x", "body": {}}, "is no http or https URL"),
        ({"provider": "hiapi", "url": HOOK, "body": {}, "job": "tk-1"}, "no job 'tk-1' of this account"),
    ],
)
def test_a_bad_trigger(emulator: Emulator, wish: dict[str, Any], told: str) -> None:
    """One sentence; nothing is sent."""
    answer = emulator.post("/_control/deliveries", wish)
    assert answer.status in (400, 404)
    assert told in answer.json()["error"]
    assert emulator.get("/_control/deliveries").json()["deliveries"] == []


def test_a_lone_surrogate_is_refused(emulator: Emulator) -> None:
    """It could not be said again, so it is not stored."""
    raw = b'{"provider": "hiapi", "url": "http://127.0.0.1:9/", "body": "\\ud800"}'
    answer = emulator.request("POST", "/_control/deliveries", raw=raw)
    assert (answer.status, "lone surrogate" in answer.json()["error"]) == (400, True)


def test_reset_forgets_one_account(emulator: Emulator) -> None:
    """Jobs, callbacks, keys, rules, settings, clock and journal; the other account notices nothing."""
    called_back(emulator)
    kept = submitted(emulator, HIAPI, SECOND)
    emulator.post("/_control/faults", {"fault": "status: 503"})
    emulator.request("PUT", "/_control/account", {"balance": 5})
    emulator.post("/_control/reset")
    for route in ("jobs", "deliveries", "requests", "faults"):
        assert emulator.get(f"/_control/{route}").json()[route] == []
    assert emulator.get("/_control/account").json()["balance"] is None
    assert emulator.get("/_control/clock").json()["now"] == emulator.clock.now()
    assert [job["id"] for job in emulator.get("/_control/jobs", key=SECOND).json()["jobs"]] == [kept]


def test_reset_of_parts(emulator: Emulator) -> None:
    """Only what is named is forgotten; a part that is none is refused."""
    job = submitted(emulator, HIAPI)
    emulator.post("/_control/faults", {"fault": "status: 503", "operation": "list"})
    emulator.post("/_control/reset", {"only": ["faults", "journal"]})
    assert [one["id"] for one in emulator.get("/_control/jobs").json()["jobs"]] == [job]
    assert emulator.get("/_control/faults").json()["faults"] == []
    bad = emulator.post("/_control/reset", {"only": ["clock"]})
    assert (bad.status, bad.json()["error"]) == (400, "only: a list of jobs, scenarios, faults, journal")
    assert emulator.post("/_control/reset", {"only": []}).status == 400
    assert [one["id"] for one in emulator.get("/_control/jobs").json()["jobs"]] == [job]


def test_a_reset_of_another_account_throws_no_dice_anew() -> None:
    """With a seed: what a chance brings to one account does not begin again when another one is reset."""
    emulator = Emulator(seed="s")
    emulator.post("/_control/faults", {"fault": "status: 503", "chance": 0.5})

    def statuses() -> list[int]:
        return [emulator.get(HIAPI.path).status for _ in range(20)]

    first = statuses()
    emulator.post("/_control/reset", key="sk-other")
    emulator.post("/_control/reset", {"only": ["journal"]})
    assert statuses() != first


def test_the_id_of_a_rule_is_not_given_again(emulator: Emulator) -> None:
    """Somebody may still disarm the one that was used up; after a reset they count from 1."""

    def arm(fault: str, **more: Any) -> str:
        return str(emulator.post("/_control/faults", {"fault": fault, **more}).json()["armed"])

    used = arm("status: 503", times=1)
    assert emulator.get(HIAPI.path).status == 503
    assert arm("status: 500") != used
    assert emulator.request("DELETE", f"/_control/faults/{used}").status == 404
    emulator.post("/_control/reset")
    assert arm("status: 500") == used


def test_reset_while_a_receiver_thinks(emulator: Emulator) -> None:
    """The attempt under way leaves nothing behind."""

    def reset() -> Posted:
        emulator.post("/_control/reset")
        return Posted(200, "")

    class Thinking(Emulator):
        async def _post(self, url: str, body: bytes, headers: Any, timeout: float) -> Posted:
            return reset()

    emulator = Thinking()
    emulator.post("/hiapi/v1/tasks", {**HIAPI.body(), "callback": {"url": HOOK}})
    emulator.post("/_control/clock", {"advance": 60})
    assert emulator.get("/_control/deliveries").json()["deliveries"] == []


def test_reset_while_a_receiver_thinks_and_the_same_again() -> None:
    """With a seed, job and callback have the ids of those before; the new callback is sent all the same."""

    def submit() -> None:
        made.append(job_id(emulator.post("/hiapi/v1/tasks", {**HIAPI.body(), "callback": {"url": HOOK}})))

    class Thinking(Emulator):
        async def _post(self, url: str, body: bytes, headers: Any, timeout: float) -> Posted:
            if len(made) == 1:
                emulator.post("/_control/reset")
                submit()
            return await super()._post(url, body, headers, timeout)

    made: list[str] = []
    emulator = Thinking(seed="7", start_time=1_900_000_000.0)
    submit()
    emulator.advance(60)
    (pending,) = emulator.get("/_control/deliveries").json()["deliveries"]
    assert (made[0], pending["state"], pending["attempts"]) == (made[1], "pending", [])
    emulator.advance(60)
    assert [entry[0] for entry in emulator.posted] == [HOOK, HOOK]


def test_ids_after_a_reset(emulator: Emulator) -> None:
    """Without a seed no id comes back; with one the same happens again."""
    first = submitted(emulator, HIAPI)
    emulator.post("/_control/reset")
    assert submitted(emulator, HIAPI) != first
    seeded = Emulator(seed="7", start_time=1_900_000_000.0)
    once = submitted(seeded, HIAPI)
    seeded.post("/_control/reset")
    assert submitted(seeded, HIAPI) == once == submitted(Emulator(seed="7", start_time=1_900_000_000.0), HIAPI)


def test_rules_for_one_and_for_all(emulator: Emulator) -> None:
    """A rule without a token is everybody's; one's own comes on top, and only its owner sees and removes it."""
    emulator.post("/_control/scenarios", {"scenario": "fail: ALL"}, key=None)
    own = emulator.post("/_control/scenarios", {"scenario": "fail: MINE", "times": 1}).json()["armed"]
    codes = []
    for key in ("sk-test", "sk-test", SECOND):
        job = submitted(emulator, HIAPI, key)
        emulator.advance(60, key)
        codes.append(emulator.get(f"/hiapi/v1/tasks/{job}", key=key).json()["data"]["error"]["code"])
    assert codes == ["MINE", "ALL", "ALL"]
    assert emulator.request("DELETE", f"/_control/scenarios/{own}").status == 404  # used up
    (shared,) = emulator.get("/_control/scenarios", key=None).json()["scenarios"]
    assert (shared["for"], shared["scenario"]) == ("everybody", "fail: ALL")
    assert emulator.request("DELETE", f"/_control/scenarios/{shared['id']}").status == 404
    assert emulator.request("DELETE", f"/_control/scenarios/{shared['id']}", key=None).status == 200


@pytest.mark.parametrize(
    ("route", "rule", "told"),
    [
        ("scenarios", {"scenario": "nope"}, "no scenario 'nope'"),
        ("scenarios", {"scenario": "slow: soon"}, "a time such as 90s"),
        ("faults", {"fault": "nope"}, "no fault 'nope'"),
        ("faults", {"fault": "status: 503", "operation": "nope"}, "no operation 'nope'"),
    ],
)
def test_a_rule_that_means_nothing(emulator: Emulator, route: str, rule: dict[str, Any], told: str) -> None:
    """It is refused when it is armed, not when it should have worked."""
    answer = emulator.post(f"/_control/{route}", rule)
    assert (answer.status, told in answer.json()["error"]) == (400, True)


def test_chance_repeats_with_a_seed() -> None:
    """The same requests are hit in every run, about as often as the chance says."""

    def hits(seed: str) -> list[int]:
        emulator = Emulator(seed=seed)
        emulator.post("/_control/faults", {"fault": "status: 503", "chance": 0.3})
        return [emulator.get("/hiapi/v1/tasks").status for _ in range(200)]

    assert hits("a") == hits("a") != hits("b")
    assert 30 <= hits("a").count(503) <= 90


def test_a_failure_that_one_provider_has_not(emulator: Emulator) -> None:
    """A rule for all may name it: it strikes where the provider has the failure, and elsewhere it is reported."""
    emulator.post("/_control/faults", {"fault": "key-in-flight"})
    assert emulator.get("/hiapi/v1/tasks").status == 409
    answer = emulator.get("/runcomfy/v1/models")
    assert (answer.status, "screentest-fault" in answer.headers) == (200, False)
    assert answer.headers["screentest-warning"].startswith("no fault 'key-in-flight'")

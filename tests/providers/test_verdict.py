"""/_control/verdict: a badly written client is caught, its near miss is not, and what cannot be known is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest

from driving import KEY, Emulator
from providers.judging import FAULT, checked, found, look, notified, only, submit, verdict, why_not
from providers.samples import EACH_PROVIDER, HIAPI, R2V, RUNFLOW, Sample, finished, job_id, reading
from screentest.verdict import KINDS

KEYED = pytest.mark.parametrize("sample", [RUNFLOW, HIAPI], ids=str)


def test_a_new_account_is_neither_good_nor_bad(emulator: Emulator) -> None:
    """Nothing was found and nothing was judged: each kind is listed once, with its reason."""
    told = verdict(emulator)
    assert (told["findings"], told["judged"]) == ([], [])
    assert [one["kind"] for one in told["not_judged"]] == list(KINDS)
    assert all(one["why"] for one in told["not_judged"])


def test_each_kind_is_judged_or_not(emulator: Emulator) -> None:
    """No kind is left out, and none stands in both lists."""
    emulator.get(finished(emulator, HIAPI), key=None)
    told = verdict(emulator)
    assert sorted(one["kind"] for one in told["judged"] + told["not_judged"]) == sorted(KINDS)


def test_keys_that_went_elsewhere_are_never_judged(emulator: Emulator) -> None:
    """The emulator cannot see other hosts; it says what can."""
    emulator.get(finished(emulator, HIAPI), key=None)
    assert "assert_no_spend_on_real_hosts" in why_not(emulator, "key-to-foreign-host")


def test_the_verdict_is_one_accounts(emulator: Emulator) -> None:
    """It needs a bearer, and another account's sins are not ours."""
    look(emulator, HIAPI, job_id(HIAPI.send(emulator)), 5, 0)
    assert emulator.get("/_control/verdict", key=None).status == 400
    assert verdict(emulator, key="sk-other")["findings"] == []


@pytest.mark.parametrize("query", [{"poll_bound": "fast"}, {"poll_bound": "-1"}, {"bound": "1"}], ids=str)
def test_a_query_that_means_nothing(emulator: Emulator, query: Mapping[str, str]) -> None:
    """400, with what there is."""
    answer = emulator.get("/_control/verdict", query=query)
    assert (answer.status, "poll_bound" in answer.json()["error"]) == (400, True)


@EACH_PROVIDER
def test_polled_too_fast(emulator: Emulator, sample: Sample) -> None:
    """A loop that hardly waits is one finding for the job, with its requests; at the bound it is none."""
    job = job_id(sample.send(emulator))
    look(emulator, sample, job, 10, 0.02)

    told = only(emulator, "polled-too-fast")
    assert (told["job"], len(told["requests"])) == (job, 9)
    assert "9 of 10 reads" in told["message"]
    assert "0.020 s" in told["message"]
    assert found(emulator, poll_bound="20ms") == []


@EACH_PROVIDER
def test_polled_at_a_sensible_pace(emulator: Emulator, sample: Sample) -> None:
    """Reads at the bound and beyond it are fine; a query can ask for more patience."""
    look(emulator, sample, job_id(sample.send(emulator)), 3, 0.125)
    assert found(emulator) == []
    assert checked(emulator, "polled-too-fast") == 2
    assert found(emulator, poll_bound=2) == ["polled-too-fast"]


def test_the_bound_goes_with_the_pace() -> None:
    """Where jobs take as long as real ones, a client has to wait longer between two looks."""
    emulator = Emulator(pace="realistic")
    look(emulator, HIAPI, job_id(HIAPI.send(emulator)), 3, 0.25)
    assert found(emulator) == ["polled-too-fast"]


def test_real_waiting_counts_on_a_slow_clock(emulator: Emulator) -> None:
    """A client that sleeps for two real seconds does not poll fast, however slow its account's clock is."""
    emulator.post("/_control/clock", {"rate": 0.01})
    job = job_id(HIAPI.send(emulator))
    for _ in range(3):
        emulator.get(reading(HIAPI, job))
        emulator.clock.advance(2)
    assert found(emulator) == []


@EACH_PROVIDER
def test_polled_an_unmoved_clock(emulator: Emulator, sample: Sample) -> None:
    """Waiting at a clock that stands is a finding of its own; reading the same moment twice is not yet waiting."""
    job = job_id(sample.send(emulator))
    look(emulator, sample, job, 2, 0)
    assert found(emulator) == []
    look(emulator, sample, job, 1, 0)
    assert only(emulator, "polled-unmoved-clock")["job"] == job


@EACH_PROVIDER
@pytest.mark.parametrize("scenario", ["", "fail"])
def test_polled_after_the_end(emulator: Emulator, sample: Sample, scenario: str) -> None:
    """One read more is fine, two are polling; however the job ended."""
    job = job_id(sample.send(emulator, prompt=f"a fox [[{scenario}]]" if scenario else "a fox"))
    emulator.advance(20)
    look(emulator, sample, job, 2, 2)
    assert found(emulator) == []
    look(emulator, sample, job, 1, 2)
    assert only(emulator, "polled-after-end")["job"] == job


def test_a_result_is_no_second_look(emulator: Emulator) -> None:
    """RunComfy says the end in the status and the output in the result: reading both is no polling."""
    job = job_id(R2V.send(emulator))
    emulator.advance(20)
    for document in ("status", "result", "result", "status"):
        emulator.get(f"/runcomfy/v1/requests/{job}/{document}")
    assert found(emulator) == []
    assert checked(emulator, "polled-after-end") == 2


def test_a_final_state_that_was_lost_is_read_again(emulator: Emulator) -> None:
    """What failed may be tried again: only answers that arrived whole have shown the end."""
    job = job_id(HIAPI.send(emulator))
    emulator.advance(20)
    for fault in ("lost-answer", "truncated-json", "status: 503", "reset"):
        emulator.get(reading(HIAPI, job), headers={FAULT: fault})
        emulator.advance(2)
    look(emulator, HIAPI, job, 2, 2)
    assert found(emulator) == []


def test_links_are_renewed_by_reading(emulator: Emulator) -> None:
    """Who reads a run before each download of its renewed links does not poll."""
    link = finished(emulator, RUNFLOW)
    for _ in range(3):
        emulator.get(link, key=None)
        emulator.get(reading(RUNFLOW, link.split("/")[-2]))
    assert found(emulator) == []


def test_ignored_retry_after(emulator: Emulator) -> None:
    """The same request again before its time; by when it may come says the message."""
    job = job_id(HIAPI.send(emulator))
    emulator.get(reading(HIAPI, job), headers={FAULT: "rate-limited: 7"})
    emulator.advance(6)
    emulator.get(reading(HIAPI, job))
    told = only(emulator, "ignored-retry-after")
    assert (told["job"], told["requests"]) == (job, [2, 3])
    assert "Retry-After 7 s" in told["message"]
    assert "6.000 s" in told["message"]


@pytest.mark.parametrize(
    "wait",
    [
        pytest.param(lambda emulator: emulator.advance(7), id="the account's clock was moved"),
        pytest.param(lambda emulator: emulator.clock.advance(7), id="real time passed"),
    ],
)
@pytest.mark.parametrize("frozen", [False, True], ids=["running", "frozen"])
def test_retry_after_was_waited(emulator: Emulator, wait: Callable[[Emulator], object], frozen: bool) -> None:
    """On either clock, whether the account's runs or not."""
    if frozen:
        emulator.post("/_control/clock", {"freeze": True})
    HIAPI.send(emulator)
    for fault in ("rate-limited: 7", "rate-limited: 7", ""):
        submit(emulator, HIAPI, fault, prompt="another")
        wait(emulator)
    assert found(emulator) == []
    assert checked(emulator, "ignored-retry-after") == 2


def test_another_request_may_come_meanwhile(emulator: Emulator) -> None:
    """A Retry-After is for its request: another job may be looked at."""
    jobs = [job_id(HIAPI.send(emulator)) for _ in range(2)]
    emulator.get(reading(HIAPI, jobs[0]), headers={FAULT: "rate-limited: 7"})
    emulator.get(reading(HIAPI, jobs[1]))
    assert found(emulator) == []


def test_orders_that_were_sent_together(emulator: Emulator) -> None:
    """Six at once are more than the account may send: the refused ones do not repeat each other; later ones do."""
    emulator.request("PUT", "/_control/account", {"requests_per_minute": 3})
    statuses = [submit(emulator, HIAPI, prompt=f"fox {number}").status for number in range(6)]
    assert statuses[3:] == [429] * 3
    assert found(emulator) == []
    emulator.advance(3)
    submit(emulator, HIAPI, prompt="fox 3")
    assert found(emulator) == ["ignored-retry-after"]


@pytest.mark.parametrize("wait", [0, 59, 60])
def test_a_minute_is_patience_enough(emulator: Emulator, wait: float) -> None:
    """Official clients wait no longer than a minute, whatever they are told."""
    job = job_id(HIAPI.send(emulator))
    emulator.get(reading(HIAPI, job), headers={FAULT: "rate-limited: 3600"})
    emulator.advance(wait)
    emulator.get(reading(HIAPI, job))
    assert found(emulator) == ([] if wait == 60 else ["ignored-retry-after"])


def test_without_a_retry_after(emulator: Emulator) -> None:
    """Where nothing was asked for, nothing can be ignored, and nothing is called clean."""
    HIAPI.send(emulator)
    assert why_not(emulator, "ignored-retry-after") == "no answer carried a Retry-After"


@EACH_PROVIDER
@pytest.mark.parametrize("fault", ["lost-answer", "gateway-timeout", "cut-off", "truncated-json"])
def test_submitted_twice(emulator: Emulator, sample: Sample, fault: str) -> None:
    """The job was there already: now there are two, and the finding names them."""
    submit(emulator, sample, fault)
    second = job_id(submit(emulator, sample))
    told = only(emulator, "submitted-twice")
    assert (told["job"], told["requests"]) == (second, [1, 2])
    assert "both made a job" in told["message"]
    assert ("idempotency key of its own" in told["advice"]) == (sample is not R2V)


@KEYED
@pytest.mark.parametrize(
    ("first", "second", "caught"),
    [("order-7", "order-7", False), ("order-7", "order-8", True), ("order-7", "", True), ("", "order-7", True)],
    ids=["the same key", "a new key each time", "first only", "second only"],
)
def test_submitted_twice_with_a_key(emulator: Emulator, sample: Sample, first: str, second: str, caught: bool) -> None:
    """Only the same key with every try makes it safe."""
    submit(emulator, sample, "lost-answer", first)
    submit(emulator, sample, key=second)
    assert found(emulator) == (["submitted-twice"] if caught else [])
    assert checked(emulator, "submitted-twice") == 1


@EACH_PROVIDER
def test_two_submits_that_are_no_repetition(emulator: Emulator, sample: Sample) -> None:
    """The same twice after a good answer is two orders; so is another body, or the same much later."""
    submit(emulator, sample)
    submit(emulator, sample)
    submit(emulator, sample, "lost-answer", prompt="a fox")
    submit(emulator, sample, prompt="an owl")
    emulator.advance(3600)
    submit(emulator, sample, prompt="a fox")
    assert "submitted-twice" not in found(emulator)


def test_a_connection_that_was_reset_at_once(emulator: Emulator) -> None:
    """Nothing was made, but the client cannot know that: the same again, without a key, is a risk."""
    submit(emulator, HIAPI, "reset")
    submit(emulator, HIAPI)
    assert found(emulator) == ["submitted-twice"]


@EACH_PROVIDER
def test_never_collected(emulator: Emulator, sample: Sample) -> None:
    """A job that succeeded long ago and whose end nobody has seen; a failed one need not be collected."""
    job = job_id(sample.send(emulator))
    sample.send(emulator, prompt="a fox [[fail]]")
    look(emulator, sample, job, 1, 0)
    emulator.advance(50)
    assert found(emulator) == []
    assert "has succeeded" in why_not(emulator, "never-collected")
    emulator.advance(50)
    assert only(emulator, "never-collected")["job"] == job


def collect_by_reading(emulator: Emulator, job: str) -> None:
    emulator.get(reading(HIAPI, job))


def collect_by_listing(emulator: Emulator, job: str) -> None:
    assert job in emulator.get("/hiapi/v1/tasks").body.decode()


def collect_by_downloading(emulator: Emulator, job: str) -> None:
    assert emulator.get(f"/media/hiapi/{job}/video.mp4", key=None).status == 200


@pytest.mark.parametrize("collect", [collect_by_reading, collect_by_listing, collect_by_downloading])
def test_collected(emulator: Emulator, collect: Callable[[Emulator, str], None]) -> None:
    """By its detail, by a list, or by a download."""
    job = job_id(HIAPI.send(emulator))
    emulator.advance(100)
    collect(emulator, job)
    assert found(emulator) == []
    assert checked(emulator, "never-collected") == 1


@KEYED
def test_collected_by_callback(emulator: Emulator, sample: Sample) -> None:
    """A callback that its receiver took has the output in it."""
    notified(emulator, sample)
    emulator.advance(100)
    assert found(emulator) == []
    assert checked(emulator, "never-collected") == 1


def test_a_job_that_its_client_was_never_told_of(emulator: Emulator) -> None:
    """Without an id nobody can collect it: the lost answer is the trouble, not the collecting."""
    submit(emulator, HIAPI, "lost-answer")
    emulator.advance(100)
    assert found(emulator) == []


@EACH_PROVIDER
def test_downloaded_after_expiry(emulator: Emulator, sample: Sample) -> None:
    """A dead link; the same download in time is fine."""
    link = finished(emulator, sample, prompt="a fox [[expired-link: 90s]]")
    emulator.get(link, key=None)
    assert found(emulator) == []
    emulator.advance(200)
    emulator.get(link, key=None)
    told = only(emulator, "downloaded-after-expiry")
    assert told["job"] in link
    assert checked(emulator, "downloaded-after-expiry") == 2


@EACH_PROVIDER
def test_a_download_that_fails_for_another_reason(emulator: Emulator, sample: Sample) -> None:
    """A file that was never there is no expired link, although some providers answer 404 to both; nor is a fault."""
    link = finished(emulator, sample)
    emulator.get(link.replace("mp4", "gif"), key=None)
    for status in (403, 404):
        emulator.get(link, key=None, headers={FAULT: f"status: {status}"})
    assert found(emulator) == []


def test_key_sent_to_media(emulator: Emulator) -> None:
    """A download that carries the key; one without it is fine."""
    link = finished(emulator, HIAPI)
    emulator.get(link, key=None)
    assert found(emulator) == []
    emulator.get(link)
    assert only(emulator, "key-to-media")["requests"] == [4]
    assert checked(emulator, "key-to-media") == 2


@pytest.mark.parametrize(
    ("path", "key"),
    [
        pytest.param(f"/hiapi/v1/tasks?api_key={KEY}", KEY, id="beside the header"),
        pytest.param(f"/hiapi/v1/tasks?api_key={KEY}", None, id="instead of the header"),
        pytest.param(f"/hiapi/v1/tasks?auth=Bearer%20{KEY}", KEY, id="as a header's value"),
    ],
)
def test_key_in_a_url(emulator: Emulator, path: str, key: str | None) -> None:
    """Found wherever the key is a query's value; the finding itself does not show it."""
    emulator.get(path, key=key)
    told = only(emulator, "key-in-url")
    assert KEY not in json.dumps(told)


def test_another_word_in_a_url(emulator: Emulator) -> None:
    """Other values are not keys."""
    emulator.get(f"/hiapi/v1/tasks?page=1&api_key=sk-other&x={KEY}x")
    assert found(emulator) == []
    assert checked(emulator, "key-in-url") == 1


def test_a_reset_clears_the_record(emulator: Emulator) -> None:
    """A new test on the same account starts with nothing held against it."""
    look(emulator, HIAPI, job_id(HIAPI.send(emulator)), 5, 0)
    assert found(emulator) == ["polled-unmoved-clock"]
    emulator.post("/_control/reset")
    assert found(emulator) == []

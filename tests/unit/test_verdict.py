"""The verdict from values: entries made by hand, in the forms that a whole emulator does not easily bring about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from screentest.journal import LONGEST_BODY, Entry, Journal, Seen
from screentest.verdict import KINDS, Evidence, Verdict, verdict
from screentest.verdict.told import Told
from screentest_contracts.load import PROVIDERS, load
from unit.engines import engine
from unit.engines import submit as made_job

CONTRACTS = {name: load(name).provider for name in PROVIDERS}
WALL = 1_800_000_000.0
TASK = "/hiapi/v1/tasks/tk-hiapi-1"
TOLD_TO_WAIT = ((b"retry-after", b"7"),)


def entry(number: int, after: float, **facts: Any) -> Entry:
    """A read of a HiAPI task, `after` seconds of both clocks; some facts go into what was seen."""
    seen: dict[str, Any] = {"operation": "detail", "at": WALL + after}
    seen |= {name: facts.pop(name) for name in ("operation", "body") if name in facts}
    usual: dict[str, Any] = {
        "method": "GET",
        "target": TASK,
        "headers": (),
        "status": 200,
        "answer_headers": (),
        "answer": b"{}",
        "milliseconds": 0.0,
        "wall": WALL + after,
        "size": 0,
    }
    return Entry(number=number, seen=Seen("hiapi", **seen), **(usual | facts))


def judged(*entries: Entry, **more: Any) -> Verdict:
    return verdict(
        Evidence(providers=CONTRACTS, account="a", now=WALL + 1000, entries=entries, **({"jobs": {}} | more))
    )


def kinds(*entries: Entry, **more: Any) -> list[str]:
    return [one.kind for one in judged(*entries, **more).findings]


def submit(number: int, after: float, body: bytes | None, status: int, **facts: Any) -> Entry:
    """A submit of a HiAPI task."""
    place = {"operation": "create", "method": "POST", "target": "/hiapi/v1/tasks"}
    return entry(number, after, body=body, status=status, **place, **facts)


def test_every_kind_says_what_it_means_and_what_to_do() -> None:
    """The table of kinds is closed, and each row is whole."""
    assert all(kind.meaning and kind.advice.endswith(".") for kind in KINDS.values())


def test_every_kind_is_documented() -> None:
    """The page on verdicts has each kind with its meaning."""
    page = (Path(__file__).parents[2] / "docs/verdict.md").read_text(encoding="utf-8")
    assert [name for name, kind in KINDS.items() if f"| `{name}` | {kind.meaning} |" not in page] == []


def test_the_operations_that_read_a_state() -> None:
    """Derived from the contracts: one job in the path, and an answer that shows its state."""
    targets = {
        ("hiapi", "detail"): "/v1/tasks/j",
        ("hiapi", "list"): "/v1/tasks",
        ("runflow", "get-run"): "/runflow/v1/runs/j?embed=logs",
        ("runflow", "list-logs"): "/v1/runs/j/logs",
        ("runcomfy", "status"): "/runcomfy/v1/requests/j/status",
        ("runcomfy", "result"): "/v1/requests/j/result",
    }
    told = Told(CONTRACTS)
    asked = {}
    for (provider, operation), target in targets.items():
        one = entry(1, 0, operation=operation, target=target)
        one.seen.provider = provider
        asked[operation] = told.job_asked(one)
    assert asked == {"detail": "j", "list": "", "get-run": "j", "list-logs": "", "status": "j", "result": "j"}


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        pytest.param("7", True, id="seconds"),
        pytest.param("7.5", True, id="a fraction"),
        pytest.param("Fri, 15 Jan 2027 08:00:07 GMT", True, id="a date"),
        pytest.param("Fri, 15 Jan 2027 08:00:02 GMT", False, id="a date that has come"),
        pytest.param("0", False, id="at once"),
        pytest.param("-3", False, id="less than nothing"),
        pytest.param("soon", False, id="a word"),
        pytest.param("nan", False, id="no number"),
        pytest.param("inf", True, id="for ever"),
    ],
)
def test_forms_of_retry_after(text: str, caught: bool) -> None:
    """Seconds or a date, as HTTP has them; what is neither asks for nothing."""
    refused = entry(1, 0, status=429, answer_headers=((b"retry-after", text.encode()),))
    assert (kinds(refused, entry(2, 3)) == ["ignored-retry-after"]) == caught


def test_the_two_clocks_are_not_added() -> None:
    """Waiting is judged by the clock on which more has passed."""
    refused = entry(1, 0, status=429, answer_headers=((b"retry-after", b"7"),))
    again = entry(2, 4, wall=WALL + 4)
    assert kinds(refused, again) == ["ignored-retry-after"]
    assert kinds(refused, entry(2, 4, wall=WALL + 7)) == []


def test_a_shorter_request_is_another_one() -> None:
    """A submit that was refused unread is known by its length only."""
    refused = submit(1, 0, None, 429, headers=((b"content-length", b"4"),), answer_headers=TOLD_TO_WAIT)
    other = submit(2, 1, b"other", 200, headers=((b"content-length", b"5"),))
    same = submit(3, 2, b"same", 200, headers=((b"content-length", b"4"),))
    assert judged(refused, other).findings == ()
    (told,) = judged(refused, other, same).findings
    assert told.requests == (1, 3)


def test_another_idempotency_key_is_another_request() -> None:
    """Submits that were refused unread, of one length: only the one whose key came before is a repetition."""
    refused = submit(1, 0, None, 429, headers=((b"idempotency-key", b"a"),), answer_headers=TOLD_TO_WAIT)
    other = submit(2, 1, b"x", 200, headers=((b"idempotency-key", b"b"),))
    same = submit(3, 2, b"x", 200, headers=((b"idempotency-key", b"a"),))
    assert judged(refused, other).findings == ()
    (told,) = judged(refused, other, same).findings
    assert told.requests == (1, 3)


@pytest.mark.parametrize(
    ("gap", "key", "caught"),
    [
        pytest.param(0.002, b"", False, id="together"),
        pytest.param(0.4, b"", False, id="together, on a busy machine"),
        pytest.param(0.6, b"", True, id="one after the other"),
        pytest.param(0.002, b"a", True, id="the same key at once"),
    ],
)
def test_submits_that_were_sent_together(gap: float, key: bytes, caught: bool) -> None:
    """Orders of one length, three of them refused unread: `gap` is from the first to the last.

    With one key there is no doubt that they are one order.
    """
    headers = ((b"idempotency-key", key),) if key else ()
    burst = [
        submit(number, number * gap / 3, None, 429, headers=headers, answer_headers=TOLD_TO_WAIT)
        for number in range(1, 4)
    ]
    last = submit(4, 4 * gap / 3, b"x", 200, headers=headers)
    assert bool(judged(*burst, last).findings) == caught


def test_who_does_not_stop_is_no_burst() -> None:
    """Submits without a pause, each within a moment of the last, are taken for one burst for half a second only."""
    loop = [submit(number, number / 100, None, 429, answer_headers=TOLD_TO_WAIT) for number in range(100)]
    assert kinds(*loop) == ["ignored-retry-after"]


def test_a_wait_on_the_accounts_clock_is_no_burst() -> None:
    """A client whose sleep moves the account's clock, but not far enough, has read the answer."""
    refused = submit(1, 0, None, 429, answer_headers=TOLD_TO_WAIT)
    again = submit(2, 1, b"x", 200, wall=WALL + 0.002)
    assert kinds(refused, again) == ["ignored-retry-after"]


def test_what_came_before_the_answer_is_no_repetition() -> None:
    """An answer that is held back cannot have been ignored by what came meanwhile; what comes after it can."""
    held_back = entry(1, 0, status=429, answer_headers=TOLD_TO_WAIT, wall=WALL + 5, milliseconds=5000.0)
    assert kinds(held_back, entry(2, 1)) == []
    assert kinds(held_back, entry(2, 1), entry(3, 6)) == ["ignored-retry-after"]


def test_a_body_that_was_cut_is_not_compared() -> None:
    """Two bodies with the same beginning need not be the same; that is said."""
    long = b"x" * LONGEST_BODY
    told = judged(submit(1, 0, long, 0), submit(2, 1, long, 200))
    assert told.findings == ()
    assert "1 submits" in told.not_judged["submitted-twice"]


def test_each_repetition_is_a_finding() -> None:
    """Three tries without a key are two repetitions; after a good answer comes a new order."""
    told = judged(*(submit(number, number, b"a", status) for number, status in enumerate((502, 0, 200, 200), 1)))
    assert [one.requests for one in told.findings] == [(1, 2), (2, 3)]
    assert told.judged["submitted-twice"] == 2


def test_a_late_answer_is_in_the_journal_after_the_second_try() -> None:
    """The order is that in which requests came, also on a clock that stood."""
    second = submit(1, 0, b"a", 200, wall=WALL + 2)
    first = submit(2, 0, b"a", 200, wall=WALL + 5, milliseconds=5000.0)
    first.seen.faults = "delay: 5"
    (told,) = judged(second, first).findings
    assert told.requests == (2, 1)


def test_only_the_first_fifty_requests_are_named() -> None:
    """A busy loop does not make an endless answer; the sentence has the number."""
    (told,) = judged(*(entry(number, number / 1000) for number in range(500))).findings
    assert len(told.requests) == 50
    assert "499 of 500 reads" in told.message


def test_a_journal_with_gaps_calls_nothing_clean() -> None:
    """What was found stays found, and every kind that rests on the journal says why it is not judged."""
    reads = [entry(number, 0) for number in range(3)]
    told = judged(*reads, whole=False)
    assert [one.kind for one in told.findings] == ["polled-unmoved-clock"]
    assert told.judged == {}
    assert "forgot" in told.not_judged["polled-unmoved-clock"]
    assert "polled-unmoved-clock" in judged(*reads).judged


def test_the_journal_knows_whose_requests_it_forgot() -> None:
    """Only accounts that lost an entry to the bound are not whole; forgetting by wish starts anew."""
    journal = Journal(most=2)
    for account in ("a", "b", "b"):
        record(journal, account)
    assert (journal.whole("a"), journal.whole("b"), journal.whole("c")) == (False, True, True)
    journal.forget("a")
    assert journal.whole("a")
    record(journal, "c")
    assert not journal.whole("b")
    journal.forget(None)
    assert journal.whole("b")


def record(journal: Journal, account: str) -> None:
    journal.record(
        Seen("hiapi", account=account),
        method="GET",
        target="/",
        headers=(),
        status=200,
        answer_headers=(),
        answer=b"",
        milliseconds=0.0,
        wall=WALL,
    )


@pytest.mark.parametrize("answer", [b"", b"[]", b"null", b'{"data": 1}', b"\xff", b"[" * 50_000], ids=repr)
def test_an_answer_that_is_none(answer: bytes) -> None:
    """A broken answer has shown nothing, and breaks nothing."""
    assert judged(entry(1, 0, answer=answer)).findings == ()


@pytest.mark.parametrize("word", ["success", "fail"])
def test_an_end_that_was_shown(word: str) -> None:
    """Every final word of the contract ends the waiting."""
    answer = json.dumps({"code": 200, "data": {"taskId": "tk-hiapi-1", "status": word}}).encode()
    assert kinds(*(entry(number, number, answer=answer) for number in range(3))) == ["polled-after-end"]
    assert kinds(*(entry(number, number, answer=answer) for number in range(2))) == []


def test_a_list_too_long_to_be_kept_may_have_shown_an_end() -> None:
    """What nobody can read any more is no proof that a job was never collected."""
    made, _ = engine()
    job = made_job(made)
    asked = submit(1, 0, b"a", 200)
    asked.seen.job = job.id
    listed = entry(2, 500, operation="list", target="/hiapi/v1/tasks", answer=b"x" * LONGEST_BODY)
    known = {"jobs": {job.id: job}}
    assert kinds(asked, **known) == ["never-collected"]
    assert kinds(asked, listed, **known) == []

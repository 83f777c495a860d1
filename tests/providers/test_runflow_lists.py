"""Runflow's lists: filters, order, projection, cursors; and what hangs on a run: statuses, logs, node runs."""

from __future__ import annotations

from typing import Any

import pytest

from driving import Emulator
from providers.envelopes import refused
from providers.runflow_refusals import THEIRS
from providers.samples import RUNFLOW, job_id

RUNS = "/runflow/v1/runs"


def runs(emulator: Emulator, **query: Any) -> dict[str, Any]:
    answer = emulator.get(RUNS, query=query)
    assert answer.status == 200, answer.body
    return dict(answer.json())


def refs(page: dict[str, Any]) -> list[str]:
    return [run["client_ref"] for run in page["items"]]


def made(emulator: Emulator, count: int, **more: Any) -> None:
    """Runs with client_ref 0, 1, 2 ..., a second apart."""
    for number in range(count):
        body = RUNFLOW.body() | {"client_ref": str(number), "metadata": {"half": number // 2, "deep": {"x": True}}}
        assert emulator.post(RUNFLOW.path, body | more).status == 201
        emulator.advance(1)


def test_the_envelope_of_a_list(emulator: Emulator) -> None:
    """items and three cursors; the newest run is first, as its own read shows it; only the account's own."""
    RUNFLOW.send(emulator, key=THEIRS)
    assert runs(emulator) == {"items": [], "first": None, "next": None, "previous": None}
    made(emulator, 3)
    page = runs(emulator)
    assert (set(page), refs(page)) == ({"items", "first", "next", "previous"}, ["2", "1", "0"])
    assert page["items"][0] == emulator.get(f"{RUNS}/{page['items'][0]['id']}").json()


def test_a_walk_through_the_pages_and_back(emulator: Emulator) -> None:
    """`next` leads to the end, `previous` back to the beginning, `first` there at once; new runs push nothing."""
    made(emulator, 7)
    page = runs(emulator, limit=3)
    assert (refs(page), page["previous"], page["first"]) == (["6", "5", "4"], None, None)
    made(emulator, 1, client_ref="new")
    second = runs(emulator, pq=page["next"])
    third = runs(emulator, pq=second["next"])
    assert (refs(second), refs(third), third["next"]) == (["3", "2", "1"], ["0"], None)
    assert refs(runs(emulator, pq=third["previous"])) == ["3", "2", "1"]
    assert refs(runs(emulator, pq=second["previous"])) == ["6", "5", "4"]
    assert refs(runs(emulator, pq=second["first"])) == ["new", "6", "5"]


def test_a_cursor_is_the_whole_query(emulator: Emulator) -> None:
    """Filter, order, limit and projection go on with the cursor; a parameter beside it wins; from_prev reads back."""
    made(emulator, 6)
    page = runs(emulator, q="client_ref>1", sort_by="client_ref:asc", limit=2, fields="client_ref")
    assert page["items"] == [{"client_ref": "2"}, {"client_ref": "3"}]
    second = runs(emulator, pq=page["next"])
    assert second["items"] == [{"client_ref": "4"}, {"client_ref": "5"}]
    assert len(runs(emulator, pq=page["next"], limit=1)["items"]) == 1
    assert refs(runs(emulator, pq=page["next"], from_prev="true")) == ["2"]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("created_at:asc", ["0", "1", "2", "3"]),
        ("created_at", ["0", "1", "2", "3"]),
        ("client_ref:desc", ["3", "2", "1", "0"]),
        ("status_code:asc,client_ref:desc", ["3", "2", "1", "0"]),
        ("failure_code:desc,client_ref:asc", ["0", "1", "2", "3"]),
    ],
)
def test_order(emulator: Emulator, order: str, found: list[str]) -> None:
    """By any plain field, in either direction, by several in turn; what has no value comes last."""
    made(emulator, 4)
    emulator.advance(60)
    assert refs(runs(emulator, sort_by=order)) == found


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("client_ref.eq:'1'", "1"),
        ("client_ref.EQ:'1'", "1"),
        ("client_ref:1", "1"),
        ("client_ref = 1", "1"),
        ("client_ref.ne:'1'", "320"),
        ("client_ref>=1 AND client_ref<3", "21"),
        ("client_ref:0 OR client_ref:3", "30"),
        ("NOT client_ref:0 AND client_ref<2", "1"),
        ("NOT NOT client_ref:2", "2"),
        ("client_ref:null", ""),
        ("client_ref.ne:null", "3210"),
        ("metadata.half:1", "32"),
        ("metadata.half.eq:'1' AND metadata.deep.x:true", "32"),
        ("metadata.nothing:1", ""),
        ("metadata.deep:null", ""),
        ("metadata.deep.ne:null AND metadata.deep.ne:'x'", "3210"),
        ("created_at>2026-04-01", "3210"),
        ("created_at<2026-04-01T00:00:00Z", ""),
        ("duration_ms>99999", ""),
        ("has_logs:true", "3210"),
        ("target_type:model AND source_code:'api'", "3210"),
        (r"client_ref:'it\'s'", ""),
        ("  client_ref : 1  ", "1"),
    ],
)
def test_filters(emulator: Emulator, q: str, found: str) -> None:
    """What official clients and the concept page write, over plain fields and paths inside metadata."""
    made(emulator, 4)
    assert "".join(refs(runs(emulator, q=q))) == found


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("metadata.n>9", "32"),
        ("metadata.n<=5", "10"),
        ("metadata.n:'10.0'", "2"),
        ("metadata.n.ne:5", "320"),
        ("metadata.n>1e999", ""),
        ("metadata.n:true", ""),
        ("metadata.flag:true", "3210"),
        ("metadata.flag:1", ""),
        ("metadata.text>9", ""),
        ("metadata.text:'10'", "2"),
    ],
)
def test_numbers_in_metadata(emulator: Emulator, q: str, found: str) -> None:
    """A number is compared with a number as such; text and flags are what they are."""
    for ref, number in enumerate((0, 5, 10, 15.5)):
        more = {"client_ref": str(ref), "metadata": {"n": number, "text": str(number), "flag": True}}
        emulator.post(RUNFLOW.path, RUNFLOW.body() | more)
    assert "".join(refs(runs(emulator, q=q))) == found


def test_a_filter_by_what_only_the_end_knows(emulator: Emulator) -> None:
    """Cost is compared as a number, times as moments, failure codes as text."""
    for prompt in ("[[fail]]", "[[fail: nsfw]]", "a fox"):
        RUNFLOW.send(emulator, prompt=prompt)
    emulator.advance(60)
    assert len(runs(emulator, q="cost>1.3")["items"]) == 1
    assert len(runs(emulator, q="cost>9")["items"]) == 0
    assert len(runs(emulator, q="failure_code:nsfw")["items"]) == 1
    assert len(runs(emulator, q="status_code:failed AND NOT failure_code:nsfw")["items"]) == 1
    assert len(runs(emulator, q="duration_ms>=2000 AND completed_at>2020-01-01")["items"]) == 3


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"q": "client_ref"}, "q"),
        ({"q": "client_ref.like:'x'"}, "q"),
        ({"q": "surprise:1"}, "q"),
        ({"q": "metadata:1"}, "q"),
        ({"q": "metadata.eq:'1'"}, "q"),
        ({"q": "client_ref:1 client_ref:2"}, "q"),
        ({"q": "client_ref:1 AND"}, "q"),
        ({"q": "(client_ref:1)"}, "q"),
        ({"q": "client_ref:'open"}, "q"),
        ({"q": "created_at>yesterday"}, "q"),
        ({"q": "duration_ms>NaN"}, "q"),
        ({"q": "has_logs:perhaps"}, "q"),
        ({"q": "cost>null"}, "q"),
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"sort_by": "surprise:desc"}, "sort_by"),
        ({"sort_by": "created_at:down"}, "sort_by"),
        ({"sort_by": "input"}, "sort_by"),
        ({"sort_by": "output"}, "sort_by"),
        ({"q": "output:null"}, "q"),
        ({"q": "output.ne:null"}, "q"),
        ({"fields": "id,surprise"}, "fields"),
        ({"from_prev": "perhaps"}, "from_prev"),
        ({"pq": "nonsense"}, "pq"),
        ({"pq": "bnVsbA"}, "pq"),
        ({"pq": "\u00e9"}, "pq"),
    ],
)
def test_a_query_that_means_nothing(emulator: Emulator, query: dict[str, Any], name: str) -> None:
    """422 with the parameter's place; nothing is ignored in silence."""
    made(emulator, 1)
    answer = emulator.get(RUNS, query=query)
    assert answer.status == 422
    assert refused(answer, "runflow")["errors"][0]["loc"] == ["query", name]


def test_a_refusal_names_what_can_be_compared(emulator: Emulator) -> None:
    """An output is an object: it is not among the fields that the message offers."""
    said = emulator.get(RUNS, query={"q": "surprise:1"}).json()["message"]
    assert ("failure_code" in said, "output" in said) == (True, False)


def test_a_cursor_of_another_order(emulator: Emulator) -> None:
    """Refused, rather than read as something else."""
    made(emulator, 3)
    cursor = runs(emulator, limit=1)["next"]
    assert emulator.get(RUNS, query={"pq": cursor, "sort_by": "client_ref:asc,cost"}).status == 422


def test_many_runs(emulator: Emulator) -> None:
    """More than are read from the store at once, all of one instant: the last one first, and each once."""
    for number in range(230):
        emulator.post(RUNFLOW.path, RUNFLOW.body() | {"client_ref": str(number)})
    seen: list[str] = []
    page = runs(emulator, limit=100)
    while True:
        seen += refs(page)
        if not page["next"]:
            break
        page = runs(emulator, pq=page["next"])
    assert list(map(int, seen)) == list(range(229, -1, -1))


def test_statuses(emulator: Emulator) -> None:
    """Every word that status_code may have, and which of them are final."""
    items = emulator.get(f"{RUNS}/statuses").json()["items"]
    assert [one["code"] for one in items if not one["is_terminal"]] == ["queued", "dispatching", "running"]
    final = {one["code"] for one in items if one["is_terminal"]}
    assert final == {"succeeded", "failed", "canceled", "partial_succeeded"}


def test_logs_follow_the_run(emulator: Emulator) -> None:
    """An entry for each status so far, oldest first, each readable by its id; a failure is an error that says why."""
    run = job_id(RUNFLOW.send(emulator, prompt="[[fail: nsfw]]"))
    early = emulator.get(f"{RUNS}/{run}/logs").json()["items"]
    assert [one["message"] for one in early] == ["Run queued"]
    emulator.advance(60)
    items = emulator.get(f"{RUNS}/{run}/logs").json()["items"]
    assert items[0] == early[0]
    assert [one["level_code"] for one in items] == ["info", "info", "info", "error"]
    assert "nsfw" in items[-1]["message"]
    assert items == sorted(items, key=lambda one: str(one["timestamp"]))
    for one in items:
        assert set(one) == {"id", "run_id", "level_code", "message", "timestamp", "meta", "run"}
        assert emulator.get(f"{RUNS}/{run}/logs/{one['id']}").json() == one
    assert emulator.get(f"{RUNS}/{run}/logs", query={"q": "level_code:error"}).json()["items"] == items[-1:]


def test_node_runs_and_embedding(emulator: Emulator) -> None:
    """A run of a model has no nodes; `embed` adds logs, node runs and flow to the record; add_signature is taken."""
    run = job_id(RUNFLOW.send(emulator))
    assert emulator.get(f"{RUNS}/{run}/node-runs").json()["items"] == []
    plain = emulator.get(f"{RUNS}/{run}", query={"add_signature": "true"}).json()
    full = emulator.get(f"{RUNS}/{run}", query={"embed": "logs, node_runs,flow,nonsense"}).json()
    assert set(full) - set(plain) == {"logs", "node_runs", "flow"}
    assert (len(full["logs"]), full["node_runs"], full["flow"]) == (1, [], None)

"""From a drift to the edited contract: every class is written, or said not to be, and what is written loads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from screentest_contracts.conformance import Judge
from screentest_contracts.drift.behaving import told
from screentest_contracts.drift.behaviour_classes import BEHAVIOUR, UNOBSERVED
from screentest_contracts.drift.classes import SEVERITY
from screentest_contracts.drift.difference import Difference, Drift, judged
from screentest_contracts.drift.files import contract_files
from screentest_contracts.drift.propose import Proposal, Seen, answered, observed, propose
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import load

DATA = Path(__file__).parents[2] / "contracts" / "screentest_contracts" / "data"
HIAPI = load("hiapi")
MODEL = "happyhorse-1.1/reference-to-video"
INPUT = "/input/properties"
SOURCE = "observed:live-2026-11-21"


def document(kind: str, pointer: str, old: Any, new: Any, model: str = MODEL) -> Seen:
    found = Difference(kind=kind, pointer=pointer, old=old, new=new, model=model)
    return Seen(drift=judged(found, "hiapi", None))


def behaviour(kind: str, where: str, pointer: str, old: Any, new: Any, fact: str = "") -> Seen:
    client, emulator = BEHAVIOUR[kind]
    drift = Drift(
        kind=kind,
        provider="hiapi",
        model="",
        pointer=f"{where} {pointer}".strip(),
        old=old,
        new=new,
        client=client,
        emulator=emulator,
        fact=None,
    )
    return Seen(drift=drift, address=f"hiapi/provider.json#{fact}" if fact else "", pointer=pointer, behaviour=True)


def proposed(*seen: Seen, provider: str = "hiapi") -> Proposal:
    contract = load(provider)
    return propose(contract, seen, observed(contract, "2026-11-21"))


def written(made: Proposal, tmp_path: Path, model: str = "") -> Any:
    """The file as it would be, in a contract that still loads."""
    shutil.copytree(DATA, tmp_path / "data")
    for name, text in made.files.items():
        (tmp_path / "data" / name).write_text(text, encoding="utf-8")
    contract_files(tmp_path / "data" / "hiapi")
    assert made.review[0].startswith("written: "), made.review
    return json.loads(made.files[f"hiapi/models/{model.replace('/', '--')}.json" if model else "hiapi/provider.json"])


DOCUMENTS: list[tuple[Seen, str, Any]] = [
    (document("bound-tightened", f"{INPUT}/duration/maximum", 15, 10), f"{INPUT}/duration/maximum", 10),
    (document("bound-loosened", f"{INPUT}/duration/minimum", 3, None), f"{INPUT}/duration/minimum", None),
    (document("default-changed", f"{INPUT}/duration/default", 5, 8), f"{INPUT}/duration/default", 8),
    (document("property-retyped", f"{INPUT}/duration/type", "integer", "string"), f"{INPUT}/duration/type", "string"),
    (document("enum-value-added", f"{INPUT}/resolution/enum", None, "4k"), f"{INPUT}/resolution/enum/2", "4k"),
    (document("enum-value-removed", f"{INPUT}/resolution/enum", "720p", None), f"{INPUT}/resolution/enum/0", "1080p"),
    (document("required-added", "/input/required", None, "duration"), "/input/required/2", "duration"),
    (document("required-removed", "/input/required", "prompt", None), "/input/required/0", "reference_image"),
    (document("property-removed", f"{INPUT}/prompt", {"required": True}, None), "/input/required/0", "reference_image"),
    (
        document("property-added-optional", f"{INPUT}/lens", None, {"type": "string", "required": False}),
        f"{INPUT}/lens",
        {"type": "string", "from": SOURCE},
    ),
    (
        document("property-added-required", f"{INPUT}/lens", None, {"type": "string", "required": True}),
        "/input/required/2",
        "lens",
    ),
    (
        document("media-rule-changed", f"{INPUT}/reference_image/media/max_megabytes", 20, 30),
        f"{INPUT}/reference_image/media/max_megabytes",
        30,
    ),
    (
        document("price-changed", "/price/usd_per_second/720p", None, "0.2/second"),
        "/price/usd_per_second/720p",
        "0.2",
    ),
    (
        document("endpoint-changed", "/operations/detail/path", "GET /v1/tasks/{task_id}", "GET /v2/{task_id}", ""),
        "/operations/2/path",
        "GET /v2/{task_id}",
    ),
    (
        document("output-field-added", "/schemas/Task/properties/poster", None, {"type": "string"}, ""),
        "/schemas/Task/properties/poster/from",
        SOURCE,
    ),
    (
        document("output-field-removed", "/schemas/Task/properties/created", {"type": "integer"}, None, ""),
        "/schemas/Task/properties/created",
        None,
    ),
]


@pytest.mark.parametrize(("seen", "at", "value"), DOCUMENTS, ids=[one[0].drift.kind for one in DOCUMENTS])
def test_a_drift_of_documents_is_written(seen: Seen, at: str, value: Any, tmp_path: Path) -> None:
    """At its place, with the day's source."""
    made = written(proposed(seen), tmp_path, seen.drift.model)
    node: Any = made
    for token in at.split("/")[1:]:
        node = node[int(token)] if isinstance(node, list) else node.get(token)

    if seen.drift.kind == "endpoint-changed":
        one = next(one for one in made["operations"] if one["id"] == "detail")
        node = f"{one['method']} {one['path']}"
    assert node == value
    assert seen.drift.new is None or SOURCE in json.dumps(made)


TASK = "/schemas/TaskDetail"
ANSWERS: list[tuple[Seen, list[str]]] = [
    (
        behaviour("response.field.added", "detail 200 queued first", "/data/percent", None, "number always", TASK),
        ['"percent": {"type": "number"'],
    ),
    (
        behaviour("response.field.removed", "detail 200 - first", "/message", "string always", None, TASK),
        ['"required": ["code", "data"]'],
    ),
    (
        behaviour(
            "callback.schema", "callback 0 success first", "/taskId", ["string"], ["number"], "/schemas/Callback"
        ),
        ['"type": "number"', SOURCE],
    ),
    (
        behaviour("response.field.nullable", "detail 200 - first", "/message", ["string"], ["null", "string"], TASK),
        ['"type": ["null", "string"]'],
    ),
    (behaviour("status.changed", "create: x", "", "402", "422"), ['"status": 422']),
    (behaviour("header.removed", "create 429 - first", "header:retry-after", "always", None), ["live-2026-11-21"]),
]


@pytest.mark.parametrize(("seen", "said"), ANSWERS, ids=[one[0].drift.kind for one in ANSWERS])
def test_a_drift_of_behaviour_is_written(seen: Seen, said: list[str], tmp_path: Path) -> None:
    """Fields, statuses and headers of refusals have a place in the contract."""
    made = proposed(seen)
    written(made, tmp_path)

    assert all(text in made.files["hiapi/provider.json"] for text in said)


@pytest.mark.parametrize("kind", [*SEVERITY, *sorted(set(BEHAVIOUR) - UNOBSERVED)])
def test_nothing_is_left_out_in_silence(kind: str) -> None:
    """Of any class, at a place that there is not: one line says that it was not written, and why."""
    seen = document(kind, "/nowhere/x", 1, 2) if kind in SEVERITY else behaviour(kind, "nowhere", "/x", "1", "2")
    made = proposed(seen)

    assert made.files == {}
    (remark,) = made.review
    assert remark.startswith(f"not written: {kind} ")
    assert len(remark.rpartition(": ")[2]) > 10


@pytest.mark.parametrize("provider", ["hiapi", "runcomfy", "runflow"])
def test_a_contradiction_is_never_written(provider: str) -> None:
    """What is told of one is a sentence, and no JSON type or word: it is listed for somebody to look at."""
    contract, base = load(provider), f"http://127.0.0.1/{provider}"
    uuid, task = "00000001-0000-4000-8000-000000000000", "tk-hiapi-01ABCDEFGHJKMNPQRSTVWXYZ00"
    path, body = {
        "hiapi": (f"/v1/tasks/{task}", {"code": 200, "message": "ok", "data": {"taskId": task, "status": "x", "y": 1}}),
        "runcomfy": (f"/v1/requests/{uuid}/status", {"status": "x", "request_id": uuid, "y": 1, "status_url": 5}),
        "runflow": (f"/v1/runs/{uuid}", {"id": uuid, "status": "x", "run_type": "odd", "y": 1}),
    }[provider]
    exchange = Exchange(
        method="GET",
        url=base + path,
        request_headers={"authorization": "Bearer k"},
        status=200,
        headers={"content-type": "application/json"},
        body=json.dumps(body).encode(),
        who="one",
    )
    seen = [answered(one) for one in told(contract, [], Judge(contract, base).judge(exchange))]
    made = proposed(*seen, provider=provider)

    assert "response.field.added" in {one.drift.kind for one in seen}
    assert made.files == {}
    assert len(made.review) == len(seen)
    assert all(one.startswith("not written: ") and "seen as a contradiction (" in one for one in made.review)


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("NOT_FOUND", 429, "not written: status.changed submit: x: the code has another type"),
        ("9" * 5000, 429, "not written: status.changed submit: x: the code has another type"),
        ("4040", 429, "written: runcomfy/provider.json: "),
    ],
    ids=["a word", "a number without end", "another number"],
)
def test_a_code_keeps_its_type(code: str, status: int, said: str) -> None:
    """RunComfy's codes are numbers; a word instead of one is written by hand."""
    failure = json.loads((DATA / "runcomfy" / "provider.json").read_text(encoding="utf-8"))["failures"]["rate-limited"]
    drift = Drift(
        kind="status.changed",
        provider="runcomfy",
        model="",
        pointer="submit: x",
        old=f"{failure['status']} {failure['code']}",
        new=f"{status} {code}",
        client="risky",
        emulator="breaking",
        fact=None,
    )
    (remark,) = proposed(Seen(drift=drift, behaviour=True), provider="runcomfy").review

    assert remark.startswith(said)


def test_an_assumption_is_answered_by_its_choice() -> None:
    """Where the contract has a choice that says what was seen, the line names it."""
    seen = Seen(
        drift=judged(
            Difference(kind="endpoint-changed", pointer="/x", old=None, new=None), "runcomfy", "chosen: runcomfy.x"
        )
    )
    drift = Drift(
        kind="status.changed",
        provider="runcomfy",
        model="",
        pointer="submit: x",
        old="400 400002",
        new="402 400002",
        client="risky",
        emulator="breaking",
        fact=None,
    )
    made = proposed(Seen(drift=drift, behaviour=True), seen, provider="runcomfy")

    assert "runcomfy.no-balance=402 says so" in made.review[0]
    assert "the assumption runcomfy.no-balance decides it" in made.review[0]

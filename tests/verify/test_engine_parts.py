"""What the engines are made of: what a contract has to be asked, which secret signs, what a file is, a job's price."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from screentest.in_process import in_process
from screentest.verify.around import Around
from screentest.verify.engines import Effort, billing, journeys, surface
from screentest.verify.engines.enumerated import worst_price
from screentest.verify.engines.lives import lives
from screentest.verify.engines.probes import probes
from screentest.verify.engines.scene import Order, Scene
from screentest.verify.engines.secrets import Secrets
from screentest.verify.film import UNREADABLE, film_of
from screentest.verify.findings import Finding
from screentest.verify.record import Recorder
from screentest.verify.replay import replay
from screentest.verify.runner import verify
from screentest.verify.session import Run, session
from screentest.verify.side import ADMIN, ONE, TWO, Ask
from screentest.verify.verdict import entries
from screentest.verify.waivers import Waived
from screentest_contracts.conformance import Judge
from screentest_contracts.conformance.operations import Found
from screentest_contracts.exchange import Callback, Exchange
from screentest_contracts.load import PROVIDERS, load
from verify.planting import tampered

HOOK = "http://127.0.0.1:9/hook"


@pytest.mark.parametrize(
    ("provider", "operation", "fields"),
    [
        ("runcomfy", "submit", {}),
        ("runflow", "create-run", {"callback_url": HOOK}),
        ("runflow", "run", {}),
        ("hiapi", "create", {"callback": {"url": HOOK}}),
    ],
)
def test_how_a_submit_asks_for_a_callback(provider: str, operation: str, fields: object) -> None:
    """Where the contract says, and not where the whole body is the model's input."""
    contract = load(provider)
    assert surface.hooked(contract, contract.provider.operations[operation], HOOK) == fields


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_body_has_an_example(provider: str) -> None:
    """The simplest body of every operation keeps its own schema."""
    contract = load(provider)
    for operation in contract.provider.operations.values():
        if operation.body and not operation.billable:
            example = surface.example_of(contract.provider.schemas[operation.body])
            assert contract.body(operation.body).violations(example) == (), operation.id


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_quick_depth_has_documented_models_and_every_kind(provider: str) -> None:
    """What the provider's pages describe, and one of each kind of output."""
    contract = load(provider)
    quick, full = surface.models(contract, "quick"), surface.models(contract, "full")
    assert {model.output.kind for model in quick} == {model.output.kind for model in full}
    assert {one for one in contract.model_ids if surface.is_documented(contract, one)} <= {one.id for one in quick}
    assert [model.id for model in full] == list(contract.model_ids)


def test_things_are_made_before_they_are_used() -> None:
    """An upload is begun, sent and confirmed, then read, and removed at the end."""
    order = [one.id for one in surface.others(load("runflow"))]
    steps = ["create-upload", "put-file", "confirm-upload", "get-asset", "delete-asset"]
    assert sorted(steps, key=order.index) == steps


@pytest.mark.parametrize("provider", PROVIDERS)
def test_probes_make_no_job(provider: str) -> None:
    """No probe is a submit that anybody could accept: nobody's key, or a body that is refused."""
    run = Run(load(provider), in_process(provider))
    with session(run, "test") as one:
        for ask in probes(run.contract, Effort(seed=1)):
            one.ask(ask)
    assert run.accepted == 0
    assert run.requests > 100


def test_secrets_follow_what_is_current() -> None:
    """The account's own one, then the one that is said to sign, and the own one again when that is gone."""
    operations = load("runflow").provider.operations
    secrets = Secrets("whsec_own")
    secrets.see(Found(operations["create-secret"], {}, ""), [{"id": "a", "plain_secret": "pa", "is_current": True}])
    assert secrets.current == "pa"
    secrets.see(Found(operations["create-secret"], {}, ""), [{"id": "b", "plain_secret": "pb", "is_current": False}])
    assert secrets.current == "pa"
    secrets.see(Found(operations["delete-secret"], {"secret_id": "a"}, ""), [])
    assert secrets.current is None
    secrets.see(Found(operations["list-secrets"], {}, ""), [{"id": "b", "is_current": True}])
    assert secrets.current == "pb"
    secrets.see(Found(operations["delete-secret"], {"secret_id": "b"}, ""), [])
    assert secrets.current == "whsec_own"


@pytest.mark.parametrize("data", [b"", b"x", b"\0\0\0\x18ftypmp42", b"\x89PNG\r\n\x1a\n"], ids=repr)
def test_a_damaged_file_is_nothing_to_be_played(data: bytes) -> None:
    """Whatever the bytes are, the answer is a film."""
    assert film_of(data).kind == UNREADABLE


def test_a_job_costs_its_seconds() -> None:
    """The rate of what was asked for, times its length; None where nobody knows a rate."""
    contract = load("runflow")
    found = billing.priced(list(contract.models()))
    assert found is not None
    model, price = found
    rate = model.price and model.price.rate(model.input.completed(model.example))
    assert rate
    assert price == Decimal(rate) * model.input.completed(model.example)["duration"]
    unknown = [one for one in load("hiapi").models() if one.price is None]
    assert billing.price_of(unknown[0], unknown[0].example) is None
    assert worst_price(model) < worst_price(unknown[0])


def test_a_scene_remembers_what_answers_show() -> None:
    """Ids of things and signed links are there for whoever needs them next."""
    run = Run(load("runflow"), in_process("runflow"))
    operations = run.contract.provider.operations
    with session(run, "test") as one:
        scene = Scene(one)
        body = surface.example_of(run.contract.provider.schemas["CreateUpload"])
        made = scene.ask(Ask(method="POST", path=operations["create-upload"].path, body=body))
        assert isinstance(made.answer, dict)
        assert scene.values(operations["get-asset"]) == {"asset_id": made.answer["asset_id"]}
        assert scene.links(operations["put-file"]) == [made.answer["upload_url"]]
        model = surface.models(run.contract, "quick")[0]
        job = scene.submit(Order(operations["create-run"], model, model.example), hook=True)
        assert job is not None
        assert scene.values(operations["get-run"]) == {"run_id": job.id}
        seen = scene.look(job)
        assert seen is not None
        assert seen.word == "queued"


def test_the_second_accounts_clock_is_moved_when_it_is_needed() -> None:
    """Both accounts live in the same time, and the administrator's key is the first account's."""
    run = Run(load("runflow"), in_process("runflow"))
    operations, model = run.contract.provider.operations, surface.models(run.contract, "quick")[0]
    with session(run, "test") as one:
        scene = Scene(one)
        scene.session.wait(100)
        order = Order(operations["create-run"], model, model.example)
        stamps = []
        for who in (ONE, TWO):
            made = scene.submit(order, who=who)
            assert made is not None
            seen = scene.look(made)
            assert seen is not None
            stamps.append(seen.stamps()["created"])
        assert stamps[0] == stamps[1] == pytest.approx(run.side.now())
        mine = next(job for job in scene.jobs if job.who == ONE)
        assert scene.about(operations["cancel-run"], mine.id, who=ADMIN, body={}).status == 201


def stamped_with_text(method: str, path: str, status: int, body: Any) -> Any:
    """Tasks have their time of creation in words."""
    data = body.get("data") if isinstance(body.get("data"), dict) else {}
    for task in data.get("tasks", [data]):
        if "created" in task:
            task["created"] = "today"
    return body


def test_what_is_wrong_with_a_job_is_shown_from_its_submit_on(tmp_path: Path) -> None:
    """In its own document, in a list and in a callback; in a run, and in the replay of its cassette."""
    contract, path = load("hiapi"), tmp_path / "run.jsonl"
    recorder = Recorder(tampered("hiapi", stamped_with_text), "hiapi", path)
    run = Run(contract, Spoiling(recorder))
    model = surface.models(contract, "quick")[0]
    with session(run, "test") as one:
        scene = Scene(one)
        for _ in range(2):
            made = journeys.follow(scene, Order(surface.submits(contract)[0], model, model.example))
        assert made is not None
        journeys.walk(scene, ONE)
    recorder.close()
    for findings in (run.findings, replay(contract, path).findings):
        shown = [one.violation for one in findings if one.violation.kind in ("field.type", "content-type")]
        assert {one.operation for one in shown} >= {"detail", "list"}
        for violation in shown:
            submit, event = violation.events
            assert isinstance(submit, Exchange)
            assert submit.method == "POST"
            job = json.loads(submit.body)["data"]["taskId"]
            assert job.encode() in event.body
            entry, *_ = entries([Finding(violation, "test")], Waived({}), {})
            assert entry.answer.startswith(('HTTP 200 {"code"', '{"taskId"'))
            assert not isinstance(event, Exchange) or violation.curl().count("curl ") == 2
    assert "callback" in {one.violation.operation for one in run.findings}


class Spoiling(Around):
    """Callbacks that say that they are something else."""

    def heard(self) -> list[Callback]:
        return [replace(one, headers={**one.headers, "content-type": "text/plain"}) for one in super().heard()]


def test_a_script_says_what_is_hidden_in_it() -> None:
    """So that whoever runs it puts something in the place; an answer is shown without it, and not whole."""
    contract, url = load("hiapi"), "http://127.0.0.1:8790/hiapi/v1/models"
    body = json.dumps({"code": 200, "message": "sk-1234" * 400, "data": "https://h/?signature=abc"}).encode()
    for query, noted in (("", False), ("?token=abc", True)):
        bad = Exchange(method="GET", url=url + query, status=200, body=body, who="one")
        for violation in Judge(contract).judge(bad):
            (entry,) = entries([Finding(violation, "test")], Waived({}), {}, ["sk-1234"])
            assert ("stands for a key or a signature" in entry.curl) is noted
            assert "abc" not in entry.curl + entry.answer
            assert "sk-1" not in entry.answer
            assert len(entry.answer) < 1100


class Passing(Around):
    """A server whose time passes by itself; `waits` is how long we waited. With `stuck` nothing ever happens there."""

    def __init__(self, provider: str, *, stuck: bool = False) -> None:
        super().__init__(in_process(provider))
        self.controlled, self.stuck, self.waits = False, stuck, list[float]()

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        if not self.stuck:
            super().wait(seconds)

    def waited(self) -> float:
        return sum(self.waits)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_life_takes_hours_where_time_passes_by_itself(provider: str) -> None:
    """Nobody sits through an hour to use an idempotency key again."""
    run = Run(load(provider), side := Passing(provider))
    lives(run, surface.models(run.contract, "quick")[:1])
    assert run.accepted > 0
    assert max(side.waits) <= 15


def test_a_job_that_never_ends_is_looked_at_in_steps_that_stay_short() -> None:
    """Where time cannot be moved they do not grow to days."""
    run = Run(load("hiapi"), side := Passing("hiapi", stuck=True))
    model = surface.models(run.contract, "quick")[0]
    with session(run, "test") as one:
        scene = Scene(one)
        made = scene.submit(Order(surface.submits(run.contract)[0], model, model.example))
        assert made is not None
        assert not journeys.to_end(scene, made, 3.0)
    assert max(side.waits) == 15


def test_no_wait_outlasts_an_engine() -> None:
    """The time of an engine bounds what passes by itself, too; an engine that would sit longer is cut."""
    side = Passing("hiapi", stuck=True)
    outcome = verify(load("hiapi"), side, ["machine"], depth=Effort(seed=1), longest=20, clock=side.waited)
    assert outcome.cut == ("machine",)
    assert 10 < side.waited() <= 20


@pytest.mark.parametrize("url", ["http://[::1:20454/x.mp4", "//x", "http:///x", "http://a/\0.mp4"])
def test_what_is_no_link_is_not_fetched(url: str) -> None:
    """Outputs that no client can ask for are told as findings, and then left alone."""
    contract = load("hiapi")

    class Spoilt(Around):
        def send(self, ask: Ask) -> Exchange:
            exchange = super().send(ask)
            place = b'"url":"'
            before, found, after = exchange.body.partition(place)
            spoilt = before + found + json.dumps(url)[1:-1].encode() + after[after.find(b'"') :] if found else before
            return replace(exchange, body=spoilt)

    run = Run(contract, Spoilt(in_process("hiapi")))
    model = surface.models(contract, "quick")[0]
    with session(run, "test") as one:
        scene = Scene(one)
        made = journeys.follow(scene, Order(surface.submits(contract)[0], model, model.example), hook=False)
        assert made is not None
        journeys.fetch(scene, made)
        assert journeys.outputs(scene, made) == []
    assert "link" in {one.violation.kind for one in run.findings}

"""The guard: what may leave, what trips it, and what it says then."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from screentest.verify.around import Keyed
from screentest.verify.budget import Budget
from screentest.verify.engines import Effort, surface
from screentest.verify.guard import Guard, TrippedError
from screentest.verify.live import Account, Wish
from screentest.verify.pace import Paced
from screentest.verify.runner import Outcome, verify
from screentest.verify.session import Run, session
from screentest.verify.side import INVALID, ONE, TWO, Ask, DeniedError, UnreachableError
from screentest.verify.tiers import TIERS, Terms, Tier
from screentest_contracts.edges import accepted, refused
from screentest_contracts.exchange import NOBODY, Exchange
from screentest_contracts.load import PROVIDERS, load
from screentest_contracts.reading import Json
from verify_live.servers import SAMPLES, Watched, emulated, takes_everything

HERE = frozenset({"127.0.0.1"})
EACH = pytest.mark.parametrize("provider", PROVIDERS)
VEO = "/v1/models/google/veo3.1/lite/runs"
CHEAP = {"input": {"prompt": "a heron", "duration": "4s", "resolution": "720p"}}


def guard_of(
    provider: str,
    tier: Tier = "free",
    *,
    empty: bool = True,
    budget: Budget | None = None,
    loose: bool = False,
    **more: Any,
) -> tuple[Guard, Watched]:
    """A guard, and the side behind it that keeps what leaves."""
    side = Watched(emulated(provider, takes_everything(provider)) if loose else emulated(provider))
    terms = Terms(tier=tier, hosts=HERE, empty=empty, **more)
    return Guard(side, load(provider), terms, budget), side


def submit(provider: str, who: str = ONE, **changes: Any) -> Ask:
    """A submit of the provider's sample."""
    sample = SAMPLES[provider]
    return Ask(method="POST", path=sample.path.removeprefix(f"/{provider}"), body=sample.body(**changes), who=who)


def run(guard: Guard, provider: str, *engines: str) -> Outcome:
    """Let an engine of ours loose, and those that are named."""
    return verify(load(provider), guard, [("edges", edges), *engines])


def edges(run: Run, effort: Effort) -> None:
    """Every edge of one model's input, as submits of somebody with a good key, with a bad one, and without."""
    operation, (model, *_) = surface.submits(run.contract)[0], surface.models(run.contract, effort.depth)
    with session(run, "edges") as one:
        for number, case in enumerate((*refused(model), *accepted(model))):
            path, body = surface.order_of(operation, model, case.input)
            who = (NOBODY, INVALID)[number // 20 % 2] if number % 20 == 0 else ONE
            one.ask(Ask(method=operation.method, path=path, body=body, who=who))


@EACH
def test_tier_free_stops_at_the_first_job_that_is_wrongly_accepted(provider: str) -> None:
    """A server that takes everything makes one job, is said to, and gets nothing more."""
    guard, side = guard_of(provider, loose=True)

    outcome = run(guard, provider)

    assert (guard.accepted, len(side.submits())) == (1, 1)
    assert "worst case $" in str(guard.trip)
    assert {one.violation.kind for one in outcome.findings} & {"auth.loosened", "request.loosened"}
    with pytest.raises(TrippedError):
        guard.send(Ask(method="GET", path="/v1/models"))


def test_the_worst_case_is_printed_in_dollars() -> None:
    """The trip names the price that the job has at worst: 5 seconds at 0.14."""
    guard, _ = guard_of("runflow", loose=True)

    guard.send(submit("runflow", duration=5, resolution="720p", prompt=7))

    assert str(guard.trip).endswith("worst case $0.70")


def test_a_job_that_should_not_be_is_cancelled_where_its_owner_can() -> None:
    """RunComfy's is cancelled at once; the trip tells how that was answered."""
    guard, side = guard_of("runcomfy", loose=True)

    guard.send(submit("runcomfy", prompt=5))

    assert side.sent[-1].path.endswith("/cancel")
    assert "was answered with HTTP 202" in str(guard.trip)


PICTURE = Ask(
    method="POST",
    path="/v1/models/bytedance/seedream-5.0-pro/text-to-image",
    body={"prompt": "x", "resolution": "1K"},
)


class Deaf(Watched):
    """Does not answer the first request that cancels."""

    deaf = True

    def send(self, ask: Ask) -> Exchange:
        if self.deaf and ask.path.endswith("/cancel"):
            self.deaf = False
            raise UnreachableError("no answer")
        return super().send(ask)


@pytest.mark.parametrize(("kind", "left"), [(Watched, 1), (Deaf, 2)], ids=["answered", "unanswered"])
def test_the_jobs_before_the_one_that_should_not_be_are_cancelled_afterwards(kind: type[Watched], left: int) -> None:
    """The breaker cancels the job of the wrong answer; the others, and that one if nobody answered, are cleaned up."""
    side = kind(emulated("runcomfy", takes_everything("runcomfy")))
    terms = Terms(tier="paid", hosts=HERE, dearest=Decimal("0.04"))
    guard = Guard(side, load("runcomfy"), terms, Budget(jobs=3, usd=Decimal(1)))

    guard.send(PICTURE)
    guard.send(replace(PICTURE, body={**PICTURE.body, "prompt": 5}))
    assert "accepted a job, although prompt" in str(guard.trip)

    remarks = guard.clean_up()
    assert len(remarks) == left
    assert all("was answered with HTTP 202" in remark for remark in remarks)
    assert len({ask.path for ask in side.sent if ask.path.endswith("/cancel")}) == 2
    assert guard.clean_up() == []


@pytest.mark.parametrize("tier", ["public", "free"])
@EACH
def test_nothing_billable_leaves_unless_the_account_is_known_to_be_empty(provider: str, tier: Tier) -> None:
    """Not even with a body that has to be refused, nor without a key."""
    guard, side = guard_of(provider, tier, empty=False)

    run(guard, provider, *(["probes"] if provider == "hiapi" else []))

    assert side.submits() == []
    assert guard.denied
    assert guard.trip is None


@EACH
def test_an_empty_account_is_asked_everything_and_makes_no_job(provider: str) -> None:
    """A sound server refuses all of it, and the guard has nothing to say."""
    guard, side = guard_of(provider)
    side.set_account({"key_state": "empty"})

    outcome = run(guard, provider)

    assert guard.trip is None
    assert outcome.accepted == guard.accepted == 0
    assert len(side.submits()) > 20
    assert outcome.findings.broken == []


def test_tier_free_stops_when_the_account_can_pay_after_all() -> None:
    """A valid submit that is accepted trips the guard too."""
    guard, _ = guard_of("hiapi")

    guard.send(submit("hiapi"))

    assert "should not be able to pay" in str(guard.trip)
    assert "placeholder" in str(guard.trip)


def paid(jobs: int = 3, usd: str = "1") -> tuple[Guard, Watched]:
    return guard_of("runflow", "paid", budget=Budget(jobs=jobs, usd=Decimal(usd)), dearest=Decimal("0.12"))


def test_tier_paid_makes_as_many_jobs_as_the_budget_has() -> None:
    """The third job does not leave when two were allowed; both prices are gone."""
    guard, side = paid(jobs=2)

    for _ in range(2):
        guard.send(Ask(method="POST", path=VEO, body=CHEAP))
    with pytest.raises(DeniedError, match="left of the budget"):
        guard.send(Ask(method="POST", path=VEO, body=CHEAP))

    assert (len(side.submits()), guard.budget.usd_gone) == (2, Decimal("0.24"))


@pytest.mark.parametrize(
    ("usd", "path", "inputs", "why"),
    [
        ("0.11", VEO, CHEAP["input"], "left of the budget"),
        ("1", VEO, {**CHEAP["input"], "duration": "8s"}, "dearer than the cheapest"),
        ("1", VEO, {**CHEAP["input"], "duration": "1010s"}, "more than one beyond"),
        ("0.2", VEO, {**CHEAP["input"], "duration": "9s"}, "left of the budget"),
        (
            "9",
            "/v1/models/alibaba/happy-horse/video-edit/runs",
            {"prompt": "x", "video_url": "https://e.example/a.mp4"},
            "nobody knows",
        ),
    ],
    ids=["too-dear", "not-the-cheapest", "far-beyond", "invalid-and-too-dear", "unknown-price"],
)
def test_tier_paid_prices_a_body_before_it_leaves(usd: str, path: str, inputs: Json, why: str) -> None:
    """What costs too much, or nobody knows how much, stays here, whether the contract accepts it or not."""
    guard, side = paid(usd=usd)

    with pytest.raises(DeniedError, match=why):
        guard.send(Ask(method="POST", path=path, body={"input": inputs}))

    assert side.sent == []


def test_a_refused_submit_gives_its_price_back() -> None:
    """An invalid body that fits the budget is sent, and costs nothing when it is refused."""
    guard, side = paid()

    answer = guard.send(Ask(method="POST", path=VEO, body={"input": {**CHEAP["input"], "duration": "9s"}}))

    assert answer.status == 422
    assert guard.budget.usd_gone == 0
    assert len(side.sent) == 1


def test_a_repeated_submit_is_paid_once() -> None:
    """The same idempotency key gets the same job, and the price of the second is given back."""
    guard, _ = paid(jobs=2)
    ask = Ask(method="POST", path=VEO, body=CHEAP, headers={"Idempotency-Key": "k"})

    guard.send(ask)
    guard.send(ask)

    assert guard.budget.jobs_gone == guard.accepted == 1


@pytest.mark.parametrize(("provider", "header"), [("hiapi", True), ("runflow", True), ("runcomfy", False)])
def test_every_submit_carries_an_idempotency_key_where_there_are_such(provider: str, header: bool) -> None:
    """Each a new one; a key that an engine gave stays."""
    guard, side = guard_of(provider)
    side.set_account({"key_state": "empty"})

    for ask in (submit(provider), submit(provider), replace(submit(provider), headers={"Idempotency-Key": "own"})):
        guard.send(ask)

    keys = [ask.headers.get("Idempotency-Key", "") for ask in side.sent]
    assert keys[2] == "own"
    assert (len(set(keys)) == 3) is header


@pytest.mark.parametrize("who", [ONE, TWO, NOBODY, INVALID])
def test_a_job_of_somebody_else_is_never_touched(who: str) -> None:
    """A job that was made outside cannot be cancelled through the guard, whoever asks; one made through it can."""
    guard, side = guard_of("runcomfy", "paid", budget=Budget(jobs=1, usd=Decimal(1)), dearest=Decimal("0.04"))
    foreign, own = (json.loads(one.send(PICTURE).body)["request_id"] for one in (side.inner, guard))

    with pytest.raises(DeniedError, match="not made in this run"):
        guard.send(Ask(method="POST", path=f"/v1/requests/{foreign}/cancel", who=who))
    assert guard.send(Ask(method="POST", path=f"/v1/requests/{own}/cancel")).status == 202
    assert guard.send(Ask(method="POST", path="/v1/requests/nonsense/cancel")).status in (400, 404)


@pytest.mark.parametrize(
    "ask",
    [
        Ask(method="PATCH", path="/v1/billing/balance", body={"low_balance_threshold": "1"}),
        Ask(method="POST", path="/v1/callback-secrets", body={"name": "x"}),
        Ask(method="DELETE", path="/v1/callback-secrets/01a1ff1a-0084-7058-9249-c0b9df838487"),
        Ask(method="DELETE", path="/v1/assets/01a1ff1a-0084-7058-9249-c0b9df838487", who=NOBODY),
        Ask(method="POST", path="/v1/models/google/veo3.1/lite/runs/", body=CHEAP),
        Ask(method="POST", path="/v2/anything", body={}),
        Ask(method="POST", path="/v1/models/google/veo3.1/lite/batches", body={"inputs": []}, who=NOBODY),
        Ask(method="DELETE", path="/v1/models"),
    ],
    ids=["balance", "new-secret", "secret", "asset", "slash", "unknown-route", "batch", "other-method"],
)
def test_what_changes_an_account_does_not_leave(ask: Ask) -> None:
    """Nor does a request to a path that the contract does not know, which could do anything."""
    guard, side = paid()

    with pytest.raises(DeniedError):
        guard.send(ask)

    assert side.sent == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://api.hiapi.ai/v1/tasks", "only https"),
        ("https://elsewhere.example/x", "not on the list"),
        ("http://[/", "cannot be read"),
        ("https://other.example/x", "own host only"),
    ],
    ids=["http", "host", "nonsense", "key"],
)
def test_requests_go_to_listed_hosts_over_https(url: str, why: str) -> None:
    """And a key goes nowhere but to the provider."""
    side = Watched(emulated("hiapi"))
    hosts = HERE | {"api.hiapi.ai", "other.example"}
    guard = Guard(side, load("hiapi"), Terms(tier="free", hosts=hosts))

    with pytest.raises(DeniedError, match=why):
        guard.send(Ask(method="GET", path=url))

    assert side.sent == []


def test_the_kill_switch_stops_the_run() -> None:
    """Once it is thrown, no request leaves any more."""
    guard, side = guard_of("hiapi")
    thrown: list[bool] = []
    guard = Guard(side, load("hiapi"), guard.terms, stopped=lambda: bool(thrown))

    guard.send(Ask(method="GET", path="/v1/models"))
    thrown.append(True)
    with pytest.raises(TrippedError, match="SCREENTEST_STOP"):
        guard.send(Ask(method="GET", path="/v1/models"))

    assert len(side.sent) == 1


class Silent(Watched):
    """Never answers a submit."""

    def send(self, ask: Ask) -> Exchange:
        if ask.method == "POST":
            raise UnreachableError("no answer")
        return super().send(ask)


def test_a_submit_without_an_answer_stops_the_run() -> None:
    """There may be a job that nobody knows, so its price stays gone."""
    budget = Budget(jobs=3, usd=Decimal(1))
    terms = Terms(tier="paid", hosts=HERE, dearest=Decimal("0.12"))
    guard = Guard(Silent(emulated("runflow")), load("runflow"), terms, budget)

    with pytest.raises(UnreachableError):
        guard.send(Ask(method="POST", path=VEO, body=CHEAP))

    assert "there may be a job; worst case $0.12" in str(guard.trip)
    assert guard.budget.usd_gone == Decimal("0.12")


def wish(tier: Tier = "free", *, empty: bool = False) -> Wish:
    return Wish(base_url="http://127.0.0.1:8790", keys={ONE: "k"}, tier=tier, account_is_empty=empty)


@pytest.mark.parametrize(("balance", "known"), [("0", True), ("5", False)], ids=["empty", "full"])
def test_the_balance_tells_whether_the_account_is_empty(balance: str, known: bool) -> None:
    """Runflow says it; nothing has to be tried."""
    guard, side = guard_of("runflow", empty=False)
    side.set_account({"balance": balance})

    account = Account(guard, load("runflow"))
    account.before(wish())

    assert guard.terms.empty is known
    assert side.submits() == []


@pytest.mark.parametrize("state", ["empty", None], ids=["empty", "can-pay"])
def test_where_no_balance_is_told_one_cheap_job_is_tried(state: str | None) -> None:
    """Only when the user says that the account is empty; when it is not, the run is over."""
    guard, side = guard_of("hiapi", empty=False)
    side.set_account({"key_state": state})

    Account(guard, load("hiapi")).before(wish())
    assert side.submits() == []
    Account(guard, load("hiapi")).before(wish(empty=True))

    assert len(side.submits()) == 1
    assert (guard.terms.empty, guard.trip is None) == ((True, True) if state else (False, False))


def test_a_balance_that_changed_fails_the_run() -> None:
    """What is gone from the account must have been paid for."""
    guard, side = guard_of("runflow", empty=False)
    side.set_account({"balance": "5"})
    account = Account(guard, load("runflow"))
    account.before(wish())

    side.set_account({"balance": "4"})
    account.after()

    assert "the balance changed by -1" in str(guard.trip)


class Gone(Watched):
    """Does not answer once it is gone."""

    gone = False

    def send(self, ask: Ask) -> Exchange:
        if self.gone:
            raise UnreachableError("no answer")
        return super().send(ask)


def test_a_balance_that_is_not_told_any_more_fails_the_run() -> None:
    """Nobody knows what the run has cost: the guard says so, and the verdict is not lost."""
    side = Gone(emulated("runflow"))
    guard = Guard(side, load("runflow"), Terms(tier="free", hosts=HERE))
    account = Account(guard, load("runflow"))
    account.before(wish())

    side.gone = True
    account.after()

    assert "could be read before the run, and not after it" in str(guard.trip)


def test_the_kill_switch_before_the_last_look_at_the_balance_stops_the_run() -> None:
    """The guard remembers why, and the verdict is not lost."""
    thrown: list[bool] = []
    guard = Guard(emulated("runflow"), load("runflow"), Terms(tier="free", hosts=HERE), stopped=lambda: bool(thrown))
    account = Account(guard, load("runflow"))
    account.before(wish())

    thrown.append(True)
    account.after()

    assert "SCREENTEST_STOP" in str(guard.trip)


class Busy(Watched):
    """Says when to come back."""

    def send(self, ask: Ask) -> Exchange:
        exchange = super().send(ask)
        return replace(exchange, status=429, headers={"retry-after": "7"})


def test_the_pace_of_a_route_and_retry_after_are_kept() -> None:
    """A second request on the same route waits, and all wait for what Retry-After says."""
    side = Watched(emulated("hiapi"))
    paced = Paced(side, load("hiapi"), reads=2.0)
    began = paced.now()
    paced.send(Ask(method="GET", path="/v1/models"))
    paced.send(Ask(method="GET", path="/v1/tasks"))
    assert paced.now() == began
    paced.send(Ask(method="GET", path="/v1/models"))
    assert paced.now() == began + 2

    busy = Paced(Busy(emulated("hiapi")), load("hiapi"), reads=0)
    began = busy.now()
    busy.send(Ask(method="GET", path="/v1/models"))
    busy.send(Ask(method="GET", path="/v1/tasks"))
    assert busy.now() == began + 7


def test_requests_of_somebody_without_a_key_do_not_leave() -> None:
    """Without a second key nobody plays the second account; a request without any key goes through."""
    side = Watched(emulated("hiapi"))
    keyed = Keyed(side, {ONE, INVALID})

    with pytest.raises(DeniedError, match="--second-key"):
        keyed.send(Ask(method="GET", path="/v1/tasks", who=TWO))
    keyed.send(Ask(method="GET", path="/v1/tasks", who=NOBODY))

    assert [ask.who for ask in side.sent] == [NOBODY]


def test_there_are_three_tiers() -> None:
    assert TIERS == ("public", "free", "paid")

"""The sound emulator breaks no fact of its contracts: whole lives, every operation, every refusal."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from conformance.journeys import ALL, SAMPLES, body_with_hook, cancel, fetch, follow, look, pages, sign_callbacks
from conformance.watching import ADMIN, ADMINS_OWN, SECOND, Watched
from driving import KEY
from providers.samples import RUNFLOW, Sample, job_id, reading
from providers.test_every_failure import CASES, Case
from screentest.sender import Posted
from screentest_contracts.exchange import NO_ANSWER
from screentest_contracts.load import assumptions

EACH = pytest.mark.parametrize("sample", SAMPLES.values(), ids=str)
WITH_CALLBACKS = pytest.mark.parametrize("sample", [SAMPLES["runflow"], SAMPLES["hiapi"]], ids=str)


def none(emulator: Watched) -> None:
    emulator.finish()
    assert [str(one) for one in emulator.violations] == []


@pytest.mark.parametrize("sample", ALL, ids=str)
def test_a_life_in_small_steps(sample: Sample) -> None:
    """Submit, every state, the end and beyond, the callback, and the download of what was made."""
    emulator = Watched(sample.provider)
    job = follow(emulator, sample)
    assert {answer.status for answer in fetch(emulator, sample, job)} == {200}
    none(emulator)


@EACH
def test_a_failure(sample: Sample) -> None:
    """A job that fails, with its callback."""
    emulator = Watched(sample.provider)
    follow(emulator, sample, prompt="[[fail]]")
    none(emulator)


@WITH_CALLBACKS
def test_signed_callbacks_are_sent_until_they_are_taken(sample: Sample) -> None:
    """A receiver that fails at first is asked again; all of it is signed, and agrees with the job."""
    emulator = Watched(sample.provider)
    sign_callbacks(emulator, sample)
    emulator.receiver = Posted(503, "")
    job = job_id(emulator.post(sample.path, body_with_hook(sample)))
    for _ in range(12):
        emulator.advance(20)
        look(emulator, sample, job)
    emulator.receiver = Posted(200, "")
    emulator.advance(2000)
    look(emulator, sample, job)
    assert emulator.posted
    none(emulator)


def test_what_is_no_address_is_owed_no_callback() -> None:
    """The contract takes any text as `callback_url`; nobody can be told at most of them."""
    emulator = Watched("runflow")
    emulator.retold = lambda callback: []
    job = job_id(emulator.post(RUNFLOW.path, body_with_hook(RUNFLOW) | {"callback_url": "0" * 2048}))
    emulator.advance(4000)
    look(emulator, RUNFLOW, job)
    emulator.advance(4000)
    none(emulator)


def test_a_redelivery_is_no_repetition() -> None:
    """What was asked for again comes again."""
    emulator = Watched("runflow")
    job = follow(emulator, RUNFLOW)
    emulator.post(f"/runflow/v1/runs/{job}/callback-redeliveries")
    emulator.advance(5)
    emulator.get(f"/runflow/v1/runs/{job}/callback")
    assert len(emulator.posted) == 2
    none(emulator)


def test_cancels_in_time_and_too_late() -> None:
    """RunComfy's owner cancels while queued; a running or ended request goes on; Runflow's administrator always can."""
    emulator, sample = Watched("runcomfy"), SAMPLES["runcomfy"]
    for wait in (0.0, 1.5, 20.0):
        job = job_id(sample.send(emulator))
        emulator.advance(wait)
        look(emulator, sample, job)
        for _ in range(2):
            cancel(emulator, sample, job)
            look(emulator, sample, job)
        emulator.advance(30)
        look(emulator, sample, job)
    none(emulator)


@pytest.mark.parametrize("wait", [0.0, 1.5, 20.0])
def test_an_administrators_cancel(wait: float) -> None:
    emulator = Watched("runflow")
    job = job_id(emulator.post(RUNFLOW.path, body_with_hook(RUNFLOW), key=ADMINS_OWN))
    emulator.advance(wait, ADMINS_OWN)
    for _ in range(2):
        cancel(emulator, RUNFLOW, job, key=ADMIN)
        look(emulator, RUNFLOW, job, key=ADMINS_OWN)
    emulator.advance(30, ADMINS_OWN)
    look(emulator, RUNFLOW, job, key=ADMINS_OWN)
    none(emulator)


@WITH_CALLBACKS
def test_idempotency_keys(sample: Sample) -> None:
    """A replay, another body, another account, and the same key after its life."""
    emulator = Watched(sample.provider)
    headers = {"Idempotency-Key": "order-1"}
    first = [emulator.post(sample.path, sample.body(), headers=headers) for _ in range(3)]
    assert len({job_id(one) for one in first}) == 1
    emulator.post(sample.path, sample.body(prompt="another"), headers=headers)
    emulator.post(sample.path, sample.body(), headers=headers, key=SECOND)
    emulator.advance(90000)
    assert job_id(emulator.post(sample.path, sample.body(), headers=headers)) != job_id(first[0])
    none(emulator)


@WITH_CALLBACKS
def test_an_answer_that_was_lost(sample: Sample) -> None:
    """Nothing is held against a server whose answer did not arrive, nor against the replay that tells of it."""
    emulator, headers = Watched(sample.provider), {"Idempotency-Key": "order-1"}
    first = emulator.post(sample.path, sample.body(), headers=headers)
    lost = replace(emulator.exchanges[-1], status=NO_ANSWER, headers={}, body=b"")
    told = Watched(sample.provider)
    told.violations += [*told.judge.judge(lost), *told.monitor.see(lost)]
    emulator.post(sample.path, sample.body(), headers=headers)
    look(emulator, sample, job_id(first))
    for exchange in emulator.exchanges[1:]:
        told.violations += [*told.judge.judge(exchange), *told.monitor.see(exchange)]
    none(told)


@WITH_CALLBACKS
def test_lists(sample: Sample) -> None:
    """Every page of two accounts, while jobs are in every state."""
    emulator = Watched(sample.provider)
    for key in (KEY, SECOND, KEY, KEY, KEY, KEY):
        sample.send(emulator, key=key)
        emulator.advance(1.3, key)
    for size in (1, 2, 3, 100):
        pages(emulator, sample, size)
    none(emulator)


@pytest.mark.parametrize(
    "query", ["q=status_code:queued", "sort_by=created_at:asc", "fields=id,status_code", "limit=2"]
)
def test_runflows_lists_in_other_orders_and_parts(query: str) -> None:
    """Filters, other orders and projections."""
    emulator = Watched("runflow")
    for _ in range(4):
        RUNFLOW.send(emulator)
        emulator.advance(1.3)
    emulator.get(f"/runflow/v1/runs?{query}")
    none(emulator)


@EACH
def test_other_accounts_jobs_stay_hidden(sample: Sample) -> None:
    """Another account is refused, and sees nothing in its list."""
    emulator = Watched(sample.provider)
    job = job_id(sample.send(emulator))
    look(emulator, sample, job, key=SECOND)
    look(emulator, sample, job)
    none(emulator)


@pytest.mark.parametrize("case", [case for case in CASES if case.make.__name__ == "Emulator"], ids=str)
def test_every_refusal(case: Case) -> None:
    """Every documented failure of every operation is answered as the contract says."""
    emulator = Watched(case.provider, **case.options)
    case.ask(emulator)
    none(emulator)


def test_every_operation_of_runflow() -> None:
    """The operations beside runs: models, assets, secrets, balance, people."""
    emulator = Watched("runflow")
    job = follow(emulator, RUNFLOW)
    v1, model = "/runflow/v1", "alibaba/happy-horse/reference-to-video"
    for path in (
        *("health", "readiness", "runs/statuses", f"runs/{job}/logs", f"runs/{job}/node-runs", f"runs/{job}/callback"),
        *("assets", "assets/types", "models", "models?limit=500", "public/models", f"models/{model}"),
        *(f"models/{model}/inputs", f"models/{model}/examples", "billing/balance", "credit-balances", "auth/me"),
        *(f"runs/{job}?embed=logs,node_runs,flow", "callback-secrets", "batches/x", "batches/x/items"),
    ):
        emulator.get(f"{v1}/{path}")
    log = emulator.get(f"{v1}/runs/{job}/logs").json()["items"][0]["id"]
    emulator.get(f"{v1}/runs/{job}/logs/{log}")
    for part in ("inputs", "examples"):
        one = emulator.get(f"{v1}/models/{model}/{part}").json()["items"][0]["id"]
        emulator.get(f"{v1}/models/{model}/{part}/{one}")
    secret = emulator.post(f"{v1}/callback-secrets", {"label": "a"}).json()["id"]
    emulator.get(f"{v1}/callback-secrets/{secret}")
    emulator.request("PATCH", f"{v1}/callback-secrets/{secret}", {"label": "b"})
    emulator.request("DELETE", f"{v1}/callback-secrets/{secret}")
    emulator.request("PATCH", f"{v1}/billing/balance", {"low_balance_threshold": "5"})
    emulator.post(f"{v1}/models/{model}/batches", {"input": [dict(RUNFLOW.input)]})
    upload = emulator.post(
        f"{v1}/asset-uploads", {"filename": "a.png", "mime_type": "image/png", "size_bytes": 4}
    ).json()
    emulator.request("PUT", upload["upload_url"], key=None, raw=b"\x89PNG", headers={"content-type": "image/png"})
    emulator.post(f"{v1}/asset-uploads/{upload['asset_id']}/confirmations", {})
    asset = emulator.get(f"{v1}/assets/{upload['asset_id']}").json()
    emulator.get(asset["url"], key=None)
    emulator.request("DELETE", f"{v1}/assets/{upload['asset_id']}")
    none(emulator)
    unseen = emulator.coverage.shares()["operations"].unseen
    assert set(unseen) == {"run", "list-runs", "cancel-run", "redeliver", "list-batch-deliveries"}


@pytest.mark.parametrize(
    ("provider", "paths"),
    [
        (
            "hiapi",
            ["v1/models", "api/pricing", "api/models/content?name=happyhorse-1.1/reference-to-video", "v1/tasks"],
        ),
        ("runcomfy", ["v1/models?limit=5", "v1/models?search=horse&include_schema=true", "v1/models/categories"]),
        ("runcomfy", ["v1/models/happyhorse/happyhorse-1.0/image-to-video", "v1/models?limit=5&offset=500"]),
    ],
)
def test_catalogues(provider: str, paths: list[str]) -> None:
    """What the providers say of their models."""
    emulator = Watched(provider)
    for path in paths:
        assert emulator.get(f"/{provider}/{path}").status == 200
    none(emulator)


CHOICES = [
    (name, choice)
    for name, one in assumptions().items()
    for choice in one.alternatives
    if name.partition(".")[0] in SAMPLES and not one.pending and "media-host" not in name
]


@pytest.mark.parametrize(("name", "choice"), CHOICES, ids=[f"{name}={choice}" for name, choice in CHOICES])
def test_every_choice_of_an_assumption(name: str, choice: str) -> None:
    """The judge obeys the assumptions in force: success, failure, refusals, cancel and lists under each choice."""
    sample = SAMPLES[name.partition(".")[0]]
    emulator = Watched(sample.provider, switches={name: choice})
    for prompt in ("a walk", "[[fail]]"):
        job = job_id(emulator.post(sample.path, body_with_hook(sample, prompt=prompt)))
        for wait in (0, 1.5, 10):
            emulator.advance(wait)
            look(emulator, sample, job)
    job = job_id(sample.send(emulator))
    if sample.provider == "runcomfy":
        cancel(emulator, sample, job)
        look(emulator, sample, job)
    else:
        pages(emulator, sample)
    for body, key in ((sample.body(prompt=7), KEY), (sample.body(), None), (sample.body(), "invalid-1"), ([], KEY)):
        emulator.post(sample.path, body, key=key)
    emulator.get(reading(sample, "x"))
    emulator.post(sample.path.replace("reference", "no"), sample.body() | {"model": "none"})
    none(emulator)

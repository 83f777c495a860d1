"""What the console added to /_control: accounts by id, the contract, facts of a job, spend per day."""

from __future__ import annotations

import pytest

from console.browsing import MODEL, account_of, submitted
from driving import KEY, Emulator
from screentest_contracts.load import PROVIDERS, load


def test_an_account_can_be_named_by_its_id(emulator: Emulator) -> None:
    """For those who cannot send a header; the token wins, and an unknown id opens no account."""
    mine, other = submitted(emulator), submitted(emulator, key="sk-other")
    query = {"account": account_of(emulator, "sk-other")}

    listed = emulator.get("/_control/jobs", key=None, query=query).json()["jobs"]
    assert [one["id"] for one in listed] == [other]
    assert [one["id"] for one in emulator.get("/_control/jobs", query=query).json()["jobs"]] == [mine]
    refused = emulator.post("/_control/clock", {"freeze": True}, key=None, query={"account": "nobody"})
    assert (refused.status, "no account 'nobody'" in refused.json()["error"]) == (404, True)
    assert len(emulator.get("/_control/accounts", key=None).json()["accounts"]) == 2


def test_a_job_knows_what_decided_it(emulator: Emulator) -> None:
    """States, output, links, callbacks and each operation that was asked, every fact with how it is known."""
    job = submitted(emulator)
    emulator.get(f"/hiapi/v1/tasks/{job}")

    facts = emulator.get(f"/_control/jobs/{job}").json()["facts"]

    assert {"states", "links", "callbacks", "video", "create", "detail"} <= {one["about"] for one in facts}
    chosen = [one for one in facts if one["how"] == "chosen"]
    assert chosen
    assert all(one["question"] and one["choice"] for one in chosen)
    assert all(one["title"] for one in facts if one["how"] != "chosen")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_job_can_be_submitted_again_as_it_is_told(emulator: Emulator, provider: str) -> None:
    """The request of a job makes the same job once more."""
    contract = load(provider)
    model = contract.model(contract.model_ids[0])
    assert model is not None
    way = emulator.get(f"/_control/contract/{provider}/{model.id}").json()["submit"]
    body = {"input": model.example} if way["input_at"] else model.example
    body = {"model": model.id, **body} if way["model_at"][0] == "body" else body
    assert emulator.post(way["path"], body).status < 300
    (first,) = emulator.get("/_control/jobs").json()["jobs"]

    again = emulator.get(f"/_control/jobs/{first['id']}").json()["request"]
    assert emulator.request(again["method"], again["url"], again["body"]).status < 300

    second, _ = emulator.get("/_control/jobs").json()["jobs"]
    told = [emulator.get(f"/_control/jobs/{one['id']}").json() for one in (first, second)]
    assert told[0]["input"] == told[1]["input"]
    assert told[0]["extras"] == told[1]["extras"]


def test_failing_callbacks_are_counted_down(emulator: Emulator) -> None:
    """Each attempt uses one; then they are sent as usual, and a bad count is refused."""
    assert emulator.request("PUT", "/_control/account", {"failing_callbacks": -1}).status == 400
    emulator.request("PUT", "/_control/account", {"failing_callbacks": 2})
    submitted(emulator)
    emulator.advance(400)

    (owed,) = emulator.get("/_control/deliveries").json()["deliveries"]
    assert [one["status"] for one in owed["attempts"]] == [None, None, 200]
    assert emulator.get("/_control/account").json()["failing_callbacks"] is None


def test_attempts_keep_the_headers_that_were_sent(emulator: Emulator) -> None:
    """As the receiver saw them."""
    emulator.request("PUT", "/_control/account", {"callback_secret": "shh"})
    submitted(emulator)
    emulator.advance(10)
    (owed,) = emulator.get("/_control/deliveries").json()["deliveries"]
    assert owed["attempts"][0]["headers"] == emulator.posted[0][2]
    told = emulator.get(f"/_control/deliveries/{owed['id']}").json()
    assert (told["signatures"], told["scheme"]["header"]) == (["good"], "X-HiAPI-Signature")


def test_spend_is_told_per_day(emulator: Emulator) -> None:
    """The day is that of the submit on the account's clock; a refund goes back to that day."""
    body = {"input": load("runflow").model("alibaba/happy-horse/reference-to-video").example}  # type: ignore[union-attr]
    path = "/runflow/v1/models/alibaba/happy-horse/reference-to-video/runs"
    emulator.post(path, body)
    emulator.advance(2 * 86400)
    late = emulator.post(path, body).json()["id"]

    days = emulator.get("/_control/spend").json()["days"]
    assert len({one["day"] for one in days}) == 2
    assert sum(one["usd"] for one in days) == pytest.approx(emulator.get("/_control/spend").json()["usd"])
    emulator.post(f"/_control/jobs/{late}", {"cancel": "x"})
    first, second = emulator.get("/_control/spend").json()["days"]
    assert first["usd"] > 0
    assert second["usd"] == 0


def test_the_spend_of_all_accounts_is_told_per_model(emulator: Emulator) -> None:
    """One row for a model, and one for a model and day, however many accounts used it; one account has its own."""
    body = {"input": load("runflow").model("alibaba/happy-horse/reference-to-video").example}  # type: ignore[union-attr]
    path = "/runflow/v1/models/alibaba/happy-horse/reference-to-video/runs"
    for key in ("rf_live_a", "rf_live_b", "rf_live_c"):
        for _ in range(2):
            assert emulator.post(path, body, key=key).status < 300
    submitted(emulator)
    submitted(emulator, key="sk-other")

    told, own = (emulator.get("/_control/spend", key=key).json() for key in (None, "rf_live_a"))

    assert [(one["provider"], one["jobs"], one["unknown"]) for one in told["models"]] == [
        ("hiapi", 2, 2),
        ("runflow", 6, 0),
    ]
    assert [one["jobs"] for one in told["days"]] == [2, 6]
    assert (own["models"][0]["jobs"], own["days"][0]["jobs"]) == (2, 2)
    assert told["models"][1]["usd"] == told["usd"] == pytest.approx(3 * own["usd"])


def test_the_contract_is_told_with_its_provenance(emulator: Emulator) -> None:
    """Providers, assumptions with choices, operations with their facts, a model with its schema."""
    told = emulator.get("/_control/contract", key=None).json()
    assert [one["name"] for one in told["providers"]] == list(PROVIDERS)
    assert all(one["choice"] in one["choices"] for one in told["assumptions"])
    one = emulator.get("/_control/contract/hiapi", key=KEY).json()
    assert all(operation["fact"]["how"] for operation in one["operations"])
    assert emulator.get(f"/_control/contract/hiapi/{MODEL}").json()["input"]["required"]

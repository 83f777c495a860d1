"""What control can set for an account, and what that changes at the providers; what was not spent."""

from __future__ import annotations

from typing import Any

import pytest

from driving import Emulator

RUNS = "/runflow/v1/models/alibaba/happy-horse/reference-to-video/runs"
KEY = "rf_live_account"
ADMIN = "rf_svc_account"


def run(emulator: Emulator, **more: Any) -> Any:
    """A run of five seconds in 720p: it would cost 0.70 US dollars."""
    inputs = {"prompt": "a fox", "image_urls": ["https://example.com/fox.jpg"], "resolution": "720p", "duration": 5}
    return emulator.post(RUNS, {"input": inputs | more}, key=KEY)


def put(emulator: Emulator, **settings: Any) -> Any:
    return emulator.request("PUT", "/_control/account", settings, key=KEY)


def test_a_balance_is_spent_and_then_refuses(emulator: Emulator) -> None:
    """One dollar pays for one run; the second is refused with the provider's answer, and nothing is created."""
    put(emulator, balance="1.00")

    first, second = run(emulator), run(emulator)

    assert first.status == 201
    assert (second.status, second.json()["code"]) == (402, "INSUFFICIENT_CREDIT")
    assert put(emulator).json()["balance"] == "0.30"
    assert emulator.get("/_control/spend", key=KEY).json()["jobs"] == 1


def test_a_run_cancelled_while_queued_costs_nothing(emulator: Emulator) -> None:
    """The balance is what it was, and nothing counts as spent."""
    put(emulator, balance="1.00")
    created = run(emulator).json()["id"]

    emulator.post(f"/runflow/v1/admin/runs/{created}/cancellation", {"reason": "not needed"}, key=ADMIN)

    assert put(emulator).json()["balance"] == "1.00"
    assert emulator.get("/_control/spend", key=KEY).json()["usd"] == 0


def test_a_failed_run_costs_nothing(emulator: Emulator) -> None:
    """Only what succeeds is charged."""
    put(emulator, balance="1.00")
    run(emulator, prompt="a fox [[fail]]")

    assert put(emulator).json()["balance"] == "1.00"


def test_spend_says_what_was_not_spent(emulator: Emulator) -> None:
    """Per model, in US dollars; jobs whose price nobody knows are counted, never summed."""
    run(emulator)
    run(emulator, resolution="1080p", duration=3)
    emulator.post(
        "/runcomfy/v1/models/happyhorse/happyhorse-1.0/image-to-video",
        {"image_url": "https://example.com/a.png", "prompt": "a"},
        key=KEY,
    )

    spend = emulator.get("/_control/spend", key=KEY).json()

    assert spend["usd"] == pytest.approx(0.70 + 0.84)
    assert (spend["jobs"], spend["jobs_of_unknown_price"]) == (3, 1)
    assert {row["model"] for row in spend["models"]} == {
        "alibaba/happy-horse/reference-to-video",
        "happyhorse/happyhorse-1.0/image-to-video",
    }


@pytest.mark.parametrize(("state", "status"), [("bad", 401), ("empty", 402), ("good", 201)])
def test_the_state_of_a_key(emulator: Emulator, state: str, status: int) -> None:
    """A key can go bad, or its account run dry, while a test runs."""
    put(emulator, key_state=state)

    assert run(emulator).status == status


def test_a_rate_limit_holds_for_a_minute(emulator: Emulator) -> None:
    """Two requests a minute: the third answers 429, and after a minute of the account's time there is room again."""
    put(emulator, requests_per_minute=2)

    statuses = [run(emulator).status for _ in range(3)]
    emulator.advance(60, key=KEY)

    assert statuses == [201, 201, 429]
    assert run(emulator).status == 201


def test_hiapi_says_when_to_try_again(emulator: Emulator) -> None:
    """Its 429 carries Retry-After in seconds."""
    put(emulator, requests_per_minute=0)

    refused = emulator.get("/hiapi/v1/tasks", key=KEY)

    assert refused.status == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    "wish",
    [
        {"balance": "much"},
        {"balance": "NaN"},
        {"balance": True},
        {"key_state": "sad"},
        {"requests_per_minute": -1},
        {"requests_per_minute": 1.5},
        {"callback_secret": 7},
        {"callback_secret": "s" * 257},
        {"colour": "red"},
    ],
)
def test_a_setting_that_cannot_be_is_refused(emulator: Emulator, wish: dict[str, Any]) -> None:
    """400, and the sentence names the setting."""
    refused = put(emulator, **wish)

    assert refused.status == 400
    assert next(iter(wish)) in refused.json()["error"]


def test_null_takes_a_setting_away(emulator: Emulator) -> None:
    """An account without a balance is not charged any more."""
    put(emulator, balance="0")
    assert run(emulator).status == 402

    put(emulator, balance=None)

    assert run(emulator).status == 201


def test_a_secret_is_never_shown(emulator: Emulator) -> None:
    """It says only that there is one."""
    assert put(emulator, callback_secret="whsec_abc").json()["callback_secret"] == "set"

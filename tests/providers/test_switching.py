"""Assumptions switched on a running server, through control."""

from __future__ import annotations

from typing import Any

import pytest

from driving import Emulator


def test_a_switch_holds_from_the_next_request_on(emulator: Emulator) -> None:
    """Another choice changes the answers of every account, and null brings the default back."""
    statuses = [emulator.get("/runcomfy/v1/requests/x/status", key=None).status]
    for choice in ("400", None):
        assert emulator.request("PUT", "/_control/assumptions", {"runcomfy.bad-token": choice}).status == 200
        statuses.append(emulator.get("/runcomfy/v1/requests/x/status", key=None).status)

    assert statuses == [401, 400, 401]


def test_switches_add_up(emulator: Emulator) -> None:
    """A second switch leaves the first one as it is; GET tells what is in force."""
    emulator.request("PUT", "/_control/assumptions", {"runcomfy.bad-token": "400"})
    emulator.request("PUT", "/_control/assumptions", {"hiapi.wrong-method": "404"})

    chosen = emulator.get("/_control/assumptions").json()["assumptions"]

    assert (chosen["runcomfy.bad-token"], chosen["hiapi.wrong-method"]) == ("400", "404")


def test_jobs_go_on_under_other_choices(emulator: Emulator) -> None:
    """What was submitted before is read by the rules that hold now."""
    body = {"image_url": "https://example.com/a.png", "prompt": "a [[fail]]"}
    path = "/runcomfy/v1/models/happyhorse/happyhorse-1.0/image-to-video"
    status_url = emulator.post(path, body).json()["status_url"]
    emulator.advance(60)
    emulator.request("PUT", "/_control/assumptions", {"runcomfy.failed-status": "failed"})

    assert emulator.get(status_url).json()["status"] == "failed"


@pytest.mark.parametrize("wish", [{"no.such": "x"}, {"runcomfy.bad-token": "418"}, {"runcomfy.bad-token": 400}])
def test_a_switch_that_does_not_exist_is_refused(emulator: Emulator, wish: dict[str, Any]) -> None:
    """400 with a sentence; nothing changes."""
    before = emulator.get("/_control/assumptions").json()

    refused = emulator.request("PUT", "/_control/assumptions", wish)

    assert refused.status == 400
    assert next(iter(wish)) in refused.json()["error"]
    assert emulator.get("/_control/assumptions").json() == before

"""/_control/clock: what moves an account's time, what is refused, and who may ask."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driving import Emulator
from providers.samples import EACH_PROVIDER, HIAPI, JSON, R2V, Sample, job_id

CLOCK = "/_control/clock"
NOW = 1_800_000_000.0


def test_reading_the_clock(emulator: Emulator) -> None:
    """The account's time and rate; nothing happens by reading."""
    answer = emulator.get(CLOCK)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"now": NOW, "rate": 1.0, "frozen": False, "events": []}


def test_advance(emulator: Emulator) -> None:
    """The clock is moved by the seconds asked for, whole or not, or none at all."""
    assert emulator.post(CLOCK, {"advance": 60}).json()["now"] == NOW + 60
    assert emulator.post(CLOCK, {"advance": 0.5}).json()["now"] == NOW + 60.5
    assert emulator.post(CLOCK, {"advance": 0}).json()["now"] == NOW + 60.5


def test_advance_tells_events(emulator: Emulator) -> None:
    """Each change of status on the way: when, of which job, from what to what, in the provider's words."""
    job = job_id(HIAPI.send(emulator))
    events = emulator.post(CLOCK, {"advance": 60}).json()["events"]
    assert [(event["from"], event["to"]) for event in events] == [
        ("queued", "handling"),
        ("handling", "archiving"),
        ("archiving", "success"),
    ]
    for event in events:
        assert set(event) == {"at", "kind", "job", "provider", "from", "to"}
        assert (event["kind"], event["job"], event["provider"]) == ("status", job, "hiapi")
        assert NOW < event["at"] <= NOW + 60


@EACH_PROVIDER
def test_advance_to_next(emulator: Emulator, sample: Sample) -> None:
    """The clock stops at the next change; when there is none, it stays and nothing is told."""
    sample.send(emulator)
    told = []
    while events := emulator.post(CLOCK, {"advance_to": "next"}).json()["events"]:
        assert len(events) == 1
        told.append(events[0]["to"])
    assert (
        told
        == {
            "runcomfy": ["in_progress", "completed"],
            "runflow": ["dispatching", "running", "succeeded"],
            "hiapi": ["handling", "archiving", "success"],
        }[sample.provider]
    )


def test_freeze_and_rate(emulator: Emulator) -> None:
    """A frozen clock stands while the wall goes on; a rate lets it go on from there."""
    assert emulator.post(CLOCK, {"freeze": True}).json() == {"now": NOW, "rate": 0, "frozen": True, "events": []}
    emulator.clock.advance(100)
    assert emulator.get(CLOCK).json()["now"] == NOW
    assert emulator.post(CLOCK, {"rate": 60}).json() == {"now": NOW, "rate": 60, "frozen": False, "events": []}
    emulator.clock.advance(2)
    assert emulator.get(CLOCK).json()["now"] == NOW + 120


def test_a_frozen_clock_can_be_advanced(emulator: Emulator) -> None:
    """And stays frozen."""
    emulator.post(CLOCK, {"freeze": True})
    assert emulator.post(CLOCK, {"advance": 5}).json() == {"now": NOW + 5, "rate": 0, "frozen": True, "events": []}


def test_rate_zero_is_frozen(emulator: Emulator) -> None:
    """There are two ways to say it."""
    assert emulator.post(CLOCK, {"rate": 0}).json()["frozen"] is True


def test_speed_is_the_rate_of_a_new_account() -> None:
    """With --speed 60 the clock runs a minute a second from the account's first request on."""
    emulator = Emulator(speed=60)
    assert emulator.get(CLOCK).json()["rate"] == 60
    emulator.clock.advance(1)
    assert emulator.get(CLOCK).json()["now"] == NOW + 60


def test_the_bearer_selects_the_account(emulator: Emulator) -> None:
    """Another token is another clock; an administrator's key is its owner's."""
    emulator.post(CLOCK, {"advance": 60}, key="rf_live_x")
    assert [emulator.get(CLOCK, key=key).json()["now"] for key in ("rf_svc_x", "rf_live_y")] == [NOW + 60, NOW]


@pytest.mark.parametrize("key", ["invalid", "expired", "empty", "x" * 200])
def test_any_bearer_selects_an_account(emulator: Emulator, key: str) -> None:
    """Here the token is only a name: even one that the providers refuse has a clock."""
    assert emulator.post(CLOCK, {"advance": 1}, key=key).json()["now"] == NOW + 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_bearer(emulator: Emulator, method: str) -> None:
    """Whose clock? 400 with what to send."""
    answer = emulator.request(method, CLOCK, {"advance": 1} if method == "POST" else None, key=None)
    assert (answer.status, "Authorization: Bearer" in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize(("path", "takes"), [(CLOCK, "GET, HEAD, POST"), ("/_control/reset", "POST")])
def test_a_method_that_is_not_taken(emulator: Emulator, path: str, takes: str) -> None:
    """405 as JSON, with those that are."""
    answer = emulator.request("PUT", path)
    assert (answer.status, answer.headers["allow"]) == (405, takes)
    assert answer.json() == {"error": f"{path} takes {takes}, not PUT"}


@pytest.mark.parametrize(
    "wish",
    [
        {"advance": -1},
        {"advance": -0.001},
        {"advance": 10 * 366 * 86400 + 1},
        {"advance": 10**400},
        {"advance": True},
        {"advance": "60"},
        {"advance": None},
        {"advance": [60]},
        {"advance_to": "end"},
        {"advance_to": 5},
        {"freeze": False},
        {"freeze": 1},
        {"freeze": "true"},
        {"rate": -1},
        {"rate": 1_000_001},
        {"rate": True},
        {"rate": "60"},
        {"rate": -(10**400)},
        {"advance": 1, "rate": 1},
        {"advance": 1, "surprise": 1},
        {"surprise": 1},
        {},
        [],
        [1],
        None,
        "advance",
        60,
    ],
    ids=lambda wish: str(wish)[:24],
)
def test_a_wish_that_cannot_be_granted(emulator: Emulator, wish: Any) -> None:
    """Negative, absurd, of the wrong type, two at once or unknown: 400 with a sentence, and the clock stays."""
    answer = emulator.post(CLOCK, raw=json.dumps(wish).encode(), headers=JSON)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/json")
    assert set(answer.json()) == {"error"}
    assert len(answer.json()["error"]) > 10
    assert emulator.get(CLOCK).json() == {"now": NOW, "rate": 1.0, "frozen": False, "events": []}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"advance": NaN}',
        b'{"advance": Infinity}',
        b'{"advance": 1e999}',
        b'{"rate": -Infinity}',
        b'{"advance": 1' + b"0" * 5000 + b"}",
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=lambda raw: str(raw[:20]),
)
def test_a_body_that_is_no_wish(emulator: Emulator, raw: bytes) -> None:
    """What is no JSON, or no number, is 400 too."""
    answer = emulator.post(CLOCK, raw=raw)
    assert (answer.status, set(answer.json())) == (400, {"error"})
    assert emulator.get(CLOCK).json()["now"] == NOW


def test_time_ends(emulator: Emulator) -> None:
    """Advance after advance, time stops before dates run out, and everything still answers."""
    answers = [emulator.post(CLOCK, {"advance": 10 * 366 * 86400}) for _ in range(800)]
    assert {answer.status for answer in answers} == {200, 400}
    assert "year 9000" in answers[-1].json()["error"]
    job = job_id(R2V.send(emulator))
    assert emulator.get(f"/runcomfy/v1/requests/{job}/result").json()["created_at"].startswith("8")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_wrong_method(emulator: Emulator, method: str) -> None:
    """The clock is read and moved; 405 says by what."""
    answer = emulator.request(method, CLOCK, {"advance": 1})
    assert answer.status == 405
    assert {name.strip() for name in answer.headers["allow"].split(",")} == {"GET", "HEAD", "POST"}


def test_an_unknown_control_path(emulator: Emulator) -> None:
    """404 in JSON."""
    answer = emulator.get("/_control/nothing")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/json")


def test_health_and_assumptions(emulator: Emulator) -> None:
    """The server is up; and every assumption with the choice in force."""
    assert emulator.get("/_control/health", key=None).json()["status"] == "ok"
    assert emulator.get("/_control/assumptions").json()["assumptions"]["runcomfy.bad-token"] == "401"
    switched = Emulator(switches={"runcomfy.bad-token": "400"})
    assert switched.get("/_control/assumptions").json()["assumptions"]["runcomfy.bad-token"] == "400"


@pytest.mark.parametrize("path", [CLOCK, "/_control/health", "/_control/assumptions"])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8790", 200),
        ("localhost:1", 200),
        ("[::1]:8790", 200),
        ("a.localhost", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("api.hiapi.ai", 403),
        ("10.0.0.1:8790", 403),
        ("", 403),
        ("[::1", 403),
    ],
)
def test_host(emulator: Emulator, path: str, host: str, status: int) -> None:
    """Only loopback names open this door: a page of the web that rebinds its name to this machine is kept out."""
    assert emulator.get(path, headers={"host": host}).status == status


def test_a_refused_host_moves_nothing(emulator: Emulator) -> None:
    """403 comes before the wish."""
    emulator.post(CLOCK, {"advance": 60}, headers={"host": "evil.example"})
    emulator.post(CLOCK, {"advance": 60}, headers={"origin": "https://evil.example"})
    assert emulator.get(CLOCK).json()["now"] == NOW


def test_an_allowed_host() -> None:
    """--allow-host opens it to one more name, for Host and Origin."""
    emulator = Emulator(allow_hosts=("emulator.ci",))
    assert emulator.get(CLOCK, headers={"host": "emulator.ci:8790"}).status == 200
    assert emulator.get(CLOCK, headers={"origin": "http://emulator.ci:3000"}).status == 200
    assert emulator.get(CLOCK, headers={"host": "other.ci:8790"}).status == 403


@pytest.mark.parametrize(
    ("options", "called"),
    [
        ({"host": "192.0.2.2"}, "192.0.2.2:8790"),
        ({"host": "fd00::1"}, "[fd00::1]:8790"),
        ({"public_url": "https://Emulator.ci:444/x"}, "emulator.ci:444"),
    ],
)
def test_the_address_that_the_banner_names(options: dict[str, str], called: str) -> None:
    """Where we listen, or are said to be reached, console and control answer; who listens everywhere has no name."""
    own, everywhere = Emulator(**options, control_token="s"), Emulator(host="0.0.0.0", control_token="s")
    headers = {"host": called, "screentest-control-token": "s"}
    assert own.get(CLOCK, headers=headers).status == 200
    assert everywhere.get(CLOCK, headers=headers).status == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:8790", 200),
        ("http://localhost:3000", 200),
        ("https://evil.example", 403),
        ("http://127.0.0.1.evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_origin(emulator: Emulator, origin: str, status: int) -> None:
    """A browser says which page asks; only pages of this machine may."""
    assert emulator.get(CLOCK, headers={"origin": origin}).status == status


@pytest.mark.parametrize(
    ("sent", "status"), [(None, 401), ("", 401), ("wrong", 401), ("secret ", 401), ("Secret", 401), ("secret", 200)]
)
@pytest.mark.parametrize("path", [CLOCK, "/_control/health", "/_control/assumptions"])
def test_a_control_token(path: str, sent: str | None, status: int) -> None:
    """Where a token is set, it is asked for, on loopback too; the bearer does not replace it."""
    emulator = Emulator(control_token="secret")
    headers = {} if sent is None else {"screentest-control-token": sent}
    answer = emulator.get(path, headers=headers, key="secret")
    assert (answer.status, "error" in answer.json()) == (status, status == 401)


def test_a_control_token_is_not_asked_of_providers() -> None:
    """The token guards this door only."""
    emulator = Emulator(control_token="secret")
    assert HIAPI.send(emulator).status == 200
    assert HIAPI.send(emulator, key="sk-other").status == 200


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["advance", "advance_to", "freeze", "rate", "x"]), inner, max_size=2)
        ),
        max_leaves=4,
    )
)
def test_any_wish_is_granted_or_refused(wish: Any) -> None:
    """Whatever JSON is sent, the answer is 200 or 400, and time does not go back."""
    emulator = Emulator()
    answer = emulator.post(CLOCK, raw=json.dumps(wish).encode(), headers=JSON)
    assert answer.status in (200, 400)
    assert emulator.get(CLOCK).json()["now"] >= NOW

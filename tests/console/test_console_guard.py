"""Who may look, and who may change something: rebound names, other sites' pages, the control token."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from console.browsing import Browser, account_of, submitted, tags_of
from driving import KEY, Emulator

FREEZE = {"to": "/_control/clock", "method": "POST", "back": "/", "b:freeze": "true"}


@pytest.mark.parametrize("path", ["/", "/requests", "/contract", "/login"])
@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"host": "127.0.0.1.evil.example:8790"}, {"origin": "https://evil.example"}],
    ids=["rebound", "looks like loopback", "other origin"],
)
def test_a_rebound_name_sees_nothing(browser: Browser, path: str, headers: dict[str, str]) -> None:
    """A page of the web that points its own name at this machine reads no page here."""
    answer = browser.look(path, **headers)
    assert answer.status == 403
    assert b"<html" not in answer.body


@pytest.mark.parametrize("door", ["console", "control"])
@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost:3000"}, False),
        ({"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:3000"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"origin": "http://localhost:3000"}, False),
        ({"origin": "null"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8790"}, True),
        ({"origin": "http://127.0.0.1:8790"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({}, True),
    ],
    ids=["cross-site", "same-site", "no origin", "other port", "null", "ours", "old browser", "typed", "program"],
)
def test_only_our_own_pages_change_something(
    emulator: Emulator, door: str, headers: dict[str, str], allowed: bool
) -> None:
    """Another site, even one on this machine, freezes no clock, here or at /_control."""
    submitted(emulator)
    path = f"/_control/clock?account={account_of(emulator)}"
    if door == "control":
        answer = emulator.post(path, {"freeze": True}, key=None, headers=headers)
    else:
        body = f"to={path.replace('?', '%3F')}&method=POST&back=/&b:freeze=true".encode()
        form = {"content-type": "application/x-www-form-urlencoded"}
        answer = emulator.post("/act", raw=body, key=None, headers=form | headers)

    assert (answer.status in (200, 303)) is allowed
    assert emulator.get("/_control/clock", key=KEY).json()["frozen"] is allowed


def test_the_token_opens_the_door_across_origins() -> None:
    """A page elsewhere that knows the control token may; no browser sends that header by itself."""
    emulator = Emulator(control_token="s3cret")
    headers = {"origin": "http://localhost:3000", "sec-fetch-site": "cross-site"}
    assert emulator.post("/_control/clock", {"freeze": True}, headers=headers).status == 403
    headers["screentest-control-token"] = "s3cret"
    assert emulator.post("/_control/clock", {"freeze": True}, headers=headers).status == 200


def test_a_browser_logs_in_once() -> None:
    """Without the cookie every page leads to the login; with it pages, buttons and /_control are open."""
    browser = Browser(Emulator(control_token="s3cret"))
    away = browser.look("/requests")
    assert (away.status, away.headers["location"]) == (303, "/login?back=/requests")
    assert browser.emulator.get("/_control/jobs", key=None).status == 401

    wrong = browser.send("/login", {"token": "secret", "back": "/requests"})
    assert (wrong.status, browser.cookies) == (401, {})

    right = browser.send("/login", {"token": "s3cret", "back": "/requests"})
    assert (right.status, right.headers["location"]) == (303, "/requests")
    for wanted in ("httponly", "samesite=strict"):
        assert wanted in right.headers["set-cookie"].lower()
    assert "s3cret" not in right.headers["set-cookie"]
    assert browser.look("/requests").status == 200
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    assert browser.emulator.get("/_control/jobs", key=None, headers={"cookie": cookie}).status == 200


def test_the_login_leads_to_the_page_as_it_was_asked_for() -> None:
    """With its filters."""
    browser = Browser(Emulator(control_token="s3cret"))
    away = browser.look("/requests?status=400&model=a%26b")
    (back,) = parse_qs(urlsplit(away.headers["location"]).query)["back"]
    assert back == "/requests?status=400&model=a%26b"
    assert browser.send("/login", {"token": "s3cret", "back": back}).headers["location"] == back


def test_a_refusal_leads_back_to_the_page_as_it_was(browser: Browser, emulator: Emulator) -> None:
    """With its filters; to the first page if it was none of ours."""
    for referer, back in (
        ("http://127.0.0.1:8790/?state=end&text=fox", "/?state=end&text=fox"),
        ("http://127.0.0.1:8790//evil.example/", "/"),
        ("", "/"),
    ):
        page = browser.send("/act", {"to": ""}, referer=referer)
        assert page.status == 400
        assert ("a", {"href": back}) in tags_of(page)


def test_the_cookie_is_no_token_for_other_pages() -> None:
    """A browser that is logged in sends its cookie along with another site's request; that changes nothing."""
    browser = Browser(Emulator(control_token="s3cret"))
    browser.send("/login", {"token": "s3cret", "back": "/"})
    answer = browser.send("/act", FREEZE, **{"origin": "http://localhost:3000", "sec-fetch-site": "cross-site"})
    assert answer.status == 403


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/\nx"])
def test_no_form_leads_away(browser: Browser, back: str) -> None:
    """Where a form goes back to is a page of the console, whatever it says."""
    answer = browser.send("/account", {"account": "", "back": back})
    assert (answer.status, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("to", "method"),
    [("/hiapi/v1/tasks", "POST"), ("http://evil.example/_control/x", "POST"), ("/_control/jobs", "GET"), ("", "POST")],
)
def test_a_button_is_for_control_alone(browser: Browser, to: str, method: str) -> None:
    """A form that names anything else is refused."""
    assert browser.act(to, method).status == 400

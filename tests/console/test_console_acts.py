"""What the buttons do: the clock, jobs, callbacks, rules, switches, and the form of a model."""

from __future__ import annotations

import json

import pytest

from console.browsing import MODEL, Browser, account_of, submitted, tags_of, text_of
from driving import KEY, Emulator
from screentest_contracts.load import load


@pytest.mark.parametrize(
    ("wish", "now", "rate"),
    [
        ({"n:advance": "10"}, 10, 1),
        ({"n:advance": "60"}, 60, 1),
        ({"b:freeze": "true"}, 0, 0),
        ({"n:rate": "60"}, 0, 60),
        ({"n:rate": "2.5"}, 0, 2.5),
    ],
    ids=["+10 s", "+1 min", "freeze", "rate", "half"],
)
def test_the_clock_moves(browser: Browser, emulator: Emulator, wish: dict[str, str], now: float, rate: float) -> None:
    """Every button of the top bar is a wish of /_control/clock, for the account that the page is about."""
    submitted(emulator)
    begun = emulator.get("/_control/clock").json()["now"]

    answer = browser.act(f"/_control/clock?account={account_of(emulator)}", **wish)

    clock = emulator.get("/_control/clock").json()
    assert answer.status == 303
    assert (clock["now"] - begun, clock["rate"]) == (now, rate)


def test_the_next_event_is_reached(browser: Browser, emulator: Emulator) -> None:
    """ "Next event" stands at the job's next state."""
    job = submitted(emulator)
    browser.act(f"/_control/clock?account={account_of(emulator)}", **{"t:advance_to": "next"})
    assert emulator.get(f"/_control/jobs/{job}").json()["state"] == "handling"


@pytest.mark.parametrize("late", [0, 0.4, 2], ids=["at once", "a little later", "when it is past"])
def test_the_next_event_of_a_job_is_not_overshot(browser: Browser, emulator: Emulator, late: float) -> None:
    """The button on a job's page names a moment: a clock that runs on is not moved further, and never beyond."""
    job = submitted(emulator)
    planned = emulator.get(f"/_control/jobs/{job}").json()["timeline"]
    begins = next(one["at"] for one in planned if one["stage"] == "run")
    (until,) = [given["value"] for tag, given in tags_of(browser.look(f"/jobs/{job}")) if given.get("name") == "until"]
    emulator.clock.advance(late)

    answer = browser.act(f"/_control/clock?account={account_of(emulator)}", until=until)

    now = emulator.get("/_control/clock").json()["now"]
    assert answer.status == 303
    assert now == pytest.approx(max(begins, emulator.clock.now()), abs=0.01)
    assert now >= begins


@pytest.mark.parametrize("until", ["", "soon", "nan"])
def test_a_moment_is_a_number(browser: Browser, emulator: Emulator, until: str) -> None:
    """Anything else moves no clock."""
    submitted(emulator)
    begun = emulator.get("/_control/clock").json()["now"]
    answer = browser.act(f"/_control/clock?account={account_of(emulator)}", until=until)
    assert answer.status in (303, 400)
    assert emulator.get("/_control/clock").json()["now"] == begun


@pytest.mark.parametrize(
    ("provider", "wish", "outcome"),
    [
        ("hiapi", {"b:finish": "true"}, "succeeded"),
        ("hiapi", {"j:fail": "{}", "t:fail/code": "NSFW", "t:fail/message": "no", "n:x": ""}, "failed"),
        ("hiapi", {"j:fail": "{}", "t:fail/code": "", "t:fail/message": ""}, "failed"),
        ("runcomfy", {"t:cancel": "by hand"}, "cancelled"),
    ],
    ids=["finish", "fail with a code", "fail", "cancel"],
)
def test_a_job_is_brought_to_an_end(
    browser: Browser, emulator: Emulator, provider: str, wish: dict[str, str], outcome: str
) -> None:
    """Finish, fail and cancel are amendments of the job, as with /_control."""
    if provider == "hiapi":
        job = submitted(emulator)
    else:
        path = "/runcomfy/v1/models/happyhorse/happyhorse-1.0/text-to-video"
        job = emulator.post(path, {"prompt": "a fox"}).json()["request_id"]

    answer = browser.act(f"/_control/jobs/{job}", **wish)

    assert answer.status == 303
    told = emulator.get(f"/_control/jobs/{job}").json()
    assert told["outcome"] == outcome
    if wish.get("t:fail/code"):
        assert told["amendments"][0]["data"] == {"code": "NSFW", "message": "no"}
    again = browser.act(f"/_control/jobs/{job}", **{"b:finish": "true"})
    assert again.status == 409
    assert "has ended" in text_of(again)


def test_the_next_callback_fails_and_is_sent_again(browser: Browser, emulator: Emulator) -> None:
    """An attempt that is made to fail reaches nobody; the schedule goes on; resending makes a delivery of its own."""
    submitted(emulator)
    account = account_of(emulator)
    browser.act(f"/_control/account?account={account}", "PUT", **{"n:failing_callbacks": "1"})
    browser.send("/account", {"account": account, "back": "/callbacks"})
    assert "The next attempt fails" in text_of(browser.look("/callbacks"))

    emulator.advance(10)
    assert emulator.posted == []
    (owed,) = emulator.get("/_control/deliveries").json()["deliveries"]
    assert owed["attempts"][0]["error"] == "made to fail, nothing was sent"
    assert "made to fail" in text_of(browser.look(f"/callbacks/{owed['id']}"))

    emulator.advance(60)
    assert len(emulator.posted) == 1
    assert browser.act(f"/_control/deliveries/{owed['id']}/resend").status == 303
    emulator.advance(1)
    assert len(emulator.posted) == 2


def test_the_signature_of_each_attempt_is_checked(browser: Browser, emulator: Emulator) -> None:
    """Headers are shown as they were sent; the check is made with the account's present secret."""
    emulator.request("PUT", "/_control/account", {"callback_secret": "first"})
    submitted(emulator)
    emulator.advance(10)
    (owed,) = emulator.get("/_control/deliveries").json()["deliveries"]
    said = text_of(browser.look(f"/callbacks/{owed['id']}"))
    assert "signature: good" in said
    assert emulator.posted[0][2]["X-HiAPI-Signature"] in said

    emulator.request("PUT", "/_control/account", {"callback_secret": "second"})
    assert "signature: wrong signature" in text_of(browser.look(f"/callbacks/{owed['id']}"))
    emulator.request("PUT", "/_control/account", {"callback_secret": None})
    assert "no secret now" in text_of(browser.look(f"/callbacks/{owed['id']}"))


@pytest.mark.parametrize(
    ("kind", "wish"),
    [
        ("scenario", {"t:scenario": "slow: 90s", "t:model": "*/text-to-video", "n:chance": "0.5"}),
        ("fault", {"t:fault": "status: 503 7", "t:provider": "hiapi", "t:operation": "detail", "n:times": "2"}),
    ],
)
@pytest.mark.parametrize("alone", [True, False], ids=["one account", "everybody"])
def test_a_rule_is_armed_and_disarmed(
    browser: Browser, emulator: Emulator, kind: str, wish: dict[str, str], alone: bool
) -> None:
    """The page lists what was armed, with a button that takes it away."""
    submitted(emulator)
    which = f"?account={account_of(emulator)}" if alone else ""
    if alone:
        browser.send("/account", {"account": account_of(emulator), "back": "/rules"})

    assert browser.act(f"/_control/{kind}s{which}", **wish).status == 303
    assert wish[f"t:{kind}"] in text_of(browser.look("/rules"))

    (armed,) = emulator.get(f"/_control/{kind}s").json()[f"{kind}s"]
    assert armed["for"] == ("this account" if alone else "everybody")
    assert browser.act(f"/_control/{kind}s/{armed['id']}{which}", "DELETE").status == 303
    assert emulator.get(f"/_control/{kind}s").json()[f"{kind}s"] == []


def test_a_rule_that_is_none_is_refused(browser: Browser) -> None:
    """The sentence of /_control is shown."""
    answer = browser.act("/_control/faults", **{"t:fault": "explode"})
    assert answer.status == 400
    assert "no fault 'explode'" in text_of(answer)


def test_an_assumption_is_switched(browser: Browser, emulator: Emulator) -> None:
    """The choice holds at once, and the page marks it."""
    assert browser.act("/_control/assumptions", "PUT", **{"t:runcomfy.bad-token": "400"}).status == 303
    assert emulator.get("/_control/assumptions", key=None).json()["assumptions"]["runcomfy.bad-token"] == "400"
    assert "1 switched" in text_of(browser.look("/contract"))


@pytest.mark.parametrize("provider", ["runcomfy", "runflow", "hiapi"])
def test_the_form_of_a_model_submits_its_example(browser: Browser, emulator: Emulator, provider: str) -> None:
    """The form as it is filled in makes a real job, on the account of the key that was given."""
    contract = load(provider)
    model = contract.model(contract.model_ids[0])
    assert model is not None
    page = browser.look(f"/contract/{provider}/{model.id}").body.decode()
    assert "Submit request" in page
    fields = {f"j:{name}": json.dumps(value) for name, value in model.example.items()}

    answer = browser.send(f"/contract/{provider}/{model.id}", {**fields, "key": "sk-form", "callback": ""})

    assert answer.status == 303
    job = emulator.get(f"/_control{answer.headers['location']}", key=None).json()
    assert (job["provider"], job["model"], job["account"]) == (provider, model.id, "sk-form")
    assert job["sent"] == model.example


def test_the_form_takes_a_scenario_and_a_callback(browser: Browser, emulator: Emulator) -> None:
    """Beside the inputs: how the job goes, and who is told."""
    fields = {"t:prompt": "a fox", "l:reference_image": "https://example.com/a.jpg\n\nhttps://example.com/b.jpg"}
    more = {"key": "sk-form", "scenario": "fail", "callback": "http://127.0.0.1:9999/hook", "n:duration": "4"}

    answer = browser.send(f"/contract/hiapi/{MODEL}", fields | more)

    job = emulator.get(f"/_control{answer.headers['location']}", key=None).json()
    assert job["sent"] == {
        "prompt": "a fox",
        "reference_image": ["https://example.com/a.jpg", "https://example.com/b.jpg"],
        "duration": 4,
    }
    assert job["extras"]["callback"] == {"url": "http://127.0.0.1:9999/hook"}
    assert job["deliveries"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"t:prompt": "a fox", "n:duration": "long"}, "input.duration"),
        ({"raw": '{"model": '}, "not a JSON document"),
        ({"raw": "", "key": "sk-form"}, "not a JSON document"),
        ({"t:prompt": "a fox", "key": "invalid-key"}, "not known, revoked or expired"),
    ],
    ids=["not a number", "half a body", "no body", "bad key"],
)
def test_a_refused_form_leads_to_its_explanation(browser: Browser, fields: dict[str, str], says: str) -> None:
    """The form checks nothing: what the provider refuses is explained on the page of the request."""
    answer = browser.send(f"/contract/hiapi/{MODEL}", {"key": "sk-form"} | fields)
    assert answer.headers["location"].startswith("/requests/")
    assert says in text_of(browser.look(answer.headers["location"]))


def test_a_broken_connection_is_told(browser: Browser, emulator: Emulator) -> None:
    """Where a fault breaks the connection there is no answer, but a request in the journal."""
    emulator.post("/_control/faults", {"fault": "reset"}, key=None)
    answer = browser.send(f"/contract/hiapi/{MODEL}", {"t:prompt": "a fox", "key": "sk-form"})
    assert "broken off" in text_of(browser.look(answer.headers["location"]))


def test_an_account_is_chosen(browser: Browser, emulator: Emulator) -> None:
    """Lists and clock are those of the account in the top bar; one that is gone means all."""
    mine, other = submitted(emulator, key=KEY), submitted(emulator, key="sk-other")
    assert "Choose an account" in text_of(browser.look("/"))

    browser.send("/account", {"account": account_of(emulator, "sk-other"), "back": "/"})
    said = text_of(browser.look("/"))
    assert other in said
    assert mine not in said
    assert "Freeze" in said

    emulator.post("/_control/reset", {}, key="sk-other")
    assert mine in text_of(browser.look("/"))


def test_choosing_an_account_keeps_the_filters(browser: Browser, emulator: Emulator) -> None:
    """The list stays as it is filtered, from its newest on; what is no list leads to the list of its section."""
    job = submitted(emulator)
    for path, back in (
        ("/?state=end&text=a+fox&before=9", "/?state=end&text=a+fox"),
        ("/requests?status=200", "/requests?status=200"),
        (f"/jobs/{job}", "/"),
        ("/spend", "/spend"),
    ):
        fields = [given["value"] for tag, given in tags_of(browser.look(path)) if given.get("name") == "back"]
        assert fields[0] == back

"""Every page: what it says, that all of it is escaped, its headers, its twin."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from console.browsing import MODEL, Browser, submitted, tags_of, text_of
from driving import Emulator
from screentest.console.wishes import submit_body
from screentest_contracts.load import PROVIDERS, load

HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(2)> {{ 7 * 7 }} \" ' &amp;"
PAGES = ["/", "/requests", "/callbacks", "/rules", "/contract", "/contract/runcomfy", "/contract/runflow", "/spend"]


@pytest.fixture
def used(emulator: Emulator) -> dict[str, str]:
    """An emulator after some work; the addresses of pages about single things."""
    emulator.request("PUT", "/_control/account", {"callback_secret": "shh"})
    job = submitted(emulator, HOSTILE)
    emulator.advance(60)
    submitted_badly = {"model": MODEL, "input": {"prompt": HOSTILE, "duration": 99}}
    assert emulator.post("/hiapi/v1/tasks", submitted_badly).status == 400
    number = emulator.get("/_control/requests").json()["requests"][-1]["number"]
    delivery = emulator.get("/_control/deliveries").json()["deliveries"][0]["id"]
    return {
        "job": f"/jobs/{job}",
        "request": f"/requests/{number}",
        "callback": f"/callbacks/{delivery}",
        "model": f"/contract/hiapi/{MODEL}",
    }


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_there_before_anything_happened(browser: Browser, path: str) -> None:
    """A newcomer finds every page, empty."""
    answer = browser.look(path)
    assert answer.status == 200
    assert "<h1>" in answer.body.decode()


@pytest.mark.parametrize("name", ["job", "request", "callback", "model", *PAGES])
def test_a_page_has_a_twin(browser: Browser, used: dict[str, str], name: str) -> None:
    """Each page links the JSON that it was made from; it can be read without a bearer token."""
    answer = browser.look(used.get(name, name))

    assert answer.status == 200
    (twin,) = [given["href"] for tag, given in tags_of(answer) if tag == "link" and given["rel"] == "alternate"]
    assert twin
    assert twin.startswith("/_control/")
    assert browser.emulator.get(twin, key=None).json()


@pytest.mark.parametrize("name", ["job", "request", "callback", "model", *PAGES])
def test_nothing_hostile_is_more_than_text(browser: Browser, used: dict[str, str], name: str) -> None:
    """What somebody else wrote adds no tag, no handler, no style; scripts are ours alone, and the browser knows it."""
    answer = browser.look(used.get(name, name))

    scripts = [given for tag, given in tags_of(answer) if tag == "script"]
    assert scripts == [{"src": "/static/console.js", "type": "module"}]
    for tag, given in tags_of(answer):
        assert tag not in ("iframe", "object", "embed", "style", "base")
        assert not [key for key in given if key.startswith("on") or key == "style"], (tag, given)
        assert not str(given.get("href", "")).lower().startswith(("javascript:", "data:"))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_hostile_prompt_reads_as_it_was_written(browser: Browser, used: dict[str, str]) -> None:
    """List, job and request show the very characters."""
    assert HOSTILE.split(" {{")[0] in text_of(browser.look("/"))
    assert "{{ 7 * 7 }}" in text_of(browser.look("/"))
    assert "<script>alert(1)</script>" in text_of(browser.look(used["job"]))
    assert "<script>alert(1)</script>" in text_of(browser.look(used["request"]))


def test_five_thousand_emoji_are_text(browser: Browser, emulator: Emulator) -> None:
    """The list shows a piece of a long prompt, the job's page all of it."""
    job = submitted(emulator, "🦊" * 5000)
    assert "🦊" * 100 in text_of(browser.look("/"))
    assert "🦊" * 5000 in text_of(browser.look(f"/jobs/{job}"))


@pytest.mark.parametrize("prompt", ["a 🦊", 'she said "no"', "back\\slash", "Über-Fuchs"])
def test_a_search_finds_any_text(browser: Browser, emulator: Emulator, prompt: str) -> None:
    """Quotes, backslashes and letters beyond ASCII are found as they were written."""
    job, other = submitted(emulator, prompt), submitted(emulator, "a wolf")
    said = text_of(browser.look(f"/?{urlencode({'text': prompt})}"))
    assert job in said
    assert other not in said


@pytest.mark.parametrize("directive", ["stuck", "stuck-in-queue", "fail", "no-output", "wrong-kind: audio"])
@pytest.mark.parametrize("seconds", [0, 0.5, 90])
def test_a_job_that_goes_otherwise_has_a_page(
    browser: Browser, emulator: Emulator, directive: str, seconds: float
) -> None:
    """Endless plans, failures and odd files have a page at every time."""
    job = submitted(emulator, f"a fox [[{directive}]]")
    emulator.advance(seconds)
    assert browser.look(f"/jobs/{job}").status == 200


def test_a_job_page_tells_it_all(browser: Browser, emulator: Emulator) -> None:
    """Plan, files, request as sent and as completed, callback, answers, facts with provenance, text to paste."""
    job = submitted(emulator, "a fox", duration=4)
    emulator.advance(60)
    emulator.get(f"/hiapi/v1/tasks/{job}")

    page = browser.look(f"/jobs/{job}")
    said = text_of(page)

    words = ("handling", "archiving", "success now", "aspect_ratio", "Resend callback", "GET detail", "our choice")
    assert [one for one in words if one not in said] == []
    assert "Authorization: Bearer $KEY" in said
    assert "import httpx2" in said
    assert ("video", f"/jobs/{job}/files/video.mp4") in [(tag, given.get("src")) for tag, given in tags_of(page)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_job_page_tells_why_it_failed(browser: Browser, emulator: Emulator, provider: str) -> None:
    """The error as the provider words it, and while the journal has the submit, under which scenario it runs."""
    contract = load(provider)
    model = contract.model(contract.model_ids[0])
    assert model is not None
    way = emulator.get(f"/_control/contract/{provider}/{model.id}").json()["submit"]
    body = submit_body(way, model.id, model.example)
    assert emulator.post(way["path"], body, headers={"screentest-scenario": "fail: QUOTA"}).status < 300
    (job,) = emulator.get("/_control/jobs").json()["jobs"]
    path = f"/jobs/{job['id']}"
    assert emulator.get(f"/_control{path}").json()["error"] is None
    emulator.advance(600)

    said = text_of(browser.look(path))

    assert f"QUOTA {contract.provider.failures['generation-failed'].message}" in said
    assert "Scenario fail: QUOTA" in said
    emulator.post("/_control/reset", {"only": ["journal"]})
    assert "Scenario fail: QUOTA" not in text_of(browser.look(path))


_ASKED = {"kind": "video", "width": "1920", "seconds": "5"}


@pytest.mark.parametrize(
    ("directive", "seconds", "made"),
    [
        ("", 0, {}),
        ("", 60, _ASKED),
        ("[[fail]]", 60, {}),
        ("[[wrong-kind: audio]]", 60, {"kind": "audio", "milliseconds": "5000", "rate": "44100"}),
    ],
    ids=["on its way", "done", "failed", "a sound"],
)
def test_what_was_made_is_what_the_file_has(
    browser: Browser, emulator: Emulator, directive: str, seconds: float, made: dict[str, str]
) -> None:
    """Without a file nothing was made, and a sound has no width."""
    job = submitted(emulator, f"a fox {directive}")
    emulator.advance(seconds)

    page = browser.look(f"/jobs/{job}").body.decode()

    rows = re.findall(r'row">(\w+)</th><td><code>(.*)</code></td><td><code>(.*)</code>', page)
    told = {name: (asked, found) for name, asked, found in rows}
    names = ("kind", "width", "seconds", "milliseconds", "rate")
    wanted = {name: (_ASKED.get(name, ""), made.get(name, "")) for name in names}
    assert {name: told.get(name, ("", "")) for name in names} == wanted


def test_every_page_says_what_its_times_are(browser: Browser, emulator: Emulator) -> None:
    """UTC, with the clock of an account and without."""
    for key in ("sk-one", "sk-two"):
        for path in PAGES:
            assert text_of(browser.look(path)).count("UTC") == 1
        submitted(emulator, key=key)


def test_watching_leaves_no_trace(browser: Browser, emulator: Emulator) -> None:
    """The console plays a file without a request in the journal, without using up a fault, and after its link's end."""
    job = submitted(emulator, "a fox [[expired-link]]")
    emulator.advance(60)
    emulator.post("/_control/faults", {"fault": "status: 503", "operation": "media", "times": 1})

    page = browser.look(f"/jobs/{job}")
    (shown,) = [str(given["src"]) for tag, given in tags_of(page) if tag == "video"]
    played = browser.look(shown, range="bytes=0-99")

    assert (played.status, len(played.body), played.headers["content-type"]) == (206, 100, "video/mp4")
    assert [one["operation"] for one in emulator.get("/_control/requests").json()["requests"]] == ["create"]
    assert len(emulator.get("/_control/faults").json()["faults"]) == 1
    assert browser.look(f"/jobs/{job}/files/none.mp4").status == 404
    assert browser.look(shown, host="evil.example").status == 403


def test_a_refusal_is_explained_field_by_field(browser: Browser, used: dict[str, str]) -> None:
    """Field, rule, what came, what was wanted, and who says so."""
    said = text_of(browser.look(used["request"]))
    for words in ("input.duration", "maximum", "99", "15", "documented", "input.reference_image", "required"):
        assert words in said, words


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_model_has_a_form(browser: Browser, name: str) -> None:
    """Each input of each model is a labelled field."""
    contract = load(name)
    for model in contract.models():
        tags = tags_of(browser.look(f"/contract/{name}/{model.id}"))
        fields = {given["name"] for tag, given in tags if tag in ("input", "select", "textarea") and "name" in given}
        labels = {given.get("for") for tag, given in tags if tag == "label"}
        for prop in model.input.properties:
            assert any(str(field).partition(":")[2] == prop for field in fields), (model.id, prop)
            assert f"f-{prop}" in labels, (model.id, prop)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/jobs/none", "no job 'none'"),
        ("/requests/77", "no request '77'"),
        ("/callbacks/none", "no delivery 'none'"),
        ("/contract/none", "no provider 'none'"),
        ("/contract/hiapi/no/such", "no model 'no/such' of hiapi"),
        ("/?before=x", "before is the serial number of a job"),
    ],
)
def test_what_is_not_there_says_so(browser: Browser, path: str, says: str) -> None:
    """A page with the sentence of /_control and a way back."""
    answer = browser.look(path)
    assert answer.status in (400, 404)
    assert says in text_of(answer)


def test_programs_still_get_the_index(emulator: Emulator) -> None:
    """Who does not ask for HTML is told the addresses as JSON."""
    for accept in ("application/json", "*/*"):
        told = emulator.get("/", key=None, headers={"accept": accept}).json()
        assert set(told["base_urls"]) == set(PROVIDERS)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("console.css", "text/css"),
        ("console.js", "text/javascript"),
        ("morph.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
    ],
)
def test_the_files_that_pages_need(browser: Browser, name: str, kind: str) -> None:
    """Style, script and icon come from the package, and nothing else does."""
    answer = browser.look(f"/static/{name}")
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert browser.look("/static/__init__.py").status == 404


def test_older_jobs_are_a_page_on(browser: Browser, emulator: Emulator) -> None:
    """A hundred are shown; the link goes on and keeps the filters."""
    for number in range(103):
        submitted(emulator, f"fox {number}")

    first = browser.look("/?provider=hiapi")
    (older,) = [str(given["href"]) for tag, given in tags_of(first) if tag == "a" and "before=" in str(given["href"])]

    assert "provider=hiapi" in older
    assert "fox 2" not in text_of(first).split()
    assert text_of(browser.look(older)).count("tk-hiapi-") == 3


def test_older_callbacks_are_a_click_away(browser: Browser, emulator: Emulator) -> None:
    """A hundred are shown, and it is said; the link shows as many as there are to be had, with the same filters."""
    for number in range(102):
        submitted(emulator, f"fox {number}")

    first = browser.look("/callbacks?provider=hiapi")
    (more,) = [str(given["href"]) for tag, given in tags_of(first) if tag == "a" and "limit=" in str(given["href"])]

    assert "The newest 100 that fit" in text_of(first)
    assert "provider=hiapi" in more
    whole = browser.look(more)
    assert whole.body.decode().count('<tr id="callback-') == 102
    assert "The newest" not in text_of(whole)
    assert browser.look("/callbacks?limit=1e2").status == 200

"""Somebody works with the console in a real browser: each flow, with a picture of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser.chromium import NEEDS_CHROMIUM
from browser.working import MODEL, Program
from screentest.server import Running

pytestmark = NEEDS_CHROMIUM

Picture = Callable[[Page, str], None]


def test_jobs_come_and_go_on_live(page: Page, server: Running, picture: Picture) -> None:
    """A job appears in the list when it is submitted, and its state changes while nobody touches the page."""
    program = Program(server, "sk-c-live")
    program.clock(freeze=True)
    program.watched(page)
    expect(page.get_by_text("No job yet")).to_be_visible()

    job = program.job()
    row = page.get_by_role("row").filter(has_text=job)
    expect(row).to_contain_text("queued")
    program.clock(advance=60)
    expect(row).to_contain_text("success")
    picture(page, "jobs")


def test_jobs_are_searched_and_filtered(page: Page, server: Running) -> None:
    """The search looks into the request; a filter stays in the address."""
    program = Program(server, "sk-c-filter")
    fox, wolf = program.job("a fox"), program.job("a wolf [[stuck]]")
    program.clock(advance=60)
    program.watched(page)

    page.get_by_label("Search").fill("wolf")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("row").filter(has_text=wolf)).to_be_visible()
    expect(page.get_by_text(fox)).to_have_count(0)
    page.get_by_role("link", name="Clear").click()
    page.get_by_label("State").select_option(label="ended")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("row").filter(has_text=fox)).to_be_visible()
    assert "state=end" in page.url


def test_the_clock_is_moved_with_buttons(page: Page, server: Running, picture: Picture) -> None:
    """Freeze, +10 s, +1 min, next event and rate do what they say, without leaving the page."""
    program = Program(server, "sk-c-clock")
    program.clock(freeze=True)
    job = program.job("a fox [[slow 90s]]")
    program.watched(page, f"/jobs/{job}")
    begun = program.told("/_control/clock")["now"]

    page.get_by_role("button", name="Next event", exact=True).click()
    expect(page.locator("[data-live=head] .state")).to_have_text("handling")
    page.get_by_role("button", name="+10 s").click()
    page.get_by_role("button", name="+1 min").click()
    expect(page.locator(".steps").first).to_contain_text("handling now")
    picture(page, "job-running")
    page.get_by_label("Rate").fill("30")
    page.get_by_role("button", name="Set").click()
    expect(page.locator(".pace")).to_have_text("30 ×")
    expect(page.locator("[data-live=head] .state")).to_have_text("success")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
    told = program.told("/_control/clock")
    assert told["now"] - begun > 90
    assert told["frozen"]


def test_a_job_is_advanced_and_its_video_plays(page: Page, server: Running, picture: Picture) -> None:
    """The video stands beside what was asked for, and the browser measures what was asked."""
    program = Program(server, "sk-c-video")
    program.clock(freeze=True)
    job = program.job()
    program.watched(page, f"/jobs/{job}")

    for state in ("handling", "archiving", "success"):
        page.get_by_role("button", name="Advance to next event").click()
        expect(page.locator("[data-live=head] .state")).to_have_text(state)
    expect(page.locator("[data-measured]")).to_have_text("plays as 1920 × 1080, 3.0 s")
    expect(page.get_by_role("row", name="seconds 3 3")).to_be_visible()
    played = """async video => {
      await video.play();
      await new Promise(done => video.ontimeupdate = () => video.currentTime > 0.2 && done());
      return video.currentTime;
    }"""
    assert page.locator("video").evaluate(played) > 0.2
    picture(page, "job")


@pytest.mark.parametrize(("button", "state"), [("Finish now", "completed"), ("Cancel as admin", "cancelled")])
def test_a_job_is_brought_to_an_end(page: Page, server: Running, button: str, state: str) -> None:
    """Finish and cancel by a click; then the buttons are off."""
    program = Program(server, "sk-c-" + state[:4])
    program.clock(freeze=True)
    path = "/runcomfy/v1/models/happyhorse/happyhorse-1.0/text-to-video"
    job = program.send("POST", path, {"prompt": "a fox"}).json()["request_id"]
    program.watched(page, f"/jobs/{job}")

    page.get_by_role("button", name=button).click()

    expect(page.locator("[data-live=head] .state")).to_contain_text(state)
    expect(page.get_by_role("button", name="Finish now")).to_be_disabled()


def test_a_job_is_failed_with_a_code(page: Page, server: Running) -> None:
    """Code and message go into the answer of the provider."""
    program = Program(server, "sk-c-fail")
    program.clock(freeze=True)
    job = program.job()
    program.watched(page, f"/jobs/{job}")

    page.get_by_text("Fail…").click()
    page.get_by_label("Code").fill("QUOTA")
    page.get_by_label("Message").fill("used up")
    page.get_by_role("button", name="Fail the job").click()

    expect(page.locator("[data-live=head] .state")).to_contain_text("fail")
    error = program.told(f"/hiapi/v1/tasks/{job}")["data"]["error"]
    assert error == {"code": "QUOTA", "message": "used up"}


@pytest.mark.parametrize(("what", "has"), [("curl", 'Bearer $KEY"'), ("Python", "import httpx2")])
def test_a_request_is_copied(page: Page, server: Running, what: str, has: str) -> None:
    """The clipboard has the command with the very prompt."""
    program = Program(server, "sk-c-copy")
    job = program.job('it\'s a "fox"')
    program.watched(page, f"/jobs/{job}")

    page.get_by_text(f"As {what}", exact=True).click()
    page.get_by_role("button", name=f"Copy as {what}").click()

    expect(page.locator("#said")).to_have_text("copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert has in copied
    assert "fox" in copied


def test_a_refused_request_is_explained(page: Page, server: Running, picture: Picture) -> None:
    """The journal is live; a refusal is explained field by field, with who says so."""
    program = Program(server, "sk-c-refuse")
    program.clock(freeze=True)
    program.watched(page, "/requests")
    program.submit(duration=99, resolution="4k")

    row = page.get_by_role("row").filter(has_text="invalid-input")
    expect(row).to_be_visible()
    picture(page, "requests")
    row.get_by_role("link").first.click()
    rule = page.locator(".rule").filter(has_text="input.duration")
    expect(rule).to_contain_text("maximum")
    expect(rule).to_contain_text("documented")
    picture(page, "request-refused")


def test_a_callback_fails_and_is_sent_again(page: Page, server: Running, picture: Picture) -> None:
    """Attempts with headers and signature; "next one fails"; resend."""
    program = Program(server, "sk-c-hooks")
    program.clock(freeze=True)
    program.send("PUT", "/_control/account", {"callback_secret": "shh"})
    program.job()
    program.watched(page, "/callbacks")
    page.get_by_role("button", name="Next one fails").click()
    expect(page.get_by_text("The next attempt fails")).to_be_visible()

    program.clock(advance=30)
    row = page.get_by_role("row").filter(has_text="made to fail")
    expect(row).to_contain_text("pending")
    picture(page, "callbacks")
    row.get_by_role("link").first.click()
    expect(page.get_by_text("good under the account's present secret")).to_be_visible()
    expect(page.get_by_text("X-HiAPI-Signature").nth(1)).to_be_visible()
    page.get_by_role("button", name="Resend").click()
    picture(page, "callback")
    page.goto(server.url + "/callbacks")
    expect(page.get_by_text("sent by hand")).to_be_visible()


def test_rules_are_armed_and_disarmed(page: Page, server: Running, picture: Picture) -> None:
    """What is armed is listed at once, works, and goes away with its button; nonsense is refused in a sentence."""
    program = Program(server, "sk-c-rules")
    program.clock(freeze=True)
    program.watched(page, "/rules")

    page.get_by_label("Fault", exact=True).fill("status: 503 7")
    page.get_by_role("button", name="Arm fault").click()
    page.get_by_label("Scenario", exact=True).fill("slow: 90s")
    page.get_by_role("button", name="Arm scenario").click()
    expect(page.get_by_role("button", name="Disarm slow: 90s")).to_be_visible()
    picture(page, "rules")
    assert program.submit().status_code == 503
    page.get_by_role("button", name="Disarm status: 503 7").click()
    expect(page.get_by_text("No fault is armed here.")).to_be_visible()
    assert program.submit().headers["screentest-scenario"] == "slow: 90s"
    page.get_by_label("Fault", exact=True).fill("explode")
    page.get_by_role("button", name="Arm fault").click()
    expect(page.get_by_role("status")).to_contain_text("no fault 'explode'")


def test_a_request_is_submitted_from_the_contract(page: Page, server: Running, picture: Picture) -> None:
    """From the provider to the model, through its form, to the job; and to the explanation of what is refused."""
    page.goto(server.url + "/contract")
    picture(page, "contract")
    page.get_by_role("link", name="HiAPI").click()
    expect(page.get_by_role("img", name="The states of a job")).to_be_visible()
    picture(page, "provider")
    page.get_by_role("link", name=MODEL).click()
    page.get_by_label("prompt").fill("<script>document.title = 'broken'</script>")
    picture(page, "model")
    page.get_by_role("button", name="Submit request").click()
    expect(page.locator("pre").first).to_contain_text("<script>document.title")
    assert "broken" not in page.title()
    expect(page.get_by_role("definition").filter(has_text="sk-console")).to_be_visible()

    page.go_back()
    page.get_by_label("duration", exact=True).fill("99")
    page.get_by_role("button", name="Submit request").click()
    expect(page.locator(".rule").filter(has_text="input.duration")).to_be_visible()


def test_an_assumption_is_switched(page: Page, server: Running) -> None:
    """The switch holds at once; and back."""
    page.goto(server.url + "/contract")
    page.get_by_text("runcomfy: ").click()
    for choice, words in (("400", "switched"), ("", "")):
        choices = page.get_by_label("Choice for runcomfy.bad-token")
        options = choices.locator("option").all_inner_texts()
        picked = next(one for one in options if one.startswith(choice) or (not words and "(default)" in one))
        choices.select_option(label=picked)
        page.get_by_role("button", name="Switch runcomfy.bad-token").click()
        expect(page.get_by_text("1 switched")).to_have_count(1 if words else 0)


def test_spend_is_shown_per_model_and_day(page: Page, server: Running, picture: Picture) -> None:
    """Two tables: models, and days of the account's clock."""
    program = Program(server, "sk-c-spend")
    path = "/runflow/v1/models/alibaba/happy-horse/reference-to-video/runs"
    body = {"input": {"prompt": "a fox", "image_urls": ["https://example.com/fox.jpg"]}}
    assert program.send("POST", path, body).status_code < 300
    program.watched(page, "/spend")

    expect(page.locator(".total")).to_contain_text("$")
    expect(page.get_by_role("row").filter(has_text="alibaba/happy-horse/reference-to-video")).to_have_count(2)
    picture(page, "spend")

"""What somebody has under their hands stays when a live page changes around it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.chromium import NEEDS_CHROMIUM
from browser.working import Program
from screentest.server import Running

pytestmark = NEEDS_CHROMIUM

SLOW = "a fox [[slow: 90s]]"


def changed(page: Page) -> None:
    """Wait until the page has looked twice: what it saw the first time stands there."""
    for _ in range(2):
        with page.expect_response(lambda answer: answer.request.resource_type == "fetch" and answer.url == page.url):
            pass


def test_what_is_typed_stays_until_it_is_sent(page: Page, server: Running) -> None:
    """The form of a failure stays open with its values on the page of a running job; sent, it does what it says."""
    program = Program(server, "sk-c-typed")
    job = program.job(SLOW)
    program.watched(page, f"/jobs/{job}")

    page.get_by_text("Fail…").click()
    page.get_by_label("Code").fill("QUOTA")
    page.get_by_label("Message").fill("used up")
    page.get_by_role("heading", level=1).click()
    changed(page)

    expect(page.get_by_label("Message")).to_have_value("used up")
    page.get_by_role("button", name="Fail the job").click()
    expect(page.locator("[data-live=head] .state")).to_contain_text("fail")
    assert program.told(f"/hiapi/v1/tasks/{job}")["data"]["error"] == {"code": "QUOTA", "message": "used up"}


def test_what_was_sent_is_the_servers_again(page: Page, server: Running) -> None:
    """A rate that was set follows what others set afterwards; one that is only typed does not."""
    program = Program(server, "sk-c-rate")
    program.job()
    program.watched(page)
    rate = page.get_by_label("Rate", exact=True)
    rate.fill("2")
    rate.press("Enter")
    expect(page.locator(".pace")).to_have_text("2 ×")
    expect(rate).to_be_focused()

    program.clock(rate=3)
    program.job()
    expect(rate).to_have_value("3")
    rate.fill("44")
    program.clock(rate=5)
    program.job()
    expect(page.locator(".pace")).to_have_text("5 ×")
    expect(rate).to_have_value("44")


def test_the_focus_stays_on_its_row(page: Page, server: Running) -> None:
    """A list that grows at its top moves the focused button down, and Enter acts on the callback that was meant."""
    program = Program(server, "sk-c-focus")
    program.clock(freeze=True)
    meant = program.job()
    program.clock(advance=30)
    program.watched(page, "/callbacks")
    button = page.get_by_role("row").filter(has_text=meant).get_by_role("button")
    button.focus()

    other = program.job()
    program.clock(advance=30)
    expect(page.get_by_role("row").filter(has_text=other)).to_contain_text("cannot be connected")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_text("sent by hand")).to_be_visible()
    found = program.told("/_control/deliveries")["deliveries"]
    assert [one["job"] for one in found if not one["automatic"]] == [meant]


def test_the_focus_does_not_jump_when_its_row_goes(page: Page, server: Running) -> None:
    """Where the focused thing is gone, nothing has the focus."""
    program = Program(server, "sk-c-gone")
    program.job()
    program.watched(page, "/rules")
    for status in (501, 502):
        program.send("POST", "/_control/faults", {"fault": f"status: {status}", "provider": "runflow"})
    program.job()
    newest = page.get_by_role("button", name="Disarm status: 502")
    newest.focus()

    program.send("DELETE", f"/_control/faults/{program.told('/_control/faults')['faults'][0]['id']}")
    program.job()

    expect(newest).to_have_count(0)
    expect(page.get_by_role("button", name="Disarm status: 501")).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")


def test_a_slow_click_is_a_click(page: Page, server: Running) -> None:
    """The button is the same one when the mouse goes up as it was when it went down."""
    program = Program(server, "sk-c-click")
    job = program.job(SLOW)
    program.watched(page, f"/jobs/{job}")

    page.get_by_role("button", name="Finish now").hover()
    page.mouse.down()
    changed(page)
    page.mouse.up()

    expect(page.locator("[data-live=head] .state")).to_have_text("success")


@pytest.mark.parametrize("where", ["[data-live=head] a", ".steps .muted", "[data-now]"])
def test_a_selection_stays(page: Page, server: Running, where: str) -> None:
    """What is selected on the page of a running job can be copied, even if it changes meanwhile."""
    program = Program(server, "sk-c-select")
    job = program.job(SLOW)
    program.watched(page, f"/jobs/{job}")

    page.locator(where).last.evaluate("one => getSelection().setBaseAndExtent(one.firstChild, 0, one.firstChild, 4)")
    selected = page.evaluate("getSelection().toString()")
    changed(page)

    assert len(selected) == 4
    assert page.evaluate("getSelection().toString()") == selected


def test_a_message_is_seen_wherever_one_has_scrolled(page: Page, server: Running) -> None:
    """A refusal stands below the bar and stays; that something was copied is no error, and goes away."""
    program = Program(server, "sk-c-said")
    job = program.job()
    program.clock(advance=60)
    program.watched(page, f"/jobs/{job}")
    said = page.get_by_role("status")

    page.get_by_text("As curl", exact=True).click()
    page.get_by_role("button", name="Copy as curl").click()
    expect(said).to_be_in_viewport()
    expect(said).to_have_class("said good")
    expect(said).to_be_hidden(timeout=10_000)

    program.send("POST", "/_control/reset", {})
    page.get_by_role("button", name="Resend callback").click()
    expect(said).to_have_class("said bad")
    expect(said).to_be_in_viewport()


def test_arrow_keys_walk_the_accounts(page: Page, server: Running) -> None:
    """An arrow key only moves the choice; Enter chooses, and so does the button that appears. Filters are kept."""
    program = Program(server, "sk-c-arrows")
    program.job()
    program.watched(page, "/?state=end&text=fox")
    menu, show = page.get_by_label("Account", exact=True), page.get_by_role("button", name="Show")
    chosen = menu.input_value()
    expect(show).to_be_hidden()

    menu.focus()
    page.keyboard.press("Home")
    expect(menu).to_have_value("")
    expect(show).to_be_visible()
    program.job()
    changed(page)
    expect(menu).to_have_value("")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert page.url == server.url + "/?state=end&text=fox"
    expect(menu).to_have_value("")
    with page.expect_navigation():
        menu.select_option(chosen)
    assert page.url == server.url + "/?state=end&text=fox"

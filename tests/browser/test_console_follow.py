"""How a page follows the server: while it is away, when what it shows is gone, and without being a burden."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from browser.chromium import NEEDS_CHROMIUM
from browser.working import Program
from screentest.server import Running, running
from screentest.settings import Settings

pytestmark = NEEDS_CHROMIUM

SLOWLY = """
window.asked = [];
const really = window.fetch;
window.fetch = async (...given) => {
  asked.push(performance.now());
  await new Promise(done => setTimeout(done, 200));
  return really(...given);
};
"""


def test_a_page_survives_a_server_that_forgets(page: Page) -> None:
    """A list whose account is gone after a restart shows all accounts, live; the page of a job that is gone says so."""
    other = page.context.new_page()
    with running(Settings(port=0)) as server:
        program = Program(server, "sk-c-forget")
        job = program.job()
        program.watched(page)
        program.watched(other, f"/jobs/{job}")
        port = urlsplit(server.url).port or 0
    expect(page.locator("#link")).to_contain_text("the server is away")

    with running(Settings(port=port)) as server:
        expect(page.locator("[data-link=live]")).to_be_visible(timeout=20_000)
        expect(page.get_by_text("No job yet")).to_be_visible()
        expect(other.get_by_role("status")).to_contain_text("no job", timeout=20_000)
        expect(other.locator("#link")).to_have_text("not live")
        Program(server, "sk-c-after").job()
        expect(page.get_by_role("row").filter(has_text="sk-c-after")).to_be_visible()


def test_a_page_is_about_one_account(page: Page, server: Running) -> None:
    """When another tab chooses another account, a page is that one's altogether, or says that it is not."""
    first, second = Program(server, "sk-c-first"), Program(server, "sk-c-second")
    first.job()
    second.job()
    first.watched(page, "/rules")
    typing = page.context.new_page()
    first.watched(typing, "/rules")
    typing.get_by_label("Scenario", exact=True).fill("slow: 90s")

    second.watched(page.context.new_page())
    first.job()

    expect(page.locator("main > p")).to_contain_text("sk-c-second")
    page.get_by_label("Fault", exact=True).fill("delay: 0.01")
    page.get_by_role("button", name="Arm fault").click()
    expect(page.get_by_role("button", name="Disarm delay: 0.01")).to_be_visible()
    assert [len(one.told("/_control/faults")["faults"]) for one in (first, second)] == [0, 1]

    expect(typing.get_by_role("status")).to_contain_text("Another account")
    expect(typing.locator("main > p")).to_contain_text("sk-c-first")
    typing.get_by_role("button", name="Arm scenario").click()
    expect(typing.locator("main > p")).to_contain_text("sk-c-second")
    assert [len(one.told("/_control/scenarios")["scenarios"]) for one in (first, second)] == [1, 0]


def test_a_page_looks_as_often_as_it_has_to(page: Page, server: Running) -> None:
    """Every second at a running job, not at one that has ended."""
    program = Program(server, "sk-c-often")
    job = program.job()
    program.watched(page, f"/jobs/{job}")
    expect(page.locator("body")).to_have_attribute("data-every", "1000")
    program.clock(advance=60)
    expect(page.locator("body")).to_have_attribute("data-every", "10000")


def test_a_page_is_no_burden(page: Page, server: Running) -> None:
    """However much happens, a page rests ten times as long as the server took."""
    program = Program(server, "sk-c-burden")
    program.job()
    page.add_init_script(SLOWLY)
    program.watched(page, "/requests")

    while page.evaluate("asked.length") < 3:
        program.told("/hiapi/v1/tasks/none")
    asked = page.evaluate("asked")

    assert min(after - before for before, after in pairwise(asked)) > 11 * 200 - 10


def test_the_section_is_seen_on_a_phone(page: Page, server: Running) -> None:
    """The current one of the sections, which are wider than the screen."""
    page.set_viewport_size({"width": 390, "height": 740})
    page.goto(server.url + "/spend")
    expect(page.get_by_role("link", name="Spend avoided")).to_be_in_viewport(ratio=1)
    page.goto(server.url + "/")
    expect(page.get_by_role("link", name="Jobs", exact=True)).to_be_in_viewport(ratio=1)

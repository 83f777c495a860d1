"""Everybody can use the console: axe finds nothing, keyboard and phone reach all, prompts are harmless."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from browser.chromium import NEEDS_CHROMIUM
from browser.working import MODEL, Program
from screentest.server import Running, running
from screentest.settings import Settings

pytestmark = NEEDS_CHROMIUM

HOSTILE = "<script>document.title = 'broken'</script><img src=x onerror=\"document.title = 'broken'\">"
NAMES = [
    "jobs", "job", "endless", "requests", "refused", "callbacks", "callback",
    "rules", "contract", "runcomfy", "runflow", "model", "spend", "missing",
]  # fmt: skip


@pytest.fixture(scope="module")
def busy() -> Iterator[tuple[Running, dict[str, str]]]:
    """A server after some work, and the addresses of its pages."""
    with running(Settings(port=0)) as server:
        program = Program(server, "sk-c-axe")
        program.clock(freeze=True)
        program.send("PUT", "/_control/account", {"callback_secret": "shh"})
        job, endless = program.job(), program.job(HOSTILE + " [[stuck]]")
        program.job("[[fail]] " + "🦊" * 5000)
        program.clock(advance=30)
        program.told(f"/hiapi/v1/tasks/{job}")
        program.submit(duration=99, resolution="4k")
        program.send("POST", "/_control/faults", {"fault": "delay: 0.01", "provider": "runflow", "times": 3})
        refused = program.told("/_control/requests?refusal=invalid-input")["requests"][0]["number"]
        delivery = program.told("/_control/deliveries")["deliveries"][0]["id"]
        one = {"job": f"/jobs/{job}", "endless": f"/jobs/{endless}", "refused": f"/requests/{refused}"}
        more = {"callback": f"/callbacks/{delivery}", "runcomfy": "/contract/runcomfy", "runflow": "/contract/runflow"}
        rest = {"jobs": "/", "model": f"/contract/hiapi/{MODEL}", "missing": "/jobs/none"}
        yield server, {name: f"/{name}" for name in NAMES} | one | more | rest


UNFOLD = "most => [...document.querySelectorAll('details')].slice(0, most).forEach(one => one.open = true)"
ALIKE = ("contract", "runcomfy", "runflow")  # long, and in the colours of `model`
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


@pytest.mark.parametrize("name", NAMES)
def test_everybody_can_read_it(
    browser: Browser, busy: tuple[Running, dict[str, str]], name: str, picture: Callable[[Page, str], None]
) -> None:
    """axe finds nothing by its rules for WCAG and its best practices, in light or dark; and on a phone of 360
    pixels, with everything folded out, nothing reaches beyond the screen."""
    server, pages = busy
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = context.new_page()
    page.goto(server.url + pages[name])
    if name != "missing":
        page.locator("[data-link=live]").wait_for()
    page.evaluate(UNFOLD, 4)

    found = Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="dark")
    picture(page, f"{name}-dark")
    if name not in ALIKE:
        found += Axe().run(page, options=CONTRAST).response["violations"]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 360, "height": 740})
    picture(page, f"{name}-phone")
    page.evaluate(UNFOLD, 1000)
    wide = page.evaluate("document.documentElement.scrollWidth")

    context.close()
    told = [(one["id"], one["help"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found]
    assert told == [], json.dumps(told, indent=1)
    assert wide <= 360


@pytest.mark.parametrize("name", ["jobs", "job", "requests", "callbacks", "rules", "contract", "spend"])
def test_pages_can_be_read_and_used_without_javascript(
    browser: Browser, busy: tuple[Running, dict[str, str]], name: str
) -> None:
    """The same page, and its buttons are forms."""
    server, pages = busy
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url + pages[name])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("button", name="+10 s").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url == server.url + pages[name]
    context.close()


def test_the_keyboard_reaches_everything(page: Page, busy: tuple[Running, dict[str, str]]) -> None:
    """The first Tab offers to skip to the content; each stop can be seen; a button stays focused after it was used."""
    server, pages = busy
    page.goto(server.url + pages["job"])
    page.locator("[data-link=live]").wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    stops = []
    for _ in range(16):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.id || document.activeElement.innerText"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", stops[-1]
    assert {"Jobs", "Spend avoided", "account", "+10 s", "Next event", "rate"} <= set(stops)
    page.get_by_role("button", name="+10 s").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    expect(page.get_by_role("button", name="+10 s")).to_be_focused()


def test_hostile_prompts_are_text(page: Page, busy: tuple[Running, dict[str, str]]) -> None:
    """A script stays text in list, job and request; five thousand emoji are all there."""
    server, pages = busy
    page.goto(server.url)
    expect(page.get_by_text("<script>document.title").first).to_be_visible()
    assert page.title() == "Jobs · screentest"
    page.get_by_role("link", name=pages["endless"].rpartition("/")[2]).click()
    expect(page.locator("pre").first).to_contain_text(HOSTILE[:40])
    page.goto(server.url + "/?text=" + "🦊" * 20)
    page.locator("th a").first.click()
    assert page.locator("pre").first.inner_text().count("🦊") == 5000
    assert "broken" not in page.title()


def test_a_server_with_a_token_asks_for_it(page: Page) -> None:
    """A wrong token is told; the right one opens the page that was wanted, live."""
    with running(Settings(port=0, control_token="let-me-in")) as server:
        page.goto(server.url + "/requests")
        page.get_by_label("Token").fill("wrong")
        page.get_by_role("button", name="Go in").click()
        expect(page.get_by_role("alert")).to_have_text("That is not the token.")
        page.get_by_label("Token").fill("let-me-in")
        page.get_by_role("button", name="Go in").click()
        page.locator("[data-link=live]").wait_for()
        assert page.url == server.url + "/requests"

"""Ten thousand jobs: the list answers at once, and stays live."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

import httpx2
import pytest
from msgspec import structs
from playwright.sync_api import Page, expect

from browser.chromium import NEEDS_CHROMIUM
from browser.working import Program
from screentest.jobs import Job
from screentest.server import Running, running
from screentest.settings import Settings
from screentest.store import AccountRow, Submission

pytestmark = NEEDS_CHROMIUM

MANY = 10_000


@pytest.fixture(scope="module")
def full() -> Iterator[tuple[Running, Program]]:
    """A server with ten thousand jobs: one a second, so that the newest are on their way and the others have ended."""
    with running(Settings(port=0)) as server:
        program = Program(server, "sk-c-many")
        program.clock(freeze=True)
        asyncio.run(_multiply(server, program.job("one of many")))
        program.clock(advance=MANY)
        yield server, program


async def _multiply(server: Running, first: str) -> None:
    """Store the first job again and again, each a second later; that is quicker than so many requests."""
    store = server.engine.store
    job, (account,) = await store.job(first), await store.accounts()
    assert job is not None
    for late in range(1, MANY):
        plan = structs.replace(job.plan, queue_ends=job.plan.queue_ends + late, ends=job.plan.ends + late)
        copy = structs.replace(job, id=f"{first}-{late}", submitted=job.submitted + late, plan=plan)
        await store.submit(account, partial(_made, copy))


def _made(job: Job, row: AccountRow) -> Submission:
    return Submission(job=job)


def test_the_list_answers_at_once(full: tuple[Running, Program], capsys: pytest.CaptureFixture[str]) -> None:
    """The first page of ten thousand jobs, in milliseconds; printed, and held loosely: machines are busy."""
    server, _ = full
    taken = []
    with httpx2.Client(headers={"accept": "text/html"}) as client:
        for _ in range(20):
            begun = time.perf_counter()
            answer = client.get(server.url + "/")
            taken.append((time.perf_counter() - begun) * 1000)
            assert answer.text.count("<tr") == 101
    with capsys.disabled():
        print(f"\nconsole, {MANY} jobs: {statistics.median(taken):.1f} ms median, {max(taken):.1f} ms slowest of 20")
    assert statistics.median(taken) < 500


def test_the_list_stays_live(
    full: tuple[Running, Program], page: Page, capsys: pytest.CaptureFixture[str], picture: Callable[[Page, str], None]
) -> None:
    """A job submitted on top of ten thousand appears by itself, and changes with the clock."""
    server, program = full
    page.goto(server.url)
    page.locator("[data-link=live]").wait_for()

    begun = time.perf_counter()
    job = program.job("the newest")
    row = page.get_by_role("row").filter(has_text=job)
    expect(row.filter(has_text="queued")).to_be_visible()
    taken = time.perf_counter() - begun
    program.clock(advance=60)
    expect(row.filter(has_text="success")).to_be_visible(timeout=20_000)
    picture(page, "jobs-many")
    with capsys.disabled():
        print(f"\nconsole, {MANY} jobs: a new one appeared after {taken:.2f} s")

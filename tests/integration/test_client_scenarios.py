"""Our client against jobs that go otherwise than usual."""

from __future__ import annotations

import pytest

from screentest.server import Running
from screentest_client import JobCancelledError, JobFailedError, Runflow

MODEL = "alibaba/happy-horse/reference-to-video"
INPUT = {"image_urls": ["https://example.com/a.png"], "prompt": "a horse"}


def client(server: Running, key: str) -> Runflow:
    """A client that never waits: its sleep moves the account's clock."""
    import httpx2

    def sleep(seconds: float) -> None:
        headers = {"authorization": f"Bearer {key}"}
        httpx2.post(f"{server.url}/_control/clock", json={"advance": seconds}, headers=headers).raise_for_status()

    return Runflow(server.base_url("runflow"), key, sleep=sleep)


def test_a_partial_run_counts_as_a_success(server: Running) -> None:
    """It is returned, says that it is partial, and has the outputs that there are."""
    with client(server, "rf_live_partial") as runflow:
        run = runflow.run(MODEL, {**INPUT, "prompt": "a horse [[partial: 2]]"})
    assert (run.outcome, run.state, len(run.outputs)) == ("partial", "partial_succeeded", 2)


@pytest.mark.parametrize(("directive", "error"), [("fail", JobFailedError), ("cancelled", JobCancelledError)])
def test_other_ends_are_errors(server: Running, directive: str, error: type[Exception]) -> None:
    """A failure and a cancel raise what they are."""
    with client(server, f"rf_live_{directive}") as runflow, pytest.raises(error):
        runflow.run(MODEL, {**INPUT, "prompt": f"a horse [[{directive}]]"})

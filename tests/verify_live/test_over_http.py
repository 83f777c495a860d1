"""A side over HTTP with a server that fails on the way: what is given up, and that the next request is made."""

from __future__ import annotations

import gzip
from decimal import Decimal
from typing import Any

import pytest

from screentest.verify.budget import Budget
from screentest.verify.cheapest import cheapest
from screentest.verify.guard import Guard
from screentest.verify.over_http import OverHttp
from screentest.verify.side import ONE, Ask, DeniedError, UnreachableError
from screentest.verify.tiers import Terms
from screentest_contracts.load import load
from verify_live import servers


def side_at(url: str, **more: Any) -> OverHttp:
    return OverHttp(url, "runcomfy", {ONE: "k"}, callbacks=False, sleep=lambda _: None, clock=lambda: 0.0, **more)


def test_after_an_answer_that_drips_the_job_of_the_run_is_cancelled() -> None:
    """What was given up is one answer, not the server: the next request is made, and answered."""
    contract = load("runcomfy")
    one = cheapest(contract)
    terms = Terms(tier="paid", hosts=frozenset({"127.0.0.1"}), dearest=one.usd)
    with servers.dripping_reads() as url:
        guard = Guard(side_at(url, control=False, longest=0.3), contract, terms, Budget(jobs=1, usd=Decimal(1)))
        assert guard.send(one.ask).status == 200
        with pytest.raises(UnreachableError, match=r"had not ended after 0\.3 s"):
            guard.send(Ask(method="GET", path=f"/v1/requests/{servers.JOB}/status"))
        (remark,) = guard.clean_up()
        guard.close()

    assert remark == f"a job had not ended: cancelling {servers.JOB} was answered with HTTP 202"


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("hangs-up", "disconnected"),
        ("drips", r"had not ended after 0\.3 s"),
        ("nonsense", r"HTTP 200 \["),
        ("nests", r"HTTP 200 \["),
        ("refuses", "HTTP 500"),
    ],
)
def test_an_emulator_that_fails_when_time_is_moved_is_unreachable(way: str, said: str) -> None:
    """Its control routes are asked as everything else is: within a time, and with one error."""
    with servers.fading(way, times=2) as url:
        side = side_at(url, longest=0.3)
        with pytest.raises(UnreachableError, match=rf"_control/clock: .*{said}"):
            side.wait(1)
        side.close()


def test_a_small_answer_that_is_large_unpacked_is_given_up() -> None:
    """What counts is what has to be held; an answer that is packed otherwise is read, and keeps its headers."""
    head = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n"
    bomb, fine = (gzip.compress(b" " * size, 1) for size in (65 * 2**20, 2**20))
    assert len(bomb) < 2**20
    for packed, large in ((bomb, True), (fine, False)):
        with servers.saying(head % len(packed) + packed) as url:
            side = side_at(url, control=False)
            ask = Ask(method="GET", path="/v1/models")
            if large:
                with pytest.raises(UnreachableError, match="the answer is larger than 67108864 bytes"):
                    side.send(ask)
            else:
                exchange = side.send(ask)
                assert (exchange.body, exchange.headers["content-encoding"]) == (b" " * 2**20, "gzip")
            side.close()


def test_a_link_of_the_servers_that_cannot_be_asked_is_not_the_servers_end() -> None:
    """It is left out; what is asked next is answered."""
    with servers.echo() as url:
        side = side_at(url, control=False)
        with pytest.raises(DeniedError, match="a link of the server's"):
            side.send(Ask(method="GET", path="http://127.0.0.1:port/x.mp4"))
        assert side.send(Ask(method="GET", path="/v1/models")).status == 200
        side.close()

"""The guard: real providers are not reached from a test, and a test that tries fails."""

from __future__ import annotations

import asyncio
import socket
import sys
from types import ModuleType
from typing import Any

import httpx2
import pytest

from plugin.inner import run
from screentest.testing.guard import RealHostError, guarding, real_hosts

pytest_plugins = "pytester"

SWALLOWED = """
def test_it({fixtures}):
    try:
        httpx2.get("https://api.hiapi.ai/v1/tasks", trust_env=False)
    except Exception:
        pass
"""
TOLD = "test_product.py::test_it tried to reach api.hiapi.ai; nothing was sent"


def test_a_swallowed_attempt_fails_the_test(pytester: pytest.Pytester) -> None:
    """The refusal disappears in the code under test; the end of the test tells it all the same."""
    ran = run(pytester, SWALLOWED.format(fixtures="assert_no_spend_on_real_hosts"))

    ran.assert_outcomes(passed=1, errors=1)
    ran.stdout.fnmatch_lines([TOLD])


def test_the_guard_can_stand_everywhere(pytester: pytest.Pytester) -> None:
    """One line in the configuration file puts it before every test; what is local goes through."""
    pytester.makeini("[pytest]\nscreentest_guard = true\n")

    ran = run(pytester, SWALLOWED.format(fixtures="") + "\n\ndef test_local(screentest): submit(screentest)\n")

    ran.assert_outcomes(passed=2, errors=1)
    ran.stdout.fnmatch_lines([TOLD])


async def _get(url: str) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        await client.get(url)


@pytest.mark.parametrize("host", sorted(real_hosts()))
def test_every_name_of_a_provider_is_guarded(host: str) -> None:
    """Looking the name up is refused, before anything leaves, however it is spelt."""
    with guarding(real_hosts()) as guard:
        for spelt in (host, host.upper(), f"{host}."):
            with pytest.raises(RealHostError, match=host):
                socket.getaddrinfo(spelt, 443)

    assert guard.tried == [host] * 3


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: socket.gethostbyname("api.hiapi.ai"), id="gethostbyname"),
        pytest.param(lambda: socket.create_connection(("api.hiapi.ai", 443)), id="create_connection"),
        pytest.param(lambda: socket.getaddrinfo(b"api.hiapi.ai", 443), id="bytes"),
        pytest.param(lambda: httpx2.get("https://api.hiapi.ai", trust_env=False), id="httpx2"),
        pytest.param(lambda: asyncio.run(_get("https://api.hiapi.ai")), id="httpx2 on an event loop"),
    ],
)
def test_clients_are_refused(call: object) -> None:
    """Whatever goes through Python's sockets."""
    assert callable(call)
    with guarding(real_hosts()) as guard, pytest.raises(RealHostError):
        call()

    assert set(guard.tried) == {"api.hiapi.ai"}


class Unheard(asyncio.SelectorEventLoop):
    """Looks up and connects as uvloop's loop does: nothing of it reaches Python's socket module."""

    def __init__(self) -> None:
        super().__init__()
        self.went: list[object] = []

    async def getaddrinfo(self, host: object, port: object, **options: object) -> Any:
        self.went.append(host)
        return []

    async def create_connection(self, *args: Any, **named: Any) -> Any:
        self.went.append(args[1] if len(args) > 1 else named["host"])


async def _call_all(host: str) -> int:
    """Ask for the host in each way that a loop has; how many were refused."""
    loop, refused = asyncio.get_running_loop(), 0
    for call in (
        lambda: loop.getaddrinfo(host, 443),
        lambda: loop.create_connection(asyncio.Protocol, host, 443),
        lambda: loop.create_connection(asyncio.Protocol, host=host, port=443),
    ):
        try:
            await call()
        except RealHostError:
            refused += 1
    return refused


@pytest.mark.parametrize("early", [True, False], ids=["imported before", "imported meanwhile"])
def test_the_loop_of_uvloop_is_guarded(monkeypatch: pytest.MonkeyPatch, early: bool) -> None:
    """A loop of this name tells whom it would call, and goes to everybody else, and to all when the guard has gone."""
    uvloop = ModuleType("uvloop")
    uvloop.Loop = type("Loop", (Unheard,), {})  # type: ignore[attr-defined]
    if early:
        monkeypatch.setitem(sys.modules, "uvloop", uvloop)
    with guarding(real_hosts()) as guard:
        monkeypatch.setitem(sys.modules, "uvloop", uvloop)
        with asyncio.Runner(loop_factory=uvloop.Loop) as runner:
            loop = runner.get_loop()
            assert isinstance(loop, Unheard)
            assert runner.run(_call_all("API.hiapi.ai")) == 3
            assert loop.went == []
            assert runner.run(_call_all("localhost")) == 0
    with asyncio.Runner(loop_factory=uvloop.Loop) as runner:
        assert runner.run(_call_all("api.hiapi.ai")) == 0

    assert guard.tried == ["api.hiapi.ai"] * 3
    assert loop.went == ["localhost"] * 3


def test_the_guard_goes_home() -> None:
    """After the block, names are looked up again; the nearest of nested guards decides."""
    with guarding(frozenset({"localhost"})) as outer:
        with guarding(frozenset()):
            assert socket.getaddrinfo("localhost", 80)
        with pytest.raises(RealHostError):
            socket.getaddrinfo("localhost", 80)

    assert outer.tried == ["localhost"]
    assert socket.getaddrinfo("localhost", 80)

"""The guard: real providers are not reached from a test, and a test that tries fails."""

from __future__ import annotations

import asyncio
import socket

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


def test_the_guard_goes_home() -> None:
    """After the block, names are looked up again; the nearest of nested guards decides."""
    with guarding(frozenset({"localhost"})) as outer:
        with guarding(frozenset()):
            assert socket.getaddrinfo("localhost", 80)
        with pytest.raises(RealHostError):
            socket.getaddrinfo("localhost", 80)

    assert outer.tried == ["localhost"]
    assert socket.getaddrinfo("localhost", 80)

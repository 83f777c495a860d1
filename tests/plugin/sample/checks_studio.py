"""200 tests of the product, as a user of screentest would write them."""

from __future__ import annotations

import pytest

from screentest.testing import Screentest

from .studio import RECIPES, make_clip, order_clip

STATUS = {"runcomfy": "status", "runflow": "get-run", "hiapi": "detail"}

pytestmark = pytest.mark.screentest(env=True)

provider = pytest.mark.parametrize("provider", RECIPES)
notifying = pytest.mark.parametrize("provider", ["runflow", "hiapi"])


@provider
@pytest.mark.parametrize("number", range(25))
def test_a_clip_is_made(screentest: Screentest, provider: str, number: int) -> None:
    clip = make_clip(provider, f"fox {number}", screentest.sleep)

    assert clip.url.startswith(screentest.url)
    assert clip.seen
    assert len(screentest.jobs()) == 1


@provider
@pytest.mark.parametrize("number", range(15))
def test_a_failure_is_told(screentest: Screentest, provider: str, number: int) -> None:
    screentest.scenario("fail", provider=provider)

    assert make_clip(provider, f"fox {number}", screentest.sleep).trouble


@provider
@pytest.mark.parametrize("number", range(10))
def test_an_outage_is_borne(screentest: Screentest, provider: str, number: int) -> None:
    screentest.fault("status: 503", provider=provider, operation=STATUS[provider], times=2)

    assert make_clip(provider, f"fox {number}", screentest.sleep).url
    assert len(screentest.requests(status="503")) == 2


@notifying
@pytest.mark.parametrize("number", range(15))
def test_the_webhook_is_told(screentest: Screentest, provider: str, number: int) -> None:
    assert screentest.secret
    job = order_clip(provider, f"fox {number}", screentest.receiver.url)

    screentest.sleep(5)

    (heard,) = screentest.receiver.wait_for()
    assert heard.problem == ""
    assert job in heard.body.decode()


@pytest.mark.screentest(clock="frozen", scenario="slow: 90s")
@pytest.mark.parametrize("number", range(20))
def test_a_slow_clip_is_waited_for(screentest: Screentest, number: int) -> None:
    before = screentest.clock.now

    assert make_clip("hiapi", f"fox {number}", screentest.sleep).url
    assert screentest.clock.now - before >= 90

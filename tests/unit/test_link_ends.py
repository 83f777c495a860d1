"""The end of a link: it works until the time that is announced for it, and no more at that time."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from driving import KEY, Emulator
from providers.runflow_refusals import session, uploaded
from providers.samples import HIAPI, RUNFLOW, finished, job_id, reading
from screentest.accounts import read_key
from unit.stepping import stepped


def _announced(url: str, name: str = "expires") -> int:
    return int(parse_qs(urlsplit(url).query)[name][0])


def hiapi_media(emulator: Emulator) -> tuple[str, int]:
    task = job_id(HIAPI.send(emulator))
    emulator.advance(60)
    output = emulator.get(reading(HIAPI, task)).json()["data"]["output"][0]
    return output["url"], output["expireAt"]


def runflow_media(emulator: Emulator) -> tuple[str, int]:
    url = finished(emulator, RUNFLOW)
    return url, _announced(url)


def runflow_asset(emulator: Emulator) -> tuple[str, int]:
    url = uploaded(emulator)["url"]
    return url, _announced(url)


def runflow_upload(emulator: Emulator) -> tuple[str, int]:
    url = session(emulator)["upload_url"]
    return url, _announced(url, "upload_expires")


@pytest.mark.parametrize("made", [hiapi_media, runflow_media, runflow_asset, runflow_upload])
def test_a_link_ends_when_it_says(emulator: Emulator, made: Callable[[Emulator], tuple[str, int]]) -> None:
    """Made between two seconds, it works up to the announced one, and at that one no more."""
    emulator.advance(0.75)
    url, end = made(emulator)
    account = read_key(f"Bearer {KEY}")
    assert account is not None

    def status(at: float) -> int:
        stepped(emulator.engine.move_to(account.account, at))
        if made is runflow_upload:
            return emulator.request("PUT", url, raw=b"x", headers={"content-type": "image/png"}).status
        return emulator.get(url, key=None).status

    assert (status(end - 0.001), status(end) in (403, 404)) == (200, True)

"""What was made, and the links to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from mutants.asking import crashing
from mutants.editing import Change, put
from mutants.loose import HI_FIRST, RC_LONG, RF_MODEL, ruled
from mutants.planting import Mutant, Planting, table
from mutants.wire import MEDIA, Rewrite, Spot, altered, rewritten
from screentest.settings import Settings
from screentest_contracts.exchange import Exchange

_ALL = ("runcomfy", "runflow", "hiapi")
_EXPIRING = {"runflow": 403, "hiapi": 404}
_URLS = {
    "runcomfy": ("result", ("/output/video", "/output/image", "/output/audio")),
    "runflow": ("get-run", ("/output/outputs/*/url",)),
    "hiapi": ("detail", ("/data/output/*/url",)),
}


def _scenario(name: str) -> dict[str, Planting]:
    return {provider: Planting(settings=Settings(scenario=name)) for provider in _ALL}


def _linked(value: Callable[[Any], Any]) -> dict[str, Planting]:
    """The links to outputs are other ones."""
    return {name: Planting(tap=altered(Spot(where), _every(places, value))) for name, (where, places) in _URLS.items()}


def _every(places: tuple[str, ...], value: Callable[[Any], Any]) -> Change:
    def change(body: Any) -> None:
        for place in places:
            put(place, value)(body)

    return change


def _served(rewrite: Rewrite, status: int = 0) -> dict[str, Planting]:
    """The files are served otherwise."""
    return {name: Planting(tap=rewritten(Spot(MEDIA, status=status), rewrite)) for name in _ALL}


def _expired(status: int) -> dict[str, Planting]:
    """Links whose time is over answer with this status."""
    return {
        name: Planting(tap=rewritten(Spot(MEDIA, status=due), lambda exchange: replace(exchange, status=status)))
        for name, due in _EXPIRING.items()
    }


def _half(exchange: Exchange) -> Exchange:
    return replace(exchange, body=exchange.body[: len(exchange.body) // 2], headers=_of_length(exchange, None))


def _longer_head(exchange: Exchange) -> Exchange:
    length = exchange.headers.get("content-length", "0")
    return replace(exchange, headers=_of_length(exchange, int(length) + 1)) if exchange.method == "HEAD" else exchange


def _of_length(exchange: Exchange, length: int | None) -> dict[str, str]:
    rest = {name: one for name, one in exchange.headers.items() if name != "content-length"}
    return rest if length is None else {**rest, "content-length": str(length)}


def _typed(exchange: Exchange) -> Exchange:
    return replace(exchange, headers={**exchange.headers, "content-type": "text/html"})


def _keyed() -> dict[str, Planting]:
    return dict.fromkeys(_ALL, crashing(MEDIA, lambda exchange: "authorization" not in exchange.request_headers))


ROWS: list[list[Mutant]] = [
    table("media", "M01", "320x240, whatever was asked for", **_scenario("wrong-size")),
    table("media", "M02", "one second long, whatever was asked for", **_scenario("wrong-duration")),
    table(
        "media",
        "M03",
        "without sound, where there is sound",
        runcomfy=ruled(RC_LONG, put("/video/audio", False)),
        runflow=ruled(RF_MODEL, put("/video/audio", False)),
        hiapi=ruled(HI_FIRST, put("/video/audio", False)),
    ),
    table(
        "media",
        "M04",
        "with sound, although none was asked for",
        runcomfy=ruled("bytedance/seedance-v1.5-pro/image-to-video", put("/video/audio", True)),
        runflow=ruled("bytedance/seedance/2.0/text-to-video", put("/video/audio", True)),
        hiapi=ruled("kling-3.0-omni/text-to-video", put("/video/audio", True)),
    ),
    table(
        "media",
        "M05",
        "the link leaves the emulator",
        **_linked(lambda url: str(url).replace("127.0.0.1:8790", "cdn.example.com")),
    ),
    table("media", "M06", "links work after their time", **_expired(200)),
    table("media", "M07", "links have expired when the job ends", **_scenario("expired-link")),
    table("media", "M08", "a picture instead of a video", **_scenario("wrong-kind")),
    table(
        "media",
        "M09",
        "the link says that it works for a month",
        hiapi=Planting(tap=altered(Spot("detail"), put("/data/output/*/expireAt", lambda at: at + 30 * 86400))),
    ),
    table("media", "M10", "three outputs instead of one", **_scenario("many-outputs")),
    table("media", "M11", "the file stops half-way", **_served(_half, 200)),
    table(
        "media",
        "M12",
        "the answer says another width than the file has",
        runflow=Planting(tap=altered(Spot("get-run"), put("/output/outputs/*/width", 640))),
    ),
    table("media", "M13", "HEAD says another length than GET has", **_served(_longer_head, 200)),
    table("media", "M14", "the file is declared as a page", **_served(_typed, 200)),
    table("media", "M15", "the link is none of the web", **_linked(lambda url: str(url).replace("http://", "ftp://"))),
    table("media", "M16", "a success without output", **_scenario("no-output")),
    table("media", "M17", "a link whose time is over makes the server fail", **_expired(500)),
    table("media", "M18", "the file can only be had with a key", **_keyed()),
    table(
        "media", "M19", "the link leads to nothing", **_linked(lambda url: str(url).replace("/media/", "/media/no/"))
    ),
]

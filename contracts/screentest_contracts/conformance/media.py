"""Finished media against what was asked: kind, number, size, length, sound, and the links that lead to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from screentest_contracts.conformance.judging import Judge
from screentest_contracts.conformance.sightings import Sighting
from screentest_contracts.conformance.traces import Look, Trace
from screentest_contracts.conformance.violation import Violation
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import size_table
from screentest_contracts.model import Audio, Frame, Image, Model, Video
from screentest_contracts.pointers import at
from screentest_contracts.reading import Json, pointer_token

MEDIA = "media"
_NEAR = 0.1  # of a length or a lifetime
_LONGEST = 600  # seconds; what is asked beyond is not to be had
_SERVED = frozenset({200, 206, 304, 416})
_GONE = frozenset({401, 403, 404, 410})


class Film(Struct, frozen=True, kw_only=True):
    """What somebody found in a file: kind is video, image or audio; None for what was not looked at."""

    kind: str | None = None
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    sound: bool | None = None


class Wanted(Struct, frozen=True, kw_only=True):
    """What a request asks for; None for what it leaves open."""

    kind: str
    count: int
    size: tuple[int, int] | None = None
    seconds: float | None = None
    sound: bool | None = None
    beside: tuple[str, ...] = ()


class _Link(Struct, frozen=True):
    trace: Trace
    look: Look
    pointer: str
    record: str
    main: bool
    expires: float | None  # until then it works
    gone: float | None  # from then on it does not


class Outputs:
    """The rules for outputs. Links have to begin with one of `origins`, where any is given."""

    def __init__(self, judge: Judge, origins: tuple[str, ...]) -> None:
        self._judge = judge
        self._origins = origins
        self._links: dict[str, _Link] = {}

    def see(self, trace: Trace, seen: Sighting, look: Look) -> Iterator[Violation]:
        """Judge the outputs that one document of a job shows."""
        shown = [(kind, place, url) for kind, place, url in seen.kinds_of_outputs() if isinstance(url, str)]
        home = next(iter(seen.record.outputs.values()), ("",))[0].split("/", 2)[1:2]
        told = bool(home) and home[0] in seen.node  # a list may show some fields only
        succeeded = told and seen.phase is not None and seen.phase.ends == {"succeeded"}
        wanted = wanted_of(trace.model, trace.input) if trace.model and trace.input is not None else None
        counted = 0
        for kind, place, url in shown:
            beside = at(seen.node, place.removeprefix(seen.pointer).rpartition("/")[0])
            named = self._kind(seen, kind, beside)
            main = wanted is None or named == wanted.kind
            counted += main
            if wanted and not main and named not in wanted.beside:
                yield self._unlike_kind(wanted, named, kind, look, seen, place, trace)
            if wanted and main:
                yield from self._beside(wanted, trace, seen, look, place, beside)
            yield from self._link(trace, seen, look, place, url, beside, main=main)
        if wanted and succeeded and counted != wanted.count:
            pointer = seen.pointer + next(iter(seen.record.outputs.values()))[0]
            said = f"{counted} of {wanted.kind}, asked were {wanted.count}"
            kind = "media.kind" if not counted else "media.count"
            yield self._told(kind, look, seen, pointer, said, trace)

    def fetched(self, exchange: Exchange) -> Iterator[Violation]:
        """Judge a download, if it is one of a link that was seen."""
        link = self._links.get(exchange.url)
        if link is None or exchange.method not in ("GET", "HEAD"):
            return
        outputs = self._judge.contract.provider.outputs
        slack, late = _NEAR * (outputs.lifetime or 0), exchange.at - (link.gone or exchange.at)
        works = link.expires is None or exchange.at < link.expires - slack
        if exchange.status not in _SERVED and works:
            said = f"HTTP {exchange.status}"
            yield self._of_link("media.unreachable", link, exchange, "/outputs/lifetime", said)
        elif late > slack and exchange.status != outputs.expired_status:
            said = f"HTTP {exchange.status}, {late:.0f} s after the link's time"
            kind = "media.expiry" if exchange.status not in _GONE else "status.unexpected"
            yield self._of_link(kind, link, exchange, "/outputs/expired_status", said)
        elif exchange.status in (200, 206) and link.main and link.trace.model:
            kind, declared = link.trace.model.output.kind, exchange.headers.get("content-type", "")
            if not declared.startswith((kind + "/", "application/octet-stream")):
                said = f"{declared!r} for {kind}"
                yield self._of_link("media.kind", link, exchange, f"/records/{link.record}/outputs", said)

    def watched(self, exchange: Exchange, film: Film) -> Iterator[Violation]:
        """Judge what somebody found in a downloaded output."""
        link = self._links.get(exchange.url)
        if link is None or not link.main or link.trace.model is None or link.trace.input is None:
            return
        for kind, said in _unlike(wanted_of(link.trace.model, link.trace.input), film):
            yield self._of_link(kind, link, exchange, f"/{link.trace.model.output.kind}", said, link.trace.model.id)

    def _kind(self, seen: Sighting, kind: str, beside: Json) -> str:
        named = at(beside, "/" + seen.record.beside["kind"]) if "kind" in seen.record.beside else kind
        return kind if kind != "any" else str(named)

    def _unlike_kind(
        self, wanted: Wanted, named: str, kind: str, look: Look, seen: Sighting, place: str, trace: Trace
    ) -> Violation:
        """An output of another kind, at what says so: the word beside the link, else the key that it stands under."""
        said = f"{named!r}, the model makes {wanted.kind}"
        if kind != "any":
            return self._told("media.kind", look, seen, place, said, trace)
        fact = self._judge.facts.at(f"/records/{pointer_token(seen.record.name)}/beside")
        pointer = f"{place.rpartition('/')[0]}/{seen.record.beside['kind']}"
        return self._judge.violation(
            "media.kind", look.where, look.event, fact, said, pointer=pointer, before=_before(trace, look)
        )

    def _beside(
        self, wanted: Wanted, trace: Trace, seen: Sighting, look: Look, place: str, beside: Json
    ) -> Iterator[Violation]:
        """What an answer says of a file, against what was asked."""
        numbers = {name: at(beside, f"/{field}") for name, field in seen.record.beside.items()}
        said = {name: value for name, value in numbers.items() if isinstance(value, int | float)}
        width, height, seconds = said.get("width"), said.get("height"), said.get("seconds")
        film = Film(
            width=None if width is None else int(width),
            height=None if height is None else int(height),
            seconds=None if seconds is None else float(seconds),
        )
        for kind, told in _unlike(wanted, film):
            yield self._told(kind, look, seen, place.rpartition("/")[0], told, trace)

    def _link(
        self, trace: Trace, seen: Sighting, look: Look, place: str, url: str, beside: Json, *, main: bool
    ) -> Iterator[Violation]:
        outputs = self._judge.contract.provider.outputs
        ended = look.event.at if outputs.renewed else seen.stamps().get("ended", look.event.at)
        expires = None if outputs.lifetime is None else ended + outputs.lifetime
        known = self._links.get(url)  # a stored document shows an old link again: it works for no longer than it did
        first = expires if known is None or known.expires is None or expires is None else min(known.expires, expires)
        self._links[url] = _Link(trace, look, place, seen.record.name, main, first, expires)
        if self._origins and not url.startswith(self._origins):
            said = f"{url[:80]} leads away from {', '.join(self._origins)}"
            yield self._told("media.unreachable", look, seen, place, said, trace)
        said_until = at(beside, "/" + seen.record.beside.get("expires", "\0"))
        told = isinstance(said_until, int | float) and expires is not None
        if told and abs(said_until - (expires or 0)) > _NEAR * (outputs.lifetime or 0):
            pointer, said = place.rpartition("/")[0], f"{said_until}, not about {expires:.0f}"
            fact = self._judge.facts.at("/outputs/lifetime")
            yield self._judge.violation(
                "media.expiry", look.where, look.event, fact, said, pointer=pointer, before=_before(trace, look)
            )

    def _told(self, kind: str, look: Look, seen: Sighting, pointer: str, said: str, trace: Trace) -> Violation:
        fact = self._judge.facts.at(f"/records/{pointer_token(seen.record.name)}/outputs")
        if trace.model and kind != "media.unreachable":
            fact = self._judge.facts.at(f"/{trace.model.output.kind}", trace.model.id)
        return self._judge.violation(
            kind, look.where, look.event, fact, said, pointer=pointer, before=_before(trace, look)
        )

    def _of_link(
        self, kind: str, link: _Link, exchange: Exchange, pointer: str, said: str, model: str | None = None
    ) -> Violation:
        fact = self._judge.facts.at(pointer, model)
        before = link.trace.before(link.look.event)
        return self._judge.violation(kind, MEDIA, exchange, fact, said, before=before)


def wanted_of(model: Model, inputs: Mapping[str, Json]) -> Wanted:
    """What a model has to make of complete inputs."""
    output = model.output
    size = _size(output, inputs) if isinstance(output, Frame) else None
    match output:
        case Video():
            sound = output.audio if isinstance(output.audio, bool) else bool(inputs.get(output.audio))
            frames = tuple(output.frames)
            return Wanted(
                kind="video", count=1, size=size, seconds=_seconds(output, inputs), sound=sound, beside=frames
            )
        case Image():
            count = inputs.get(output.count) if output.count else 1
            return Wanted(kind="image", count=count if isinstance(count, int) else 1, size=size)
        case Audio():
            return Wanted(kind="audio", count=1)


def _size(frame: Frame, inputs: Mapping[str, Json]) -> tuple[int, int] | None:
    """The sides that the request names; None where they follow an input image."""
    if frame.width and frame.height:
        width, height = inputs.get(frame.width), inputs.get(frame.height)
        return (width, height) if isinstance(width, int) and isinstance(height, int) else None
    tier = str(inputs.get(frame.tier) if frame.tier else frame.fixed_tier).lower()
    ratio = inputs.get(frame.ratio) if frame.ratio else None
    return size_table(frame.table or "").get(tier, {}).get(ratio) if isinstance(ratio, str) else None


def _seconds(video: Video, inputs: Mapping[str, Json]) -> float | None:
    asked = inputs.get(video.seconds) if video.seconds else video.fixed_seconds
    if isinstance(asked, str):
        digits = asked.removesuffix("s")
        asked = int(digits) if digits.isdecimal() else None
    return float(asked) if asked is not None and 0 < asked <= _LONGEST else None


def _unlike(wanted: Wanted, film: Film) -> Iterator[tuple[str, str]]:
    """Kind and message of everything in which a file is not what was asked for."""
    if film.kind is not None and film.kind != wanted.kind:
        yield "media.kind", f"{film.kind}, asked was {wanted.kind}"
    if wanted.size and film.width is not None and (film.width, film.height) != wanted.size:
        yield "media.size", f"{film.width}x{film.height}, asked were {wanted.size[0]}x{wanted.size[1]}"
    if wanted.seconds and film.seconds is not None and abs(film.seconds - wanted.seconds) > _NEAR * wanted.seconds:
        yield "media.seconds", f"{film.seconds:g} s, asked were {wanted.seconds:g} s"
    if wanted.sound is not None and film.sound is not None and film.sound != wanted.sound:
        yield "media.sound", "has sound" if film.sound else "has no sound"


def _before(trace: Trace, look: Look) -> tuple[Exchange, ...]:
    return (trace.submitted,) if trace.submitted and trace.submitted is not look.event else ()

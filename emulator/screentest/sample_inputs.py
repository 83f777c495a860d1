"""``/inputs/{name}``: real images, sounds and films of any size, so that every media rule can be tried offline.

Switches in the query make them misbehave: ``delay=2.5`` (seconds), ``status=404``, ``type=text/html``,
``truncate=0.5`` (the share of the file that is sent, as a whole answer), ``bytes=10000001`` (a valid file of exactly
that weight), ``fps=8`` (of films).
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Awaitable, Callable

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from screentest.outputs import ranged
from screentest.samples.files import MOST_BYTES, content
from screentest.samples.names import PREFIX, BadNameError, Sample, parse

MOST_DELAY = 120.0

Make = Callable[[Sample, int | None, int], bytes]
Offload = Callable[[Make, Sample, int | None, int], Awaitable[bytes]]
Sleep = Callable[[float], Awaitable[None]]

_SWITCHES = ("delay", "status", "type", "truncate", "bytes", "fps")
_EDITION = 1  # of the samples' bytes; part of every ETag
_TYPE = re.compile(r"[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,60}(?:; ?charset=[A-Za-z0-9-]{1,20})?")


class BadSwitchError(ValueError):
    """A switch in the query that means nothing; the message says what it could be."""


class Switches(Struct, frozen=True):
    """How a sample misbehaves. `delay` in seconds, `truncate` the share that is sent, `size` in bytes."""

    delay: float = 0.0
    status: int = 200
    media_type: str = ""
    truncate: float = 1.0
    size: int | None = None
    fps: int = 24


def route(offload: Offload | None = None, sleep: Sleep = asyncio.sleep) -> Route:
    """The route, to be mounted beside ``/media``. Files are made beside the event loop by `offload`."""
    samples = _Samples(offload or _in_thread, sleep)
    return Route(PREFIX + "{name}", samples.serve)


class _Samples:
    def __init__(self, offload: Offload, sleep: Sleep) -> None:
        self._offload = offload
        self._sleep = sleep

    async def serve(self, request: Request) -> Response:
        """Answer GET or HEAD of one sample."""
        try:
            sample = parse(request.path_params["name"])
            switches = read_switches(request.query_params.multi_items())
        except BadNameError as error:
            return JSONResponse({"error": str(error)}, 404)
        except BadSwitchError as error:
            return JSONResponse({"error": str(error)}, 400)
        if switches.delay:
            await self._sleep(switches.delay)
        if switches.status != 200:
            return _refusal(request, switches.status)
        try:
            file = await self._offload(content, sample, switches.size, switches.fps)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        sent = file[: math.floor(len(file) * switches.truncate)]
        etag = f'"{_EDITION}-{request.path_params["name"]}-{len(file)}-{len(sent)}-{switches.fps}"'
        return ranged(request, sent, switches.media_type or sample.media_type, etag, {})


def read_switches(query: list[tuple[str, str]]) -> Switches:
    """The switches of a query. Raises BadSwitchError: a misspelt one that did nothing would mislead a test."""
    given = dict(query)
    for name in given:
        if name not in _SWITCHES:
            raise BadSwitchError(f"no switch {name!r}; there are {', '.join(_SWITCHES)}")
    if len(given) < len(query):
        raise BadSwitchError("a switch is given twice")
    media_type = given.get("type", "")
    if media_type and not _TYPE.fullmatch(media_type):
        raise BadSwitchError("type is a media type such as text/html")
    return Switches(
        delay=_number(given, "delay", 0.0, 0.0, MOST_DELAY),
        status=int(_number(given, "status", 200, 200, 599)),
        media_type=media_type,
        truncate=_number(given, "truncate", 1.0, 0.0, 1.0),
        size=int(_number(given, "bytes", 0, 1, MOST_BYTES)) or None,
        fps=int(_number(given, "fps", 24, 1, 60)),
    )


def _number(given: dict[str, str], name: str, default: float, least: float, most: float) -> float:
    """A number within bounds, whole where its default is."""
    if name not in given:
        return default
    kind = int if isinstance(default, int) else float
    try:
        value = kind(given[name])
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        what = "a whole number" if kind is int else "a number"
        raise BadSwitchError(f"{name} is {what} from {least:g} to {most:.10g}, not {given[name][:40]!r}")
    return value


def _refusal(request: Request, status: int) -> Response:
    """The status that was asked for; a redirect leads to the sample without switches."""
    if status in (301, 302, 303, 307, 308):
        return RedirectResponse(request.url.replace(query=""), status)
    if status in (204, 205, 304):
        return Response(status_code=status)
    return JSONResponse({"error": f"status={status}, as asked"}, status)


async def _in_thread(make: Make, sample: Sample, size: int | None, fps: int) -> bytes:
    return await asyncio.to_thread(make, sample, size, fps)

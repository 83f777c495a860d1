"""The console: pages for people who watch what their program does to the emulator, and move its time.

Server-rendered from what ``/_control`` tells, live by its events. `views` are the pages to read, `acts` what buttons
do; `asking` is how both ask, `pages` how a page is made. `drawing`, `snippets`, `wishes` and `wording` are pure.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.resources import files
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from screentest.console import acts, views
from screentest.console.pages import HEADERS, NotShownError, Visit
from screentest.control.guard import foreign, refused, signed_in
from screentest.settings import Access

Handler = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

_STATIC = {
    "console.css": "text/css",
    "console.js": "text/javascript",
    "morph.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_PAGES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/jobs/{job}", views.job),
    ("GET", "/requests", views.requests),
    ("GET", "/requests/{number}", views.request),
    ("GET", "/callbacks", views.callbacks),
    ("GET", "/callbacks/{delivery}", views.callback),
    ("GET", "/rules", views.rules),
    ("GET", "/contract", views.contract),
    ("GET", "/contract/{provider}", views.provider),
    ("GET", "/contract/{provider}/{model:path}", views.model),
    ("POST", "/contract/{provider}/{model:path}", acts.submit),
    ("GET", "/spend", views.spend),
    ("POST", "/act", acts.act),
    ("POST", "/account", acts.choose),
)


class Console:
    """The pages over an emulator's own ASGI app."""

    def __init__(self, app: ASGIApp, access: Access, show: Endpoint) -> None:
        """`show` serves a job's file to people who watch: no page of ours leaves a trace in the journal."""
        self._app = app
        self._access = access
        self._show = show

    @property
    def routes(self) -> list[Route]:
        """Every page but the first one."""
        pages = [Route(path, self._guarded(handler), methods=[method]) for method, path, handler in _PAGES]
        return [
            *pages,
            Route("/jobs/{job}/files/{name}", self._file),
            Route("/login", self._login, methods=["GET", "POST"]),
            Route("/static/{name}", _static),
        ]

    async def home(self, request: Request) -> Response:
        """The first page: the jobs."""
        return await self._guarded(views.jobs)(request)

    def _guarded(self, handler: Handler) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            why = foreign(request, self._access)
            if why:
                return PlainTextResponse(why, 403)
            visit = Visit(request, self._app)
            if not signed_in(request, self._access):
                return RedirectResponse(f"/login?back={quote(visit.here, safe='/')}", 303)
            visit = await visit.known()
            try:
                return await handler(visit)
            except NotShownError as error:
                return views.problem(visit, error)

        return endpoint

    async def _file(self, request: Request) -> Response:
        return refused(request, self._access) or await self._show(request)

    async def _login(self, request: Request) -> Response:
        why = foreign(request, self._access)
        if why:
            return PlainTextResponse(why, 403)
        visit = Visit(request, self._app)
        return await (acts.log_in(visit, self._access) if request.method == "POST" else views.login(visit))


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _STATIC:
        return PlainTextResponse("no such file", 404)
    content = (files("screentest.console") / "static" / name).read_bytes()
    return Response(content, headers=HEADERS | {"cache-control": "no-cache"}, media_type=_STATIC[name])

"""Who may use ``/_control`` and the console: callers that name us by loopback or an allowed host, with the token.

A program sends the token in a header, a browser has it in a cookie since its login. What changes state is refused when
another site's page has sent it.
"""

from __future__ import annotations

import hashlib
import hmac

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screentest import own_headers
from screentest.settings import Access

COOKIE = "screentest_console"

_READING = ("GET", "HEAD")


def refused(request: Request, access: Access) -> Response | None:
    """Keep other sites' pages out, and callers without the token where one is set."""
    why = foreign(request, access)
    if why:
        return JSONResponse({"error": why}, 403)
    if not signed_in(request, access):
        return JSONResponse({"error": f"send the control token in {own_headers.CONTROL_TOKEN}"}, 401)
    return None


def foreign(request: Request, access: Access) -> str:
    """Why the request may be another site's doing (a rebound name, a page that posts to us); "" when it is not."""
    if not access.allows_host(request.headers.get("host", "")):
        return "this Host may not use /_control; see --allow-host"
    origin = request.headers.get("origin")
    if origin is not None and not access.allows_origin(origin):
        return "this Origin may not use /_control"
    if request.method not in _READING and not _same_site(request) and not _has_token(request, access):
        return "a page of another origin may change nothing here without the control token in its header"
    return ""


def signed_in(request: Request, access: Access) -> bool:
    """Whether the caller has shown the token, or none is asked for."""
    if not access.control_token or _has_token(request, access):
        return True
    return same(request.cookies.get(COOKIE, ""), cookie_value(access.control_token))


def cookie_value(token: str) -> str:
    """What a browser keeps instead of the token."""
    return hashlib.sha256(b"console/" + token.encode("utf-8", "surrogateescape")).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing about them."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _has_token(request: Request, access: Access) -> bool:
    return bool(access.control_token) and same(
        request.headers.get(own_headers.CONTROL_TOKEN, ""), access.control_token or ""
    )


def _same_site(request: Request) -> bool:
    """Whether a page of ours sent the request, or no page at all: programs send neither header."""
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2].lower() == request.headers.get("host", "").lower()

"""Who may use ``/_control``: callers that name us by loopback or an allowed host, with the token if there is one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screentest.settings import Access

TOKEN_HEADER = "screentest-control-token"  # noqa: S105 - a header's name


def refused(request: Request, access: Access) -> Response | None:
    """Keep other sites' pages out (Host and Origin), and callers without the token where one is set."""
    if not access.allows_host(request.headers.get("host", "")):
        return JSONResponse({"error": "this Host may not use /_control; see --allow-host"}, 403)
    origin = request.headers.get("origin")
    if origin is not None and not access.allows_origin(origin):
        return JSONResponse({"error": "this Origin may not use /_control"}, 403)
    if access.control_token and request.headers.get(TOKEN_HEADER) != access.control_token:
        return JSONResponse({"error": f"send the control token in {TOKEN_HEADER}"}, 401)
    return None

"""``/_control/health`` and ``metrics``: that the server is up, and what it has done."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from screentest.control.desk import Desk
from screentest.metrics import MEDIA_TYPE


async def health(desk: Desk, request: Request) -> dict[str, Any]:
    """That the server is up: its version, for how many seconds, and whether jobs are kept in a file or in memory."""
    return {
        "status": "ok",
        "version": version("screentest"),
        "uptime": round(desk.metrics.uptime, 3),
        "store": "memory" if desk.settings.db == ":memory:" else "file",
    }


async def metrics(desk: Desk, request: Request) -> Response:
    """Counts for Prometheus: requests, jobs, callback attempts, memory."""
    return Response(await desk.metrics.text(), media_type=MEDIA_TYPE)

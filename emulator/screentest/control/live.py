"""``/_control/events``: what happens, as server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import StreamingResponse

from screentest.control.desk import Desk, selected
from screentest.control.requests import summary
from screentest.control.time import told
from screentest.feed import Happened


async def events(desk: Desk, request: Request) -> StreamingResponse:
    """What happens from now on to the account, or to all: events as in the clock's answer, and each `request`."""
    account = selected(request)

    async def stream() -> AsyncIterator[str]:
        if request.method == "HEAD":
            return  # nothing would ever be seen of what happens
        async for happened in desk.feed.follow(account):
            yield _line(happened)

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"cache-control": "no-store"})


def _line(happened: Happened) -> str:
    if happened.event is not None:
        kind, data = happened.event.kind, told(happened.event) | {"account": happened.label}
    elif happened.entry is not None:
        kind, data = "request", summary(happened.entry)
    else:
        return ": listening\n\n"
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"

"""What buttons and forms do. Each answers with the page to go to; the doing is ``/_control``'s or a provider's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.responses import RedirectResponse, Response

from screentest import own_headers
from screentest.console.pages import ACCOUNT_COOKIE, NotShownError, Visit
from screentest.console.views import inside
from screentest.console.wishes import read_wish, submit_body
from screentest.control.guard import COOKIE, cookie_value, same
from screentest.settings import Access

_WEEK = 7 * 86400


async def act(visit: Visit) -> Response:
    """Send a wish to ``/_control``: ``to`` says where, ``method`` how, and the fields with a kind are the wish.

    Or ``until`` is the moment to which the clock there is to go.
    """
    form = await visit.form()
    fields = dict(form)
    to = urlsplit(fields.get("to", ""))
    if not to.path.startswith("/_control/") or to.netloc or fields.get("method") not in ("POST", "PUT", "DELETE"):
        raise NotShownError(400, "this form leads nowhere")
    query = dict(parse_qsl(to.query))
    wish = await _advance(visit, to.path, query, fields["until"]) if "until" in fields else read_wish(form)
    await visit.do(fields["method"], to.path, query, wish)
    return _to(inside(fields.get("back", "/")))


async def _advance(visit: Visit, path: str, query: Mapping[str, str], until: str) -> dict[str, Any]:
    """The wish that brings a clock to a moment. It takes seconds, and may have run on since the page was made."""
    try:
        ahead = float(until) - (await visit.get(path, query))["now"]
    except (ValueError, KeyError):
        raise NotShownError(400, f"until is a moment of a clock, not {until[:40]!r}") from None
    return {"advance": max(ahead, 0.0)}


async def choose(visit: Visit) -> Response:
    """Look at another account, or at all."""
    fields = dict(await visit.form())
    answer = _to(inside(fields.get("back", "/")))
    answer.set_cookie(ACCOUNT_COOKIE, fields.get("account", ""), max_age=_WEEK, httponly=True, samesite="strict")
    return answer


async def submit(visit: Visit) -> Response:
    """Submit a request to a provider with what was filled in, and go to the job that it made, or to its refusal."""
    params, form = visit.request.path_params, await visit.form()
    fields = dict(form)
    path = f"/_control/contract/{params['provider']}/{params['model']}"
    way = (await visit.get(path))["submit"]
    body = submit_body(way, params["model"], read_wish(form), fields.get("callback", ""))
    content = fields["raw"] if "raw" in fields else json.dumps(body)
    headers = {"authorization": f"Bearer {fields.get('key', '')}", "content-type": "application/json"}
    if fields.get("scenario"):
        headers[own_headers.SCENARIO] = fields["scenario"]
    told = await visit.submit(way["method"], way["path"], headers, content.encode())
    if told.status and told.status < 400:
        job = told.headers.get(own_headers.JOB) or _newest(await visit.get("/_control/requests", {"limit": "1"}))["job"]
        if job:
            return _to(f"/jobs/{quote(job, safe='')}")
    return _to(f"/requests/{_newest(await visit.get('/_control/requests', {'limit': '1'}))['number']}")


async def log_in(visit: Visit, access: Access) -> Response:
    """Exchange the control token for a cookie."""
    fields = dict(await visit.form())
    back = inside(fields.get("back", "/"))
    if not same(fields.get("token", ""), access.control_token or ""):
        return visit.page("login.html", status=401, back=back, wrong=True)
    answer = _to(back)
    secure = visit.request.url.scheme == "https"
    value = cookie_value(access.control_token or "")
    answer.set_cookie(COOKIE, value, max_age=_WEEK, httponly=True, samesite="strict", secure=secure)
    return answer


def _newest(told: dict[str, Any]) -> dict[str, Any]:
    return dict(told["requests"][-1])


def _to(path: str) -> Response:
    return RedirectResponse(path, 303)

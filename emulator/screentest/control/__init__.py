"""``/_control``: the door for tests, tools, the console and the command line. The bearer token selects the account.

A module a resource; `desk` is what they stand on, `guard` who may come in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from screentest.control import (
    account,
    assumptions,
    contract,
    deliveries,
    jobs,
    live,
    observing,
    processed,
    requests,
    rules,
    time,
    verdict,
)
from screentest.control.desk import BadWishError, Desk, check_account
from screentest.control.guard import refused
from screentest.errors import ClockError, StoreError
from screentest.settings import Access

Handler = Callable[[Desk, Request], Awaitable[Any]]


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/_control/health", observing.health),
    ("GET", "/_control/metrics", observing.metrics),
    ("GET POST", "/_control/clock", time.clock),
    ("GET", "/_control/accounts", account.accounts),
    ("GET PUT", "/_control/account", account.account),
    ("GET", "/_control/spend", account.spend),
    ("POST", "/_control/reset", account.reset),
    ("GET", "/_control/jobs", jobs.listed),
    ("GET POST", "/_control/jobs/{job}", jobs.one),
    ("GET POST", "/_control/deliveries", deliveries.deliveries),
    ("GET", "/_control/deliveries/{delivery}", deliveries.one),
    ("POST", "/_control/deliveries/{delivery}/resend", deliveries.resend),
    ("POST", "/_control/deliveries/{delivery}/processed", processed.processed),
    ("GET", "/_control/requests", requests.listed),
    ("GET", "/_control/requests/{number}", requests.one),
    ("GET", "/_control/verdict", verdict.verdict),
    ("GET", "/_control/events", live.events),
    ("GET POST DELETE", "/_control/scenarios", rules.scenarios),
    ("DELETE", "/_control/scenarios/{rule}", rules.one_scenario),
    ("GET POST DELETE", "/_control/faults", rules.faults),
    ("DELETE", "/_control/faults/{rule}", rules.one_fault),
    ("GET PUT", "/_control/assumptions", assumptions.assumptions),
    ("GET", "/_control/contract", contract.index),
    ("GET", "/_control/contract/{provider}", contract.provider),
    ("GET", "/_control/contract/{provider}/{model:path}", contract.model),
)


def routes(desk: Desk, access: Access) -> list[Route]:
    """The control routes. Every one checks Host, Origin and, when there is one, the control token."""
    return [Route(path, _guarded(desk, access, handler), methods=methods.split()) for methods, path, handler in ROUTES]


def _guarded(desk: Desk, access: Access, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        refusal = refused(request, access)
        if refusal:
            return refusal
        try:
            await check_account(desk, request)
            answer = await handler(desk, request)
        except ClientDisconnect:
            return Response(status_code=499)  # to nobody
        except BadWishError as error:
            return JSONResponse({"error": str(error)}, error.status)
        except ClockError as error:
            return JSONResponse({"error": str(error)}, 400)
        except StoreError as error:
            return JSONResponse({"error": str(error)}, 507)
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    return endpoint

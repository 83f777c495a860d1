"""``/_control/assumptions``: the choices in force, and others."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from screentest.control.desk import BadWishError, Desk, read_object
from screentest_contracts.load import UnknownAssumptionError, choose


async def assumptions(desk: Desk, request: Request) -> dict[str, Any]:
    """The choice in force for every assumption; PUT switches those it names, null back to the default."""
    wish = await read_object(request) if request.method == "PUT" else {}
    chosen = next(iter(desk.engine.contracts.values())).chosen
    if request.method == "PUT":
        wanted = {**chosen, **wish}
        try:
            chosen = choose({name: choice for name, choice in wanted.items() if choice is not None})
        except UnknownAssumptionError as error:
            raise BadWishError(str(error)) from None
        desk.switch(chosen)
    return {"assumptions": chosen}

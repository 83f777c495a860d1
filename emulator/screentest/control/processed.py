"""``/_control/deliveries/{id}/processed``: the code under test, or its test, says that it acted on a callback."""

from __future__ import annotations

from typing import Any

from msgspec import structs
from starlette.requests import Request

from screentest import callbacks
from screentest.control.deliveries import shown
from screentest.control.desk import BadWishError, Desk, selected


async def processed(desk: Desk, request: Request) -> dict[str, Any]:
    """Count one more time that a delivery was acted upon.

    It is named by its own id, or by its job's, which a receiver knows from the body: then the newest one is meant.
    """
    name, account, store = request.path_params["delivery"], selected(request), desk.engine.store
    one = await store.effect(name)
    found = [one] if one else await store.effects(account, callbacks.KIND, name)
    own = [effect for effect in found if effect.kind == callbacks.KIND and account in (None, effect.account)]
    if not own:
        raise BadWishError(f"no delivery {name[:80]!r}, and no job of that id with one", 404)
    delivery = callbacks.from_effect(own[-1])
    delivery = structs.replace(delivery, processed=delivery.processed + 1)
    await store.save_effect(callbacks.to_effect(delivery))
    return shown(delivery)

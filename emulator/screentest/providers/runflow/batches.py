"""Batches: only template-backed models take them, and the emulator's models are all a provider's."""

from __future__ import annotations

from starlette.responses import Response

from screentest.errors import Refusal
from screentest.providers.wire import Call


async def create_batch(call: Call) -> Response:
    await call.body()
    model = call.model(call.params["model_id"])
    raise Refusal("no-batches", model.id)


async def no_batch(call: Call) -> Response:
    """Nobody can have made one."""
    raise Refusal("unknown-item", "Batch")

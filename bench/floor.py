"""What the emulator is measured against: bare apps with the same routes.

`floor` answers constants from a bare Starlette app; `fake` is what a team writes by hand in an afternoon: it checks the
body with jsonschema, keeps the job in a dict, and forgets it at the end.

    python bench/floor.py floor --port 0

Prints the port when it listens.
"""

from __future__ import annotations

import argparse
import json
import socket
import time
import uuid
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ID = "6f1c2f7a-0b52-4b36-9f1e-3f2a9b9d1c01"
SUBMIT = "/v1/models/happyhorse/happyhorse-1.0/text-to-video"
STATUS = f"/v1/requests/{ID}/status"
RESULT = f"/v1/requests/{ID}/result"
LIST = "/v1/tasks"

_BASE = f"http://127.0.0.1:8790/runcomfy/v1/requests/{ID}"
URLS = {f"{name}_url": f"{_BASE}/{name}" for name in ("status", "result", "cancel")}
SCHEMA = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string", "minLength": 1, "maxLength": 2500},
        "resolution": {"type": "string", "enum": ["720P", "1080P"]},
        "aspect_ratio": {"type": "string", "enum": ["16:9", "9:16", "1:1", "4:3", "3:4"]},
        "duration": {"type": "integer", "minimum": 3, "maximum": 15},
        "seed": {"type": "integer", "minimum": 0, "maximum": 2147483647},
        "watermark": {"type": "boolean"},
    },
}


def floor() -> Starlette:
    """Constant bytes of the size of real answers."""
    submitted = json.dumps({"request_id": ID, **URLS}).encode()
    status = json.dumps({"request_id": ID, "status": "completed", **URLS}).encode()
    result = json.dumps({"request_id": ID, "status": "succeeded", "output": URLS, "input": {"prompt": "a" * 60}})
    listed = json.dumps({"tasks": [{"taskId": ID, "status": "success", "output": URLS}] * 10}).encode()

    def constant(answer: bytes) -> Any:
        async def endpoint(request: Request) -> Response:
            return Response(answer, media_type="application/json")

        return endpoint

    return Starlette(
        routes=[
            Route("/v1/models/{model:path}", constant(submitted), methods=["POST"]),
            Route("/v1/requests/{request}/status", constant(status)),
            Route("/v1/requests/{request}/result", constant(result.encode())),
            Route(LIST, constant(listed)),
        ]
    )


def fake() -> Starlette:
    """A hand-written stand-in: parsed, checked, kept in memory."""
    import jsonschema

    validator = jsonschema.Draft202012Validator(SCHEMA)
    jobs: dict[str, tuple[float, Any]] = {ID: (time.monotonic(), {})}

    async def submit(request: Request) -> Response:
        try:
            body = await request.json()
        except ValueError:
            return JSONResponse({"error": "invalid json"}, 422)
        for error in validator.iter_errors(body):
            return JSONResponse({"error": error.message}, 422)
        job = str(uuid.uuid4())  # noqa: TID251 - what a fake does
        jobs[job] = (time.monotonic(), body)
        return JSONResponse({"request_id": job, **URLS})

    async def status(request: Request) -> Response:
        job = jobs.get(request.path_params["request"])
        if job is None:
            return JSONResponse({"error": "not found"}, 404)
        word = "in_progress" if time.monotonic() - job[0] < 3600 else "completed"
        return JSONResponse({"request_id": request.path_params["request"], "status": word, **URLS})

    return Starlette(routes=[Route(SUBMIT, submit, methods=["POST"]), Route("/v1/requests/{request}/status", status)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("app", choices=["floor", "fake"])
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    # asyncio sends at once only on a socket that says it is TCP: else every answer would wait 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", options.port))
    listener.listen(2048)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config({"floor": floor, "fake": fake}[options.app](), access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()

"""What a user would pick instead, from npm: installed into a folder of the user's cache when `--peers` asks for it.

Install scripts do not run. Each peer gets the same job API, in its own language.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
import urllib.error
from collections.abc import Iterator, Mapping
from pathlib import Path
from socket import create_server

import platformdirs
from bench import floor
from bench.served import Served, process_on

FOLDER = Path(platformdirs.user_cache_dir("screentest-bench", appauthor=False))
PACKAGES = {"aimock": "@copilotkit/aimock", "Prism": "@stoplight/prism-cli"}
_JSON = {"content-type": "application/json"}
_FAL = _JSON | {"x-fal-target-host": "queue.fal.run"}
_BODY = json.dumps({"prompt": "a horse runs along a beach, take {n}", "duration": 5, "resolution": "720P"})
_PATIENCE = 60.0

Shapes = Mapping[str, Mapping[str, object]]


def started(stack: contextlib.ExitStack) -> Iterator[tuple[str, Served, Shapes]]:
    """Every peer with its name and the requests that it takes."""
    for package in PACKAGES.values():
        _install(package)
    yield "Prism", _prism(stack), _shapes(floor.SUBMIT, floor.STATUS, _JSON)
    served = _aimock(stack)
    submit = "/fal/happyhorse/happyhorse-1.0"
    job = json.loads(served.call("POST", submit, {"prompt": "a horse"}, _FAL))["request_id"]
    yield "aimock", served, _shapes(submit, f"{submit}/requests/{job}/status", _FAL)


def _shapes(submit: str, status: str, headers: Mapping[str, str]) -> Shapes:
    return {
        "submit": {"method": "POST", "path": submit, "headers": headers, "body": _BODY},
        "status": {"method": "GET", "path": status, "headers": headers},
    }


def _install(package: str) -> None:
    if not (FOLDER / "node_modules" / package).is_dir():
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(FOLDER), package]
        subprocess.run(command, check=True)


def _prism(stack: contextlib.ExitStack) -> Served:
    document = FOLDER / "prism.json"
    document.write_text(json.dumps(_openapi()))
    port = _free_port()
    command = [_program("prism"), "mock", "-p", str(port), "-v", "silent", str(document)]
    return _answering(stack.enter_context(process_on(port, command, FOLDER)), floor.STATUS)


def _aimock(stack: contextlib.ExitStack) -> Served:
    fixtures = FOLDER / "fixtures"
    fixtures.mkdir(exist_ok=True)
    video = {"video": {"url": "http://127.0.0.1/v.mp4", "content_type": "video/mp4"}}
    fixture = {"match": {"endpoint": "fal", "model": "happyhorse/happyhorse-1.0"}, "response": {"json": video}}
    (fixtures / "video.json").write_text(json.dumps({"fixtures": [fixture]}))
    config = FOLDER / "aimock.json"
    config.write_text(json.dumps({"llm": {"fixtures": str(fixtures), "logLevel": "silent"}}))
    port = _free_port()
    command = [_program("aimock"), "--config", str(config), "--port", str(port)]
    return _answering(stack.enter_context(process_on(port, command, FOLDER)), "/")


def _program(name: str) -> str:
    return str(FOLDER / "node_modules" / ".bin" / name)


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _answering(served: Served, path: str) -> Served:
    """The server, once it answers anything."""
    give_up = time.perf_counter() + _PATIENCE
    while time.perf_counter() < give_up:
        try:
            served.call("GET", path)
        except urllib.error.HTTPError:
            return served
        except OSError:
            time.sleep(0.05)  # noqa: TID251 - another process starts
        else:
            return served
    raise SystemExit(f"{served.process.args!r} does not answer")


def _openapi() -> dict[str, object]:
    """The two routes with the schema of the hand-written fake and constant examples."""

    def answer(example: object) -> dict[str, object]:
        return {"200": {"description": "ok", "content": {"application/json": {"example": example}}}}

    body = {"required": True, "content": {"application/json": {"schema": floor.SCHEMA}}}
    told = {"request_id": floor.ID, **floor.URLS}
    request = {"name": "request", "in": "path", "required": True, "schema": {"type": "string"}}
    status = {"operationId": "status", "parameters": [request], "responses": answer(told | {"status": "completed"})}
    submit = {"operationId": "submit", "requestBody": body, "responses": answer(told)}
    paths = {floor.SUBMIT: {"post": submit}, "/v1/requests/{request}/status": {"get": status}}
    return {"openapi": "3.0.3", "info": {"title": "jobs", "version": "1"}, "paths": paths}

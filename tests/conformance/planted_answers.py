"""Defects that one exchange, or one callback, shows."""

from __future__ import annotations

from conformance.defects import (
    CREATED,
    INVALID_REQUEST,
    SUCCESS,
    Plant,
    answer,
    cancelling,
    drop,
    edited,
    get,
    heard,
    life,
    put,
    submit,
    when,
    where,
    with_headers,
)
from driving import Answer

RC, RF, HI = "runcomfy", "runflow", "hiapi"
BAD = submit(prompt=1)
LIMITED = get("/hiapi/v1/models", screentest_scenario="rate-limited")
MODELS_200 = answer(200, {"data": []})
RUN_400 = answer(400, {"code": "BAD_REQUEST", "message": "x", "errors": None})
RUNCOMFY_422 = answer(422, {"error_code": 422001, "error_message": "x"})
FTP = [{"url": "ftp://x/y", "type": "video", "expireAt": 1800604804}]
OTHER_ID = "6b0d52a4-9a55-4c3e-8d52-3f1f0a3b6c11"
NO_MODEL = "/runflow/v1/models/no/such/runs"
HTML = answer(200, content_type="text/html")
SOON = answer(429, retry_after="soon")

ANSWERS = [
    Plant("server.error", "500", HI, life, where("/tasks/", answer(500, INVALID_REQUEST))),
    Plant("server.error", "502", RC, life, where("/status", answer(502))),
    Plant("status.undocumented", "203", RF, life, where("/runs/", answer(203))),
    Plant("status.undocumented", "307", HI, life, where("/tasks/", answer(307))),
    Plant("status.undocumented", "418", RC, life, where("/result", answer(418))),
    Plant("status.unexpected", "400 for 422", RF, BAD, where("/runs", RUN_400, "POST")),
    Plant("content-type", "html", HI, life, where("/tasks/", HTML)),
    Plant("content-type", "callback", HI, heard(with_headers(content_type="text/plain"))),
    Plant("body.not-json", "text", RF, life, where("/runs/", lambda old: Answer(200, {}, b"fine"))),
    Plant("envelope", "detail", HI, BAD, where("/tasks", answer(400, {"detail": "no"}), "POST")),
    Plant("envelope", "other status", HI, BAD, where("/tasks", put("/code", 422), "POST")),
    Plant("envelope", "no message", RC, BAD, where("/models", drop("/error_message"), "POST")),
    Plant("error.code", "unknown", RF, BAD, where("/runs", put("/code", "OOPS"), "POST")),
    Plant("error.code", "number", RC, BAD, where("/models", put("/error_code", 1), "POST")),
    Plant("header.missing", "Retry-After", HI, LIMITED, where("/models", answer(429))),
    Plant("header.missing", "callback", RF, heard(with_headers(runflow_request_id=None))),
    Plant("header.value", "Retry-After", HI, LIMITED, where("/models", SOON)),
    Plant("field.missing", "created", HI, life, where("/tasks/", drop("/data/created"))),
    Plant("field.missing", "place in the queue", RC, life, where("/status", drop("/queue_position"))),
    Plant("field.missing", "null", RF, life, where("/runs/", when("succeeded", put("/completed_at", None)))),
    Plant("field.missing", "callback", HI, heard(edited("/output", []))),
    Plant("field.forbidden", "output", HI, life, where("/tasks/", when("handling", put("/data/output", [])))),
    Plant("field.forbidden", "length", RF, life, where("/runs/", when("running", put("/duration_ms", 1)))),
    Plant("field.forbidden", "error", RC, life, where("/result", when("in_progress", put("/error", "x")))),
    Plant("field.type", "text", HI, life, where("/tasks/", put("/data/created", str))),
    Plant("field.type", "cost", RF, life, where("/runs/", when("succeeded", put("/cost", 1.4)))),
    Plant("field.value", "state", RC, life, where("/status", when("in_progress", put("/status", "processing")))),
    Plant("field.value", "completed", HI, life, where("/tasks/", when("queued", put("/data/completed", 5)))),
    Plant("field.value", "early callback", RF, heard(edited("/status", "running"))),
    Plant("field.value", "event", RF, heard(edited("/event", "run.failed"))),
    Plant("field.format", "date", RF, life, where("/runs/", put("/created_at", "yesterday"))),
    Plant("field.format", "URI", RC, submit(), where("/models", put("/status_url", "/status"), "POST")),
    Plant("field.unknown", "extra", RF, life, where("/runs/", put("/progress", 0.5))),
    Plant("field.unknown", "callback", HI, heard(edited("/storage", "temp"))),
    Plant("id.form", "lower case", HI, submit(), where("/tasks", put("/data/taskId", str.lower), "POST")),
    Plant("id.other", "someone", RC, life, where("/status", put("/request_id", OTHER_ID))),
    Plant("id.other", "inside", HI, life, where("/tasks/", put("/data/taskId", SUCCESS["data"]["taskId"]))),
    Plant("link", "elsewhere", RC, submit(), where("/models", put("/result_url", "https://x.example/"), "POST")),
    Plant("link", "swapped", RC, life, where("/status", put("/status_url", lambda url: url[:-6] + "result"))),
    Plant("link", "not of the web", HI, life, where("/tasks/", when("success", put("/data/output", FTP)))),
    Plant("request.loosened", "number", HI, BAD, where("/tasks", answer(200, CREATED), "POST")),
    Plant("request.loosened", "16 s", HI, submit(duration=16), where("/tasks", answer(200, CREATED), "POST")),
    Plant(
        "request.loosened", "limit", RF, get("/runflow/v1/runs?limit=501"), where("/runs", answer(200, {"items": []}))
    ),
    Plant(
        "request.loosened",
        "model",
        RF,
        lambda one: one.post(NO_MODEL, {"input": {}}),
        where("/runs", answer(201), "POST"),
    ),
    Plant("request.tightened", "15 s", HI, submit(duration=15), where("/tasks", answer(400, INVALID_REQUEST), "POST")),
    Plant("request.tightened", "any", RC, submit(), where("/models", RUNCOMFY_422, "POST")),
    Plant("auth.loosened", "no key", HI, get("/hiapi/v1/models", None), where("/models", MODELS_200)),
    Plant("auth.loosened", "any key", RF, get("/runflow/v1/auth/me", "revoked-1"), where("/me", answer(200, {}))),
    Plant(
        "route.served",
        "delete",
        HI,
        lambda one: one.request("DELETE", "/hiapi/v1/tasks/x"),
        where("/tasks/", answer(200), "DELETE"),
    ),
    Plant(
        "job.invented",
        "any id",
        HI,
        get(f"/hiapi/v1/tasks/{SUCCESS['data']['taskId']}"),
        where("/tasks/", answer(200, SUCCESS)),
    ),
    Plant("cancel.too-late", "running", RC, cancelling(2.0), where("/cancel", put("/outcome", "cancelled"), "POST")),
    Plant("cancel.too-late", "ended", RC, cancelling(20.0), where("/cancel", put("/outcome", "cancelled"), "POST")),
]

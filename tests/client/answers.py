"""What the providers answer, as their documentation prints it; a test holds these against the contracts."""

from __future__ import annotations

from typing import Any

MEDIA = "http://127.0.0.1:8790/media"
CLIP = f"{MEDIA}/clip/video.mp4"
REQUEST_ID = "8a3f1c52-7b1e-4d0a-9c55-0f6f1b2a3c4d"
RUN_ID = "01975f3a-7c1e-7d0a-9c55-0f6f1b2a3c4d"
TASK_ID = "tk-hiapi-01HZTQ8BX2N3GM3YFK4Z9D7VQR"
R2V = "happyhorse/happyhorse-1.0/reference-to-video"
RUNFLOW_R2V = "alibaba/happy-horse/reference-to-video"
HIAPI_R2V = "happyhorse-1.1/reference-to-video"
INPUT = {"prompt": "character1 opens a door", "duration": 5}


def _urls(*names: str) -> dict[str, str]:
    return {f"{name}_url": f"https://model-api.runcomfy.net/v1/requests/{REQUEST_ID}/{name}" for name in names}


# RunComfy

SUBMITTED = {"request_id": REQUEST_ID, **_urls("status", "result", "cancel")}


def status(word: str, **more: Any) -> dict[str, Any]:
    return {"request_id": REQUEST_ID, "status": word, **_urls("status", "result"), **more}


def result(word: str, **more: Any) -> dict[str, Any]:
    return {"request_id": REQUEST_ID, "status": word, **more}


SUCCEEDED = result(
    "succeeded",
    output={"video": CLIP},
    input={"image_url_1": "https://example.com/reference.png"},
    created_at="2026-11-02T10:00:00+00:00",
    finished_at="2026-11-02T10:01:00+00:00",
)
CANCELLED = {"request_id": REQUEST_ID, "status": "cancelled", "outcome": "cancelled"}
NOT_CANCELLABLE = {"request_id": REQUEST_ID, "status": "in_progress", "outcome": "not_cancellable"}


def runcomfy_error(code: int, message: str, *detail: dict[str, Any]) -> dict[str, Any]:
    return {"error_code": code, "error_message": message} | ({"detail": list(detail)} if detail else {})


# Runflow


def runflow_run(word: str, **more: Any) -> dict[str, Any]:
    made = {"id": RUN_ID, "status_code": word, "input": INPUT, "created_at": "2026-11-02T10:00:00+00:00"}
    return made | {"model_id": "0197aaaa-7c1e-7d0a-9c55-0f6f1b2a3c4d", "output": None} | more


OUTPUT = {
    "outputs": [{"url": CLIP, "type": "video", "width": 1280, "height": 720, "duration": 5.0}],
    "seed": 7,
    "timing": {"inference_ms": 61000},
    "nsfw_detected": False,
}


def runflow_error(code: str, message: str, *errors: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "message": message, "errors": list(errors) or None}


# HiAPI


def enveloped(data: dict[str, Any]) -> dict[str, Any]:
    return {"code": 200, "message": "success", "data": data}


CREATED = enveloped({"taskId": TASK_ID})


def task(word: str, **more: Any) -> dict[str, Any]:
    ended = 1777282099 if word in ("success", "fail") else 0
    return {"taskId": TASK_ID, "model": HIAPI_R2V, "status": word, "created": 1777282033, "completed": ended, **more}


def detail(word: str, **more: Any) -> dict[str, Any]:
    return enveloped(task(word, **more))


FRAME = {"url": f"{MEDIA}/clip/first_frame.jpg", "type": "first_frame", "expireAt": 1777886899}
VIDEO = {"url": CLIP, "type": "video", "expireAt": 1777886899}
SUCCESS = detail("success", output=[FRAME, VIDEO], storage="temp")
FAIL = detail("fail", error={"code": "TASK_FAILED", "message": "the upstream rejected the prompt"})


def hiapi_error(status: int, message: str, code: str | None = None) -> dict[str, Any]:
    return {"code": status, "message": message, "data": None} | ({"error_code": code} if code else {})

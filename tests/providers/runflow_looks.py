"""What a choice of one of Runflow's assumptions changes, beside its runs."""

from __future__ import annotations

from typing import Any

from driving import Answer, Emulator
from providers.looks import RECEIVER
from providers.runflow_refusals import ADMIN, NO_THING, OWNER, session
from providers.samples import RUNFLOW, job_id


def cancelled_word(emulator: Emulator) -> str:
    run = job_id(RUNFLOW.send(emulator, key=OWNER))
    return str(emulator.post(f"/runflow/v1/admin/runs/{run}/cancellation", key=ADMIN).json()["status_code"])


def repeated_after_two_hours(emulator: Emulator) -> bool:
    """Whether an idempotency key still means the first run."""
    sent = {"idempotency-key": "once"}
    first = job_id(emulator.post(RUNFLOW.path, RUNFLOW.body(), headers=sent))
    emulator.advance(7200)
    return first == job_id(emulator.post(RUNFLOW.path, RUNFLOW.body(), headers=sent))


def retry_after(emulator: Emulator) -> bool:
    """Whether a 429 carries the header."""
    emulator.request("PUT", "/_control/account", {"requests_per_minute": 0})
    return "retry-after" in RUNFLOW.send(emulator).headers


def bad_filter(emulator: Emulator) -> int:
    return emulator.get("/runflow/v1/runs", query={"q": "what?"}).status


def unknown_asset(emulator: Emulator) -> Answer:
    return emulator.get(f"/runflow/v1/assets/{NO_THING}")


def early_confirmation(emulator: Emulator) -> Answer:
    return emulator.post(f"/runflow/v1/asset-uploads/{session(emulator)['asset_id']}/confirmations")


def redelivery(emulator: Emulator) -> Answer:
    run = job_id(emulator.post(RUNFLOW.path, RUNFLOW.body() | {"callback_url": RECEIVER}))
    emulator.advance(60)
    return emulator.post(f"/runflow/v1/runs/{run}/callback-redeliveries")


def second_secret_signs(emulator: Emulator) -> bool:
    emulator.post("/runflow/v1/callback-secrets", {})
    return bool(emulator.post("/runflow/v1/callback-secrets", {}).json()["is_current"])


def upload_after(seconds: float, content_type: str = "image/png") -> Any:
    """The answer to an upload so long after its session, with this content type."""

    def look(emulator: Emulator) -> int:
        url = session(emulator)["upload_url"]
        emulator.advance(seconds)
        return emulator.request("PUT", url, raw=b"x", headers={"content-type": content_type}).status

    return look


def text_upload(emulator: Emulator) -> int:
    body = {"filename": "a.txt", "mime_type": "text/plain", "size_bytes": 1}
    return emulator.post("/runflow/v1/asset-uploads", body).status


def first_slug(emulator: Emulator) -> bool:
    """Whether the catalogue's slug has the owner."""
    return str(emulator.get(f"/runflow/v1/models/{RUNFLOW.model}").json()["slug"]).startswith("alibaba/")


def square_kling(emulator: Emulator) -> int:
    """The width of a square clip."""
    return int(_artefact(emulator, "kuaishou/kling-video/v3/pro/text-to-video", aspect_ratio="1:1")["width"])


def automatic_length(emulator: Emulator) -> int:
    return int(_artefact(emulator, "bytedance/seedance/2.0/text-to-video", duration="auto")["duration"])


def _artefact(emulator: Emulator, model: str, **inputs: Any) -> dict[str, Any]:
    run = job_id(emulator.post(f"/runflow/v1/models/{model}/runs", {"input": {"prompt": "a", **inputs}}))
    emulator.advance(60)
    return dict(emulator.get(f"/runflow/v1/runs/{run}").json()["output"]["outputs"][0])


def unset_balance(emulator: Emulator) -> str:
    return str(emulator.get("/runflow/v1/billing/balance").json()["balance"])

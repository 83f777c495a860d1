"""What an error must look like, provider by provider, written out from the fact sheets."""

from __future__ import annotations

from typing import Any

from driving import Answer

HIAPI_CODES = (
    *("INVALID_REQUEST", "MODEL_UNAVAILABLE", "TASK_FAILED", "TASK_TIMEOUT", "STORAGE_UNAVAILABLE"),
    *("IDEMPOTENCY_KEY_PROCESSING", "IDEMPOTENCY_KEY_MISMATCH"),
)
"""Every error_code that the official SDKs know."""


def refused(answer: Answer, provider: str) -> dict[str, Any]:
    """The body of a refusal, after checking that it is JSON in the provider's own envelope."""
    assert 400 <= answer.status < 500 or answer.status in (502, 503, 504), (answer.status, answer.body)
    assert answer.headers["content-type"] == "application/json"
    assert "location" not in answer.headers
    body: dict[str, Any] = answer.json()
    {"runcomfy": _runcomfy, "runflow": _runflow, "hiapi": _hiapi}[provider](answer, body)
    return body


def code(body: dict[str, Any], provider: str) -> str | int | None:
    """The business code of a refusal; None where the provider has none."""
    found: str | int | None = body.get({"runcomfy": "error_code", "runflow": "code", "hiapi": "error_code"}[provider])
    return found


def message(body: dict[str, Any], provider: str) -> str:
    return str(body["error_message" if provider == "runcomfy" else "message"])


def _runcomfy(answer: Answer, body: dict[str, Any]) -> None:
    """{error_code, error_message}, and detail [{loc, msg, type}] for a broken schema."""
    assert set(body) - {"detail"} == {"error_code", "error_message"}
    assert isinstance(body["error_code"], int)
    assert len(str(body["error_code"])) == 6
    for entry in body.get("detail", []):
        assert set(entry) == {"loc", "msg", "type"}
        assert entry["loc"][0] in ("body", "query")


def _runflow(answer: Answer, body: dict[str, Any]) -> None:
    """{code, message, errors}; errors is null but for a 422, where it lists [{loc, msg, type}] of body or query."""
    assert set(body) == {"code", "message", "errors"}
    assert isinstance(body["code"], str)
    assert body["code"] == body["code"].upper()
    assert (body["errors"] is not None) == (answer.status == 422)
    for entry in body["errors"] or []:
        assert set(entry) == {"loc", "msg", "type"}
        assert entry["loc"][0] in ("body", "query")


def _hiapi(answer: Answer, body: dict[str, Any]) -> None:
    """{code, message, data: null} with the HTTP status again as code; error_code only where there is one."""
    assert set(body) - {"error_code"} == {"code", "message", "data"}
    assert body["code"] == answer.status
    assert body["data"] is None
    assert body.get("error_code", "INVALID_REQUEST") in HIAPI_CODES

"""Every provider's job goes through its documented states, in order, as time is moved by hand."""

from __future__ import annotations

from driving import Emulator


def test_hiapi_task_goes_from_queued_to_success(emulator: Emulator) -> None:
    """queued, handling, archiving, success; output only at the end, and it is an MP4."""
    model = emulator.engine.contracts["hiapi"].model("happyhorse-1.1/reference-to-video")
    assert model is not None
    task = emulator.post("/hiapi/v1/tasks", {"model": model.id, "input": model.example}).json()["data"]["taskId"]

    events = emulator.advance(60)

    detail = emulator.get(f"/hiapi/v1/tasks/{task}").json()["data"]
    assert [event["to"] for event in events] == ["handling", "archiving", "success"]
    assert detail["status"] == "success"
    assert emulator.get(detail["output"][0]["url"], key=None).body[4:8] == b"ftyp"

"""Every alternative of every assumption changes an answer: one thing to look at for each, under both choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from driving import Emulator
from providers import runcomfy_rows, runflow_looks
from providers.hurried import Hurried, looped
from providers.looks import (
    DAY,
    RECEIVER,
    SQUARE,
    Look,
    after,
    attempt_times,
    bearer,
    body,
    cancelled,
    clip_of,
    ends_as,
    failed_output,
    failed_status,
    flat_png,
    last_position,
    lifetime,
    long_runs,
    movie,
    nested,
    raw,
    refusal,
    seeds_drawn,
    sent,
    shown,
    stamp_is_real,
    status,
    tail,
    task,
    top_level,
    unfinished,
    without_owner,
)
from providers.movies import frames_of, has_sound, size_of
from providers.samples import HIAPI, I2V, R2V, RUNFLOW, SEEDANCE, SYNC
from screentest_contracts.load import assumptions

EXEMPT = {
    "media.outside-inputs": "decides what leaves this machine: tests/integration/test_inputs_real.py",
    "media.approximate-limits": "about sounds and videos: tests/inputs/test_media_rules.py",
}


@dataclass(frozen=True)
class Row:
    """One alternative: what to look at, what it is by default, and what it is under the alternative."""

    name: str
    choice: str
    look: Look
    usual: Any
    other: Any
    make: Callable[..., Emulator] = Emulator
    options: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.name}={self.choice}"

    def seen(self, switches: Mapping[str, str]) -> Any:
        return self.look(self.make(switches=switches, **(self.options or {})))


KLING, VEO = "kling-3.0-omni/text-to-video", "veo-3.1-fast/text-to-video"
HOOK, HOOK_URL = {"callback": {"url": RECEIVER}}, {"callback_url": RECEIVER}
ROWS = [
    Row(
        "all.any-bearer-is-an-account",
        "provider-shape",
        bearer,
        [200, 200, 200, 200, 201, 201, 201, 201],
        [200, 401, 401, 401, 401, 201, 201, 401],
    ),
    Row("media.unfetched-size", "720x1280", movie(I2V, size_of, resolution="720P"), (1280, 720), (720, 1280)),
    Row("media.unfetched-size", "1024x1024", movie(I2V, size_of, resolution="720P"), (1280, 720), (960, 960)),
    Row("all.megabyte", "2^20", ends_as(RUNFLOW, image_urls=[flat_png(500, 500, 10_200_000)]), "failed", "succeeded"),
    Row("media.pixel-limit", "none", ends_as(RUNFLOW, image_urls=[flat_png(20_000, 9_000)]), "failed", "succeeded"),
    Row(
        "runcomfy.happyhorse-1.0-r2v.other-images-inherit",
        "no",
        ends_as(R2V, image_url_4=flat_png(200, 200)),
        "failed",
        "succeeded",
    ),
    Row(
        "runcomfy.happyhorse-1.0-i2v.image-bounds",
        "exclusive",
        ends_as(I2V, image_url=flat_png(300, 300)),
        "succeeded",
        "failed",
    ),
    Row(
        "runcomfy.seedance.validation-bounds",
        "inclusive",
        ends_as(SEEDANCE, first_frame_image_url=flat_png(300, 300)),
        "failed",
        "succeeded",
    ),
    Row("all.callback-stamp", "account", stamp_is_real, True, False),
    Row("hiapi.callback-retries", "gaps", attempt_times(HIAPI, HOOK), [0, 60, 300, 1200], [0, 60, 360, 1560]),
    Row(
        "runflow.callback-retries",
        "3",
        attempt_times(RUNFLOW, {"callback_url": RECEIVER}),
        [0, 10, 30, 70, 150],
        [0, 10, 30],
    ),
    Row("runflow.callback-failed-output", "null", failed_output, True, False),
    Row("runcomfy.bad-token", "400", refusal(sent(R2V, key="invalid")), (401, 400004), (400, 400004)),
    Row("runcomfy.no-balance", "402", refusal(sent(R2V, key="empty")), (400, 400002), (402, 400002)),
    Row(
        "runcomfy.unknown-model",
        "404",
        refusal(lambda emulator: emulator.post("/runcomfy/v1/models/a/b", {})),
        (400, 400001),
        (404, 400001),
    ),
    Row("runcomfy.schema-violation", "400", refusal(sent(R2V, seed=-1)), (422, 422001), (400, 400001)),
    Row("runcomfy.malformed-json", "400", refusal(raw(R2V, b"{")), (422, 422001), (400, 400001)),
    Row(
        "runcomfy.wrong-content-type",
        "422",
        refusal(raw(R2V, b"{}", {"content-type": "text/plain"})),
        (415, 415001),
        (422, 422001),
    ),
    Row("runcomfy.submit-status", "202", status(R2V.send), 200, 202),
    Row("runcomfy.failed-status", "failed", failed_status, "completed", "failed"),
    Row(
        "runcomfy.failed-error",
        "object",
        lambda emulator: shown(R2V, prompt="[[fail]]")(emulator)["error"],
        "the generation failed",
        {"type": "GenerationFailed", "message": "the generation failed"},
    ),
    Row(
        "runcomfy.moderation",
        "plain",
        lambda emulator: shown(R2V, prompt="[[moderation]]")(emulator)["error"],
        "content moderation refused the prompt or an input",
        "the generation failed",
    ),
    Row("runcomfy.result-not-ready", "400005", refusal(unfinished), (200, None), (400, 400005)),
    Row(
        "runcomfy.cancel-answer",
        "completed",
        cancelled,
        {"status": "cancelled", "outcome": "cancelled"},
        {"status": "completed", "outcome": "cancelled"},
    ),
    Row("runcomfy.queue-position-base", "0", last_position, 1, 0),
    Row("runcomfy.output-key", "videos", lambda emulator: list(shown(R2V)(emulator)["output"]), ["video"], ["videos"]),
    Row("runcomfy.input-url-scheme", "https", status(sent(R2V, image_url_1="http://127.0.0.1/1.png")), 200, 422),
    Row("runcomfy.data-uris", "refuse", status(sent(R2V, image_url_1=SQUARE)), 200, 422),
    Row("runcomfy.unknown-keys", "refuse", status(sent(I2V, surprise=1)), 200, 422),
    Row("runcomfy.expired-link", "7d", after(R2V, 8), 200, 404),
    Row("runcomfy.video-fps", "25", movie(R2V, frames_of, duration=3), 72, 75),
    Row("runcomfy.video-fps", "30", movie(SEEDANCE, frames_of, duration=4), 96, 120),
    Row("runcomfy.happyhorse-1.0-r2v.long-prompt", "truncate", tail(R2V, "x" * 5000, seed=1), "refused", "cut"),
    Row("runcomfy.happyhorse-1.0-r2v.long-prompt", "accept", tail(R2V, "x" * 5000, seed=1), "refused", "whole"),
    Row("runcomfy.happyhorse-1.0-r2v.chinese", "yes", tail(R2V, "马" * 2500, seed=1), "whole", "refused"),
    Row(
        "runcomfy.happyhorse-1.0-r2v.size-table",
        "short-side",
        movie(R2V, size_of, aspect_ratio="4:3", resolution="720P"),
        (1088, 832),
        (960, 720),
    ),
    Row("runcomfy.happyhorse-1.0-r2v.audio", "no", movie(R2V, has_sound), True, False),
    Row("runcomfy.happyhorse-1.0-i2v.long-prompt", "refuse", tail(I2V, "x" * 5000, seed=1), "cut", "refused"),
    Row("runcomfy.happyhorse-1.0-i2v.chinese", "yes", tail(I2V, "马" * 2500, seed=1), "whole", "cut"),
    Row(
        "runcomfy.happyhorse-1.0-i2v.shape",
        "16:9",
        movie(I2V, size_of, image_url=SQUARE, resolution="720P"),
        (960, 960),
        (1280, 720),
    ),
    Row(
        "runcomfy.happyhorse-1.0-i2v.size-table",
        "short-side",
        movie(I2V, size_of, image_url=SQUARE, resolution="720P"),
        (960, 960),
        (720, 720),
    ),
    Row("runcomfy.happyhorse-1.0-i2v.audio", "no", movie(I2V, has_sound), True, False),
    Row("runcomfy.seedance.size-table", "short-side", movie(SEEDANCE, size_of, ratio="21:9"), (992, 432), (1120, 480)),
    Row(
        "runcomfy.seedance.adaptive",
        "16:9",
        movie(SEEDANCE, size_of, first_frame_image_url=SQUARE),
        (640, 640),
        (864, 496),
    ),
    Row("runflow.sync-route", "off", without_owner, "VALIDATION_ERROR", "NOT_FOUND"),
    Row(
        "runflow.sync-timeout",
        "408",
        refusal(lambda emulator: looped(lambda: SYNC.send(emulator))),
        (504, "GATEWAY_TIMEOUT"),
        (408, "REQUEST_TIMEOUT"),
        options={"sync_timeout": 0},
    ),
    Row(
        "runflow.sync-failed",
        "422",
        refusal(lambda emulator: looped(lambda: SYNC.send(emulator, prompt="[[fail]]"))),
        (502, "PROVIDER_ERROR"),
        (422, "PROVIDER_ERROR"),
        make=Hurried,
    ),
    Row(
        "runflow.moderation",
        "PROVIDER_ERROR",
        lambda emulator: shown(RUNFLOW, prompt="[[moderation]]")(emulator)["failure_code"],
        "CONTENT_MODERATED",
        "PROVIDER_ERROR",
    ),
    Row("runflow.create-status", "200", status(RUNFLOW.send), 201, 200),
    Row(
        "runflow.validation-code",
        "UNPROCESSABLE_ENTITY",
        refusal(sent(RUNFLOW, seed=-1)),
        (422, "VALIDATION_ERROR"),
        (422, "UNPROCESSABLE_ENTITY"),
    ),
    Row(
        "runflow.unknown-model",
        "NOT_FOUND",
        refusal(lambda emulator: emulator.post("/runflow/v1/models/a/b/runs", RUNFLOW.body())),
        (404, "MODEL_NOT_FOUND"),
        (404, "NOT_FOUND"),
    ),
    Row(
        "runflow.malformed-id",
        "422",
        refusal(lambda emulator: emulator.get("/runflow/v1/runs/x")),
        (404, "RUN_NOT_FOUND"),
        (422, "VALIDATION_ERROR"),
    ),
    Row(
        "runflow.no-balance-code",
        "INSUFFICIENT_CREDITS",
        refusal(sent(RUNFLOW, key="empty")),
        (402, "INSUFFICIENT_CREDIT"),
        (402, "INSUFFICIENT_CREDITS"),
    ),
    Row("runflow.unknown-keys", "refuse", status(sent(RUNFLOW, surprise=1)), 201, 422),
    Row("runflow.prose-limits", "truncate", tail(RUNFLOW, "x" * 2500), "refused", "cut"),
    Row("runflow.prose-limits", "accept", long_runs, (422, 422, 422), (201, 201, 201)),
    Row("runflow.seed-zero", "random", seeds_drawn, False, True),
    Row("runflow.url-lifetime", "1d", after(RUNFLOW, 2), 200, 403),
    Row("runflow.video-fps", "25", movie(RUNFLOW, frames_of, duration=3), 72, 75),
    Row("runflow.video-fps", "30", movie(RUNFLOW, frames_of, duration=3), 72, 90),
    Row(
        "runflow.happy-horse-r2v.price-1080p", "0.14", lambda emulator: shown(RUNFLOW)(emulator)["cost"], "1.40", "0.70"
    ),
    Row(
        "runflow.happy-horse-r2v.size-table",
        "short-side",
        movie(RUNFLOW, size_of, aspect_ratio="1:1"),
        (1440, 1440),
        (1080, 1080),
    ),
    Row("all.unknown-schema", "accept", status(task("wan3.0-video", prompt="a fox")), 400, 200),
    Row("hiapi.routes", "none", status(body(HIAPI, route="ext")), 200, 400),
    Row("hiapi.routes", "pro", status(body(HIAPI, route="pro")), 400, 200),
    Row("hiapi.route-twice", "field", status(body(HIAPI, model=f"{HIAPI.model}@ext", route="beta")), 400, 200),
    Row(
        "hiapi.required-with-default",
        "required",
        lambda emulator: [task(name, prompt="a fox")(emulator).status for name in ("seedance-2-0", VEO)],
        [200, 200],
        [400, 400],
    ),
    Row("hiapi.silent-defaults", "1080p", clip_of(KLING, size_of, prompt="a fox"), (1280, 720), (1920, 1080)),
    Row("hiapi.audio-default", "on", clip_of(KLING, has_sound, prompt="a fox"), False, True),
    Row("hiapi.audio-default", "off", clip_of(VEO, has_sound, prompt="a fox"), True, False),
    Row("hiapi.seed", "all", status(task("seedance-2.0", prompt="a fox", seed=7)), 400, 200),
    Row(
        "hiapi.size-tables",
        "short-side",
        clip_of(KLING, size_of, prompt="a fox", aspect_ratio="1:1"),
        (960, 960),
        (720, 720),
    ),
    Row(
        "hiapi.upstream-status",
        "5xx",
        lambda emulator: [
            HIAPI.send(emulator, prompt=f"[[{name}]]").status
            for name in ("upstream-refused", "upstream-timeout", "storage-unavailable")
        ],
        [400, 400, 400],
        [502, 504, 500],
    ),
    Row(
        "hiapi.placeholder-price",
        "1",
        lambda emulator: emulator.get("/hiapi/api/pricing").json()["data"][0]["base_usd_value"],
        0.1,
        1,
    ),
    Row(
        "hiapi.first-frame",
        "always",
        lambda emulator: [item["type"] for item in shown(HIAPI)(emulator)["data"]["output"]],
        ["video"],
        ["video", "first_frame"],
    ),
    Row("runflow.cancelled-word", "cancelled", runflow_looks.cancelled_word, "canceled", "cancelled"),
    Row("runflow.idempotency", "1h", runflow_looks.repeated_after_two_hours, True, False),
    Row("runflow.filter-grammar", "400", runflow_looks.bad_filter, 422, 400),
    Row("runflow.retry-after", "on", runflow_looks.retry_after, False, True),
    Row(
        "runflow.unknown-item",
        "RESOURCE_NOT_FOUND",
        refusal(runflow_looks.unknown_asset),
        (404, "NOT_FOUND"),
        (404, "RESOURCE_NOT_FOUND"),
    ),
    Row(
        "runflow.too-early",
        "422",
        refusal(runflow_looks.early_confirmation),
        (409, "CONFLICT"),
        (422, "VALIDATION_ERROR"),
    ),
    Row("runflow.redelivery-status", "200", status(runflow_looks.redelivery), 201, 200),
    Row("runflow.new-secret", "first-only", runflow_looks.second_secret_signs, True, False),
    Row("runflow.upload-lifetime", "15min", runflow_looks.upload_after(1000), 200, 403),
    Row("runflow.upload-content-type", "any", runflow_looks.upload_after(0, "image/jpeg"), 403, 200),
    Row("runflow.asset-types", "any", runflow_looks.text_upload, 422, 201),
    Row("runflow.model-slug", "with-owner", runflow_looks.first_slug, False, True),
    Row("runflow.size-tables", "short-side", runflow_looks.square_kling, 1440, 1080),
    Row("runflow.auto-length", "8", runflow_looks.automatic_length, 5, 8),
    Row("runflow.unset-balance", "0.00", runflow_looks.unset_balance, "1000.00", "0.00"),
    Row("hiapi.callback-scheme", "https", status(body(HIAPI, callback={"url": "http://127.0.0.1/hook"})), 200, 400),
    Row("hiapi.data-uris", "accept", status(sent(HIAPI, reference_image=[SQUARE])), 400, 200),
    Row("hiapi.error-envelope", "nested", nested, {"code", "message", "data"}, {"error"}),
    Row(
        "hiapi.unknown-model",
        "404",
        refusal(body(HIAPI, model="no-such-model")),
        (400, "INVALID_REQUEST"),
        (404, "INVALID_REQUEST"),
    ),
    Row("hiapi.unknown-top-level", "refuse", top_level, 200, 400),
    Row("hiapi.wrong-method", "404", status(lambda emulator: emulator.request("DELETE", HIAPI.path)), 405, 404),
    Row(
        "hiapi.malformed-id",
        "400",
        refusal(lambda emulator: emulator.get("/hiapi/v1/tasks/x")),
        (404, 404),
        (400, "INVALID_REQUEST"),
    ),
    Row(
        "hiapi.moderation",
        "INVALID_REQUEST",
        lambda emulator: shown(HIAPI, prompt="[[fail: moderation]]")(emulator)["data"]["error"]["code"],
        "TASK_FAILED",
        "INVALID_REQUEST",
    ),
    Row("hiapi.url-lifetime", "1d", lifetime, 7 * DAY, DAY),
    Row("hiapi.expired-link", "403", after(HIAPI, 8), 404, 403),
    Row("hiapi.video-fps", "25", movie(HIAPI, frames_of, duration=3), 72, 75),
    Row("hiapi.video-fps", "30", movie(HIAPI, frames_of, duration=3), 72, 90),
    Row("hiapi.body-limit", "10MB", status(raw(HIAPI, b"{}", {"content-length": "10000001"})), 400, 413),
    Row(
        "hiapi.happyhorse-1.1-r2v.size-table",
        "short-side",
        movie(HIAPI, size_of, aspect_ratio="9:21", resolution="720p"),
        (624, 1472),
        (720, 1680),
    ),
    *(Row(f"runcomfy.{name}", *rest) for name, *rest in runcomfy_rows.ROWS),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_an_alternative_changes_an_answer(row: Row) -> None:
    """By default one thing is seen, under the alternative another."""
    assert row.usual != row.other
    assert row.seen({}) == row.usual
    assert row.seen({row.name: row.choice}) == row.other


def test_no_alternative_is_forgotten() -> None:
    """Every alternative is in the table, but for those that say themselves that they do nothing yet."""
    listed = {
        f"{one.id}={choice}"
        for one in assumptions().values()
        for choice in one.alternatives
        if not one.pending and one.id not in EXEMPT
    }
    assert {str(row) for row in ROWS} == listed


@pytest.mark.parametrize("name", [one.id for one in assumptions().values()])
def test_the_default_can_be_named(name: str) -> None:
    """Switching an assumption to its own default changes nothing and is no error."""
    emulator = Emulator(switches={name: assumptions()[name].default})
    assert HIAPI.send(emulator).status == 200


def test_nested_errors_are_for_the_gateway_only() -> None:
    """The other envelope is that of 401, 403 and 429; mistakes in the request keep the documented one."""
    emulator = Emulator(switches={"hiapi.error-envelope": "nested"})
    error = HIAPI.send(emulator, key=None).json()["error"]
    assert (error["type"], isinstance(error["message"], str), isinstance(error["code"], str)) == (
        "hiapi_error",
        True,
        True,
    )
    assert set(HIAPI.send(emulator, duration=2).json()) == {"code", "message", "data", "error_code"}
    assert set(HIAPI.send(emulator, key="empty").json()) == {"code", "message", "data"}


def test_a_method_that_does_not_exist_has_no_allow() -> None:
    """With hiapi.wrong-method=404 the answer does not tell which methods would do."""
    answer = Emulator(switches={"hiapi.wrong-method": "404"}).request("DELETE", HIAPI.path)
    assert (answer.status, "allow" in answer.headers) == (404, False)

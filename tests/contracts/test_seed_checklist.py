"""What the five seed pages say, row by row, found again in the contracts: the fact with its page, or the assumption.

Values are facts of the pages; our own sentences are checked for the words that carry the fact.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from screentest_contracts.load import assumptions, load
from screentest_contracts.provenance import Fact
from screentest_contracts.reading import Json

R2V, I2V, SEEDANCE = (
    "happyhorse/happyhorse-1.0/reference-to-video",
    "happyhorse/happyhorse-1.0/image-to-video",
    "bytedance/seedance-v1.5-pro/image-to-video",
)
RUNFLOW, HIAPI = "alibaba/happy-horse/reference-to-video", "happyhorse-1.1/reference-to-video"
OWN = ""  # the provider's own document, not a model's

FACTS: dict[tuple[str, str, str], dict[str, Json]] = {
    ("runcomfy", OWN, "documented: authentication"): {"/auth": "bearer"},
    ("runcomfy", OWN, "documented: queue"): {
        "/base_url": "https://model-api.runcomfy.net",
        "/operations/0/method": "POST",
        "/operations/0/path": "/v1/models/{model_id...}",
        "/operations/0/input_at": "",
        "/schemas/Submitted/required": ["request_id", "status_url", "result_url", "cancel_url"],
        "/operations/1/method": "GET",
        "/operations/1/path": "/v1/requests/{request_id}/status",
        "/operations/2/method": "GET",
        "/operations/2/path": "/v1/requests/{request_id}/result",
        "/operations/3/method": "POST",
        "/operations/3/path": "/v1/requests/{request_id}/cancel",
        "/lifecycle/steps/0/word": "in_queue",
        "/lifecycle/steps/1/word": "in_progress",
        "/lifecycle/outcomes/succeeded": "completed",
        "/lifecycle/outcomes/cancelled": "cancelled",
        "/lifecycle/cancel": "queued",
        "/schemas/Status/properties/status/enum": ["in_queue", "in_progress", "completed", "cancelled"],
        "/schemas/Result/properties/status/enum": ["in_queue", "in_progress", "succeeded", "failed", "cancelled"],
    },
    ("runcomfy", OWN, "documented: i2v-page"): {
        "/file_inputs/schemes/https": True,
        "/file_inputs/recommended_megabytes/image": 50,
        "/file_inputs/recommended_megabytes/video": 100,
        "/schemas/Result/properties/output/properties/image": {"type": "string", "format": "uri"},
        "/schemas/Result/properties/output/properties/video": {"type": "string", "format": "uri"},
        "/schemas/Result/properties/output/properties/images/type": "array",
        "/schemas/Result/properties/output/properties/images/items": {"type": "string", "format": "uri"},
        "/schemas/Result/properties/output/properties/videos/type": "array",
        "/schemas/Result/properties/output/properties/videos/items": {"type": "string", "format": "uri"},
    },
    ("runcomfy", R2V, "documented: r2v-page"): {
        "/id": R2V,
        "/input/required": ["image_url_1", "prompt"],
        "/input/properties/image_url_1/type": "string",
        "/input/properties/image_url_1/media/formats": ["jpeg", "png", "webp"],
        "/input/properties/image_url_1/media/short_side_min": 400,
        "/input/properties/image_url_1/media/short_side_recommended": 720,
        "/input/properties/image_url_1/media/max_megabytes": 10,
        "/input/properties/image_url_2/media/formats": ["jpeg", "png", "webp"],
        "/input/properties/image_url_3/media/formats": ["jpeg", "png", "webp"],
        **{f"/input/properties/image_url_{n}/type": "string" for n in range(2, 10)},
        **{f"/input/properties/image_url_{n}/empty": "absent" for n in range(2, 10)},
        "/input/properties/prompt/maxLength": 5000,
        "/input/properties/prompt/maxLengthChinese": 2500,
        "/input/properties/aspect_ratio/enum": ["16:9", "9:16", "1:1", "4:3", "3:4"],
        "/input/properties/aspect_ratio/default": "16:9",
    },
    ("runcomfy", I2V, "documented: i2v-page"): {
        "/id": I2V,
        "/input/required": ["image_url", "prompt"],
        "/input/properties/image_url/media/formats": ["jpeg", "png", "webp"],
        "/input/properties/image_url/media/side_min": 300,
        "/input/properties/image_url/media/ratio_min": 1 / 2.5,
        "/input/properties/image_url/media/ratio_max": 2.5,
        "/input/properties/image_url/media/max_megabytes": 10,
        "/input/properties/prompt/maxLength": 5000,
        "/input/properties/prompt/maxLengthChinese": 2500,
    },
    ("runcomfy", SEEDANCE, "documented: seedance-page"): {
        "/id": SEEDANCE,
        "/input/required": ["prompt", "first_frame_image_url"],
        "/input/properties/prompt/advice/maxLength": 499,
        "/input/properties/resolution/enum": ["480p", "720p", "1080p"],
        "/input/properties/resolution/default": "480p",
        "/input/properties/ratio/enum": ["16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "adaptive"],
        "/input/properties/ratio/default": "adaptive",
        "/input/properties/duration/type": "integer",
        "/input/properties/duration/enum": list(range(4, 13)),
        "/input/properties/duration/default": 5,
        "/input/properties/generate_audio/type": "boolean",
        "/input/properties/generate_audio/default": True,
        "/input/properties/camera_fixed/type": "boolean",
        "/input/properties/camera_fixed/default": True,
        "/video/audio": "generate_audio",
        "/video/camera_fixed": "camera_fixed",
        "/video/adaptive": "adaptive",
        **{
            f"/input/properties/first_frame_image_url/validations/{index}/{key}": value
            for index, rule in enumerate(
                [
                    ("width_pixels<", 6000),
                    ("height_pixels<", 6000),
                    ("width_pixels>", 300),
                    ("height_pixels>", 300),
                    ("width/height>", 0.4),
                    ("width/height<", 2.5),
                    ("file_size_mb<", 30),
                ]
            )
            for key, value in zip(("rule", "value"), rule, strict=True)
        },
    },
    ("runflow", OWN, "documented: authentication"): {"/auth": "bearer"},
    ("runflow", OWN, "documented: api-page"): {
        "/operations/2/method": "POST",
        "/operations/2/path": "/v1/run/{model_id...}",
        "/operations/2/ownerless": True,
        "/operations/2/input_at": "",
        "/schemas/SyncOutput/required": ["outputs", "seed", "timing", "nsfw_detected", "video"],
        "/schemas/SyncOutput/properties/video/required": ["url"],
        "/schemas/Output/required": ["outputs", "seed", "timing", "nsfw_detected"],
        "/schemas/Output/properties/outputs/items/properties/url/type": "string",
        "/schemas/Output/properties/outputs/items/properties/width/type": "integer",
        "/schemas/Output/properties/outputs/items/properties/height/type": "integer",
        "/schemas/Output/properties/outputs/items/properties/duration/type": "number",
        "/schemas/Output/properties/seed/type": ["integer", "null"],
        "/schemas/Output/properties/timing/type": ["object", "null"],
        "/schemas/Output/properties/timing/properties/inference_ms/type": "integer",
        "/schemas/Output/properties/nsfw_detected/type": ["boolean", "null"],
    },
    ("runflow", RUNFLOW, "documented: api-page"): {
        "/id": RUNFLOW,
        "/input/properties/prompt/type": "string",
        "/input/properties/prompt/maxLength": 2500,
        "/input/properties/image_urls/type": "array",
        "/input/properties/image_urls/minItems": 1,
        "/input/properties/image_urls/maxItems": 9,
        "/input/properties/image_urls/media/formats": ["jpeg", "png", "webp"],
        "/input/properties/image_urls/media/short_side_min": 400,
        "/input/properties/image_urls/media/short_side_recommended": 720,
        "/input/properties/image_urls/media/max_megabytes": 10,
        "/input/properties/aspect_ratio/type": "string",
        "/input/properties/aspect_ratio/enum": ["16:9", "9:16", "1:1", "4:3", "3:4"],
        "/input/properties/duration/type": "integer",
        "/input/properties/duration/minimum": 3,
        "/input/properties/duration/maximum": 15,
        "/input/properties/enable_safety_checker/type": "boolean",
        "/input/properties/resolution/type": "string",
        "/input/properties/seed/type": "integer",
        "/input/properties/seed/minimum": 0,
        "/input/properties/seed/maximum": 2147483647,
        "/video/audio": True,
        "/price/seen": "2026-04-28",
        "/price/usd_per_second/720p": "0.14",
        "/example/resolution": "720p",
    },
    ("runflow", RUNFLOW, "documented: model-page"): {
        "/input/required": ["prompt", "image_urls"],
        "/input/properties/resolution/enum": ["720p", "1080p"],
    },
    ("runflow", RUNFLOW, "documented: llms-page"): {
        "/input/properties/aspect_ratio/default": "16:9",
        "/input/properties/duration/default": 5,
        "/input/properties/enable_safety_checker/default": True,
        "/input/properties/resolution/default": "1080p",
    },
    ("hiapi", OWN, "documented: async-api"): {
        "/operations/0/method": "POST",
        "/operations/0/path": "/v1/tasks",
        "/operations/0/model_at": "body:model",
        "/operations/0/input_at": "/input",
        "/operations/2/method": "GET",
        "/operations/2/path": "/v1/tasks/{task_id}",
        "/schemas/CreateTask/required": ["model", "input"],
        "/schemas/CreateTask/properties/callback/type": "object",
        "/schemas/CreateTask/properties/callback/required": ["url"],
        "/schemas/CreateTask/properties/callback/properties/when/enum": ["final"],
        "/schemas/CreateTask/properties/callback/properties/when/default": "final",
        "/schemas/TaskCreated/properties/data/required": ["taskId"],
        "/lifecycle/outcomes/succeeded": "success",
        "/lifecycle/outcomes/failed": "fail",
        "/lifecycle/cancel": "none",
        "/schemas/Task/properties/output/type": "array",
        "/schemas/Task/properties/output/items/properties/url": {"type": "string", "format": "uri"},
    },
    ("hiapi", HIAPI, "documented: r2v-page"): {
        "/id": HIAPI,
        "/input/required": ["prompt", "reference_image"],
        "/input/properties/prompt/type": "string",
        "/input/properties/reference_image/type": "array",
        "/input/properties/reference_image/minItems": 1,
        "/input/properties/reference_image/maxItems": 9,
        "/input/properties/reference_image/media/formats": ["jpeg", "png", "webp"],
        "/input/properties/reference_image/media/short_side_min": 400,
        "/input/properties/reference_image/media/max_megabytes": 20,
        "/input/properties/resolution/enum": ["720p", "1080p"],
        "/input/properties/resolution/default": "1080p",
        "/input/properties/aspect_ratio/enum": ["16:9", "9:16", "3:4", "4:3", "4:5", "5:4", "1:1", "9:21", "21:9"],
        "/input/properties/aspect_ratio/default": "16:9",
        "/input/properties/duration/type": "integer",
        "/input/properties/duration/minimum": 3,
        "/input/properties/duration/maximum": 15,
        "/input/properties/duration/default": 5,
        "/video/audio": True,
        "/price/by": "resolution",
        "/price/per": "second",
    },
}
for page, its_model in (("r2v-page", R2V), ("i2v-page", I2V)):
    FACTS["runcomfy", its_model, f"documented: {page}"] |= {
        "/input/properties/resolution/enum": ["720P", "1080P"],
        "/input/properties/resolution/default": "1080P",
        "/input/properties/duration/type": "integer",
        "/input/properties/duration/enum": list(range(3, 16)),
        "/input/properties/duration/default": 5,
        "/input/properties/watermark/type": "boolean",
        "/input/properties/watermark/default": False,
        "/input/properties/seed/type": "integer",
        "/input/properties/seed/minimum": 0,
        "/input/properties/seed/maximum": 2147483647,
        "/input/properties/seed/default": 0,
        "/video/seed": "seed",
        "/video/random_seeds": [0],
        "/video/watermark": "watermark",
    }

WORDS = [
    ("runcomfy", OWN, "/file_inputs/fetch", "public server login cookies rate-limits bots stable pre-signed"),
    ("runcomfy", R2V, "/input/properties/prompt/description", "character1 character2"),
    ("runcomfy", I2V, "/input/properties/seed/description", "0 provider pick"),
    ("runcomfy", SEEDANCE, "/input/properties/prompt/description", "500 better"),
    ("runflow", OWN, "/schemas/Output/properties/seed/description", "null provider returns none"),
    ("runflow", OWN, "/schemas/Output/properties/nsfw_detected/description", "null checked"),
    ("runflow", RUNFLOW, "/input/properties/prompt/description", "character1 character9 order"),
    ("runflow", RUNFLOW, "/input/properties/enable_safety_checker/description", "input output checked"),
    (
        "hiapi",
        OWN,
        "/guidance",
        "success fail terminal taskId deduplicate fix payload callback.url polling debugging volume",
    ),
    ("hiapi", HIAPI, "/input/properties/prompt/description", "[Image 1] [Image 2] order"),
    ("hiapi", HIAPI, "/price/note", "higher resolution costs more no price"),
]

ABSENT = [
    ("runcomfy", OWN, "/schemas/Result/properties/output/required", "the four output keys are optional"),
    ("runcomfy", I2V, "/input/properties/aspect_ratio", "the page has no ratio"),
    ("runcomfy", SEEDANCE, "/input/properties/prompt/maxLength", "500 characters are advice"),
    ("runcomfy", SEEDANCE, "/input/properties/seed", "the page has no seed"),
    ("runflow", RUNFLOW, "/video/random_seeds", "seed 0 is a seed like any other"),
    ("hiapi", HIAPI, "/input/properties/seed", "the page has no seed"),
    ("hiapi", HIAPI, "/input/properties/prompt/maxLength", "the page has no limit"),
    ("hiapi", HIAPI, "/price/usd_per_second/1080p", "the page has no price"),
]

ASSUMED = {
    "runcomfy.input-url-scheme": ("https-or-loopback-http", "https"),
    "runcomfy.output-key": ("video", "videos"),
    "all.any-bearer-is-an-account": ("yes", "provider-shape"),
    "all.megabyte": ("10^6", "2^20"),
    "runcomfy.bad-token": ("401", "400"),
    "runcomfy.schema-violation": ("422", "400"),
    "runcomfy.unknown-model": ("400", "404"),
    "runcomfy.no-balance": ("400", "402"),
    "runcomfy.error-envelope": ("error_code-error_message-detail",),
    "runcomfy.result-not-ready": ("state", "400005"),
    "runcomfy.video-fps": ("24", "25", "30"),
    "runflow.video-fps": ("24", "25", "30"),
    "hiapi.video-fps": ("24", "25", "30"),
    "runcomfy.happyhorse-1.0-r2v.size-table": ("wan", "short-side"),
    "runcomfy.happyhorse-1.0-i2v.size-table": ("wan", "short-side"),
    "runcomfy.seedance.size-table": ("seedance-1.5", "short-side"),
    "runflow.happy-horse-r2v.size-table": ("wan", "short-side"),
    "hiapi.happyhorse-1.1-r2v.size-table": ("wan", "short-side"),
    "runcomfy.happyhorse-1.0-r2v.audio": ("yes", "no"),
    "runcomfy.happyhorse-1.0-i2v.audio": ("yes", "no"),
    "runcomfy.happyhorse-1.0-r2v.other-images-inherit": ("yes", "no"),
    "runcomfy.happyhorse-1.0-r2v.image-gaps": ("accept",),
    "runcomfy.happyhorse-1.0-r2v.prompt-tags": ("no",),
    "runcomfy.happyhorse-1.0-r2v.long-prompt": ("refuse", "truncate", "accept"),
    "runcomfy.happyhorse-1.0-r2v.chinese": ("no", "yes"),
    "runcomfy.happyhorse-1.0-i2v.image-bounds": ("inclusive", "exclusive"),
    "runcomfy.happyhorse-1.0-i2v.long-prompt": ("truncate", "refuse"),
    "runcomfy.happyhorse-1.0-i2v.chinese": ("no", "yes"),
    "runcomfy.happyhorse-1.0-i2v.shape": ("first-frame", "16:9"),
    "media.unfetched-size": ("1280x720", "720x1280", "1024x1024"),
    "runcomfy.seedance.validation-bounds": ("strict", "inclusive"),
    "runcomfy.seedance.validation-text": ("own",),
    "runcomfy.seedance.adaptive": ("nearest-listed", "16:9"),
    "runcomfy.media-rules": ("generation",),
    "runflow.sync-route": ("on", "off"),
    "runflow.prose-limits": ("refuse", "truncate", "accept"),
    "runflow.seed-zero": ("yes", "random"),
    "runflow.happy-horse-r2v.price-1080p": ("0.28", "0.14"),
    "hiapi.callback-scheme": ("any", "https"),
}


def document(provider: str, model_id: str) -> tuple[str, Json]:
    """A contract's document under the defaults, with its address."""
    name = f"models/{model_id.replace('/', '--')}.json" if model_id else "provider.json"
    file = f"{provider}/{name}"
    return file + "#", load(provider).documents()[file]


@cache
def facts(provider: str) -> list[Fact]:
    """Every fact of a contract under the defaults."""
    return list(load(provider).facts())


def at(node: Json, pointer: str) -> Any:
    """What a JSON pointer leads to; KeyError where it leads nowhere."""
    for token in pointer.split("/")[1:]:
        node = node[int(token)] if isinstance(node, list) else node[token]
    return node


@pytest.mark.parametrize(
    ("provider", "model_id", "pointer", "expected", "provenance"),
    [
        pytest.param(provider, model, pointer, expected, provenance, id=f"{provider}:{model}{pointer}")
        for (provider, model, provenance), rows in FACTS.items()
        for pointer, expected in rows.items()
    ],
)
def test_a_fact_of_a_page_is_in_the_contract(
    provider: str, model_id: str, pointer: str, expected: Json, provenance: str
) -> None:
    """The contract has the value, and says that this page documents it."""
    home, node = document(provider, model_id)
    assert at(node, pointer) == expected
    place = home + pointer
    said = [str(one.provenance) for one in facts(provider) if one.at == place or one.at.startswith(place + "/")]
    assert said
    assert set(said) == {provenance}


@pytest.mark.parametrize(("provider", "model_id", "pointer", "words"), WORDS)
def test_a_sentence_of_a_page_is_in_our_own_words(provider: str, model_id: str, pointer: str, words: str) -> None:
    """Prose is worded anew, but keeps what it says."""
    text = str(at(document(provider, model_id)[1], pointer))
    assert [word for word in words.split(" ") if word not in text] == []


@pytest.mark.parametrize(("provider", "model_id", "pointer", "why"), ABSENT)
def test_what_a_page_does_not_say_is_not_in_the_contract(provider: str, model_id: str, pointer: str, why: str) -> None:
    """An absence is part of the contract too."""
    with pytest.raises(KeyError):
        at(document(provider, model_id)[1], pointer)


def test_no_operation_of_hiapi_cancels() -> None:
    """No page documents a cancel, and no method but GET and POST."""
    assert {operation.method for operation in load("hiapi").provider.operations.values()} == {"GET", "POST"}
    assert "cancelled" not in load("hiapi").provider.lifecycle.outcomes


@pytest.mark.parametrize(("name", "choices"), ASSUMED.items())
def test_a_question_that_a_page_leaves_open_is_an_assumption(name: str, choices: tuple[str, ...]) -> None:
    """The assumption exists, with the default that was settled first and its alternatives."""
    assert assumptions()[name].choices == choices

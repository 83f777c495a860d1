"""Which pixels a clip has: as documented for the model's tier and ratio, or after its first frame."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.framing import frame_size
from screentest_contracts.load import load
from screentest_contracts.model import Frame
from unit.pictures import data_uri

R2V = "happyhorse/happyhorse-1.0/reference-to-video"
I2V = "happyhorse/happyhorse-1.0/image-to-video"
SEEDANCE = "bytedance/seedance-v1.5-pro/image-to-video"
RUNFLOW = "alibaba/happy-horse/reference-to-video"
HIAPI = "happyhorse-1.1/reference-to-video"

WAN_5 = {
    "720p": {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960), "4:3": (1088, 832), "3:4": (832, 1088)},
    "1080p": {
        "16:9": (1920, 1080),
        "9:16": (1080, 1920),
        "1:1": (1440, 1440),
        "4:3": (1632, 1248),
        "3:4": (1248, 1632),
    },
}
WAN_9 = {
    "720p": WAN_5["720p"] | {"4:5": (864, 1072), "5:4": (1072, 864), "21:9": (1472, 624), "9:21": (624, 1472)},
    "1080p": WAN_5["1080p"] | {"4:5": (1280, 1616), "5:4": (1616, 1280), "21:9": (2192, 944), "9:21": (944, 2192)},
}
SEEDANCE_SIZES = {
    "480p": {
        "16:9": (864, 496),
        "4:3": (752, 560),
        "1:1": (640, 640),
        "3:4": (560, 752),
        "9:16": (496, 864),
        "21:9": (992, 432),
    },
    "720p": {
        "16:9": (1280, 720),
        "4:3": (1112, 834),
        "1:1": (960, 960),
        "3:4": (834, 1112),
        "9:16": (720, 1280),
        "21:9": (1470, 630),
    },
    "1080p": {
        "16:9": (1920, 1080),
        "4:3": (1664, 1248),
        "1:1": (1440, 1440),
        "3:4": (1248, 1664),
        "9:16": (1080, 1920),
        "21:9": (2206, 946),
    },
}
TABLES = [
    ("runcomfy", R2V, "aspect_ratio", {tier.upper(): row for tier, row in WAN_5.items()}),
    ("runcomfy", SEEDANCE, "ratio", SEEDANCE_SIZES),
    ("runflow", RUNFLOW, "aspect_ratio", WAN_5),
    ("hiapi", HIAPI, "aspect_ratio", WAN_9),
]
SIZES = [
    (provider, model, tier, key, ratio, size)
    for provider, model, key, table in TABLES
    for tier, row in table.items()
    for ratio, size in row.items()
]


def size(provider: str, model_id: str, unfetched: str = "1280x720", **inputs: object) -> tuple[int, int]:
    """The frame size of a complete input."""
    model = load(provider).model(model_id)
    assert model is not None
    assert isinstance(model.output, Frame)
    return frame_size(model.output, inputs, unfetched)


@pytest.mark.parametrize(("provider", "model", "tier", "key", "ratio", "expected"), SIZES)
def test_size_of_every_tier_and_ratio(
    provider: str, model: str, tier: str, key: str, ratio: str, expected: tuple[int, int]
) -> None:
    """Every documented combination of resolution and aspect ratio has its own size."""
    assert size(provider, model, resolution=tier, **{key: ratio}) == expected


def test_the_table_covers_all_that_can_be_asked() -> None:
    """No model takes a resolution or a ratio whose size is not checked above."""
    for provider, model_id, key, table in TABLES:
        model = load(provider).model(model_id)
        assert model is not None
        assert set(model.input.properties["resolution"]["enum"]) == set(table)
        assert set(model.input.properties[key]["enum"]) - {"adaptive"} == set(next(iter(table.values())))


@pytest.mark.parametrize(
    ("image", "tier", "expected"),
    [
        ((1600, 900), "720P", (1280, 720)),
        ((900, 1600), "1080P", (1080, 1920)),
        ((500, 500), "720P", (960, 960)),
        ((800, 600), "1080P", (1632, 1248)),
        ((1000, 500), "720P", (1360, 672)),
        ((500, 1000), "720P", (672, 1360)),
        ((900, 400), "1080P", (2160, 960)),
    ],
)
def test_image_to_video_follows_its_image(image: tuple[int, int], tier: str, expected: tuple[int, int]) -> None:
    """The clip takes the shape of a data URI's image at the tier's area, on a grid of 16, and listed shapes exactly."""
    assert size("runcomfy", I2V, resolution=tier, image_url=data_uri(*image)) == expected


def test_image_to_video_follows_an_image_of_our_own() -> None:
    """/inputs/WxH on this machine tells its size without being fetched."""
    url = "http://127.0.0.1:8790/inputs/720x1280.png"
    assert size("runcomfy", I2V, resolution="720P", image_url=url) == (720, 1280)


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/inputs/720x1280.png", "https://elsewhere.example/a.png", "data:image/png,no"]
)
def test_an_image_of_unknown_size_counts_as_landscape(url: str) -> None:
    """An image that was not fetched, and bytes that are no image, count as 1280x720."""
    assert size("runcomfy", I2V, resolution="1080P", image_url=url) == (1920, 1080)


@pytest.mark.parametrize(("unfetched", "expected"), [("720x1280", (720, 1280)), ("1024x1024", (960, 960))])
def test_the_size_of_an_unknown_image_can_be_chosen(unfetched: str, expected: tuple[int, int]) -> None:
    """Another choice for images that are not fetched changes the clip's shape."""
    url = "https://elsewhere.example/a.png"
    assert size("runcomfy", I2V, unfetched, resolution="720P", image_url=url) == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ((1600, 900), (864, 496)),
        ((1500, 1000), (752, 560)),
        ((1010, 1000), (640, 640)),
        ((3000, 4000), (560, 752)),
        ((1000, 2400), (496, 864)),
        ((2400, 1000), (992, 432)),
        ((2045, 1000), (992, 432)),
        ((653, 1000), (560, 752)),
    ],
)
def test_adaptive_takes_the_nearest_listed_ratio(image: tuple[int, int], expected: tuple[int, int]) -> None:
    """Seedance's adaptive gives a size of its table: that of the ratio nearest to the first frame."""
    assert size("runcomfy", SEEDANCE, resolution="480p", ratio="adaptive", first_frame_image_url=data_uri(*image)) == (
        expected
    )


def test_adaptive_is_landscape_when_the_image_is_unknown() -> None:
    """Without knowing the first frame, adaptive is 16:9."""
    url = "https://elsewhere.example/a.png"
    assert size("runcomfy", SEEDANCE, resolution="720p", ratio="adaptive", first_frame_image_url=url) == (1280, 720)


def test_a_ratio_that_was_asked_for_wins_over_the_image() -> None:
    """Seedance with an explicit ratio does not look at the first frame."""
    image = data_uri(300, 600)
    assert size("runcomfy", SEEDANCE, resolution="720p", ratio="16:9", first_frame_image_url=image) == (1280, 720)


@given(st.integers(1, 99999), st.integers(1, 99999), st.sampled_from(["720P", "1080P"]))
def test_any_image_gives_a_clip_that_can_be_drawn(width: int, height: int, tier: str) -> None:
    """Even an image that is a needle gives even sides and about the tier's area, never an impossible clip."""
    got = size("runcomfy", I2V, resolution=tier, image_url=f"http://localhost/inputs/{width}x{height}.png")
    area = {"720P": 1280 * 720, "1080P": 1920 * 1080}[tier]
    assert all(side % 2 == 0 and 400 <= side <= 4400 for side in got)
    assert got[0] * got[1] == pytest.approx(area, rel=0.06)


def test_a_tier_that_is_no_input() -> None:
    """It may be in the id."""
    assert size("runcomfy", "bytedance/seedance-2.5/text-to-video/1080p", aspect_ratio="21:9") == (2206, 946)


def test_sides_in_pixels() -> None:
    """Where they are inputs, they are taken as they are."""
    assert size("runcomfy", "blackforestlabs/flux-2-klein/4b/text-to-image", width=77, height=1999) == (77, 1999)


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ([data_uri(500, 500), data_uri(900, 300)], (960, 960)),
        ([data_uri(900, 300), data_uri(500, 500)], (1280, 720)),
        (["https://elsewhere.example/a.png"], (1280, 720)),
        ([], (1280, 720)),
    ],
)
def test_adaptive_follows_the_first_of_several_images(images: list[str], expected: tuple[int, int]) -> None:
    """Without any image it is 16:9; what is nearest is looked for among the ratios that may be asked for."""
    model = "wan-ai/wan-3.0-prime/reference-to-video"
    got = size("runcomfy", model, aspect_ratio="adaptive", resolution="720p", reference_images=images)
    assert got == expected


def test_no_image_at_all_is_not_an_image_of_unknown_size() -> None:
    """The choice about images that were not fetched does not matter where there is none."""
    model = "wan-ai/wan-3.0/text-to-video"
    assert size("runcomfy", model, "720x1280", aspect_ratio="adaptive", resolution="720p") == (1280, 720)
    assert size("runcomfy", "google/nano-banana-2-lite/text-to-image", aspect_ratio="auto") == (1024, 1024)


def test_a_ratio_without_default_follows_the_input() -> None:
    """Runway's target_aspect_ratio left out: the nearest of the ratios it has."""
    model = "runwayml/runway-aleph-2/video-to-video"
    assert size("runcomfy", model, video_url="https://elsewhere.example/a.mp4") == (1280, 720)
    assert size("runcomfy", model, "1024x1024", video_url="https://elsewhere.example/a.mp4") == (720, 720)

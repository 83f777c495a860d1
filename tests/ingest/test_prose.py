"""Limits in sentences, in English and French; numbers that no phrase explains are told."""

from __future__ import annotations

from typing import Any

import pytest

from screentest_contracts.ingest.prose import number, read_prose


@pytest.mark.parametrize(
    ("text", "kind", "keywords"),
    [
        ("No more than 2,000 characters.", "string", {"maxLength": 2000}),
        ("Jusqu'à 2 500 caractères.", "string", {"maxLength": 2500}),
        ("Between 3 and 20000 characters", "string", {"minLength": 3, "maxLength": 20000}),
        ("Fewer than 500 characters.", "string", {"maxLength": 499}),
        ("Fewer than 500 characters give better clips.", "string", {"advice": {"maxLength": 499}}),
        (
            "800 Chinese characters or 1600 non-Chinese characters",
            "string",
            {"maxLengthChinese": 800, "maxLength": 1600},
        ),
        ("At most 100 characters, the rest is truncated.", "string", {"maxLength": 100, "overflow": "truncate"}),
        ("Leave it empty to skip.", "string", {"empty": "absent"}),
        ("From 3 to 15.", "integer", {"minimum": 3, "maximum": 15}),
        ("Entre 3 et 15 s.", "integer", {"minimum": 3, "maximum": 15}),
        ("At least 0,5", "number", {"minimum": 0.5}),
        ("Up to 4 images", "array", {"maxItems": 4}),
        ("Exactly 2 reference images.", "array", {"minItems": 2, "maxItems": 2}),
    ],
)
def test_limits(text: str, kind: str, keywords: dict[str, Any]) -> None:
    """A phrase is read as the keywords that it states, and leaves nothing over."""
    stated = read_prose(text, kind, media=False)

    assert dict(stated.keywords) == keywords
    assert stated.unread == ()


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("short side at least 320 px", {"short_side_min": 320}),
        ("petit côté ≥ 320 pixels", {"short_side_min": 320}),
        ("long side up to 2160", {"long_side_max": 2160}),
        ("300-6000 px on each side", {"side_min": 300, "side_max": 6000}),
        ("ratio 1:2.5–2.5:1", {"ratio_min": 0.4, "ratio_max": 2.5}),
        ("under 30 MB", {"max_megabytes": 30, "exclusive": ["max_megabytes"]}),
        ("15 MiB max", {"max_mebibytes": 15}),
        ("36 megapixels", {"max_megapixels": 36}),
        ("MP4 or MOV, 2-15 s each, 15 s in total", None),
        (
            "MP4/MOV, 3–60 s, >8 fps",
            {"seconds_min": 3, "seconds_max": 60, "fps_min": 8, "exclusive": ["fps_min"], "formats": ["mp4", "mov"]},
        ),
        ("Formats: JPG, JPEG, PNG", {"formats": ["jpeg", "png"]}),
    ],
)
def test_rules_about_files(text: str, rules: dict[str, Any] | None) -> None:
    """What a file has to be; a phrase that is only half understood leaves its number to be told."""
    stated = read_prose(text, "string", media=True)

    if rules is None:
        assert stated.unread
    else:
        assert dict(stated.media) == rules
        assert stated.unread == ()


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("Draws character1 and [Image 2] with HappyHorse 1.0.", False),
        ("720P or 1080P.", False),
        ("720P, 1080P or 4K.", True),
        ("Recognises 12 faces.", True),
        ("A picture. See section 4 of the guide.", True),
    ],
)
def test_numbers_without_a_meaning(text: str, unread: bool) -> None:
    """A number is part of a name, a value of the list, or it is told."""
    assert bool(read_prose(text, "string", media=False, known=["720P", "1080P"]).unread) == unread


@pytest.mark.parametrize(
    ("text", "value"), [("2 500", 2500), ("2,500", 2500), ("0,4", 0.4), ("1:2.5", 0.4), ("3.0", 3)]
)
def test_numbers(text: str, value: float) -> None:
    """Thousands, decimals and ratios as pages write them."""
    assert number(text) == value

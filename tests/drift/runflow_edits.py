"""Edits of Runflow's page: rows of its two tables, its price, its first lines, its example."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drift.editing import Edit, Finding, replaced

_TYPES = {"prompt": "string", "image_urls": "image_list", "aspect_ratio": "string", "duration": "integer"}
_TYPES |= {"enable_safety_checker": "boolean", "resolution": "string", "seed": "integer"}
_FIELDS = ("outputs", "seed", "timing", "nsfw_detected")
_ANSWER = "/schemas/SyncOutput/properties"

_PHRASES: tuple[tuple[str, str, str, str], ...] = (
    ("Max 2500 characters", "Max 2000 characters", "bound-tightened", "prompt/maxLength"),
    ("Max 2500 characters", "Max 5000 characters", "bound-loosened", "prompt/maxLength"),
    (" Max 2500 characters.", "", "bound-loosened", "prompt/maxLength"),
    ("(1-9 images)", "(1-6 images)", "bound-tightened", "image_urls/maxItems"),
    ("(1-9 images)", "(1-12 images)", "bound-loosened", "image_urls/maxItems"),
    ("(1-9 images)", "(2-9 images)", "bound-tightened", "image_urls/minItems"),
    ("JPEG, JPG, PNG, WEBP", "JPEG, JPG, PNG, BMP, WEBP", "media-rule-changed", "image_urls/media/formats"),
    ("JPEG, JPG, PNG, WEBP", "JPEG, JPG, PNG", "media-rule-changed", "image_urls/media/formats"),
    ("at least 400 px", "at least 300 px", "media-rule-changed", "image_urls/media/short_side_min"),
    ("at least 400 px", "at least 512 px", "media-rule-changed", "image_urls/media/short_side_min"),
    ("720P or higher", "1080P or higher", "media-rule-changed", "image_urls/media/short_side_recommended"),
    ("Max 10 MB each", "Max 20 MB each", "media-rule-changed", "image_urls/media/max_megabytes"),
    ("Max 10 MB each", "Max 8 MB each", "media-rule-changed", "image_urls/media/max_megabytes"),
    (" Max 10 MB each.", "", "media-rule-changed", "image_urls/media/max_megabytes"),
    ("in seconds (3-15)", "in seconds (3-10)", "bound-tightened", "duration/maximum"),
    ("in seconds (3-15)", "in seconds (3-20)", "bound-loosened", "duration/maximum"),
    ("in seconds (3-15)", "in seconds (5-15)", "bound-tightened", "duration/minimum"),
    ("in seconds (3-15)", "in seconds (2-15)", "bound-loosened", "duration/minimum"),
    ("(0-2147483647)", "(1-2147483647)", "bound-tightened", "seed/minimum"),
    ("(0-2147483647)", "(0-65535)", "bound-tightened", "seed/maximum"),
    ("(0-2147483647)", "(0-4294967295)", "bound-loosened", "seed/maximum"),
    ("1:1, 4:3, 3:4. D", "1:1, 4:3, 3:4, 21:9. D", "enum-value-added", "aspect_ratio/enum"),
    ("16:9, 9:16, 1:1", "16:9, 9:16", "enum-value-removed", "aspect_ratio/enum"),
    ("4:3, 3:4. D", "4:3. D", "enum-value-removed", "aspect_ratio/enum"),
    ("16:9, 9:16, 1:1", "9:16, 1:1", "enum-value-removed", "aspect_ratio/enum"),
    (" Aspect ratios: 16:9, 9:16, 1:1, 4:3, 3:4.", "", "bound-loosened", "aspect_ratio/enum"),
)
"""A phrase, how it could read tomorrow, and the class and keyword of that."""


def edits(page: str, text: str) -> Iterator[Edit]:
    """Every edit of the page."""
    for old, new, kind, at in _PHRASES:
        yield _edit(page, text, old, new, (kind, f"/input/properties/{at}"))
    for name, word in _TYPES.items():
        yield from _row(page, text, name, word)
    yield from _added(page, text)
    yield from _answers(page, text)
    yield from _prices(page, text)
    yield from _rest(page, text)


def _edit(page: str, text: str, old: str, new: str, *expected: Finding) -> Edit:
    name = f"{old[:40]!r} becomes {new[:40]!r}"
    return Edit(name=name, page=page, text=replaced(text, old, new), expected=expected)


def _row(page: str, text: str, name: str, word: str) -> Iterator[Edit]:
    (line,) = re.findall(rf"^{name}{word}.*\n", text, re.MULTILINE)
    at = f"/input/properties/{name}"
    yield _edit(page, text, line, "", ("property-removed", at))
    other = "number" if word == "string" else "string"
    yield _edit(page, text, f"{name}{word}", f"{name}{other}", ("property-retyped", f"{at}/type"))
    changed = line.rstrip("\n") + " That is all.\n"
    yield _edit(page, text, line, changed, ("wording-only", f"{at}/description"))


def _added(page: str, text: str) -> Iterator[Edit]:
    last = "seedintegerRandom"
    rows = {
        "lens": "lensstringThe lens.\n",
        "clips": "clipsvideo_listSome clips.\n",
        "loopcount": "loopcountintegerLoops.\n",
    }
    for name, row in rows.items():
        yield _edit(page, text, last, row + last, ("property-added-optional", f"/input/properties/{name}"))
    row = "callback_urlstringWho is told.\n"
    yield _edit(page, text, last, row + last, ("callback-changed", "/input/properties/callback_url"))


def _answers(page: str, text: str) -> Iterator[Edit]:
    for name in _FIELDS:
        (line,) = re.findall(rf"^{name}json.*\n", text, re.MULTILINE)
        yield _edit(page, text, line, "", ("output-field-removed", f"{_ANSWER}/{name}"))
        kind = "output-field-retyped"
        yield _edit(page, text, f"{name}json", f"{name}number", *([(kind, f"{_ANSWER}/{name}/type")]))
        yield _edit(page, text, line, f"poster{line[len(name) :]}{line}", ("output-field-added", f"{_ANSWER}/poster"))
    items = f"{_ANSWER}/outputs/items/properties"
    yield _edit(page, text, "height/duration", "height/fps/duration", ("output-field-added", f"{items}/fps"))
    yield _edit(page, text, "type/width", "width", ("output-field-removed", f"{items}/type"))
    moved = (("output-field-added", f"{_ANSWER}/clip"), ("output-field-removed", f"{_ANSWER}/video"))
    yield _edit(page, text, 'data["video"]["url"]', 'data["clip"]["url"]', *moved)


def _prices(page: str, text: str) -> Iterator[Edit]:
    at = "/price/usd_per_second/720p"
    for new in ("$0.16/second", "$0.12/second", "$0.70/request", "$0.14/image"):
        yield _edit(page, text, "$0.14/second", new, ("price-changed", at))
    yield _edit(page, text, "$0.14/second 2026-04-28", "", ("price-changed", at))
    yield _edit(page, text, "$0.14/second 2026-04-28", "$0.14/second 2026-05-30")


def _rest(page: str, text: str) -> Iterator[Edit]:
    run = "https://api.runflow.io/v1/run/"
    at = "/operations/run/path"
    yield _edit(page, text, run, "https://api.runflow.io/v2/run/", ("endpoint-changed", at))
    yield _edit(page, text, run, "https://run.runflow.example/v1/run/", ("endpoint-changed", at))
    yield _edit(page, text, "happy-horse/reference-to-video", "happy-horse/reference-to-video-hd", ("model-added", ""))
    yield _edit(page, text, "Duration: 3–15s", "Duration: 3–30s")  # its own table says otherwise, and wins
    yield _edit(page, text, "From reference pictures", "The new way from reference pictures")

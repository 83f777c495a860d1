"""Edits of HiAPI's page: the lines of its parameter list, its callback, its run-together values, its prose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drift.editing import Edit, Finding, replaced

_RATIOS = ("16:9", "9:16", "3:4", "4:3", "4:5", "5:4", "1:1", "9:21", "21:9")
_LINES = {"prompt": "string required", "reference_image": "string[] required"}
_LINES |= {"resolution": "enum optional", "aspect_ratio": "enum optional", "duration": "integer optional"}
_CALLBACK = "/schemas/CreateTask/properties/callback"

_PHRASES: tuple[tuple[str, str, str, str], ...] = (
    ("1-9 reference", "1-6 reference", "bound-tightened", "reference_image/maxItems"),
    ("1-9 reference", "1-12 reference", "bound-loosened", "reference_image/maxItems"),
    ("1-9 reference", "2-9 reference", "bound-tightened", "reference_image/minItems"),
    ("JPEG/PNG/WEBP", "JPEG/PNG", "media-rule-changed", "reference_image/media/formats"),
    ("JPEG/PNG/WEBP", "JPEG/PNG/WEBP/GIF", "media-rule-changed", "reference_image/media/formats"),
    (">= 400px", ">= 300px", "media-rule-changed", "reference_image/media/short_side_min"),
    (">= 400px", ">= 720px", "media-rule-changed", "reference_image/media/short_side_min"),
    ("<= 20MB", "<= 10MB", "media-rule-changed", "reference_image/media/max_megabytes"),
    ("<= 20MB", "<= 30MB", "media-rule-changed", "reference_image/media/max_megabytes"),
    ("Seconds (3-15)", "Seconds (3-10)", "bound-tightened", "duration/maximum"),
    ("Seconds (3-15)", "Seconds (3-30)", "bound-loosened", "duration/maximum"),
    ("Seconds (3-15)", "Seconds (4-15)", "bound-tightened", "duration/minimum"),
    ("Seconds (3-15)", "Seconds (1-15)", "bound-loosened", "duration/minimum"),
    ("The scene. Name", "The scene, max 3000 characters. Name", "bound-tightened", "prompt/maxLength"),
    ("default 1080p enum", "default 720p enum", "default-changed", "resolution/default"),
    ("default 16:9 enum", "default 9:16 enum", "default-changed", "aspect_ratio/default"),
    ("default 16:9 enum", "enum", "default-changed", "aspect_ratio/default"),
    ("default 5\n", "default 8\n", "default-changed", "duration/default"),
    ("default 5\n", "", "default-changed", "duration/default"),
    ("enum: 720p1080p", "enum: 480p720p1080p", "enum-value-added", "resolution/enum"),
    ("enum: 720p1080p", "enum: 720p1080p4k", "enum-value-added", "resolution/enum"),
    ("enum: 720p1080p", "enum: 1080p", "enum-value-removed", "resolution/enum"),
    (" enum: 720p1080p", "", "bound-loosened", "resolution/enum"),
)
"""A phrase, how it could read tomorrow, and the class and keyword of that."""


def edits(page: str, text: str) -> Iterator[Edit]:
    """Every edit of the page."""
    for old, new, kind, at in _PHRASES:
        yield _edit(page, text, old, new, (kind, f"/input/properties/{at}"))
    yield from _ratios(page, text)
    for name, marks in _LINES.items():
        yield from _parameter(page, text, name, marks)
    yield from _added(page, text)
    yield from _callbacks(page, text)
    yield from _rest(page, text)


def _edit(page: str, text: str, old: str, new: str, *expected: Finding) -> Edit:
    name = f"{old[:40]!r} becomes {new[:40]!r}"
    return Edit(name=name, page=page, text=replaced(text, old, new), expected=expected)


def _ratios(page: str, text: str) -> Iterator[Edit]:
    """Every value gone, and some that come, in a list without a separator."""
    at, whole = "/input/properties/aspect_ratio/enum", "enum: " + "".join(_RATIOS)
    for ratio in _RATIOS:
        left = "enum: " + "".join(one for one in _RATIOS if one != ratio)
        yield _edit(page, text, whole, left, ("enum-value-removed", at))
    for more in ("2:3", "3:2", "2:1", "16:10", "adaptive", "auto"):
        yield _edit(page, text, whole, whole + more, ("enum-value-added", at))


def _parameter(page: str, text: str, name: str, marks: str) -> Iterator[Edit]:
    line = f"\n{name} {marks}\n"
    at = f"/input/properties/{name}"
    block = re.search(
        rf"\n{name} {re.escape(marks)}\n.*?(?=\n\w+ \w+(?:\[\])? (?:required|optional)\n)", text, re.DOTALL
    )
    assert block
    yield _edit(page, text, block[0], "", ("property-removed", at))
    if "required" in marks:
        yield _edit(page, text, line, line.replace("required", "optional"), ("required-removed", "/input/required"))
    else:
        yield _edit(page, text, line, line.replace("optional", "required"), ("required-added", "/input/required"))
    kind = marks.split()[0]
    other = "boolean" if kind == "string" else "object" if kind == "enum" else "string"
    yield _edit(page, text, line, line.replace(kind, other), ("property-retyped", f"{at}/type"))
    described = block[0].strip().split("\n")[2]
    yield _edit(page, text, described, described + " That is all.", ("wording-only", f"{at}/description"))


def _added(page: str, text: str) -> Iterator[Edit]:
    before = "\ncallback object optional\n"
    for marks, kind in (("optional", "optional"), ("required", "required")):
        new = f"\nlens string {marks}\n\nThe lens.\n{before}"
        yield _edit(page, text, before, new, (f"property-added-{kind}", "/input/properties/lens"))
    new = f"\nseed integer optional\n\nFor repeats (0-65535).\n{before}"
    yield _edit(page, text, before, new, ("property-added-optional", "/input/properties/seed"))


def _callbacks(page: str, text: str) -> Iterator[Edit]:
    inside = f"{_CALLBACK}/properties"
    when = "\nwhen enum optional\n\nWhen to tell. Use final.\n\ndefault final enum: final\n"
    changed = "callback-changed"
    yield _edit(page, text, when, "", (changed, f"{inside}/when"))
    yield _edit(page, text, "enum: final\n", "enum: finaleach\n")  # cut as nobody can: listed as unread
    yield _edit(page, text, "enum: final\n", "enum: finalauto\n", (changed, f"{inside}/when/enum"))
    yield _edit(page, text, "default final enum", "enum", (changed, f"{inside}/when/default"))
    yield _edit(page, text, "when enum optional", "when enum required", (changed, f"{_CALLBACK}/required"))
    yield _edit(page, text, "\nurl string required\n", "\nurl string optional\n", (changed, f"{_CALLBACK}/required"))
    new = f"\nsecret string optional\n\nThe key of signatures.\n{when}"
    yield _edit(page, text, when, new, (changed, f"{inside}/secret"))
    whole = text[text.index("\ncallback object") : text.index("\nExample requests")]
    yield _edit(page, text, whole, "", (changed, _CALLBACK))


def _rest(page: str, text: str) -> Iterator[Edit]:
    at = "/operations/create/path"
    yield _edit(page, text, "POST /v1/tasks", "POST /v2/tasks", ("endpoint-changed", at))
    yield _edit(page, text, "POST /v1/tasks", "PUT /v1/tasks", ("endpoint-changed", at))
    yield _edit(
        page, text, "happyhorse-1.1/reference-to-video", "happyhorse-1.2/reference-to-video", ("model-added", "")
    )
    priced = "Type Video generation (reference-to-video)\n"
    yield _edit(page, text, priced, f"{priced}Pricing $0.12/second\n", ("price-changed", "/price"))
    tiers = f"{priced}720p $0.12/second\n1080p $0.24/second\n"
    rows = (("price-changed", f"/price/usd_per_second/{tier}") for tier in ("720p", "1080p"))
    yield _edit(page, text, priced, tiers, *rows)
    field = "/schemas/Task/properties/output/items/properties"
    yield _edit(page, text, "output[].url", "output[].link", ("output-field-added", f"{field}/link"))
    yield _edit(page, text, "output[].url", "files[].url", ("output-field-added", "/schemas/Task/properties/files"))
    yield _edit(page, text, "status=success", "status=done", ("output-field-retyped", "/lifecycle"))
    yield _edit(page, text, "Up to 9 reference pictures", "Up to 12 reference pictures")  # the list wins
    yield _edit(page, text, "Every model is called", "Each of the models is called")

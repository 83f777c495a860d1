"""Which pixels a picture has: as asked, by the model's size table, or its input image's shape at the tier's area."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from screentest.input_files.image_header import Size, size_from_url
from screentest_contracts.load import size_table
from screentest_contracts.model import Frame

_SAME_SHAPE = 0.015
_GRID = 16
_NARROWEST = 4.0


def frame_size(frame: Frame, inputs: Mapping[str, Any], unfetched: str) -> Size:
    """(width, height) of the picture. `unfetched` ("1280x720") stands for an image whose size nobody knows yet."""
    if frame.width and frame.height:
        return int(inputs[frame.width]), int(inputs[frame.height])
    row = size_table(frame.table or "")[tier_of(frame, inputs).lower()]
    ratio = inputs.get(frame.ratio) if frame.ratio else None
    if ratio is not None and ratio != frame.adaptive:
        return row[ratio]
    image = _first(inputs.get(frame.follows) if frame.follows else None)
    if image is None and frame.alone:
        return row[frame.alone]
    shape = shape_of(image, unfetched)
    if frame.ratio:
        return row[min(frame.ratios, key=lambda name: abs(math.log(_value(name) / shape)))]
    return _following(row, shape)


def tier_of(frame: Frame, inputs: Mapping[str, Any]) -> str:
    """The name of the picture's tier, as the request or the contract spells it; "" where sides are given in pixels."""
    return str(inputs[frame.tier] if frame.tier else frame.fixed_tier or "")


def _first(image: Any) -> Any:
    """The image that counts of those in an input that may be a list."""
    return next(iter(image), None) if isinstance(image, list) else image


def shape_of(image: Any, unfetched: str) -> float:
    """Width over height of an input image."""
    known = size_from_url(image) if isinstance(image, str) else None
    width, height = known or tuple(int(side) for side in unfetched.split("x"))
    return width / height


def _following(row: Mapping[str, Size], shape: float) -> Size:
    """The table's own size for a listed shape; else the tier's area in that shape, on a grid of 16 pixels.

    An image far outside what any provider takes gives a clip that is merely narrow, one that can be drawn.
    """
    shape = min(max(1 / _NARROWEST, shape), _NARROWEST)
    for ratio, size in row.items():
        if abs(_value(ratio) / shape - 1) <= _SAME_SHAPE:
            return size
    width, height = row["16:9"]
    wide = math.sqrt(width * height * shape)
    return _on_grid(wide), _on_grid(wide / shape)


def _on_grid(side: float) -> int:
    return round(side / _GRID) * _GRID


def _value(ratio: str) -> float:
    width, height = ratio.split(":")
    return int(width) / int(height)

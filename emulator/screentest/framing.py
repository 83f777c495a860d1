"""Which pixels a clip has: the model's size table by tier and ratio, or the first frame's shape at the tier's area."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from screentest.image_header import Size, size_from_url
from screentest_contracts.document import Video
from screentest_contracts.load import size_table

_SAME_SHAPE = 0.015
_GRID = 16


def frame_size(video: Video, inputs: Mapping[str, Any], unfetched: str) -> Size:
    """(width, height) of the clip. `unfetched` ("1280x720") stands for an image whose size nobody knows yet."""
    row = size_table(video.table)[str(inputs[video.tier]).lower()]
    ratio = inputs.get(video.ratio) if video.ratio else None
    if ratio is not None and ratio != video.adaptive:
        return row[ratio]
    shape = shape_of(inputs.get(video.follows) if video.follows else None, unfetched)
    if video.ratio:
        return row[min(row, key=lambda name: abs(math.log(_value(name) / shape)))]
    return _following(row, shape)


def shape_of(image: Any, unfetched: str) -> float:
    """Width over height of an input image."""
    known = size_from_url(image) if isinstance(image, str) else None
    width, height = known or tuple(int(side) for side in unfetched.split("x"))
    return width / height


def _following(row: Mapping[str, Size], shape: float) -> Size:
    """The table's own size for a listed shape; else the tier's area in that shape, on a grid of 16 pixels."""
    for ratio, size in row.items():
        if abs(_value(ratio) / shape - 1) <= _SAME_SHAPE:
            return size
    width, height = row["16:9"]
    wide = math.sqrt(width * height * shape)
    return _on_grid(wide), _on_grid(wide / shape)


def _on_grid(side: float) -> int:
    return max(_GRID, round(side / _GRID) * _GRID)


def _value(ratio: str) -> float:
    width, height = ratio.split(":")
    return int(width) / int(height)

"""Images for the tests: written by Pillow, an oracle that shares no code with us, as files and as data URIs."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest


def image_file(width: int, height: int, kind: str = "PNG", **options: Any) -> bytes:
    """An image of one colour as a file of this kind: PNG, JPEG or WEBP."""
    image = pytest.importorskip("PIL.Image")
    file = io.BytesIO()
    image.new("RGB", (width, height), (200, 80, 40)).save(file, kind, **options)
    return file.getvalue()


def data_uri(width: int, height: int, kind: str = "PNG") -> str:
    """The same as a data URI."""
    return as_data_uri(image_file(width, height, kind), kind)


def as_data_uri(file: bytes, kind: str = "PNG") -> str:
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file).decode()}"

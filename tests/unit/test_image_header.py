"""Width and height from the first bytes of an image, judged by files that Pillow wrote."""

from __future__ import annotations

import base64
import struct
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.input_files.image_header import image_size, size_from_url
from unit.pictures import as_data_uri, data_uri, image_file

KINDS = ["PNG", "JPEG", "WEBP"]
SAMPLES = [image_file(64, 48, "PNG"), image_file(64, 48, "JPEG"), image_file(64, 48, "WEBP")]
SAMPLES.append(image_file(64, 48, "WEBP", lossless=True))

sides = st.integers(1, 300)


@given(sides, sides, st.sampled_from(KINDS))
def test_size_is_what_pillow_wrote(width: int, height: int, kind: str) -> None:
    """PNG, JPEG and WEBP of any size are read as they were written."""
    assert image_size(image_file(width, height, kind)) == (width, height)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"progressive": True}),
        ("JPEG", {"exif": b"Exif\x00\x00" + bytes(3000)}),
        ("JPEG", {"icc_profile": bytes(200_000)}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\x00\x00" + bytes(30)}),
        ("PNG", {"icc_profile": bytes(3000)}),
    ],
)
def test_unusual_files(kind: str, options: dict[str, object]) -> None:
    """Progressive, lossless, and files with metadata in front of the picture tell their size as well."""
    assert image_size(image_file(321, 123, kind, **options)) == (321, 123)


@pytest.mark.parametrize("kind", KINDS)
def test_a_data_uri_tells_its_own_size(kind: str) -> None:
    """The image in a base64 data URI is measured."""
    assert size_from_url(data_uri(321, 123, kind)) == (321, 123)


def test_a_data_uri_without_base64() -> None:
    """Percent-encoded data URIs are measured too."""
    assert size_from_url("data:image/png," + quote_from_bytes(image_file(321, 123))) == (321, 123)


def test_a_size_behind_long_metadata() -> None:
    """A JPEG whose size stands behind 200 KB of colour profile is measured all the same."""
    file = image_file(321, 123, "JPEG", icc_profile=bytes(200_000))
    assert size_from_url(as_data_uri(file, "JPEG")) == (321, 123)


@pytest.mark.parametrize(
    ("url", "size"),
    [
        ("http://127.0.0.1:8790/inputs/1024x768.png", (1024, 768)),
        ("http://localhost/inputs/10x20.webp?slow=1", (10, 20)),
        ("http://[::1]:8790/inputs/10x20.jpg", (10, 20)),
        ("https://api.localhost/inputs/10x20.jpg", (10, 20)),
        ("https://elsewhere.example/inputs/1024x768.png", None),
        ("http://127.0.0.1:8790/inputs/0x768.png", None),
        ("http://127.0.0.1:8790/inputs/1024.png", None),
        ("http://127.0.0.1:8790/1024x768.png", None),
        ("https://elsewhere.example/a.png", None),
        ("http://[", None),
        ("", None),
        ("data:", None),
        ("data:image/png;base64,", None),
        ("data:image/png;base64,****", None),
        ("data:image/png;base64,\u00e9", None),
        ("data:image/png;base64,iVBORw0KGgo=", None),
    ],
)
def test_what_a_url_tells(url: str, size: tuple[int, int] | None) -> None:
    """Only data URIs and /inputs/WxH on this machine tell a size; anything else is unknown, not an error."""
    assert size_from_url(url) == size


@pytest.mark.parametrize("sample", SAMPLES, ids=["png", "jpeg", "webp", "webp-lossless"])
def test_a_cut_header_has_no_size(sample: bytes) -> None:
    """The first ten to twenty bytes of a file say nothing about its size, rather than something wrong."""
    assert [image_size(sample[:length]) for length in range(20)] == [None] * 20


def test_a_cut_extended_webp_has_no_size() -> None:
    """An extended WEBP header that ends before its sides is no header."""
    file = image_file(64, 48, "WEBP", exif=b"Exif\x00\x00" + bytes(30))
    assert file[12:16] == b"VP8X"
    assert [image_size(file[:length]) for length in range(30)] == [None] * 30
    assert image_size(file[:30]) == (64, 48)


@pytest.mark.parametrize("size", [(0, 48), (64, 0), (0, 0)])
def test_an_image_without_area_has_no_size(size: tuple[int, int]) -> None:
    """A side of zero pixels is no size."""
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", *size)
    assert image_size(head) is None


def test_endless_padding_is_given_up() -> None:
    """A JPEG that is nothing but fill bytes is given up at once instead of walked to its end."""
    assert image_size(b"\xff\xd8" + b"\xff" * 5_000_000) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_an_image_or_not(raw: bytes) -> None:
    """No bytes make the reader raise."""
    size = image_size(raw)
    assert size is None or (size[0] > 0 and size[1] > 0)


@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), max_size=6), sides)
def test_a_damaged_image_is_an_image_or_not(sample: bytes, damage: list[tuple[int, int]], keep: int) -> None:
    """Neither changed bytes nor a cut make the reader raise, or find a side of nothing."""
    raw = bytearray(sample)
    for at, value in damage:
        raw[at % len(raw)] = value
    for size in (image_size(bytes(raw)), image_size(bytes(raw[:keep]))):
        assert size is None or (size[0] > 0 and size[1] > 0)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.b64encode(raw).decode()))
def test_any_text_is_a_url_or_not(text: str) -> None:
    """Neither odd URLs nor odd data URIs make the reader raise."""
    for url in (text, "data:" + text, "data:image/png;base64," + text, "http://" + text):
        size_from_url(url)

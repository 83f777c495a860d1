"""Data URIs: all of them, or their beginning, whatever is in them."""

from __future__ import annotations

import base64
import contextlib
import time
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.input_files import data_uri
from screentest.input_files.data_uri import BadDataUriError


@given(st.binary(max_size=200))
def test_content_comes_back(raw: bytes) -> None:
    """Base64, with and without padding, with line breaks, and percent-encoded content are read as they were written."""
    text = base64.b64encode(raw).decode()
    broken = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    for payload in (text, text.rstrip("="), broken, text.replace("+", "%2B").replace("=", "%3D")):
        assert data_uri.content("data:image/png;base64," + payload) == raw
        assert data_uri.content("DATA:;Base64," + payload) == raw
    assert data_uri.content("data:," + quote_from_bytes(raw)) == raw


@given(st.binary(min_size=1, max_size=3000), st.integers(3, 4000))
def test_the_beginning_is_a_beginning(raw: bytes, most: int) -> None:
    """Only the first part is read, close to what was asked for."""
    head = data_uri.beginning("data:image/png;base64," + base64.b64encode(raw).decode(), most)
    assert raw.startswith(head)
    assert min(len(raw), most - 3) <= len(head) <= most


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("data:image/png;base64", "comma"),
        ("data:;base64,****", "base64"),
        ("data:;base64,abcde", "base64"),
        ("data:;base64,ab_-", "base64"),
        ("data:;base64,\u00e9\ud800", "base64"),
        ("data:," + "%41" * 1_400_000, "longer than 4 MB"),
    ],
)
def test_what_cannot_be_read(uri: str, reason: str) -> None:
    """The error says why."""
    with pytest.raises(BadDataUriError, match=reason):
        data_uri.content(uri)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else is raised, by any of the readers."""
    for uri in ("data:" + text, "data:;base64," + text, "data:image/png;base64" + text):
        data_uri.media_type(uri)
        data_uri.beginning(uri, 100)
        with contextlib.suppress(BadDataUriError):
            data_uri.content(uri)


def test_the_claimed_type() -> None:
    """Without parameters, in lower case; none is none."""
    assert data_uri.media_type("data:Image/PNG;base64,AAAA") == "image/png"
    assert data_uri.media_type("data:image/svg+xml;charset=utf-8,<svg/>") == "image/svg+xml"
    assert data_uri.media_type("data:,x") == data_uri.media_type("data:image/png") == ""


def test_large_uris_take_little_time() -> None:
    """16 MB of base64, and the longest run of escapes that is read at all, are done in a moment."""
    started = time.process_time()
    assert len(data_uri.content("data:;base64," + "A" * 16_000_000)) == 12_000_000
    assert len(data_uri.content("data:," + "%41a" * 900_000)) == 1_800_000
    assert data_uri.beginning("data:image/png;base64," + "A" * 16_000_000, 65536) == bytes(65535)
    assert time.process_time() - started < 3

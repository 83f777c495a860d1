"""The bytes of a request body: a JSON document that can be said again, or a refusal. Never anything else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.errors import Refusal
from screentest.providers.body import parse_json

scalars = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
documents = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)

REFUSED = {
    "empty": b"",
    "blank": b"  \n",
    "cut": b'{"prompt": "a',
    "single quotes": b"{'prompt': 'a'}",
    "trailing comma": b'{"a": 1,}',
    "two documents": b"{} {}",
    "comment": b"{} // a",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "-Infinity": b'{"a": -Infinity}',
    "a number beyond all": b'{"a": 1e400}',
    "a negative number beyond all": b'{"a": -1e400}',
    "5000 digits": b'{"a": 1' + b"0" * 5_000 + b"}",
    "half a surrogate pair": b'{"a": "\\ud800"}',
    "half a surrogate pair as a key": b'{"\\udc00": 1}',
    "half a surrogate pair in bytes": b'{"a": "\xed\xa0\x80"}',
    "latin-1": b'{"a": "caf\xe9"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-32": '{"a": 1}'.encode("utf-32-le"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "101 arrays": b"[" * 101 + b"]" * 101,
    "101 objects": b'{"a":' * 101 + b"1" + b"}" * 101,
    "100000 arrays": b"[" * 100_000 + b"]" * 100_000,
    "100000 arrays never closed": b"[" * 100_000,
    "a control character": b'{"a": "\x00"}',
    "a leading zero": b'{"a": 01}',
    "text": b"prompt=a",
}


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED)
def test_refused_bytes(raw: bytes) -> None:
    """What RFC 8259 does not allow, or what could not be stored and said again, is malformed."""
    with pytest.raises(Refusal) as refusal:
        parse_json(raw)
    assert refusal.value.failure == "malformed-json"


@pytest.mark.parametrize(
    "name", ["NaN", "a number beyond all", "5000 digits", "100000 arrays", "half a surrogate pair"]
)
def test_the_reason_is_short(name: str) -> None:
    """The reason fits into a message and does not speak of Python."""
    with pytest.raises(Refusal) as refusal:
        parse_json(REFUSED[name])
    assert 0 < len(refusal.value.detail) < 120
    assert "sys." not in refusal.value.detail


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"{}", {}),
        (b" [1, 2.5, -3e2, null, true] ", [1, 2.5, -300.0, None, True]),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        ('"é😀"'.encode(), "é😀"),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"[" * 99 + b"1" + b"]" * 99, None),
        (b"100000000000000000000000000000000", 10**32),
        (b"0.1", 0.1),
        (b"1e-400", 0.0),
    ],
)
def test_accepted_bytes(raw: bytes, value: Any) -> None:
    """Any value is a document, 99 levels deep, with numbers of any reasonable size; the last of equal keys holds."""
    assert parse_json(raw) == value or value is None


@given(documents)
def test_a_document_is_read_as_it_was_written(value: Any) -> None:
    """What json writes is read back, whichever way it writes non-ASCII characters."""
    assert parse_json(json.dumps(value).encode()) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


def read_or_refused(raw: bytes) -> Any:
    """What the bytes say, or the name of the refusal; any other exception fails the test."""
    try:
        return parse_json(raw)
    except Refusal as refusal:
        return refusal.failure


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_document_or_refused(raw: bytes) -> None:
    """Nothing but a refusal comes out of bytes that are no document, and what is read can be said again."""
    json.dumps(read_or_refused(raw), ensure_ascii=False, allow_nan=False).encode()


@given(documents, st.integers(0, 400), st.binary(max_size=3))
def test_a_damaged_document_is_a_document_or_refused(value: Any, at: int, change: bytes) -> None:
    """Bytes put into the middle of a document make another document or a refusal."""
    raw = json.dumps(value).encode()
    json.dumps(read_or_refused(raw[:at] + change + raw[at:]), ensure_ascii=False, allow_nan=False).encode()

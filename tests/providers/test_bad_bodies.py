"""Bodies that are not JSON, not declared as JSON, or too large, sent to every operation that takes one."""

from __future__ import annotations

import json

import pytest

from driving import Emulator
from providers.envelopes import code, message, refused
from providers.samples import EACH_POST, EACH_PROVIDER, HIAPI, JSON, R2V, RUNFLOW, Sample

MALFORMED = {"runcomfy": (422, 422001), "runflow": (400, "BAD_REQUEST"), "hiapi": (400, "INVALID_REQUEST")}
NO_DOCUMENTS = {
    "empty": b"",
    "blank": b"   ",
    "cut": b'{"prompt": "a',
    "NaN": b'{"duration": NaN}',
    "beyond all numbers": b'{"duration": 1e999}',
    "5000 digits": b'{"duration": 1' + b"0" * 5_000 + b"}",
    "lone surrogate": b'{"prompt": "\\ud83d"}',
    "invalid UTF-8": b'{"prompt": "\xff\xfe"}',
    "UTF-16": '{"prompt": "a"}'.encode("utf-16"),
    "500 levels": b'{"metadata": ' + b"[" * 500 + b"]" * 500 + b"}",
    "100000 levels": b"[" * 100_000,
    "form": b"prompt=a&duration=5",
    "multipart": b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na\r\n--x--',
}


@pytest.mark.parametrize("raw", NO_DOCUMENTS.values(), ids=NO_DOCUMENTS)
@EACH_POST
def test_a_body_that_is_no_json(emulator: Emulator, sample: Sample, raw: bytes) -> None:
    """Whatever is wrong with the bytes, the answer is the provider's own for a malformed body."""
    answer = emulator.post(sample.path, raw=raw, headers=JSON)
    body = refused(answer, sample.provider)
    assert (answer.status, code(body, sample.provider)) == MALFORMED[sample.provider]
    assert "not valid JSON" in message(body, sample.provider)


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"prompt"', b"5", b"true"])
@EACH_POST
def test_a_body_that_is_no_object(emulator: Emulator, sample: Sample, raw: bytes) -> None:
    """JSON that is not an object breaks the schema, and the message says what was expected."""
    answer = emulator.post(sample.path, raw=raw, headers=JSON)
    body = refused(answer, sample.provider)
    assert answer.status == {"runcomfy": 422, "runflow": 422, "hiapi": 400}[sample.provider]
    assert "object" in message(body, sample.provider)
    if sample.provider != "hiapi":
        assert message(body, sample.provider).removeprefix("ValidationError: ").startswith("body: ")


@pytest.mark.parametrize(
    "declared",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "application/jsonp",
        "json",
        "*/*",
    ],
)
@EACH_POST
def test_a_wrong_content_type(emulator: Emulator, sample: Sample, declared: str) -> None:
    """A body declared as anything but JSON is 415, and the message repeats what was declared."""
    answer = emulator.post(sample.path, sample.body(), headers={"content-type": declared})
    body = refused(answer, sample.provider)
    assert answer.status == 415
    assert declared.partition(";")[0] in message(body, sample.provider)


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json; charset=utf-8"},
        {"content-type": "APPLICATION/JSON"},
        {"content-type": " application/json ;charset=UTF-8"},
        {"content-type": "application/vnd.api+json"},
    ],
)
@EACH_PROVIDER
def test_spellings_of_json(emulator: Emulator, sample: Sample, headers: dict[str, str]) -> None:
    """Parameters, letter case and the +json family do not matter."""
    assert emulator.post(sample.path, sample.body(), headers=headers).status in (200, 201)


@EACH_PROVIDER
def test_an_omitted_content_type(emulator: Emulator, sample: Sample) -> None:
    """HiAPI's examples say that the header may be left out; we allow it everywhere."""
    assert emulator.post(sample.path, raw=json.dumps(sample.body()).encode()).status in (200, 201)


@pytest.mark.parametrize(("sample", "limit"), [(R2V, 67_108_864), (RUNFLOW, 67_108_864), (HIAPI, 134_217_728)], ids=str)
def test_the_limit_by_content_length(emulator: Emulator, sample: Sample, limit: int) -> None:
    """One byte over the limit, as declared, is 413 before anything is read; the limit itself is not."""
    over = emulator.post(sample.path, raw=b"{}", headers=JSON | {"content-length": str(limit + 1)})
    assert (over.status, str(limit) in over.body.decode()) == (413, True)
    refused(over, sample.provider)
    assert emulator.post(sample.path, raw=b"{}", headers=JSON | {"content-length": str(limit)}).status != 413


def test_the_limit_without_content_length() -> None:
    """A body that does not declare its length is cut off at the limit all the same."""
    emulator = Emulator(switches={"hiapi.body-limit": "10MB"})
    answer = emulator.post(HIAPI.path, raw=b'{"a": "' + b"x" * 10_000_000 + b'"}', headers=JSON)
    assert answer.status == 413
    refused(answer, "hiapi")


@pytest.mark.parametrize("length", ["", "\xb2", "-1", "x", "1_0", "+5"])
@EACH_PROVIDER
def test_an_odd_content_length(emulator: Emulator, sample: Sample, length: str) -> None:
    """What a server let through as a length does not trouble the emulator."""
    answer = emulator.post(sample.path, sample.body(), headers={"content-length": length})
    assert answer.status in (200, 201)


@EACH_POST
def test_the_key_is_looked_at_before_the_body(emulator: Emulator, sample: Sample) -> None:
    """Who sends no key, or a bad one, hears about that, whatever else is wrong."""
    for key in (None, "invalid"):
        assert emulator.post(sample.path, raw=b"{", headers={"content-type": "text/plain"}, key=key).status == 401


@EACH_POST
def test_the_content_type_is_looked_at_before_the_body(emulator: Emulator, sample: Sample) -> None:
    """A malformed body of the wrong type is of the wrong type."""
    assert emulator.post(sample.path, raw=b"{", headers={"content-type": "text/plain"}).status == 415


@EACH_POST
def test_the_input_is_looked_at_before_the_balance(emulator: Emulator, sample: Sample) -> None:
    """An account without balance hears of its mistakes first, and is refused for its balance then."""
    invalid, empty = {"runcomfy": (422, 400), "runflow": (422, 402), "hiapi": (400, 402)}[sample.provider]
    assert sample.send(emulator, key="empty", duration="five").status == invalid
    assert sample.send(emulator, key="empty").status == empty


@EACH_PROVIDER
def test_a_refused_submit_makes_no_job(emulator: Emulator, sample: Sample) -> None:
    """Nothing that was refused happens later."""
    sample.send(emulator, duration="five")
    sample.send(emulator, key="empty")
    emulator.post(sample.path, raw=b"{", headers=JSON)
    assert emulator.advance(60) == []
    assert emulator.advance(60, key="empty") == []

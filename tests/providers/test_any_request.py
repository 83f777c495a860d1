"""Whatever is sent to any operation: JSON in the provider's envelope, never a 5xx, never a redirect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driving import Answer, Emulator
from providers.envelopes import refused
from providers.samples import EACH_MODEL, EACH_POST, JSON, MODELS, SYNC, Sample, job_id, reading

EMULATOR = Emulator()
REFUSING = Emulator(switches={f"{name}.unknown-keys": "refuse" for name in ("runcomfy", "runflow")})
ACCEPTING = Emulator(switches={"runflow.prose-limits": "accept", "hiapi.data-uris": "accept"})
"""Shared by all examples: they make jobs of one account, and none looks at another's."""

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, 5, 5.0, -1, 2**31, 2**63, 2**64, 10**30, -0.0, 1e300])
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["", "[[fail]]", "[[x", "https://a.example/1.png", "data:,", "16:9", "720p", "{detail}", "%s", "\x00"]
    )
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    [
        *(
            "prompt",
            "image_url_1",
            "image_url_2",
            "image_url",
            "first_frame_image_url",
            "image_urls",
            "reference_image",
        ),
        *("aspect_ratio", "ratio", "resolution", "duration", "seed", "watermark", "generate_audio", "camera_fixed"),
        *("enable_safety_checker", "input", "model", "callback", "callback_url", "metadata", "client_ref", "surprise"),
    ]
)
changes = st.dictionaries(names, documents, max_size=4)
headers = st.dictionaries(
    st.sampled_from(
        ["content-type", "content-length", "screentest-scenario", "authorization", "host", "idempotency-key"]
    ),
    st.text(st.characters(max_codepoint=255), max_size=20)
    | st.sampled_from(["application/json", "text/plain", "999999999999", "fail: x", "Bearer invalid", "localhost"]),
    max_size=3,
)

many = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def is_sound(answer: Answer, provider: str) -> bool:
    """Checks an answer that may be anything but a fault; tells whether it was a success."""
    assert answer.status < 500, answer.body
    assert answer.headers["content-type"] == "application/json"
    if answer.status < 300:
        json.loads(answer.body, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        return True
    refused(answer, provider)
    return False


def can_be_submitted(sample: Sample, value: Any) -> bool:
    """The synchronous route would wait for a job; it is given nothing that makes one."""
    return sample is not SYNC or not isinstance(value, dict) or "prompt" not in value


@EACH_POST
@many
@given(value=documents)
def test_any_json(sample: Sample, value: Any) -> None:
    """Any JSON value as the body."""
    if can_be_submitted(sample, value):
        is_sound(EMULATOR.post(sample.path, raw=json.dumps(value).encode(), headers=JSON), sample.provider)


@EACH_POST
@many
@given(raw=st.binary(max_size=64) | st.text(max_size=64).map(str.encode))
def test_any_bytes(sample: Sample, raw: bytes) -> None:
    """Any bytes as the body."""
    is_sound(EMULATOR.post(sample.path, raw=raw, headers=JSON), sample.provider)


@EACH_MODEL
@many
@given(change=changes)
def test_an_input_with_anything_in_it(sample: Sample, change: dict[str, Any]) -> None:
    """A good input with a few fields replaced by anything; what is accepted can be read at every age."""
    for emulator in (EMULATOR, REFUSING, ACCEPTING):
        answer = emulator.post(sample.path, raw=json.dumps(sample.body(**change)).encode(), headers=JSON)
        if is_sound(answer, sample.provider):
            job = job_id(answer)
            assert is_sound(emulator.get(reading(sample, job)), sample.provider)
            emulator.advance(60)
            assert is_sound(emulator.get(reading(sample, job)), sample.provider)


@EACH_MODEL
@many
@given(change=changes)
def test_a_body_with_anything_beside_the_input(sample: Sample, change: dict[str, Any]) -> None:
    """The same for the fields around the input."""
    is_sound(EMULATOR.post(sample.path, raw=json.dumps(sample.body() | change).encode(), headers=JSON), sample.provider)


@pytest.mark.parametrize("sample", MODELS, ids=str)
@many
@given(sent=headers)
def test_any_headers(sample: Sample, sent: dict[str, str]) -> None:
    """A good request with odd headers."""
    is_sound(EMULATOR.post(sample.path, sample.body(), headers=sent), sample.provider)


@pytest.mark.parametrize("provider", ["runcomfy", "runflow", "hiapi"])
@many
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "X"]),
    parts=st.lists(
        st.sampled_from(
            ["v1", "models", "runs", "run", "tasks", "requests", "status", "cancel", "health", "", "..", "{x}"]
        )
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="?#"), max_size=6),
        max_size=6,
    ),
    query=st.text(st.characters(max_codepoint=126, min_codepoint=33, exclude_characters="?#"), max_size=12),
)
def test_any_path(provider: str, method: str, parts: list[str], query: str) -> None:
    """Any path below a provider, by any method, with any query."""
    path = "/".join(["", provider, *parts])
    is_sound(EMULATOR.request(method, f"{path}?{query}", raw=b"{}"), provider)

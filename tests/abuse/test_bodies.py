"""Bodies that are JSON only just, or too much of it: refused in the provider's words, kept within bounds."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driving import Emulator
from screentest.journal import MOST_BYTES

MODEL = "happyhorse-1.1/reference-to-video"
ROUTES = {
    "hiapi": "/hiapi/v1/tasks",
    "runcomfy": "/runcomfy/v1/models/happyhorse/happyhorse-1.0/text-to-video",
    "runflow": "/runflow/v1/models/bytedance/seedance/2.0/text-to-video/runs",
    "control": "/_control/clock",
}
JSON = {"content-type": "application/json"}
BODIES = {
    "a-hundred-thousand-brackets": b"[" * 100_000,
    "five-thousand-objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "nan": b'{"prompt": NaN}',
    "infinity": b'{"prompt": -Infinity}',
    "half-a-surrogate-pair": b'{"prompt": "\\ud800"}',
    "a-surrogate-in-capitals": b'{"prompt": "\\uDFFF"}',
    "a-name-of-half-a-pair": b'{"\\ud800": 1}',
    "digits-without-end": b'{"duration": ' + b"9" * 5000 + b"}",
    "a-float-out-of-range": b'{"duration": 1e999}',
    "a-byte-order-mark": b"\xef\xbb\xbf{}",
    "not-utf-8": b'{"prompt": "\xff"}',
    "utf-16": '{"prompt": "x"}'.encode("utf-16"),
    "only-a-backslash-u": b'{"prompt": "\\u"}',
    "nothing-but-spaces": b" " * 100_000,
}


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_bad_body_is_refused(emulator: Emulator, route: str, body: bytes) -> None:
    """With 4xx and an envelope that is JSON itself."""
    answer = emulator.post(route, raw=body, headers=JSON)

    assert 400 <= answer.status < 500
    assert answer.json()


def test_of_two_keys_with_one_name_the_last_counts(emulator: Emulator) -> None:
    """As in most parsers; nothing is stored twice."""
    inputs = json.dumps({"prompt": "a fox", "reference_image": ["https://example.com/fox.jpg"]})
    raw = f'{{"model": "nobody", "model": "{MODEL}", "input": {inputs}}}'.encode()

    assert emulator.post(ROUTES["hiapi"], raw=raw, headers=JSON).status == 200


def test_a_list_of_wrong_items_is_told_of_in_part(emulator: Emulator) -> None:
    """A hundred thousand mistakes are one refusal of bounded length."""
    body = {"model": MODEL, "input": {"prompt": "a fox", "reference_image": [1] * 100_000}}

    answer = emulator.post(ROUTES["hiapi"], body)

    assert answer.status == 400
    assert len(answer.body) < 100_000


def test_a_mistake_behind_many_good_items_is_seen(emulator: Emulator) -> None:
    """What is told of is cut, what is judged is not."""
    body = {"model": MODEL, "input": {"prompt": "a fox", "reference_image": ["https://e.com/a.jpg"] * 1000 + [7]}}

    assert emulator.post(ROUTES["hiapi"], body).status == 400


def test_the_journal_stays_within_its_bytes(emulator: Emulator) -> None:
    """Headers count as well as bodies."""
    for number in range(400):
        emulator.get("/hiapi/v1/tasks", headers={"x-flood": str(number) * 20_000})

    kept = sum(len(value) for entry in emulator.engine.journal.entries() for _, value in entry.headers)

    assert kept <= MOST_BYTES


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
PUTS = {"/_control/account": "PUT", "/_control/assumptions": "PUT"}
CONTROLS = ["clock", "account", "reset", "deliveries", "scenarios", "faults", "assumptions", "jobs/nobody"]
WORDS = [
    "advance",
    "rate",
    "only",
    "balance",
    "scenario",
    "fault",
    "times",
    "chance",
    "model",
    "url",
    "provider",
    "body",
]


@given(
    st.sampled_from(CONTROLS),
    st.dictionaries(st.sampled_from(WORDS), anything | st.floats(allow_nan=False), max_size=3) | anything,
)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_control_takes_any_json(route: str, body: object) -> None:
    """Every wish is granted or refused with a sentence."""
    emulator, path = EMULATOR, f"/_control/{route}"

    answer = emulator.request(PUTS.get(path, "POST"), path, raw=json.dumps(body).encode(), headers=JSON)

    assert answer.status < 500, answer.body


EMULATOR = Emulator()


@pytest.mark.parametrize("raw", [b"{", b"{}"], ids=["no JSON", "no model"])
def test_a_refused_request_is_let_go(emulator: Emulator, raw: bytes) -> None:
    """The journal keeps what it counts, and no exception, whose frames would hold the whole request."""
    emulator.request("POST", ROUTES["hiapi"], raw=raw, headers=JSON)
    *_, entry = emulator.engine.journal.entries()
    assert entry.seen.refusal is not None
    assert (entry.seen.refusal.__traceback__, entry.seen.refusal.__context__) == (None, None)

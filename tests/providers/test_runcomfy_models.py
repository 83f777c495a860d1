"""Every model of RunComfy, through the wire: its schema's edges are accepted, each single flaw is refused."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from driving import Emulator
from providers.envelopes import refused as refusal
from providers.samples import JSON
from screentest_contracts.document import Model
from screentest_contracts.edges import accepted, refused
from screentest_contracts.load import load

CONTRACT = load("runcomfy")
EACH = pytest.mark.parametrize("model", list(CONTRACT.models()), ids=lambda model: str(model.key))


def path(model: Model) -> str:
    return f"/runcomfy/v1/models/{model.id}"


def test_the_catalogue_is_whole() -> None:
    """The 120 models of the official nodes' list and the one more that has a page; most make videos."""
    assert len(CONTRACT.model_ids) == len(set(CONTRACT.model_ids)) == 121
    assert Counter(model.output.kind for model in CONTRACT.models()) == {"video": 91, "image": 24, "audio": 6}
    assert "kling/kling-video-o3/4K/text-to-video" in CONTRACT.model_ids
    assert "kling/kling-3.0/4k/text-to-video" in CONTRACT.model_ids


@EACH
def test_what_the_schema_accepts_is_accepted(model: Model) -> None:
    """The example, and every input at an edge of the schema."""
    emulator = Emulator()
    for case in accepted(model):
        answer = emulator.post(path(model), case.input)
        assert answer.status == 200, (case, answer.body)


@EACH
def test_a_single_flaw_is_refused_and_named(model: Model) -> None:
    """422 in the provider's envelope, about that one place and no other."""
    emulator = Emulator()
    for case in refused(model):
        answer = emulator.post(path(model), raw=json.dumps(case.input).encode(), headers=JSON)
        assert answer.status == 422, (case, answer.body)
        body = refusal(answer, "runcomfy")
        assert [entry["loc"] for entry in body["detail"]] == [["body", *case.path]], case
        assert all(str(token) in body["error_message"] for token in case.path)

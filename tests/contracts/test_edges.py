"""Edges follow from the schema, say what they claim, and leave out what only an assumption would decide."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from screentest_contracts.document import Model
from screentest_contracts.edges import (
    UNKNOWN_KEY,
    Case,
    accepted,
    accepted_by,
    is_refused,
    refused,
    refused_by,
    transplanted,
)
from screentest_contracts.load import Contract, load
from screentest_contracts.openapi import request_for
from screentest_contracts.reading import Json

R2V, I2V = "happyhorse/happyhorse-1.0/reference-to-video", "happyhorse/happyhorse-1.0/image-to-video"
SEEDANCE, RUNFLOW = "bytedance/seedance-v1.5-pro/image-to-video", "alibaba/happy-horse/reference-to-video"
HIAPI = "happyhorse-1.1/reference-to-video"


def under(provider: str, model_id: str, assumption: str, choice: str) -> Model:
    """One model under one choice."""
    model = load(provider, {assumption: choice}).model(model_id)
    assert model
    return model


def pairs(cases: Iterator[Case]) -> set[tuple[str, str]]:
    """The distinct edges of some cases: path as text, keyword."""
    return {("/".join(map(str, case.path)), case.keyword) for case in cases}


def test_accepted_cases_are_accepted_and_refused_cases_break_one_rule(asking: Contract) -> None:
    """Under every choice of every assumption each case is judged by the schema as it says of itself."""
    for model in asking.models():
        for case in accepted(model):
            assert model.input.violations(model.input.prepared(case.input)) == (), case
        for case in refused(model):
            found = model.input.violations(model.input.prepared(case.input))
            assert {(one.at, one.keyword) for one in found} == {(case.path, case.keyword)}, case


def test_every_case_is_json_and_says_why(model: Model) -> None:
    """A case can go over the wire as it is, and its reason fits into a report."""
    for case in (*accepted(model), *refused(model)):
        json.dumps(case.input, allow_nan=False, ensure_ascii=False).encode()
        assert 0 < len(case.reason) < 120


@pytest.mark.parametrize(
    ("provider", "model_id", "good", "bad"),
    [
        ("runcomfy", R2V, 32, 33),
        ("runcomfy", I2V, 16, 14),
        ("runcomfy", SEEDANCE, 14, 14),
        ("runflow", RUNFLOW, 19, 23),
        ("hiapi", HIAPI, 13, 24),
    ],
)
def test_many_different_edges_are_reached(provider: str, model_id: str, good: int, bad: int) -> None:
    """A change that loses an edge fails here."""
    model = load(provider).model(model_id)
    assert model
    assert len(pairs(accepted(model))) >= good
    assert len(pairs(refused(model))) >= bad


def test_every_property_gets_every_wrong_type(contract: Contract) -> None:
    """Null, boolean, integer, fraction, string, list and object: whatever the property is not, it is sent once."""
    samples: dict[str, Json] = {"null": None, "boolean": True, "integer": 5, "number": 5.5, "string": "5"}
    samples |= {"array": [], "object": {}}
    for model in contract.models():
        mistyped = [case for case in refused(model) if case.keyword == "type" and case.path]
        found = {(case.path, json.dumps(case.input[case.path[0]])) for case in mistyped}
        for name, rule in model.input.properties.items():
            for kind, value in samples.items():
                if kind != rule["type"] and (kind, rule["type"]) != ("integer", "number"):
                    assert ((name,), json.dumps(value)) in found, f"{model.id}: {name} as {kind}"


def test_every_required_property_is_left_out_once(model: Model) -> None:
    """And a body that is no object at all is refused as such."""
    missing = {case.path for case in refused(model) if case.keyword == "required"}
    assert missing == {(name,) for name in model.input.source["required"]}
    bodies = [case.input for case in refused(model) if not case.path]
    assert {json.dumps(body) for body in bodies} >= {"null", "[]", '"text"', "5", "5.5", "true"}


def test_every_choice_is_taken_and_near_misses_are_not(model: Model) -> None:
    """Each enum value is sent; so are its other spellings and its neighbours."""
    for name, rule in model.input.properties.items():
        if "enum" not in rule:
            continue
        taken = [case.input[name] for case in accepted(model) if case.path == (name,)]
        missed = [case.input[name] for case in refused(model) if case.path == (name,) and case.keyword == "enum"]
        assert set(rule["enum"]) <= set(taken)
        assert set(missed).isdisjoint(rule["enum"])
        if rule["type"] == "integer":
            assert {min(rule["enum"]) - 1, max(rule["enum"]) + 1} <= set(missed)
        else:
            assert {one.swapcase() for one in rule["enum"] if one.swapcase() != one} <= set(missed)


def test_bounds_are_tried_on_both_sides(model: Model) -> None:
    """Each bound is accepted itself and refused one step beyond."""
    good, bad = list(accepted(model)), list(refused(model))
    for name, rule in model.input.properties.items():
        for keyword, step in (("minimum", -1), ("maximum", 1)):
            edge = ((name,), keyword)
            inside = [case.input[name] for case in good if (case.path, case.keyword) == edge]
            beyond = [case.input[name] for case in bad if (case.path, case.keyword) == edge]
            assert keyword not in rule or rule[keyword] in inside
            assert keyword not in rule or rule[keyword] + step in beyond


def test_lengths_count_characters() -> None:
    """At the limit in ASCII, accented and astral characters is accepted; one more is refused."""
    model = under("runcomfy", R2V, "runcomfy.happyhorse-1.0-r2v.long-prompt", "refuse")
    inside = {case.input["prompt"] for case in accepted(model) if case.keyword == "maxLength"}
    beyond = {case.input["prompt"] for case in refused(model) if case.keyword == "maxLength"}
    assert inside == {"a" * 5000, "é" * 5000, "\U0001f3ac" * 5000}
    assert beyond == {"a" * 5001, "\U0001f3ac" * 5001}


def test_list_lengths_and_items_are_tried() -> None:
    """The shortest and longest list, one too few and too many, and a bad item at either end."""
    model = under("runflow", RUNFLOW, "runflow.prose-limits", "refuse")
    sizes = {keyword: set[int]() for keyword in ("minItems", "maxItems")}
    for case in (*accepted(model), *refused(model)):
        if case.keyword in sizes:
            sizes[case.keyword].add(len(case.input["image_urls"]))
    assert sizes == {"minItems": {0, 1}, "maxItems": {9, 10}}
    places = {case.path for case in refused(model) if case.keyword == "schemes"}
    assert places == {("image_urls", 0), ("image_urls", 8)}


@pytest.mark.parametrize(
    ("choice", "url"), [("https", "http://127.0.0.1:8790/inputs/640x480.png"), (None, "http://example.com/a.png")]
)
def test_urls_of_other_kinds_are_refused(choice: str | None, url: str) -> None:
    """Which kinds are taken is an assumption; what is not taken is tried."""
    switches = {"runcomfy.input-url-scheme": choice} if choice else {}
    model = load("runcomfy", switches).model(I2V)
    assert model
    tried = {case.input["image_url"] for case in refused(model) if case.keyword == "schemes"}
    assert {"", "not a url", "ftp://example.com/a.png", "file:///etc/passwd", "javascript:alert(1)", url} <= tried
    assert url not in {case.input["image_url"] for case in accepted(model)}


def test_an_image_left_empty_is_accepted() -> None:
    """Where the page says so; the first image may not be empty."""
    model = load("runcomfy").model(R2V)
    assert model
    assert ("image_url_2", "empty") in pairs(accepted(model))
    first = [one for one in refused(model) if (one.path, one.keyword) == (("image_url_1",), "schemes")]
    assert "" in [case.input["image_url_1"] for case in first]


@pytest.mark.parametrize(
    ("provider", "model_id", "switches", "ignored"),
    [
        ("hiapi", HIAPI, {}, False),
        ("runcomfy", SEEDANCE, {}, True),
        ("runcomfy", SEEDANCE, {"runcomfy.unknown-keys": "refuse"}, False),
        ("runflow", RUNFLOW, {"runflow.unknown-keys": "refuse"}, False),
    ],
)
def test_an_unknown_key_is_on_one_side_or_the_other(
    provider: str, model_id: str, switches: dict[str, str], ignored: bool
) -> None:
    """It is accepted where keys are ignored and refused where they are not."""
    model = load(provider, switches).model(model_id)
    assert model
    edge = (UNKNOWN_KEY, "additionalProperties")
    assert (edge in pairs(accepted(model))) is ignored
    assert (edge in pairs(refused(model))) is not ignored


def test_an_overlong_prompt_is_accepted_where_it_is_cut() -> None:
    """And nowhere else."""
    for choice, cut in (("truncate", True), ("refuse", False)):
        model = under("runcomfy", I2V, "runcomfy.happyhorse-1.0-i2v.long-prompt", choice)
        assert any(len(case.input.get("prompt", "")) == 5001 for case in accepted(model)) is cut
        assert (("prompt", "maxLength") in pairs(refused(model))) is not cut


def test_advisory_rules_make_no_case() -> None:
    """A limit that nobody is known to enforce is neither reached for nor broken."""
    model = under("runflow", RUNFLOW, "runflow.prose-limits", "accept")
    tried = {keyword for _, keyword in pairs(accepted(model)) | pairs(refused(model))}
    assert tried.isdisjoint({"maxLength", "minItems", "maxItems", "minimum", "maximum"})
    for case in accepted(model):
        assert len(case.input["prompt"]) <= 2500
        assert 1 <= len(case.input["image_urls"]) <= 9
        assert 3 <= case.input.get("duration", 5) <= 15


def test_chinese_characters_count_only_when_they_do() -> None:
    """2500 of them are the edge under `yes`; under `no` they may or may not be, so none is tried."""
    for choice, counted in (("yes", True), ("no", False)):
        model = under("runcomfy", R2V, "runcomfy.happyhorse-1.0-r2v.chinese", choice)
        for cases in (accepted(model), refused(model)):
            assert (("prompt", "maxLengthChinese") in pairs(cases)) is counted


def test_advice_is_no_rule() -> None:
    """Seedance advises fewer than 500 characters; 500 are accepted."""
    model = load("runcomfy").model(SEEDANCE)
    assert model
    assert [len(case.input["prompt"]) for case in accepted(model) if case.keyword == "advice"] == [500]


def test_an_edge_can_be_moved_into_another_input(model: Model) -> None:
    """A flaw stays the same single flaw beside other valid properties; a body that is no object stays as it is."""
    everything = next(case.input for case in accepted(model) if case.keyword == "properties")
    for case in refused(model):
        moved = transplanted(case, everything)
        assert is_refused(model.input, moved), case
        assert not case.path or len(moved.input) >= len(everything) - 1 - len(case.also)


def test_the_body_of_an_operation_has_edges_too() -> None:
    """Any schema of a request will do: HiAPI's callback is tried inside its object."""
    schema = load("hiapi", {"hiapi.callback-scheme": "https"}).body("CreateTask")
    example = {"model": HIAPI, "input": {}, "callback": {"url": "https://example.com/hook"}}
    found = pairs(refused_by(schema, example))
    assert {
        ("callback/url", "required"),
        ("callback/url", "schemes"),
        ("callback/when", "enum"),
        ("model", "type"),
    } <= found
    assert ("callback/when", "enum") in pairs(accepted_by(schema, example))


def test_an_input_goes_where_the_operation_wants_it(model: Model, contract_of: Callable[[Model], Contract]) -> None:
    """Whole body, or a member of it; model id in the path, or in the body."""
    expected = {
        "submit": (f"/v1/models/{model.id}", {"prompt": "x"}),
        "create-run": (f"/v1/models/{model.id}/runs", {"input": {"prompt": "x"}}),
        "run": (f"/v1/run/{model.id}", {"prompt": "x"}),
        "create": ("/v1/tasks", {"model": model.id, "input": {"prompt": "x"}}),
    }
    for operation in contract_of(model).provider.operations.values():
        if operation.billable:
            assert request_for(operation, model, {"prompt": "x"}) == expected[operation.id]

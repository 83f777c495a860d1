"""Rules between properties: what each form refuses and lets pass, where it says so, and how it looks in JSON Schema."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from screentest_contracts.edges import accepted_by, refused_by
from screentest_contracts.keywords import refuse_unknown_keywords
from screentest_contracts.load import load
from screentest_contracts.reading import ContractError, Json
from screentest_contracts.rules import as_json_schema
from screentest_contracts.schema import InputSchema

PROPERTIES: dict[str, dict[str, Json]] = {
    "text": {"type": "string"},
    "image": {"type": "string", "empty": "absent"},
    "images": {"type": "array", "items": {"type": "string"}, "maxItems": 4},
    "sounds": {"type": "array", "items": {"type": "string"}},
    "form": {"type": "string", "enum": ["png", "jpeg", "webp"], "default": "png"},
    "ground": {"type": "string", "enum": ["opaque", "clear"]},
}
SOME = {"someOf": ["text", "image"]}
NEEDS = {"given": "sounds", "someOf": ["images", "image"]}
WITHOUT = {"given": "image", "without": ["images", "sounds"]}
ONLY = {"where": {"ground": "clear"}, "only": {"form": ["png", "webp"]}}
NO_DEFAULT = {"given": "image", "only": {"form": ["jpeg"]}}
MOST = {"given": "image", "atMost": {"images": 1}}
TOTAL = {"total": {"of": ["images", "sounds"], "most": 3}}
IGNORED = {"given": "image", "ignored": ["text", "form"]}


def schema(*rules: Json, **more: Json) -> InputSchema:
    source = {"type": "object", "properties": PROPERTIES, "rules": list(rules), **more}
    refuse_unknown_keywords(source, "x.json#")
    return InputSchema(source)


@pytest.mark.parametrize(
    ("rule", "value", "broken"),
    [
        (SOME, {"text": "x"}, None),
        (SOME, {"text": "", "image": "x"}, None),
        (SOME, {}, ("text", "", "'text', 'image'")),
        (SOME, {"text": "", "image": ""}, ("text", "", "'text', 'image'")),
        (NEEDS, {}, None),
        (NEEDS, {"sounds": []}, None),
        (NEEDS, {"sounds": ["x"], "images": ["x"]}, None),
        (NEEDS, {"sounds": ["x"], "images": []}, ("sounds", "", "'images', 'image'")),
        (WITHOUT, {"image": "x", "images": []}, None),
        (WITHOUT, {"images": ["x"], "sounds": ["x"]}, None),
        (WITHOUT, {"image": "x", "sounds": ["x"]}, ("sounds", "", "image")),
        (ONLY, {"ground": "clear"}, None),
        (ONLY, {"ground": "opaque", "form": "jpeg"}, None),
        (ONLY, {"form": "jpeg"}, None),
        (ONLY, {"ground": "clear", "form": "jpeg"}, ("form", "jpeg", "'png', 'webp' with ground clear")),
        (NO_DEFAULT, {"image": "x", "form": "jpeg"}, None),
        (NO_DEFAULT, {"image": "x"}, ("form", "png", "'jpeg' with image")),
        (MOST, {"image": "x", "images": ["x"]}, None),
        (MOST, {"images": ["x", "x"]}, None),
        (MOST, {"image": "x", "images": ["x", "x"]}, ("images", "2", "1 with image")),
        (TOTAL, {"images": ["x"], "sounds": ["x", "x"]}, None),
        (TOTAL, {"images": ["x"] * 4}, ("images", "4", "3 in 'images', 'sounds'")),
        (TOTAL, {"images": ["x", "x"], "sounds": ["x", "x"]}, ("sounds", "4", "3 in 'images', 'sounds'")),
        (IGNORED, {"image": "x", "text": "x"}, None),
    ],
)
def test_a_rule_is_kept_or_broken_in_one_place(rule: Json, value: Json, broken: tuple[str, str, str] | None) -> None:
    """The violation names a property of the input, what came and what was wanted; the demand is the keyword."""
    judged = schema(rule)
    found = judged.violations(judged.prepared(value))
    demand = next(key for key in rule if key not in ("given", "where"))
    expected = [] if broken is None else [((broken[0],), demand, *broken[1:])]
    assert [(one.at, one.keyword, one.got, one.want) for one in found] == expected


@pytest.mark.parametrize("rule", [SOME, NEEDS, WITHOUT, ONLY, NO_DEFAULT, MOST])
def test_json_schema_says_the_same(rule: Json) -> None:
    """Every rule that JSON Schema has words for, on every input at its edges."""
    judged = schema(rule)
    plain = as_json_schema(judged.rules[0], PROPERTIES)
    assert plain
    example: dict[str, Any] = {"text": "x", "form": "jpeg"}
    cases = [(case.input, True) for case in accepted_by(judged, example)]
    cases += [(case.input, False) for case in refused_by(judged, example) if case.keyword in rule]
    assert {right for _, right in cases} == {True, False}
    for value, right in cases:
        assert jsonschema_rs.is_valid(plain, judged.prepared(value)) is right, value


@pytest.mark.parametrize("rule", [TOTAL, IGNORED])
def test_what_json_schema_has_no_words_for_is_left_out(rule: Json) -> None:
    """A sum of lengths; and what refuses nothing."""
    assert as_json_schema(schema(rule).rules[0], PROPERTIES) is None


def test_rules_wait_until_each_property_is_right_by_itself() -> None:
    """One mistake is told once: a missing or mistyped property is not also a broken rule."""
    judged = schema(SOME, NEEDS, required=["form"])
    assert [one.keyword for one in judged.violations({})] == ["required"]
    assert [one.keyword for one in judged.violations({"form": "png", "sounds": "x"})] == ["type"]
    assert [one.keyword for one in judged.violations({"form": "png", "sounds": ["x"]})] == ["someOf", "someOf"]
    assert [one.keyword for one in judged.violations([])] == ["type"]


def test_an_ignored_property_has_its_default() -> None:
    """It is accepted, and the model does not see it."""
    judged = schema(IGNORED)
    assert judged.completed({"image": "x", "text": "y", "form": "webp"}) == {"image": "x", "form": "png"}
    assert judged.completed({"text": "y", "form": "webp"}) == {"text": "y", "form": "webp"}


def test_advisory_rules_refuse_nothing_and_make_no_case() -> None:
    """And what is accepted keeps them all the same."""
    judged = schema(SOME, enforced={"rules": "advisory"})
    assert judged.violations({}) == ()
    assert {} not in [case.input for case in accepted_by(judged, {"text": "x"})]
    assert not [case for case in refused_by(judged, {"text": "x"}) if case.keyword == "someOf"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"someof": ["text"]}, 'unknown key "someof" (did you mean "someOf"?)'),
        ({"given": "text"}, "expected one of someOf"),
        ({"someOf": ["text"], "without": ["image"]}, "expected one of someOf"),
        ({"given": "text", "where": {"form": "png"}, "someOf": ["image"]}, "at most one condition"),
        ({"someOf": ["txt"]}, "the input has no property 'txt'"),
        ({"given": "txt", "someOf": ["text"]}, "the input has no property 'txt'"),
        ({"total": {"of": ["txt"], "most": 1}}, "the input has no property 'txt'"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_at_load(rule: Json, said: str) -> None:
    """With the place."""
    with pytest.raises(ContractError) as refusal:
        schema(SOME, rule)
    assert str(refusal.value).startswith("x.json#/rules/1")
    assert said in str(refusal.value)


def test_a_media_rule_of_no_kind_is_refused_at_load() -> None:
    """Images, videos and sounds are what providers take."""
    with pytest.raises(ContractError, match=r"x\.json#/media/kind: 'picture' is none of image, video, audio"):
        refuse_unknown_keywords({"type": "string", "media": {"kind": "picture"}}, "x.json#")


def test_every_form_is_used_by_a_model() -> None:
    """None of them is there for its own sake."""
    forms = {
        (rule.demand, bool(rule.given), bool(rule.where)) for m in load("runcomfy").models() for rule in m.input.rules
    }
    assert forms == {
        ("someOf", False, False),
        ("someOf", True, False),
        ("without", True, False),
        ("only", True, False),
        ("only", False, True),
        ("atMost", True, False),
        ("total", False, False),
        ("ignored", True, False),
    }

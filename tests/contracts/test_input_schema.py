"""What a model's schema does to an input: prepare it, judge it, complete it."""

from __future__ import annotations

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screentest_contracts.document import Model
from screentest_contracts.edges import accepted, refused
from screentest_contracts.keywords import SCHEMES, STANDARD
from screentest_contracts.load import Contract, load
from screentest_contracts.openapi_schema import URL_PATTERNS
from screentest_contracts.reading import Json
from screentest_contracts.schema import InputSchema, longest_prefix
from screentest_contracts.strategies import invalid_inputs, valid_inputs
from screentest_contracts.urls import is_loopback, scheme_matches
from screentest_contracts.violation import Violation

QUICK = settings(max_examples=20, deadline=None, database=None)
"""Of each of some thirty models."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def anything_like(model: Model) -> st.SearchStrategy[Json]:
    """Inputs right and wrong: valid, one rule broken, or properties with arbitrary values."""
    names = st.sampled_from(sorted(model.input.properties))
    wild = st.builds(dict.__or__, valid_inputs(model), st.dictionaries(names, JSON, max_size=3))
    return st.one_of(wild, invalid_inputs(model).map(lambda case: case.input), JSON)


def test_preparing_twice_is_preparing_once(sampled: Model) -> None:
    """Dropping empty strings and cutting long ones leaves nothing to drop or cut."""

    @QUICK
    @given(anything_like(sampled))
    def check(value: Json) -> None:
        once = sampled.input.prepared(value)
        assert sampled.input.prepared(once) == once

    check()


def test_a_completed_input_is_valid_and_complete(sampled: Model) -> None:
    """Defaults obey the rules they belong to, and completing twice changes nothing."""

    @QUICK
    @given(valid_inputs(sampled))
    def check(value: dict[str, Json]) -> None:
        full = sampled.input.completed(sampled.input.prepared(value))
        assert sampled.input.violations(full) == ()
        assert sampled.input.completed(full) == full
        assert set(full) <= set(sampled.input.properties)
        assert {name for name, rule in sampled.input.properties.items() if "default" in rule} <= set(full)

    check()


def test_violations_agree_with_plain_json_schema(sampled: Model) -> None:
    """On the standard keywords the schema says no exactly when a JSON Schema validator says no."""

    @QUICK
    @given(anything_like(sampled))
    def check(value: Json) -> None:
        found = {one.keyword for one in sampled.input.violations(value)}
        assert bool(found & STANDARD) == (not jsonschema_rs.is_valid(sampled.input.standard, value))

    check()


def test_edges_are_completed_to_valid_and_complete_inputs(model: Model) -> None:
    """As above, for every model and every input at its edges."""
    for case in accepted(model):
        full = model.input.completed(model.input.prepared(case.input))
        assert model.input.violations(full) == (), case
        assert model.input.completed(full) == full, case


def test_a_whole_float_is_an_integer_and_becomes_one(model: Model) -> None:
    """JSON does not tell 5.0 from 5: it is accepted for an integer, by bound and by enum, and read as 5."""
    for name, rule in model.input.properties.items():
        if rule.get("type") != "integer":
            continue
        whole = rule.get("default", rule.get("enum", [rule.get("minimum", 1)])[0])
        value = {**model.example, name: float(whole)}
        assert model.input.violations(value) == ()
        assert repr(model.input.completed(value)[name]) == repr(whole)


@given(st.text(alphabet="ab漢字é\U0001f3ac", max_size=60), st.integers(1, 20))
def test_a_cut_text_never_exceeds_its_limit(text: str, limit: int) -> None:
    """What is kept is the longest prefix within the limit, a Chinese character counting as two where that is on."""
    rule = {"maxLength": 2 * limit, "maxLengthChinese": limit}
    for counted in (False, True):
        kept = longest_prefix(text, rule if counted else {"maxLength": 2 * limit})
        weights = [2 if counted and character in "漢字" else 1 for character in text]
        assert sum(weights[:kept]) <= 2 * limit
        assert kept == len(text) or sum(weights[: kept + 1]) > 2 * limit


@pytest.mark.parametrize(("chinese", "length"), [("no", 5000), ("yes", 2500)])
def test_an_overlong_prompt_is_cut_and_then_accepted(chinese: str, length: int) -> None:
    """HappyHorse image-to-video truncates: no prompt is too long, and what the model sees is within the limit."""
    contract = load("runcomfy", {"runcomfy.happyhorse-1.0-i2v.chinese": chinese})
    model = contract.model("happyhorse/happyhorse-1.0/image-to-video")
    assert model
    prepared = model.input.prepared(dict(model.example) | {"prompt": "漢" * 9000})
    assert prepared["prompt"] == "漢" * length
    assert model.input.violations(prepared) == ()


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ({"prompt": "x", "image_urls": "nothing like a URL"}, ("image_urls",)),
        ({"prompt": ["x"], "image_urls": ["https://example.com/a.png"]}, ("prompt",)),
        ({"prompt": "x", "image_urls": [["ftp://example.com/a.png"]]}, ("image_urls", 0)),
    ],
)
def test_a_value_of_the_wrong_type_is_one_violation(value: Json, at: tuple[str | int, ...]) -> None:
    """A list for a URL is a wrong type and nothing else: rules of the right type do not pile up on it."""
    model = load("runflow").model("alibaba/happy-horse/reference-to-video")
    assert model
    assert [(one.at, one.keyword) for one in model.input.violations(value)] == [(at, "type")]


def test_every_refusal_has_words(asking: Contract) -> None:
    """Whatever a request to any model breaks, the provider's wording has a sentence for it."""
    for model in asking.models():
        for case in refused(model):
            for violation in model.input.violations(model.input.prepared(case.input)):
                template = asking.provider.wording[violation.keyword].message
                assert "{" not in violation.worded(template).replace(violation.got, "").replace(violation.want, "")


def test_a_violation_names_its_place_in_every_form() -> None:
    """Dotted field, JSON pointer with escapes, parent and property."""
    violation = Violation(at=("input", "a/b", 0), keyword="type", got="null", want="string")
    template = "{field} {pointer} {parent} {property} {got} {want}"
    assert violation.worded(template) == "input.a/b.0 /input/a~1b/0 /input/a~1b 0 null string"


@pytest.mark.parametrize(
    ("url", "kinds"),
    [
        ("https://example.com/a.png", {"https"}),
        ("HTTPS://EXAMPLE.COM", {"https"}),
        ("http://example.com/", {"http"}),
        ("http://127.0.0.1:8790/x", {"http", "http-loopback"}),
        ("http://[::1]/x", {"http", "http-loopback"}),
        ("http://emulator.localhost/x", {"http", "http-loopback"}),
        ("http://localhost.example.com/", {"http"}),
        ("http://127.0.0.1.example.com/", {"http"}),
        ("https://127.0.0.1/", {"https"}),
        ("data:image/png;base64,AAAA", {"data"}),
        ("data:nothing", set()),
        ("runflow://assets/abc", {"runflow-asset"}),
        ("runflow://assets/", set()),
        ("runflow://other/abc", set()),
        ("https://", set()),
        ("https:///a.png", set()),
        ("https://[::1/x", set()),
        ("https://a b/c.jpg", set()),
        (" https://example.com/a.png", set()),
        ("https://example.com/a.png\n", set()),
        ("https://example.com\\x", set()),
        ("https://example.com/my photo.png", {"https"}),
        ("data:image/png;base64,AA\nAA", set()),
        ("ftp://example.com/a.png", set()),
        ("javascript:alert(1)", set()),
        ("", set()),
    ],
)
def test_a_url_is_of_the_kinds_it_looks_like(url: str, kinds: set[str]) -> None:
    """Schemes are told by a parser, not by a prefix; a malformed URL is of no kind."""
    assert {scheme for scheme in SCHEMES if scheme_matches(url, scheme)} == kinds


@pytest.mark.parametrize("scheme", sorted(URL_PATTERNS))
def test_the_pattern_of_a_scheme_is_never_wider_than_the_check(scheme: str) -> None:
    """A client that trusts the OpenAPI pattern is not refused."""

    @QUICK
    @given(st.from_regex(URL_PATTERNS[scheme], fullmatch=True))
    def check(url: str) -> None:
        assert scheme_matches(url, scheme)

    check()


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost", True), ("a.localhost", True), ("127.8.8.8", True), ("::1", True), ("10.0.0.1", False), ("x", False)],
)
def test_loopback_is_this_machine_only(host: str, local: bool) -> None:
    """Private networks are not loopback, and a name is loopback only under localhost."""
    assert is_loopback(host) is local


def test_an_empty_string_is_absent_only_where_the_contract_says_so() -> None:
    """Leaving a box empty skips an optional image, and empties any other text."""
    schema = InputSchema({"properties": {"a": {"type": "string", "empty": "absent"}, "b": {"type": "string"}}})
    assert schema.prepared({"a": "", "b": ""}) == {"b": ""}
    assert schema.prepared([""]) == [""]


def test_the_strict_schema_enforces_what_is_only_advice() -> None:
    """Between properties, of a property, and inside lists and objects; the schema itself stays as it is."""
    few = {"maxItems": 1, "enforced": {"maxItems": "advisory"}}
    schema = InputSchema(
        {
            "properties": {
                "a": {"type": "string", "maxLength": 1, "enforced": {"maxLength": "advisory"}},
                "b": {"type": "array", "items": {"properties": {"c": {"type": "array", **few}}}},
                "d": {"type": "string"},
            },
            "rules": [{"given": "a", "without": ["d"]}],
            "enforced": {"rules": "advisory"},
        }
    )
    for value, keyword in (
        ({"a": "xx"}, "maxLength"),
        ({"b": [{"c": [1, 2]}]}, "maxItems"),
        ({"a": "x", "d": "x"}, "without"),
    ):
        assert schema.violations(value) == ()
        assert [one.keyword for one in schema.strict.violations(value)] == [keyword]

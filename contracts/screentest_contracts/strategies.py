"""Hypothesis strategies of a model's inputs: the edges of its schema, mixed with random values between them.

    @given(valid_inputs(model))
    def test_accepted(value): ...

    @given(invalid_inputs(model))
    def test_refused(case): ...  # case.input breaks one rule: case.keyword at case.path

The only importer of Hypothesis in the contracts; it comes with the extra ``screentest[verify]``. A value that only an
assumption would refuse is made by neither strategy.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from screentest_contracts.document import Model
from screentest_contracts.edge_values import URLS, fetchable
from screentest_contracts.edges import UNKNOWN_KEY, Case, accepted, is_refused, refused, transplanted
from screentest_contracts.reading import Json
from screentest_contracts.schema import InputSchema

_LONGEST_RANDOM_TEXT = 40  # the edges have the long ones
_PATH_CHARACTERS = string.ascii_letters + string.digits + "-._~%/?&=é"
_ORIGINS = {
    "https": "https://example.com/",
    "http": "http://example.com/",
    "http-loopback": "http://127.0.0.1:8790/inputs/",
    "asset": "asset://image-1/",
}


def valid_inputs(model: Model) -> st.SearchStrategy[dict[str, Json]]:
    """Inputs that the model accepts: what is required, any of the rest, an unknown key where those are ignored."""
    edges: dict[str, list[Json]] = {}
    for case in accepted(model):
        for name in map(str, case.path[:1]):
            if name in case.input:  # a rule between properties may be about one that is left out
                edges.setdefault(name, []).append(case.input[name])
    values = {
        name: st.sampled_from(edges[name]) | _between(model.input, rule)
        for name, rule in model.input.properties.items()
    }
    if UNKNOWN_KEY in edges:
        values[UNKNOWN_KEY] = st.none() | st.integers() | st.text(max_size=9)
    required = model.input.source.get("required", ())
    inputs = st.fixed_dictionaries(
        {name: values[name] for name in required},
        optional={name: value for name, value in values.items() if name not in required},
    )
    if not model.input.rules:
        return inputs
    strict = model.input.strict  # property by property all is well; only rules between them can break
    return inputs.filter(lambda value: not strict.violations(strict.prepared(value)))


def invalid_inputs(model: Model) -> st.SearchStrategy[Case]:
    """Inputs that the model refuses: one broken rule in an otherwise random valid input."""
    flaws = st.sampled_from(list(refused(model)))
    return st.builds(transplanted, flaws, valid_inputs(model)).filter(lambda case: is_refused(model.input, case))


def _between(schema: InputSchema, rule: Mapping[str, Json]) -> st.SearchStrategy[Json]:
    """Random values inside the rule; nothing where the edges are all there is."""
    schemes = schema.schemes(rule)
    match rule.get("type"):
        case _ if "enum" in rule or "const" in rule or "pattern" in rule:
            return st.nothing()
        case "integer":
            return st.integers(rule.get("minimum"), rule.get("maximum"))
        case "number":
            return st.floats(rule.get("minimum"), rule.get("maximum"), allow_nan=False, allow_infinity=False)
        case "array":
            items = {**rule.get("items", {}), "schemes": dict.fromkeys(schemes)}
            longest = rule.get("maxItems", rule.get("minItems", 0) + 5)
            item = _between(schema, items)
            if item.is_empty:
                return st.nothing()
            return st.lists(item, min_size=rule.get("minItems", 0), max_size=longest)
        case "string" if schemes:
            return _urls(schemes)
        case "string":
            limits = [rule[keyword] for keyword in ("maxLength", "maxLengthChinese") if keyword in rule]
            longest = min([_LONGEST_RANDOM_TEXT, *limits])
            return st.text(min_size=rule.get("minLength", 0), max_size=longest)
    return st.nothing()


def _urls(schemes: Iterable[str]) -> st.SearchStrategy[str]:
    """URLs of these kinds; a data URI is always that of a whole picture."""
    paths = st.text(_PATH_CHARACTERS, max_size=_LONGEST_RANDOM_TEXT)
    origins = [_ORIGINS[scheme] for scheme in fetchable(schemes) if scheme in _ORIGINS]
    random = [st.builds(str.__add__, st.sampled_from(origins), paths)] if origins else []
    inside = [st.sampled_from(URLS["data"])] if "data" in schemes else []
    return st.one_of(*random, *inside)

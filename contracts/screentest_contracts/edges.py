"""Inputs at the edges of a schema: those that must be accepted, and those that break exactly one rule.

    for case in refused(model):
        ...  # submit case.input; the refusal must be about case.path

Enumerated, not sampled: a random generator misses `true` for an integer or 1080P for 1080p, a list does not. Both lists
follow from the schema alone. Each case is judged again by the schema before it is handed out, so that a case says what
it claims; a rule that only an assumption would enforce (`advisory`) makes neither kind of case. `pattern` is not
inverted: no model has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import structs

from screentest_contracts.document import Model
from screentest_contracts.edge_values import (
    FOREIGN_URLS,
    NO_URLS,
    OF_TYPE,
    UNKNOWN_KEY,
    URLS,
    Case,
    bad_scalars,
    fetchable,
    good_numbers,
    good_texts,
)
from screentest_contracts.keywords import binds
from screentest_contracts.reading import Json
from screentest_contracts.rule_edges import Inputs, broken, kept
from screentest_contracts.schema import InputSchema
from screentest_contracts.violation import shown

__all__ = [
    "UNKNOWN_KEY",
    "Case",
    "accepted",
    "accepted_by",
    "is_refused",
    "refused",
    "refused_by",
    "transplanted",
]


def accepted(model: Model) -> Iterator[Case]:
    """Inputs at the edges that the model's schema accepts."""
    yield from accepted_by(model.input, model.example)


def refused(model: Model) -> Iterator[Case]:
    """Inputs that break exactly one submit-time rule of the model's schema."""
    yield from refused_by(model.input, model.example)


def accepted_by(schema: InputSchema, example: Json) -> Iterator[Case]:
    """As `accepted`, for any schema of a request with one valid value."""
    for case in (Case(example, "the example", (), "example"), *_Edges(schema).good(schema.source, example)):
        if not any(one.violations(one.prepared(case.input)) for one in (schema, schema.strict)):
            yield case


def refused_by(schema: InputSchema, example: Json) -> Iterator[Case]:
    """As `refused`, for any schema of a request with one valid value."""
    for case in _Edges(schema).bad(schema.source, example):
        if is_refused(schema, case):
            yield case


def is_refused(schema: InputSchema, case: Case) -> bool:
    """Whether the schema refuses the case's input for the named rule at the named place, and for nothing else."""
    found = schema.violations(schema.prepared(case.input))
    return {(one.at, one.keyword) for one in found} == {(case.path, case.keyword)}


def transplanted(case: Case, onto: Mapping[str, Json]) -> Case:
    """The same edge in another input: `onto` takes over the properties that the case is about."""
    if not case.path:
        return case
    names = {str(case.path[0]), *case.also}
    changed = {key: value for key, value in onto.items() if key not in names}
    changed |= {key: value for key, value in case.input.items() if key in names}
    return structs.replace(case, input=changed)


def _sample(schema: InputSchema, rule: Mapping[str, Json], hint: Json = None) -> Json:
    """One valid value of a property: `hint` if there is one, else its default, else the simplest that fits."""
    for value in (hint, rule.get("default"), *rule.get("enum", ())):
        if value is not None:
            return value
    match _types(rule)[0]:
        case "string":
            urls = [URLS[scheme][0] for scheme in schema.schemes(rule)]
            return urls[0] if urls else "text".ljust(rule.get("minLength", 0), ".")
        case "array":
            return [_sample(schema, _items(schema, rule))] * max(1, rule.get("minItems", 1))
        case "object":
            return {name: _sample(schema, rule["properties"][name]) for name in rule.get("required", ())}
        case "integer" | "number":
            return rule.get("minimum", rule.get("maximum", 1))
    return OF_TYPE[_types(rule)[0]][0]


class _Edges:
    """Edge values of a schema, each a whole value of its rule with the path inside that value; not yet judged."""

    def __init__(self, schema: InputSchema) -> None:
        self._schema = schema

    def good(self, rule: Mapping[str, Json], hint: Json) -> Iterator[Case]:
        """Values that keep the rule, next to where it ends."""
        if "enum" in rule:
            for value in rule["enum"]:
                yield Case(value, f"the choice {value!r}", (), "enum")
            if "integer" in _types(rule):
                yield Case(float(rule["enum"][0]), "a whole number written as a float", (), "type")
            return
        for kind in _types(rule):
            match kind:
                case "null" | "boolean":
                    yield from (Case(value, f"{value!r}", (), "type") for value in OF_TYPE[kind])
                case "integer" | "number":
                    yield from good_numbers(rule)
                case "string" if self._schema.schemes(rule):
                    yield from self._good_urls(rule)
                case "string":
                    yield from good_texts(rule)
                case "array":
                    yield from self._good_arrays(rule)
                case "object":
                    yield from self._good_objects(rule, hint)

    def bad(self, rule: Mapping[str, Json], hint: Json) -> Iterator[Case]:
        """Values that break one keyword of the rule."""
        types = _types(rule)
        for name, values in OF_TYPE.items():
            if name not in types and not (name == "integer" and "number" in types):
                yield from (Case(value, f"{name} {value!r} for {' or '.join(types)}", (), "type") for value in values)
        if "array" in types:
            one = _sample(self._schema, _items(self._schema, rule))
            yield Case(one, "one item without its list", (), "type")
            yield from self._bad_arrays(rule)
        if "object" in types:
            yield from self._bad_objects(rule, hint)
        if self._schema.schemes(rule) and "string" in types:
            urls = [*NO_URLS, *FOREIGN_URLS, *(url for kind in URLS.values() for url in kind)]
            yield from (Case(url, f"the URL {shown(url)!r}", (), "schemes") for url in urls)
        yield from bad_scalars(rule)

    def _good_urls(self, rule: Mapping[str, Json]) -> Iterator[Case]:
        for scheme in fetchable(self._schema.schemes(rule)):
            yield from (Case(url, f"a URL of the kind {scheme}", (), "schemes") for url in URLS[scheme])
        if rule.get("empty") == "absent":
            yield Case("", "left empty to skip", (), "empty")

    def _good_arrays(self, rule: Mapping[str, Json]) -> Iterator[Case]:
        items = _items(self._schema, rule)
        one, shortest = _sample(self._schema, items), rule.get("minItems", 0)
        for keyword in ("minItems", "maxItems"):
            if keyword in rule and binds(rule, keyword):
                yield Case([one] * rule[keyword], f"{rule[keyword]} items, all alike", (), keyword)
        for case in self.good(items, one):
            yield structs.replace(case, input=[case.input, *[one] * (shortest - 1)], path=(0, *case.path))

    def _bad_arrays(self, rule: Mapping[str, Json]) -> Iterator[Case]:
        items = _items(self._schema, rule)
        one, shortest = _sample(self._schema, items), rule.get("minItems", 0)
        if shortest:
            yield Case([one] * (shortest - 1), f"{shortest - 1} items", (), "minItems")
        if "maxItems" in rule:
            yield Case([one] * (rule["maxItems"] + 1), f"{rule['maxItems'] + 1} items", (), "maxItems")
        for case in self.bad(items, one):
            for before in {max(0, shortest - 1), rule.get("maxItems", 3) - 1}:
                yield structs.replace(case, input=[one] * before + [case.input], path=(before, *case.path))

    def _good_objects(self, rule: Mapping[str, Json], hint: Json) -> Iterator[Case]:
        everything = self._everything(rule, hint)
        base = self._base(rule, hint, everything)
        yield Case(base, "only what is required", (), "required")
        yield Case(self._together(rule, base, everything), "every property", (), "properties")
        yield Case(base | {UNKNOWN_KEY: "x"}, "an unknown key", (UNKNOWN_KEY,), "additionalProperties")
        for name, child in rule.get("properties", {}).items():
            company = self._company(name, everything)
            for case in self.good(child, everything[name]):
                whole = base | company | {name: case.input}
                yield structs.replace(case, input=whole, path=(name, *case.path), also=tuple(company))
        yield from self._between(rule, kept(rule, base, everything))

    def _bad_objects(self, rule: Mapping[str, Json], hint: Json) -> Iterator[Case]:
        everything = self._everything(rule, hint)
        base = self._base(rule, hint, everything)
        for name in base:
            without = {key: value for key, value in base.items() if key != name}
            yield Case(without, f"{name} is missing", (name,), "required")
        for name in (UNKNOWN_KEY, *(known.upper() for known in everything)):
            yield Case(base | {name: "x"}, f"the unknown key {name}", (name,), "additionalProperties")
        for name, child in rule.get("properties", {}).items():
            for case in self.bad(child, everything[name]):
                yield structs.replace(case, input=base | {name: case.input}, path=(name, *case.path))
        yield from self._between(rule, broken(rule, base, everything))

    def _between(self, rule: Mapping[str, Json], inputs: Inputs) -> Iterator[Case]:
        """Cases of the rules between properties; such a case needs every property that any of these rules names."""
        also = tuple(sorted({name for one in self._schema.rules for name in one.properties}))
        for value, name, keyword in inputs:
            yield Case(value, f"the rule {keyword} about {name}", (name,), keyword, also)

    def _base(self, rule: Mapping[str, Json], hint: Json, everything: Mapping[str, Json]) -> dict[str, Json]:
        """What is required, and where rules between properties want more than that, the whole example."""
        required = {name: everything[name] for name in rule.get("required", ())}
        return dict(hint) if "rules" in rule and self._schema.strict.violations(required) else required

    def _together(
        self, rule: Mapping[str, Json], base: Mapping[str, Json], everything: Mapping[str, Json]
    ) -> dict[str, Json]:
        """Every property; those that may not come together with an earlier one are left out."""
        if "rules" not in rule:
            return dict(everything)
        whole = dict(base)
        for name, value in everything.items():
            if not self._schema.strict.violations(whole | {name: value}):
                whole[name] = value
        return whole

    def _company(self, name: str, everything: Mapping[str, Json]) -> dict[str, Json]:
        """What has to be given where `name` is."""
        rules = [one for one in self._schema.rules if one.given == name and one.demand == "someOf"]
        return {one.demanded[0]: everything[one.demanded[0]] for one in rules}

    def _everything(self, rule: Mapping[str, Json], hint: Json) -> dict[str, Json]:
        given: Mapping[str, Json] = hint if isinstance(hint, dict) else {}
        return {name: _sample(self._schema, one, given.get(name)) for name, one in rule.get("properties", {}).items()}


def _items(schema: InputSchema, rule: Mapping[str, Json]) -> dict[str, Json]:
    """The rule of an array's items; they inherit the kinds of URL that the array takes."""
    schemes = schema.schemes(rule)
    return {**rule.get("items", {}), **({"schemes": dict.fromkeys(schemes)} if schemes else {})}


def _types(rule: Mapping[str, Json]) -> tuple[str, ...]:
    types = rule.get("type", tuple(OF_TYPE))
    return (types,) if isinstance(types, str) else tuple(types)

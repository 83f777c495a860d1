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
from dataclasses import dataclass, replace

from screentest_contracts.document import Model
from screentest_contracts.reading import Json
from screentest_contracts.schema import InputSchema, Path, binds, enforcement

UNKNOWN_KEY = "screentest_unknown"
_FAR = 2**64  # beyond what a database column or a float holds exactly

_ASTRAL, _HAN = "\U0001f3ac", "\u6f22"
_TEXTS = {
    "accents": "Zoë naïvely façade",
    "right to left": "מצלמה איטית",
    "combining marks": "e\u0301\u0301 \u200d \ufeff",
    "astral characters": f"{_ASTRAL} \U0001d11e",
    "quotes, backslash, newline, tab": "\"'\\ \n\t </script> {} %s",
}
_URLS = {
    "https": ("https://example.com/a.png", "https://example.com:8443/a%20b/%C3%A9.png?size=1&sig=a%2Fb#top"),
    "http": ("http://example.com/a.png",),
    "http-loopback": ("http://127.0.0.1:8790/inputs/640x480.png", "http://localhost/a.png", "http://[::1]:80/a.png"),
    "data": ("data:image/png;base64,iVBORw0KGgo=",),
    "runflow-asset": ("runflow://assets/0190aaaa-bbbb-7ccc-8ddd-eeeeffff0000",),
}
_NO_URLS = ("", "not a url", "example.com/a.png", "//example.com/a.png", "https://", "https:/example.com/a.png")
_FOREIGN_URLS = ("ftp://example.com/a.png", "file:///etc/passwd", "javascript:alert(1)")
_OF_TYPE: dict[str, tuple[Json, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "integer": (0, 1, 5),
    "number": (5.5,),
    "string": ("5", "true", "text"),
    "array": ([], ["5"]),
    "object": ({},),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One input and what is special about it.

    `path` is the property (for a missing or surplus one: its own path), `keyword` the rule whose edge it is.
    """

    input: Json
    reason: str
    path: Path
    keyword: str


def accepted(model: Model) -> Iterator[Case]:
    """Inputs at the edges that the model's schema accepts."""
    yield from accepted_by(model.input, model.example)


def refused(model: Model) -> Iterator[Case]:
    """Inputs that break exactly one submit-time rule of the model's schema."""
    yield from refused_by(model.input, model.example)


def accepted_by(schema: InputSchema, example: Json) -> Iterator[Case]:
    """As `accepted`, for any schema of a request with one valid value."""
    strict = InputSchema(_unforgiving(schema.source), schema.media_schemes)
    for case in (Case(example, "the example", (), "example"), *_Edges(schema).good(schema.source, example)):
        if not any(one.violations(one.prepared(case.input)) for one in (schema, strict)):
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
    """The same edge in another input: `onto` takes over the one property that the case is about."""
    if not case.path:
        return case
    name = str(case.path[0])
    changed = {key: value for key, value in onto.items() if key != name}
    if name in case.input:
        changed[name] = case.input[name]
    return replace(case, input=changed)


def _sample(schema: InputSchema, rule: Mapping[str, Json], hint: Json = None) -> Json:
    """One valid value of a property: `hint` if there is one, else its default, else the simplest that fits."""
    for value in (hint, rule.get("default"), *rule.get("enum", ())):
        if value is not None:
            return value
    match _types(rule)[0]:
        case "string":
            urls = [_URLS[scheme][0] for scheme in schema.schemes(rule)]
            return urls[0] if urls else "text".ljust(rule.get("minLength", 0), ".")
        case "array":
            return [_sample(schema, _items(schema, rule))] * max(1, rule.get("minItems", 1))
        case "object":
            return {name: _sample(schema, rule["properties"][name]) for name in rule.get("required", ())}
        case "integer" | "number":
            return rule.get("minimum", rule.get("maximum", 1))
    return _OF_TYPE[_types(rule)[0]][0]


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
                    yield from (Case(value, f"{value!r}", (), "type") for value in _OF_TYPE[kind])
                case "integer" | "number":
                    yield from _good_numbers(rule)
                case "string" if self._schema.schemes(rule):
                    yield from self._good_urls(rule)
                case "string":
                    yield from _good_texts(rule)
                case "array":
                    yield from self._good_arrays(rule)
                case "object":
                    yield from self._good_objects(rule, hint)

    def bad(self, rule: Mapping[str, Json], hint: Json) -> Iterator[Case]:
        """Values that break one keyword of the rule."""
        types = _types(rule)
        for name, values in _OF_TYPE.items():
            if name not in types and not (name == "integer" and "number" in types):
                yield from (Case(value, f"{name} {value!r} for {' or '.join(types)}", (), "type") for value in values)
        if "array" in types:
            one = _sample(self._schema, _items(self._schema, rule))
            yield Case(one, "one item without its list", (), "type")
            yield from self._bad_arrays(rule)
        if "object" in types:
            yield from self._bad_objects(rule, hint)
        if self._schema.schemes(rule) and "string" in types:
            urls = [*_NO_URLS, *_FOREIGN_URLS, *(url for kind in _URLS.values() for url in kind)]
            yield from (Case(url, f"the URL {url!r}", (), "schemes") for url in urls)
        yield from _bad_scalars(rule)

    def _good_urls(self, rule: Mapping[str, Json]) -> Iterator[Case]:
        for scheme in self._schema.schemes(rule):
            yield from (Case(url, f"a URL of the kind {scheme}", (), "schemes") for url in _URLS[scheme])
        if rule.get("empty") == "absent":
            yield Case("", "left empty to skip", (), "empty")

    def _good_arrays(self, rule: Mapping[str, Json]) -> Iterator[Case]:
        items = _items(self._schema, rule)
        one, shortest = _sample(self._schema, items), rule.get("minItems", 0)
        for keyword in ("minItems", "maxItems"):
            if keyword in rule and binds(rule, keyword):
                yield Case([one] * rule[keyword], f"{rule[keyword]} items, all alike", (), keyword)
        for case in self.good(items, one):
            yield replace(case, input=[case.input, *[one] * (shortest - 1)], path=(0, *case.path))

    def _bad_arrays(self, rule: Mapping[str, Json]) -> Iterator[Case]:
        items = _items(self._schema, rule)
        one, shortest = _sample(self._schema, items), rule.get("minItems", 0)
        if shortest:
            yield Case([one] * (shortest - 1), f"{shortest - 1} items", (), "minItems")
        if "maxItems" in rule:
            yield Case([one] * (rule["maxItems"] + 1), f"{rule['maxItems'] + 1} items", (), "maxItems")
        for case in self.bad(items, one):
            for before in {max(0, shortest - 1), rule.get("maxItems", 3) - 1}:
                yield replace(case, input=[one] * before + [case.input], path=(before, *case.path))

    def _good_objects(self, rule: Mapping[str, Json], hint: Json) -> Iterator[Case]:
        everything = self._everything(rule, hint)
        base = {name: everything[name] for name in rule.get("required", ())}
        yield Case(base, "only what is required", (), "required")
        yield Case(everything, "every property", (), "properties")
        yield Case(base | {UNKNOWN_KEY: "x"}, "an unknown key", (UNKNOWN_KEY,), "additionalProperties")
        for name, child in rule.get("properties", {}).items():
            for case in self.good(child, everything[name]):
                yield replace(case, input=base | {name: case.input}, path=(name, *case.path))

    def _bad_objects(self, rule: Mapping[str, Json], hint: Json) -> Iterator[Case]:
        everything = self._everything(rule, hint)
        base = {name: everything[name] for name in rule.get("required", ())}
        for name in base:
            without = {key: value for key, value in base.items() if key != name}
            yield Case(without, f"{name} is missing", (name,), "required")
        for name in (UNKNOWN_KEY, *(known.upper() for known in everything)):
            yield Case(base | {name: "x"}, f"the unknown key {name}", (name,), "additionalProperties")
        for name, child in rule.get("properties", {}).items():
            for case in self.bad(child, everything[name]):
                yield replace(case, input=base | {name: case.input}, path=(name, *case.path))

    def _everything(self, rule: Mapping[str, Json], hint: Json) -> dict[str, Json]:
        given: Mapping[str, Json] = hint if isinstance(hint, dict) else {}
        return {name: _sample(self._schema, one, given.get(name)) for name, one in rule.get("properties", {}).items()}


def _good_numbers(rule: Mapping[str, Json]) -> Iterator[Case]:
    bounds = [(keyword, rule[keyword]) for keyword in ("minimum", "maximum") if keyword in rule]
    for keyword, bound in bounds:
        inside = bound + 1 if keyword == "minimum" else bound - 1
        if binds(rule, keyword):
            yield from (Case(value, f"{value} at the {keyword}", (), keyword) for value in (bound, inside))
    yield Case(float(bounds[0][1] if bounds else 1), "a whole number written as a float", (), "type")


def _good_texts(rule: Mapping[str, Json]) -> Iterator[Case]:
    """Shortest and longest strings, and what naive code chokes on. Length counts characters, not UTF-16 units."""
    shortest = rule.get("minLength", 0)
    yield Case("a" * shortest, f"{shortest} characters", (), "minLength")
    yield from (Case(text.ljust(shortest), why, (), "type") for why, text in _TEXTS.items())
    limit = rule.get("maxLength")
    if limit is not None and enforcement(rule, "maxLength") == "submit":
        yield from (Case(one * limit, f"{limit} characters", (), "maxLength") for one in ("a", "é", _ASTRAL))
        if rule.get("overflow") == "truncate":
            longer = (limit + 1, 2 * limit)
            yield from (Case("a" * size, f"{size} characters, to be cut", (), "overflow") for size in longer)
    if "maxLengthChinese" in rule and binds(rule, "maxLengthChinese"):
        limit = rule["maxLengthChinese"]
        yield Case(_HAN * limit, f"{limit} Chinese characters", (), "maxLengthChinese")
    if "maxLength" in rule.get("advice", {}):
        yield Case("a" * (rule["advice"]["maxLength"] + 1), "more characters than advised", (), "advice")


def _bad_scalars(rule: Mapping[str, Json]) -> Iterator[Case]:
    """Values of the right type that break one keyword."""
    choices = rule.get("enum", ())
    if choices:
        yield from (Case(value, f"{value!r} is no choice", (), "enum") for value in _near_choices(choices))
    for keyword, sign in (("minimum", -1), ("maximum", 1)):
        if keyword in rule:
            beyond = (rule[keyword] + sign, rule[keyword] + sign * _FAR)
            yield from (Case(value, f"{value} beyond the {keyword}", (), keyword) for value in beyond)
    if rule.get("minLength", 0):
        yield Case("a" * (rule["minLength"] - 1), "one character too few", (), "minLength")
    if "maxLength" in rule:
        size = rule["maxLength"] + 1
        yield from (Case(one * size, f"{size} characters", (), "maxLength") for one in ("a", _ASTRAL))
    if "maxLengthChinese" in rule:
        size = rule["maxLengthChinese"] + 1
        yield Case(_HAN * size, f"{size} Chinese characters", (), "maxLengthChinese")


def _near_choices(choices: list[Json]) -> list[Json]:
    """Values that are almost one of `choices`: another case, a space, the next number."""
    near: list[Json] = []
    for choice in choices:
        if isinstance(choice, str):
            near += [choice.upper(), choice.lower(), choice.title(), f" {choice}", f"{choice} ", choice[:-1]]
        elif isinstance(choice, int):
            near += [choice - 1, choice + 1]
    near += [UNKNOWN_KEY, ""] if isinstance(choices[0], str) else [-1, 0, _FAR]
    return [value for value in dict.fromkeys(near) if value not in choices]


def _unforgiving(rule: Mapping[str, Json]) -> dict[str, Json]:
    """The rule without its exceptions: what it accepts is accepted whatever an advisory rule turns out to mean."""
    plain = {key: value for key, value in rule.items() if key != "enforced"}
    if "properties" in rule:
        plain["properties"] = {name: _unforgiving(child) for name, child in rule["properties"].items()}
    if "items" in rule:
        plain["items"] = _unforgiving(rule["items"])
    return plain


def _items(schema: InputSchema, rule: Mapping[str, Json]) -> dict[str, Json]:
    """The rule of an array's items; they inherit the kinds of URL that the array takes."""
    schemes = schema.schemes(rule)
    return {**rule.get("items", {}), **({"schemes": dict.fromkeys(schemes)} if schemes else {})}


def _types(rule: Mapping[str, Json]) -> tuple[str, ...]:
    types = rule.get("type", tuple(_OF_TYPE))
    return (types,) if isinstance(types, str) else tuple(types)

"""A model's input schema: what is refused at submit, and the input as the model then sees it.

What its keywords mean, and when each is enforced, stands in `keywords`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

import jsonschema_rs

from screentest_contracts import rules as between
from screentest_contracts.keywords import STANDARD, binds, enforcement
from screentest_contracts.reading import ANNOTATIONS, Json
from screentest_contracts.urls import scheme_matches
from screentest_contracts.violation import Path, Violation, json_type, listed, shown

_MOST_TOLD = 500  # a list of a million wrong items is refused for the first of them

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]")


class InputSchema:
    """One compiled schema of a request. `source` is the schema as the contract has it, keywords of ours included.

    `media_schemes` are the kinds of URL that every property with a ``media`` rule takes.
    """

    def __init__(self, source: Mapping[str, Json], media_schemes: tuple[str, ...] = ()) -> None:
        self.source = source
        self.media_schemes = media_schemes

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(self.standard)

    @cached_property
    def standard(self) -> dict[str, Json]:
        """What is enforced at submit, as plain JSON Schema 2020-12."""
        return _standard(self.source)

    @cached_property
    def strict(self) -> InputSchema:
        """The schema with every rule enforced: what it accepts is accepted whatever becomes of an advisory rule."""
        return InputSchema(_without_exceptions(self.source), self.media_schemes)

    @cached_property
    def properties(self) -> Mapping[str, Mapping[str, Json]]:
        return self.source.get("properties", {})  # type: ignore[no-any-return]

    @cached_property
    def rules(self) -> tuple[between.Rule, ...]:
        """What the properties ask of each other."""
        return between.read_rules(self.source)

    @cached_property
    def _relations(self) -> tuple[between.Rule, ...]:
        """Those that a request is refused for."""
        return self.rules if binds(self.source, "rules") else ()

    @cached_property
    def _silencing(self) -> tuple[between.Rule, ...]:
        """Those by which a property may have no effect."""
        return tuple(rule for rule in self.rules if rule.demand == "ignored")

    @cached_property
    def _defaults(self) -> tuple[tuple[str, Json], ...]:
        """Each property with its default."""
        return tuple((name, rule.get("default")) for name, rule in self.properties.items())

    @cached_property
    def _integers(self) -> tuple[str, ...]:
        return tuple(name for name, rule in self.properties.items() if rule.get("type") == "integer")

    @cached_property
    def names_files(self) -> bool:
        """Whether any property has rules about the file that it names."""
        return any("media" in rule or "validations" in rule for rule in _subschemas(self.source))

    @cached_property
    def _forgives(self) -> bool:
        """Whether any property is read otherwise than as it came."""
        return any("empty" in rule or "overflow" in rule for rule in self.properties.values())

    @cached_property
    def _own(self) -> Mapping[str, Json]:
        """Of the schema, what has a rule that plain JSON Schema has no keyword for, however deep."""
        return self._with_own(self.source)

    def _with_own(self, rule: Mapping[str, Json]) -> Mapping[str, Json]:
        """The rule with only such children; empty where neither it nor any of them has such a rule."""
        named = {name: self._with_own(child) for name, child in rule.get("properties", {}).items()}
        named = {name: child for name, child in named.items() if child}
        items = self._with_own(rule["items"]) if "items" in rule else {}
        own = named or items or "maxLengthChinese" in rule or self.schemes(rule)
        return {**rule, "properties": named, "items": items} if own else {}

    def prepared(self, value: Json) -> Json:
        """`value` as the provider reads it: empty strings dropped and long strings cut where the contract says so."""
        if not isinstance(value, dict) or not self._forgives:
            return value
        ready = {}
        for name, item in value.items():
            rule = self.properties.get(name, {})
            if item == "" and rule.get("empty") == "absent":
                continue
            if isinstance(item, str) and rule.get("overflow") == "truncate":
                item = item[: longest_prefix(item, rule)]
            ready[name] = item
        return ready

    def violations(self, value: Json) -> tuple[Violation, ...]:
        """The submit-time rules that the prepared `value` breaks, some hundreds at most; empty when it is accepted."""
        found = () if self._validator.is_valid(value) else self._standard_violations(value)
        if self._own:
            mistyped = {one.at for one in found if one.keyword == "type"}
            own = self._own_violations(value, self._own)
            besides = (one for one in own if not any(one.at[: len(at)] == at for at in mistyped))
            found = (*found, *islice(besides, _MOST_TOLD))
        return found or self._between_properties(value)

    def _standard_violations(self, value: Json) -> tuple[Violation, ...]:
        """What plain JSON Schema says against `value`; of what has the wrong type, only that."""
        found = [_translate(error) for error in self._errors(value)]
        mistyped = {one.at for one in found if one.keyword == "type"}
        return tuple(one for one in found if one.keyword == "type" or one.at not in mistyped)

    def _errors(self, value: Json) -> list[jsonschema_rs.ValidationError]:
        """One mistake at least, of a flood of them the first."""
        found = list(islice(self._validator.iter_errors(_cut(value)), _MOST_TOLD))
        if found:
            return found
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return [error]
        return []

    def completed(self, value: Mapping[str, Json]) -> dict[str, Json]:
        """An accepted input as the model sees it: with defaults for what is missing or has no effect, whole floats as
        integers, and without unknown keys."""
        silent = between.ignored(self._silencing, value, self.properties) if self._silencing else ()
        full = {
            name: item
            for name, default in self._defaults
            if (item := default if name in silent else value.get(name, default)) is not None
        }
        for name in self._integers:
            if isinstance(full.get(name), float):
                full[name] = int(full[name])
        return full

    def _own_violations(self, value: Json, rule: Mapping[str, Json], at: Path = ()) -> Iterator[Violation]:
        """The rules that plain JSON Schema has no keyword for."""
        schemes = self.schemes(rule)
        if isinstance(value, dict):
            for name, child in rule.get("properties", {}).items():
                if name in value:
                    yield from self._own_violations(value[name], child, (*at, name))
        elif isinstance(value, list):
            child = rule.get("items", {}) | ({"schemes": dict.fromkeys(schemes)} if schemes else {})
            for index, item in enumerate(value):
                yield from self._own_violations(item, child, (*at, index))
        elif isinstance(value, str):
            if schemes and not scheme_matches(value, *schemes):
                yield Violation(at=at, keyword="schemes", got=shown(value), want=", ".join(schemes))
            if _chinese_counts(rule) and longest_prefix(value, rule) < min(len(value), rule["maxLength"]):
                limit = str(rule["maxLengthChinese"])
                yield Violation(at=at, keyword="maxLengthChinese", got=str(len(value)), want=limit)

    def _between_properties(self, value: Json) -> tuple[Violation, ...]:
        if not self._relations or not isinstance(value, dict):
            return ()
        return tuple(one for rule in self._relations for one in between.violations(rule, value, self.properties))

    def schemes(self, rule: Mapping[str, Json]) -> tuple[str, ...]:
        """The kinds of URL that a property takes; none for a property that holds no URL."""
        own = tuple(name for name in rule.get("schemes", ()) if name not in ANNOTATIONS)
        return own or (self.media_schemes if "media" in rule else ())


def _subschemas(schema: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """The schema and every schema in it."""
    yield schema
    for child in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
        yield from _subschemas(child)


def longest_prefix(text: str, rule: Mapping[str, Json]) -> int:
    """How many characters of `text` the property's length limits allow."""
    limit = rule.get("maxLength", len(text))
    if not _chinese_counts(rule):
        return min(len(text), int(limit))
    weight, budget = limit / rule["maxLengthChinese"], float(limit)
    for index, character in enumerate(text):
        budget -= weight if _HAN.match(character) else 1
        if budget < 0:
            return index
    return len(text)


def _chinese_counts(rule: Mapping[str, Json]) -> bool:
    return "maxLengthChinese" in rule and enforcement(rule, "maxLengthChinese") == "submit"


def _standard(rule: Mapping[str, Json]) -> dict[str, Json]:
    plain: dict[str, Json] = {}
    for keyword, value in rule.items():
        if keyword not in STANDARD or not binds(rule, keyword):
            continue
        if keyword == "properties":
            value = {name: _standard(child) for name, child in value.items()}
        elif keyword == "items":
            value = _standard(value)
        plain[keyword] = value
    return plain


def _without_exceptions(rule: Mapping[str, Json]) -> dict[str, Json]:
    plain = {key: value for key, value in rule.items() if key != "enforced"}
    if "properties" in rule:
        plain["properties"] = {name: _without_exceptions(child) for name, child in rule["properties"].items()}
    if "items" in rule:
        plain["items"] = _without_exceptions(rule["items"])
    return plain


def _cut(value: Json) -> Json:
    """`value` with at most some hundreds of items in each list, since every wrong one of them takes time to tell."""
    if isinstance(value, dict):
        return {name: _cut(item) for name, item in value.items()}
    return [_cut(item) for item in value[:_MOST_TOLD]] if isinstance(value, list) else value


def _translate(error: jsonschema_rs.ValidationError) -> Violation:
    kind: Any = error.kind
    instance: Json = error.instance
    path = tuple(error.instance_path)
    match kind.name:
        case "required":
            return Violation(at=(*path, kind.property), keyword="required", want=kind.property)
        case "additionalProperties":
            names = sorted(kind.unexpected)
            return Violation(
                at=(*path, names[0]), keyword="additionalProperties", got=", ".join(f"'{name}'" for name in names)
            )
        case "type":
            return Violation(at=path, keyword="type", got=json_type(instance), want=" or ".join(kind.types))
        case "enum":
            return Violation(
                at=path, keyword="enum", got=shown(instance), want=listed(kind.options), several=len(kind.options) > 1
            )
        case "minLength" | "maxLength" | "minItems" | "maxItems":
            return Violation(at=path, keyword=kind.name, got=str(len(instance)), want=str(kind.limit))
        case _:
            return Violation(at=path, keyword=kind.name, got=shown(instance), want=shown(kind.value))

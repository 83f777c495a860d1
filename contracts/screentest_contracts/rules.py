"""Relations between the properties of an input: what one asks of the others.

They are the items of the keyword ``rules``, each one demand, some under a condition:

    {"someOf": ["images", "videos"]}                              at least one of them is given
    {"total": {"of": ["images", "videos"], "most": 5}}            items of all of them together
    {"given": "audios", "someOf": ["images", "videos"]}           whoever gives audios gives one of the others too
    {"given": "image", "without": ["audios"]}                     not both
    {"given": "mask", "atMost": {"images": 1}}                    items of a list
    {"where": {"background": "transparent"}, "only": {"format": ["png", "webp"]}}
    {"given": "video", "ignored": ["sound"]}                      it has no effect: its default holds

A property is *given* when it is there and neither an empty list nor an empty string; ``where`` and ``only`` read the
default of one that is absent. Rules are judged on inputs that are right property by property, so that one mistake is
told once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from screentest_contracts.reading import ANNOTATIONS, ContractError, Json, unknown_key
from screentest_contracts.violation import Violation, listed, shown

CONDITIONS = ("given", "where")
DEMANDS = ("someOf", "without", "only", "atMost", "total", "ignored")

Properties = Mapping[str, Mapping[str, Json]]


class Rule(Struct, frozen=True, kw_only=True):
    """One rule, read. `argument` is what stands under the demand's own name in the contract."""

    demand: str
    argument: Json
    given: str | None
    where: Mapping[str, Json]

    @property
    def demanded(self) -> tuple[str, ...]:
        """The properties that the demand is about."""
        return tuple(self.argument["of"] if self.demand == "total" else self.argument)

    @property
    def properties(self) -> tuple[str, ...]:
        """Every property that the rule names, those of its condition first."""
        return (*([self.given] if self.given else []), *self.where, *self.demanded)

    @property
    def blamed(self) -> tuple[str, ...]:
        """The properties that a violation of the rule may be about."""
        return (self.given or self.demanded[0],) if self.demand == "someOf" else self.demanded

    @property
    def occasion(self) -> str:
        """The condition in words, to stand behind what is wanted; "" for a rule without one."""
        if self.given:
            return f" with {self.given}"
        return "".join(f" with {name} {shown(value)}" for name, value in self.where.items())


def read_rules(source: Mapping[str, Json]) -> tuple[Rule, ...]:
    """The rules of an input schema."""
    return tuple(_read(rule) for rule in source.get("rules", ()))


def refuse_meaningless(schema: Mapping[str, Json], at: str) -> None:
    """Refuse, at load, a rule that is none of the forms above or names a property that does not exist."""
    known = frozenset({*CONDITIONS, *DEMANDS})
    for index, rule in enumerate(schema.get("rules", ())):
        where = f"{at}/rules/{index}"
        for key in rule:
            if key not in known and key not in ANNOTATIONS:
                raise unknown_key(where, key, known)
        if sum(key in rule for key in DEMANDS) != 1 or all(key in rule for key in CONDITIONS):
            raise ContractError(f"{where}: expected one of {', '.join(DEMANDS)} and at most one condition")
        for name in _read(rule).properties:
            if name not in schema.get("properties", {}):
                raise ContractError(f"{where}: the input has no property {name!r}")


def violations(rule: Rule, value: Mapping[str, Json], properties: Properties) -> Iterator[Violation]:
    """What of `rule` the input breaks; nothing where its condition does not hold."""
    if not holds(rule, value, properties):
        return
    want = listed(list(rule.demanded)) if rule.demand in ("someOf", "total") else ""
    match rule.demand:
        case "someOf" if not any(given(value, name) for name in rule.demanded):
            yield Violation(at=rule.blamed, keyword="someOf", want=want)
        case "without":
            for name in rule.demanded:
                if given(value, name):
                    yield Violation(at=(name,), keyword="without", want=rule.given or "")
        case "only":
            for name, allowed in rule.argument.items():
                got = value.get(name, properties[name].get("default"))
                if got is not None and got not in allowed:
                    said = listed(allowed) + rule.occasion
                    yield Violation(at=(name,), keyword="only", got=shown(got), want=said)
        case "atMost":
            for name, most in rule.argument.items():
                if len(value.get(name, ())) > most:
                    size = str(len(value[name]))
                    yield Violation(at=(name,), keyword="atMost", got=size, want=str(most) + rule.occasion)
        case "total" if (count := sum(len(value.get(name, ())) for name in rule.demanded)) > rule.argument["most"]:
            last = [name for name in rule.demanded if given(value, name)][-1]
            yield Violation(at=(last,), keyword="total", got=str(count), want=f"{rule.argument['most']} in {want}")


def ignored(silencing: tuple[Rule, ...], value: Mapping[str, Json], properties: Properties) -> frozenset[str]:
    """The properties of the input that have no effect, by the rules that demand so."""
    silent = [rule.demanded for rule in silencing if holds(rule, value, properties)]
    return frozenset(name for names in silent for name in names)


def holds(rule: Rule, value: Mapping[str, Json], properties: Properties) -> bool:
    """Whether the rule's condition holds for the input."""
    if rule.given and not given(value, rule.given):
        return False
    return all(value.get(name, properties[name].get("default")) == wanted for name, wanted in rule.where.items())


def given(value: Mapping[str, Json], name: str) -> bool:
    """Whether the input gives this property."""
    return name in value and value[name] not in ("", [])


def as_json_schema(rule: Rule, properties: Properties) -> dict[str, Json] | None:
    """The rule in JSON Schema's own words; None for one that it has no words for, or that refuses nothing."""
    demanded = _demand(rule, properties)
    if demanded is None:
        return None
    if rule.given:
        return {"if": _is_given(rule.given, properties), "then": demanded}
    if rule.where:
        return {"if": _all(_is(name, one, properties) for name, one in rule.where.items()), "then": demanded}
    return demanded


def _read(rule: Mapping[str, Json]) -> Rule:
    demand = next(key for key in DEMANDS if key in rule)
    return Rule(demand=demand, argument=rule[demand], given=rule.get("given"), where=rule.get("where", {}))


def _demand(rule: Rule, properties: Properties) -> dict[str, Json] | None:
    match rule.demand:
        case "someOf":
            return {"anyOf": [_is_given(name, properties) for name in rule.demanded]}
        case "without":
            return {"not": {"anyOf": [_is_given(name, properties) for name in rule.demanded]}}
        case "only":
            return _all(_is_one_of(name, allowed, properties) for name, allowed in rule.argument.items())
        case "atMost":
            return {"properties": {name: {"maxItems": most} for name, most in rule.argument.items()}}
    return None


def _is_given(name: str, properties: Properties) -> dict[str, Json]:
    shortest = {"array": {"minItems": 1}, "string": {"minLength": 1}}
    return {"required": [name], "properties": {name: shortest.get(properties[name].get("type", ""), {})}}


def _is(name: str, value: Json, properties: Properties) -> dict[str, Json]:
    """The property has this value; left out it has it only by default."""
    schema: dict[str, Json] = {"properties": {name: {"const": value}}}
    return schema if properties[name].get("default") == value else schema | {"required": [name]}


def _is_one_of(name: str, allowed: list[Json], properties: Properties) -> dict[str, Json]:
    """The property has one of these values, or none at all; left out it has its default."""
    schema: dict[str, Json] = {"properties": {name: {"enum": allowed}}}
    default = properties[name].get("default")
    return schema if default is None or default in allowed else schema | {"required": [name]}


def _all(schemas: Iterator[dict[str, Json]]) -> dict[str, Json]:
    found = list(schemas)
    return found[0] if len(found) == 1 else {"allOf": found}

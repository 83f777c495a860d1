"""Inputs at the edges of the rules between properties (`rules`): those that just keep one, those that just break it.

Each is made from `base`, an input that keeps every rule, and from `everything`, one valid value of every property. They
come as (input, the property that a refusal would be about, the rule's demand) and are not judged yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from screentest_contracts.reading import Json
from screentest_contracts.rules import Rule, read_rules

Inputs = Iterator[tuple[dict[str, Json], str, str]]


def kept(schema: Mapping[str, Json], base: Mapping[str, Json], everything: Mapping[str, Json]) -> Inputs:
    """Inputs that keep a rule, next to where it is broken."""
    return _made(_keeping, schema, base, everything)


def broken(schema: Mapping[str, Json], base: Mapping[str, Json], everything: Mapping[str, Json]) -> Inputs:
    """Inputs that break a rule, and otherwise none."""
    return _made(_breaking, schema, base, everything)


_Changes = Iterator[tuple[dict[str, Json], str]]
"""What an input takes over, and the property that it is about. An absent property is an empty list."""


def _made(
    changes: Callable[[Rule, Mapping[str, Json], Mapping[str, Json]], _Changes],
    schema: Mapping[str, Json],
    base: Mapping[str, Json],
    everything: Mapping[str, Json],
) -> Inputs:
    properties = schema.get("properties", {})
    for rule in read_rules(schema):
        occasion = dict(rule.where) | ({rule.given: everything[rule.given]} if rule.given else {})
        for change, about in changes(rule, properties, everything):
            whole = {**base, **occasion, **change}
            yield (
                {name: value for name, value in whole.items() if name not in change or value != []},
                about,
                rule.demand,
            )


def _keeping(rule: Rule, properties: Mapping[str, Json], everything: Mapping[str, Json]) -> _Changes:
    nothing: dict[str, Json] = {name: [] for name in rule.demanded}
    match rule.demand:
        case "someOf":
            yield from ((nothing | {name: everything[name]}, name) for name in rule.demanded)
        case "without":
            yield nothing, rule.demanded[0]
        case "only":
            yield from (({name: one}, name) for name, allowed in rule.argument.items() for one in allowed)
        case "atMost":
            yield from (({name: everything[name][:1] * most}, name) for name, most in rule.argument.items())
        case "total":
            yield _filled(rule, properties, everything, rule.argument["most"]), rule.demanded[-1]


def _breaking(rule: Rule, properties: Mapping[str, Json], everything: Mapping[str, Json]) -> _Changes:
    match rule.demand:
        case "someOf":
            yield {name: [] for name in rule.demanded}, rule.given or rule.demanded[0]
        case "without":
            yield from (({name: everything[name]}, name) for name in rule.demanded)
        case "only":
            for name, allowed in rule.argument.items():
                yield from (({name: one}, name) for one in properties[name].get("enum", ()) if one not in allowed)
        case "atMost":
            yield from (({name: everything[name][:1] * (most + 1)}, name) for name, most in rule.argument.items())
        case "total":
            lists = _filled(rule, properties, everything, rule.argument["most"] + 1)
            yield lists, [name for name in rule.demanded if lists[name]][-1]


def _filled(rule: Rule, properties: Mapping[str, Json], everything: Mapping[str, Json], count: int) -> dict[str, Json]:
    """`count` items in all, in as many of the rule's lists as it takes."""
    lists = {}
    for name in rule.demanded:
        size = min(count, properties[name].get("maxItems", count))
        lists[name] = everything[name][:1] * size
        count -= size
    return lists

"""Compare two schemas of what is sent: properties, what is required, values, bounds, defaults, rules about files.

Both sides are in the contract's dialect (`screentest_contracts.keywords`). Old is what was known, new what is said now.
Where new is silent, `gone` decides: a keyword that went, or one that new does not speak of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from screentest_contracts.drift.difference import Difference
from screentest_contracts.drift.nodes import Node, alternatives, callback_name, kind_of, opened_both
from screentest_contracts.reading import Json, bare, pointer_token

Gone = Callable[[str], bool]

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxLengthChinese", "maxItems", "maxProperties")
WIDENING = ("overflow", "empty")
"""Keywords that make a request pass which would not without them."""
NARROWING = ("pattern", "rules", "multipleOf", "uniqueItems")
SETS = ("schemes",)
WORDS = ("title", "description", "note", "advice")
_MOMENTS = ("advisory", "generation", "submit")
_DEEPEST = 40


def everything(_: str) -> bool:
    """Of two complete sides: what new does not say, went."""
    return True


class Requests(Struct, frozen=True):
    """Compares schemas of requests. `complete`: new says all there is, sentences included; else it is a page, which
    has words of its own and may leave a type open."""

    gone: Gone = everything
    complete: bool = True

    def compare(self, old: Node, new: Node, depth: int = 0) -> Iterator[Difference]:
        """Every difference between two schemas at the same place."""
        before, after = opened_both(old, new) if self.complete else (old.opened(), new.opened())
        if depth > _DEEPEST or (before.schema == after.schema and before.closed):
            return
        retyped = list(self._type(before, after))
        yield from retyped
        if not retyped:
            yield from self._values(before, after)
            yield from self._scalars(before, after)
            yield from self._files(before, after)
            yield from self._properties(before, after, depth)
            if "items" in before.schema and "items" in after.schema:
                yield from self.compare(before.child("items"), after.child("items"), depth + 1)
            yield from self._choices(before, after, depth)
        if self.complete:
            yield from wording(before, after)
        elif "advice" in after.schema and after.schema["advice"] != before.schema.get("advice"):
            was, now = before.schema.get("advice"), after.schema["advice"]
            yield Difference(kind="wording-only", pointer=f"{before.at}/advice", old=was, new=now)

    def _type(self, old: Node, new: Node) -> Iterator[Difference]:
        was, now = kind_of(old.schema), kind_of(new.schema)
        if was != now and (now is not None or self.complete):
            yield Difference(kind="property-retyped", pointer=f"{old.at}/type", old=was, new=now)

    def _values(self, old: Node, new: Node) -> Iterator[Difference]:
        """Values that came or went; a list of values that came or went as a whole is a bound."""
        at = f"{old.at}/enum"
        was, now = _enum(old.schema, new.schema), _enum(new.schema, old.schema)
        if was is None or now is None:
            if was is not now and (now is not None or self.gone(at)):
                kind = "bound-tightened" if was is None else "bound-loosened"
                yield Difference(kind=kind, pointer=at, old=was, new=now)
            return
        for value in was:
            if not _among(value, now):
                yield Difference(kind="enum-value-removed", pointer=at, old=value, new=None)
        for value in now:
            if not _among(value, was):
                yield Difference(kind="enum-value-added", pointer=at, old=None, new=value)

    def _scalars(self, old: Node, new: Node) -> Iterator[Difference]:
        before, after = _as_bounds(old.schema, new.schema), _as_bounds(new.schema, old.schema)
        for keyword in (*LOWER, *UPPER, *WIDENING, *NARROWING, "additionalProperties", "default", "format", "enforced"):
            was, now = bare(before.get(keyword)), bare(after.get(keyword))
            at = f"{old.at}/{keyword}"
            if _same(was, now) or (now is None and not self.gone(at)):
                continue
            if kind := _class_of(keyword, was, now):
                yield Difference(kind=kind, pointer=at, old=was, new=now)
        for keyword in SETS:
            was, now = set(bare(before.get(keyword)) or ()), set(bare(after.get(keyword)) or ())
            at = f"{old.at}/{keyword}"
            if was == now or (not now and not self.gone(at)) or not (was or self.complete):
                continue
            for name in sorted(was ^ now):
                kind = "bound-tightened" if name in was else "bound-loosened"
                yield Difference(
                    kind=kind, pointer=at, old=name if name in was else None, new=name if name in now else None
                )

    def _files(self, old: Node, new: Node) -> Iterator[Difference]:
        """Rules about the file behind a URL."""
        for keyword, read in (("media", bare), ("validations", _rules)):
            was, now = read(old.schema.get(keyword)) or {}, read(new.schema.get(keyword)) or {}
            for name in dict.fromkeys([*was, *now]):
                at = f"{old.at}/{keyword}/{pointer_token(name)}"
                before, after = _sorted(was.get(name)), _sorted(now.get(name))
                if not _same(before, after) and (after is not None or self.gone(at)):
                    yield Difference(kind="media-rule-changed", pointer=at, old=before, new=after)

    def _choices(self, old: Node, new: Node, depth: int) -> Iterator[Difference]:
        """Alternatives, each with its like. One that is the request of a single model comes and goes with the model."""
        for name, was, now in alternatives(old, new):
            if was is not None and now is not None:
                yield from self.compare(was, now, depth + 1)
                continue
            model = _only_model(was or now)
            sides = [(model or name) if side else None for side in (was, now)]
            kind = ("model-added" if was is None else "model-removed") if model else "property-retyped"
            at = f"{old.at}/{name}"
            yield Difference(kind=kind, pointer=at, old=sides[0], new=sides[1], model=model)

    def _properties(self, old: Node, new: Node, depth: int) -> Iterator[Difference]:
        was, now = old.properties, new.properties
        wanted, wants = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
        marks = "required" in new.schema
        for name in dict.fromkeys([*was, *now]):
            at = f"{old.at}/properties/{pointer_token(name)}"
            if name not in now:
                found = [
                    Difference(kind="property-removed", pointer=at, old=_said(was[name], name in wanted), new=None)
                ]
                found = found if self.gone(at) else []
            elif name not in was:
                kind = "property-added-required" if name in wants else "property-added-optional"
                found = [Difference(kind=kind, pointer=at, old=None, new=_said(now[name], name in wants))]
            else:
                found = list(self.compare(was[name], now[name], depth + 1))
                if marks or self.complete:
                    found += _required(old.at, name, name in wanted, name in wants)
            yield from (as_callback(one) for one in found) if callback_name(name) else found


def wording(old: Node, new: Node) -> Iterator[Difference]:
    """Sentences that differ."""
    for keyword in WORDS:
        was, now = old.schema.get(keyword), new.schema.get(keyword)
        if was != now:
            yield Difference(kind="wording-only", pointer=f"{old.at}/{keyword}", old=was, new=now)


def as_callback(difference: Difference) -> Difference:
    """The same difference in what a caller says about callbacks, or is told by one."""
    if difference.kind == "wording-only":
        return difference
    return Difference(
        kind="callback-changed",
        pointer=difference.pointer,
        old=difference.old,
        new=difference.new,
        model=difference.model,
    )


def _required(at: str, name: str, was: bool, now: bool) -> list[Difference]:
    if was == now:
        return []
    kind = "required-added" if now else "required-removed"
    return [Difference(kind=kind, pointer=f"{at}/required", old=name if was else None, new=name if now else None)]


def _class_of(keyword: str, was: Json, now: Json) -> str:
    """The class of a keyword that changed; "" where it is nobody's business."""
    if keyword == "default":
        return "default-changed"
    if keyword == "format":
        return "property-retyped"
    if keyword == "enforced":
        return _enforcement(was or {}, now or {})
    if keyword == "additionalProperties":
        return "" if (was is not False) == (now is not False) else _tighter(now is False)
    if keyword in LOWER or keyword in UPPER:
        if was is None or now is None:
            return _tighter(was is None)
        return _tighter((now > was) == (keyword in LOWER))
    if was is not None and now is not None:
        return "property-retyped"
    return _tighter((was is None) == (keyword in NARROWING))


def _tighter(tighter: bool) -> str:
    return "bound-tightened" if tighter else "bound-loosened"


def _enforcement(was: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Limits that are enforced sooner are tighter; those that nothing is said of are enforced at submit."""
    rank = {
        name: (_MOMENTS.index(was.get(name, "submit")), _MOMENTS.index(now.get(name, "submit")))
        for name in {**was, **now}
    }
    steps = {after - before for before, after in rank.values() if after != before}
    return (
        "" if not steps else _tighter(max(steps) > 0) if len({step > 0 for step in steps}) == 1 else "property-retyped"
    )


def _only_model(node: Node | None) -> str:
    """The model whose request this is, by the only value of its property `model`; "" for another schema."""
    said = node.opened().properties.get("model") if node else None
    values = said.opened().schema.get("enum", []) if said else []
    return str(values[0]) if len(values) == 1 else ""


def _said(node: Node, required: bool) -> dict[str, Json]:
    """A property that came or went, in short."""
    return {"type": kind_of(node.opened().schema), "required": required}


def _enum(schema: Mapping[str, Json], other: Mapping[str, Json]) -> list[Json] | None:
    """The values of a list, unless it is a run of integers that the other side states as bounds."""
    values = schema.get("enum")
    return None if values is None or (_run(values) and "enum" not in other and _bounded(other)) else list(values)


def _as_bounds(schema: Mapping[str, Json], other: Mapping[str, Json]) -> Mapping[str, Json]:
    """The schema with a run of integers as the bounds that the other side states it by."""
    values = schema.get("enum")
    if values and _run(values) and "enum" not in other and _bounded(other):
        return {**schema, "minimum": min(values), "maximum": max(values)}
    return schema


def _run(values: Json) -> bool:
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in values)
    return bool(values) and whole and sorted(values) == list(range(min(values), min(values) + len(values)))


def _bounded(schema: Mapping[str, Json]) -> bool:
    return "minimum" in schema and "maximum" in schema


def _among(value: Json, values: list[Json]) -> bool:
    return any(_same(value, one) for one in values)


def _same(one: Json, other: Json) -> bool:
    """Equal as JSON: true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _rules(rules: Json) -> dict[str, Json]:
    """Validations by rule."""
    return {one["rule"]: one["value"] for one in rules or ()}


def _sorted(value: Json) -> Json:
    """A list whose order means nothing."""
    return sorted(value, key=str) if isinstance(value, list) else value

"""Compare two schemas of what is answered: which fields there are, and what they are."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from screentest_contracts.drift.difference import Difference
from screentest_contracts.drift.nodes import Node, alternatives, kind_of, opened_both
from screentest_contracts.drift.schemas import Gone, everything, wording
from screentest_contracts.reading import Json, bare, pointer_token

_KEYWORDS = ("enum", "format", "minimum", "maximum", "pattern")


class Answers(Struct, frozen=True):
    """Compares schemas of answers. `complete`: new says all there is; else it is a page, which leaves types open."""

    gone: Gone = everything
    complete: bool = True

    def compare(self, old: Node, new: Node, seen: tuple[str, ...] = ()) -> Iterator[Difference]:
        """Every difference between two schemas at the same place; one that contains itself is followed once."""
        before, after = opened_both(old, new) if self.complete else (old.opened(), new.opened())
        if before.at in seen:
            return
        seen = (*seen, before.at) if before.at != old.at else seen
        yield from self._kind(before, after)
        yield from self._fields(before, after, seen)
        if "items" in before.schema and "items" in after.schema:
            yield from self.compare(before.child("items"), after.child("items"), seen)
        yield from self._choices(before, after, seen)
        if self.complete:
            yield from wording(before, after)

    def _kind(self, old: Node, new: Node) -> Iterator[Difference]:
        pairs: list[tuple[str, Json, Json]] = [("type", kind_of(old.schema), kind_of(new.schema))]
        pairs += [(keyword, bare(old.schema.get(keyword)), bare(new.schema.get(keyword))) for keyword in _KEYWORDS]
        for keyword, was, now in pairs:
            if was == now or (not self.complete and (now is None or was is None or _allows(was, now))):
                continue
            yield Difference(kind="output-field-retyped", pointer=f"{old.at}/{keyword}", old=was, new=now)

    def _fields(self, old: Node, new: Node, seen: tuple[str, ...]) -> Iterator[Difference]:
        was, now = old.properties, new.properties
        if not self.complete and not now:
            return
        always, still = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
        for name in dict.fromkeys([*was, *now]):
            at = f"{old.at}/properties/{pointer_token(name)}"
            if name not in now:
                if self.gone(at):
                    yield Difference(kind="output-field-removed", pointer=at, old=_said(was[name]), new=None)
            elif name not in was:
                yield Difference(kind="output-field-added", pointer=at, old=None, new=_said(now[name]))
            else:
                yield from self.compare(was[name], now[name], seen)
                if self.complete and (name in always) != (name in still):
                    before, after = (name if name in names else None for names in (always, still))
                    yield Difference(kind="output-field-retyped", pointer=f"{old.at}/required", old=before, new=after)

    def _choices(self, old: Node, new: Node, seen: tuple[str, ...]) -> Iterator[Difference]:
        """Alternatives, each with its like; one without a like makes the field another."""
        if not self.complete:
            return
        for name, was, now in alternatives(old, new):
            if was is not None and now is not None:
                yield from self.compare(was, now, seen)
            else:
                before, after = name if was else None, name if now else None
                yield Difference(kind="output-field-retyped", pointer=f"{old.at}/{name}", old=before, new=after)


def _allows(was: Json, now: Json) -> bool:
    """Whether a page's looser or narrower word for a type is no contradiction."""
    return isinstance(was, list) and (now in was or now == [word for word in was if word != "null"])


def _said(node: Node) -> dict[str, Json]:
    """A field that came or went, in short."""
    return {"type": kind_of(node.opened().schema)}

"""Compare two JSON values leaf by leaf, where no schema tells what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from screentest_contracts.drift.difference import Difference
from screentest_contracts.reading import ANNOTATIONS, Json, bare, pointer_token

_NAMES = ("id", "word", "endpoint", "name")
_WORDING = ("title", "description", "note", "message", "summary", "why")


def leaves(old: Json, new: Json, at: str, kinds: Mapping[str, str]) -> Iterator[Difference]:
    """The leaves that differ. `kinds` gives the class by the beginning of the pointer, the longest that fits; sentences
    are wording, and so is what fits nothing."""
    if _named(old) and _named(new):
        old, new = _by_name(old), _by_name(new)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            if key not in ANNOTATIONS:
                yield from leaves(old.get(key), new.get(key), f"{at}/{pointer_token(key)}", kinds)
    elif bare(old) != bare(new) or isinstance(old, bool) != isinstance(new, bool):
        yield Difference(kind=_kind(at, kinds), pointer=at, old=bare(old), new=bare(new))


def _kind(at: str, kinds: Mapping[str, str]) -> str:
    if at.rpartition("/")[2] in _WORDING:
        return "wording-only"
    fitting = [start for start in kinds if f"{at}/".startswith(f"/{start}/")]
    return kinds[max(fitting, key=len)] if fitting else "wording-only"


def _named(items: Json) -> bool:
    """Whether these are objects that each have a name of their own."""
    if not isinstance(items, list) or not items or not all(isinstance(item, Mapping) for item in items):
        return False
    names = [_name(item) for item in items]
    return None not in names and len(set(names)) == len(names)


def _by_name(items: Json) -> dict[str, Json]:
    return {str(_name(item)): item for item in items}


def _name(item: Mapping[str, Json]) -> str | None:
    return next((str(item[key]) for key in _NAMES if key in item), None)

"""Compare two copies of one page, as it was and as it is: both say all that they say, sentences included."""

from __future__ import annotations

from collections.abc import Iterator

from screentest_contracts.drift.answers import Answers
from screentest_contracts.drift.difference import Difference, judged, ordered
from screentest_contracts.drift.nodes import Node
from screentest_contracts.drift.outcome import Outcome, Unread
from screentest_contracts.drift.schemas import Requests, as_callback
from screentest_contracts.ingest.fragment import Fragment


def compare_pages(old: Fragment, new: Fragment) -> Outcome:
    """Every difference between two pages."""
    found = page_differences(old, new)
    unread = dict.fromkeys(
        Unread(page=one.page, at=remark.at, text=remark.text) for one in (old, new) for remark in one.unread
    )
    return Outcome(drifts=ordered(judged(one, old.provider, None) for one in found), unread=tuple(unread))


def page_differences(old: Fragment, new: Fragment) -> tuple[Difference, ...]:
    """Every difference, not judged yet; pages of two models have nothing in common."""
    if old.model_id != new.model_id:
        return (
            Difference(kind="model-removed", pointer="", old=old.model_id, new=None, model=old.model_id),
            Difference(kind="model-added", pointer="", old=None, new=new.model_id, model=new.model_id),
        )
    found = [*_facts(old, new)]
    touched = {one.pointer for one in found}
    for at in dict.fromkeys([*old.words, *new.words]):
        was, now = old.words.get(at), new.words.get(at)
        place = at.rpartition("/")[0]
        if was != now and not any(f"{one}/".startswith(f"{place}/") for one in touched):
            found.append(Difference(kind="wording-only", pointer=at, old=was, new=now))
    return tuple(
        Difference(kind=one.kind, pointer=one.pointer, old=one.old, new=one.new, model=old.model_id) for one in found
    )


def _facts(old: Fragment, new: Fragment) -> Iterator[Difference]:
    yield from Requests().compare(Node(old.input, "/input"), Node(new.input, "/input"))
    yield from _rates(old, new)
    yield from _set("endpoint-changed", "/endpoints", *(_lines(side) for side in (old, new)))
    yield from _set("output-field-retyped", "/states", set(old.states), set(new.states))
    before, after = (Node({"properties": side.answer.fields if side.answer else {}}, "/answer") for side in (old, new))
    yield from (one for one in Answers().compare(before, after) if one.kind != "wording-only")
    was, now = (Node(side.callback or {}, "/callback") for side in (old, new))
    yield from (as_callback(one) for one in Requests().compare(was, now))
    for kind in sorted((old.files or {}).keys() | (new.files or {}).keys()):
        sizes = [(side.files or {}).get(kind) for side in (old, new)]
        if sizes[0] != sizes[1]:
            yield Difference(kind="media-rule-changed", pointer=f"/files/{kind}", old=sizes[0], new=sizes[1])


def _rates(old: Fragment, new: Fragment) -> Iterator[Difference]:
    before, after = ({rate.tier: f"{rate.usd}/{rate.per}" for rate in side.rates} for side in (old, new))
    for tier in dict.fromkeys([*before, *after]):
        was, now = before.get(tier), after.get(tier)
        if was != now:
            yield Difference(kind="price-changed", pointer=f"/price/{tier}".rstrip("/"), old=was, new=now)


def _lines(fragment: Fragment) -> set[str]:
    return {f"{one.method} {one.host}{one.path}" for one in fragment.endpoints}


def _set(kind: str, at: str, was: set[str], now: set[str]) -> Iterator[Difference]:
    """Members that came or went; one for one, they have changed."""
    gone, come = sorted(was - now), sorted(now - was)
    if len(gone) == len(come) == 1:
        yield Difference(kind=kind, pointer=at, old=gone[0], new=come[0])
        return
    for name in gone:
        yield Difference(kind=kind, pointer=at, old=name, new=None)
    for name in come:
        yield Difference(kind=kind, pointer=at, old=None, new=name)

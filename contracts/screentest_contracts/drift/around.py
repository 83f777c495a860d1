"""Compare what a page tells of its provider: endpoints, the fields of answers, callbacks, limits of files, states."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping

from screentest_contracts.drift.answers import Answers
from screentest_contracts.drift.difference import Difference
from screentest_contracts.drift.nodes import Node
from screentest_contracts.drift.schemas import Requests, as_callback
from screentest_contracts.ingest.fragment import Endpoint, Fragment
from screentest_contracts.reading import Json, members, pointer_token

_SHOWN: Mapping[str, tuple[str, ...]] = {
    "runcomfy": ("submit", "status", "result", "cancel"),
    "runflow": ("run", "create-run"),
    "hiapi": ("create",),
}
"""The operations that every model page of a provider shows; of Runflow's one page shows one, another the other."""

_ANSWERS: Mapping[str, tuple[str, ...]] = {
    "runcomfy": ("Result",),
    "runflow": ("SyncOutput", "Output"),
    "hiapi": ("Task",),
}
"""The schemas that describe a finished answer; later ones say more of what the first leaves open."""


def endpoints(provider: Mapping[str, Json], fragment: Fragment) -> Iterator[Difference]:
    """Requests that the page shows otherwise than the contract has them."""
    operations = {str(one["id"]): one for one in provider.get("operations", ())}
    hosts = ("", *provider.get("hosts", ()))
    missing = [name for name in _SHOWN.get(fragment.provider, ()) if name in operations]
    strange: list[tuple[Endpoint, str | None]] = []
    for shown in fragment.endpoints:
        matching = [name for name, one in operations.items() if _same(one, shown)]
        missing = [name for name in missing if name not in matching]
        if not matching or shown.host not in hosts:
            strange.append((shown, matching[0] if matching else None))
    if fragment.provider == "runflow" and len(missing) < 2:
        missing = []
    for shown, name in strange:
        name = name or _meant(shown, missing, operations)
        missing = [one for one in missing if one != name]
        at = f"/operations/{name}/path" if name else "/operations"
        host = "" if shown.host in hosts else f"https://{shown.host}"
        old = _written(operations[name]) if name else None
        yield Difference(kind="endpoint-changed", pointer=at, old=old, new=f"{shown.method} {host}{shown.path}")
    for name in missing if len(fragment.endpoints) > len(strange) else ():
        old = _written(operations[name])
        yield Difference(kind="endpoint-changed", pointer=f"/operations/{name}", old=old, new=None)


def answer(provider: Mapping[str, Json], fragment: Fragment, gone: Callable[[str], bool]) -> Iterator[Difference]:
    """Fields of the finished answer that the page names otherwise than the contract."""
    if fragment.answer is None:
        return
    names = [name for name in _ANSWERS.get(fragment.provider, ()) if name in provider.get("schemas", {})]
    old = _joined(provider, names)
    for step in fragment.answer.inside:
        old = old.properties[step]
    complete = fragment.answer.complete
    new = Node({"properties": fragment.answer.fields}, old.at)
    yield from Answers(lambda pointer: complete and gone(pointer), complete=False).compare(old, new)


def callback(provider: Mapping[str, Json], fragment: Fragment) -> Iterator[Difference]:
    """What the page says of the callback in a request; its list is whole."""
    policy = provider.get("callbacks")
    if fragment.callback is None or not isinstance(policy, dict):
        return
    property_name = str(policy["url_at"]).split("/")[1]
    bodies = {one.get("body") for one in provider.get("operations", ())}
    unread = {remark.at.removeprefix("/callback") for remark in fragment.unread if remark.at.startswith("/callback")}
    for name, schema in provider.get("schemas", {}).items():
        known = schema.get("properties", {}).get(property_name)
        if name not in bodies or known is None:
            continue
        place = f"/schemas/{pointer_token(name)}/properties/{property_name}"
        if not fragment.callback:
            yield Difference(kind="callback-changed", pointer=place, old=property_name, new=None)
            continue
        compare = Requests(_stated_of_callbacks(frozenset(f"{place}{at}" for at in unread)), complete=False)
        yield from (as_callback(one) for one in compare.compare(Node(known, place), Node(fragment.callback, place)))


def _stated_of_callbacks(unread: frozenset[str]) -> Callable[[str], bool]:
    """What a page says of every property of a callback, so that its silence means something."""

    def gone(pointer: str) -> bool:
        above, _, last = pointer.rpartition("/")
        listed = above.endswith("/properties") or last in ("type", "enum", "default", "required")
        return listed and pointer not in unread

    return gone


def files(provider: Mapping[str, Json], fragment: Fragment) -> Iterator[Difference]:
    """Recommended sizes of input files."""
    known = members(provider.get("file_inputs", {}).get("recommended_megabytes", {}))
    for kind, size in (fragment.files or {}).items():
        if known.get(kind) != size:
            at = f"/file_inputs/recommended_megabytes/{kind}"
            yield Difference(kind="media-rule-changed", pointer=at, old=known.get(kind), new=size)


def states(provider: Mapping[str, Json], fragment: Fragment) -> Iterator[Difference]:
    """Words of the status that the contract does not have, or that a whole list no longer has."""
    lifecycle = provider.get("lifecycle", {})
    words = [step["word"] for step in lifecycle.get("steps", ())] + list(
        members(lifecycle.get("outcomes", {})).values()
    )
    for word in fragment.states:
        if word not in words:
            yield Difference(kind="output-field-retyped", pointer="/lifecycle", old=None, new=word)
    for word in dict.fromkeys(words) if fragment.all_states else ():
        if word not in fragment.states:
            yield Difference(kind="output-field-retyped", pointer="/lifecycle", old=word, new=None)


def _same(operation: Mapping[str, Json], shown: Endpoint) -> bool:
    """Whether the page shows this operation; names of parameters do not matter."""
    plain = [re.sub(r"\{[^}]*\}", "{}", path) for path in (str(operation["path"]), shown.path)]
    return operation["method"] == shown.method and plain[0] == plain[1]


def _meant(shown: Endpoint, known: list[str], operations: Mapping[str, Mapping[str, Json]]) -> str | None:
    """The operation that an unknown endpoint most likely stands for: the most similar of `known`."""
    written = f"{shown.method} {shown.path}"
    near = difflib.get_close_matches(written, [_written(operations[name]) for name in known], n=1, cutoff=0.5)
    return next((name for name in known if [_written(operations[name])] == near), None)


def _written(operation: Mapping[str, Json]) -> str:
    return f"{operation['method']} {operation['path']}"


def _joined(provider: Mapping[str, Json], names: list[str]) -> Node:
    """Several schemas of one answer as one: later ones fill in what earlier ones leave open."""
    schemas = provider["schemas"]
    first = dict(schemas[names[0]])
    properties = dict(first.get("properties", {}))
    for name in names[1:]:
        for field, schema in schemas[name].get("properties", {}).items():
            properties[field] = {**properties.get(field, {}), **schema}
    return Node({**first, "properties": properties}, f"/schemas/{pointer_token(names[0])}", provider)

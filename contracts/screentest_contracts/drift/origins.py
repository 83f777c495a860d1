"""How a contract knows what stands at a place: the provenance of any pointer, also of one that is not there."""

from __future__ import annotations

from collections.abc import Mapping

from screentest_contracts.pointers import tokens
from screentest_contracts.provenance import Provenance, facts
from screentest_contracts.reading import ANNOTATIONS, ContractError, Json


def origin(document: Mapping[str, Json], pointer: str) -> Provenance | None:
    """Who speaks for `pointer` of a resolved document: its own ``from``, or that of what it would stand in."""
    return _found(document, pointer)[1]


def origins(document: Mapping[str, Json], pointer: str) -> tuple[Provenance, ...]:
    """Everybody who says something of what stands at `pointer`, or in it."""
    node, speaker = _found(document, pointer)
    inside = [fact.provenance for fact in facts(node, pointer, speaker)] if speaker else []
    return tuple(dict.fromkeys([*([speaker] if speaker else []), *inside]))


def _found(document: Mapping[str, Json], pointer: str) -> tuple[Json, Provenance | None]:
    """What stands at `pointer`, and who speaks for it."""
    speaker: Provenance | None = None
    node: Json = document
    for token in tokens(pointer):
        if isinstance(node, dict):
            said = {key: node[key] for key in ANNOTATIONS if key in node}
            speaker = _spoken(said, token, speaker)
            node = node.get(token)
        elif isinstance(node, list):
            node = _item(node, token)
    if isinstance(node, dict):  # what it says of itself counts more than what is said around it
        speaker = _spoken({key: node[key] for key in ANNOTATIONS if key in node}, "*", speaker)
    return node, speaker


def _spoken(said: Mapping[str, Json], token: str, inherited: Provenance | None) -> Provenance | None:
    try:
        return next(facts({**said, token: None}, "", inherited)).provenance
    except ContractError:
        return inherited


def _item(items: list[Json], token: str) -> Json:
    """An item by its index, or by the name that it has: operations and validations are told apart by name."""
    for item in items:
        if isinstance(item, dict) and token in (item.get("id"), item.get("rule"), item.get("word")):
            return item
    return items[int(token)] if token.isdigit() and int(token) < len(items) else None

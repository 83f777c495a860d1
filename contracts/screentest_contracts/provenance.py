"""How we know a fact, and what we assume where nobody says.

Any object of a contract may carry ``"from": "<how>:<where>"``. It speaks for the object and everything in it, until
a deeper ``from`` says otherwise. A mapping speaks for single keys: ``"from": {"*": "documented:page", "fps":
"chosen:runcomfy.video-fps"}``. ``<where>`` is one of the provider's sources, and for ``chosen`` an assumption.

Where an assumption decides, the object lists what its other choices change:
``"variants": {"runcomfy.bad-token": {"400": {"status": 400}}}`` (an RFC 7396 merge patch).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from screentest_contracts.reading import ContractError, Json, Reader, pointer_token

HOW = {
    "documented": "the provider's documentation says it",
    "client": "an official client depends on it",
    "observed": "it was seen in a real answer",
    "third-party": "somebody else's code or report says it",
    "inferred": "it follows from other facts, by our reasoning",
    "chosen": "nobody says it, or sources contradict; we picked, and there is a switch",
}


class Source(Struct, frozen=True, kw_only=True):
    """Where facts come from: a page, a client, a report."""

    id: str
    title: str
    url: str
    seen: str


class Assumption(Struct, frozen=True, kw_only=True):
    """A choice we made where the documentation is silent or contradicts itself.

    `pending` says why switching it changes nothing yet; empty for one that works.
    """

    id: str
    question: str
    default: str
    alternatives: tuple[str, ...]
    evidence: str
    pending: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        return (self.default, *self.alternatives)


class Provenance(Struct, frozen=True, kw_only=True):
    """How one fact is known. `source` is the id of a `Source`, or of an `Assumption` when `how` is "chosen"."""

    how: str
    source: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.how}: {self.source}"


class Fact(Struct, frozen=True, kw_only=True):
    """One statement of a contract: its address "file#/pointer", its value, and how we know it."""

    at: str
    value: Json
    provenance: Provenance


def read_sources(reader: Reader) -> dict[str, Source]:
    found = {}
    for name, node in reader.children("sources"):
        found[name] = Source(
            id=name, title=node.take("title", str), url=node.take("url", str, default=""), seen=node.take("seen", str)
        )
        node.close()
    return found


def read_assumptions(document: Json, at: str) -> dict[str, Assumption]:
    """The assumptions of one file, ``{"<id>": {"question", "default", "alternatives", "evidence"}}``."""
    found = {}
    for name, value in Reader(document, at + "#").value.items():
        node = Reader(value, f"{at}#/{pointer_token(name)}")
        found[name] = Assumption(
            id=name,
            question=node.take("question", str),
            default=node.take("default", str),
            alternatives=node.words("alternatives"),
            evidence=node.take("evidence", str),
            pending=node.take("pending", str, default=""),
        )
        node.close()
        if len(set(found[name].choices)) != len(found[name].choices):
            raise ContractError(f"{node.at}: a choice is listed twice")
    return found


def resolve(node: Json, at: str, chosen: Mapping[str, str], known: Mapping[str, Assumption]) -> Json:
    """`node` with every ``variants`` decided by `chosen` and taken away. The input is left alone."""
    if isinstance(node, list):
        return [resolve(item, f"{at}/{index}", chosen, known) for index, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    decided = {key: value for key, value in node.items() if key != "variants"}
    for name, patches in node.get("variants", {}).items():
        where = f"{at}/variants/{pointer_token(name)}"
        if name not in known:
            raise ContractError(f"{where}: no such assumption")
        for alternative in patches:
            if alternative not in known[name].alternatives:
                raise ContractError(f'{where}: "{alternative}" is no alternative of {name}')
        decided = merge_patch(decided, patches.get(chosen[name], {}))
    return {key: resolve(value, f"{at}/{pointer_token(key)}", chosen, known) for key, value in decided.items()}


def merge_patch(target: Json, patch: Json) -> Json:
    """RFC 7396: `patch` laid over `target`; null takes a key away."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def facts(node: Json, at: str, inherited: Provenance | None = None) -> Iterator[Fact]:
    """Every leaf of a resolved document with its provenance; a leaf without any is refused."""
    if isinstance(node, dict):
        note = str(node.get("note", ""))
        for key, value in node.items():
            if key not in ("from", "note"):
                yield from facts(value, f"{at}/{pointer_token(key)}", _speaker(node, key, at, note) or inherited)
    elif isinstance(node, list) and any(isinstance(item, dict) for item in node):
        for index, item in enumerate(node):
            yield from facts(item, f"{at}/{index}", inherited)
    elif inherited is None:
        raise ContractError(f'{at}: a fact without provenance; give it or an object around it a "from"')
    else:
        yield Fact(at=at, value=node, provenance=inherited)


def _speaker(node: Mapping[str, Json], key: str, at: str, note: str) -> Provenance | None:
    """What this object's own ``from`` says about `key`."""
    said = node.get("from")
    if isinstance(said, dict):
        said = said.get(key, said.get("*"))
    if said is None:
        return None
    how, _, source = str(said).partition(":")
    if how not in HOW or not source:
        raise ContractError(f'{at}/from: {said!r} is not "<how>:<source>" with one of {", ".join(HOW)}')
    return Provenance(how=how, source=source, note=note)

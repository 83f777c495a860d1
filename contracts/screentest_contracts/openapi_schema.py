"""Schemas of a contract as OpenAPI 3.1 schemas, each saying how it is known.

A standard keyword always binds: a request that breaks it is refused at submit. Whatever else the contract says (media
rules, advice, a limit that truncates, an advisory limit) keeps its name behind ``x-screentest-``. Rules between
properties are written both ways, as far as JSON Schema has words for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from screentest_contracts.keywords import ENFORCEMENT, OURS, STANDARD, binds
from screentest_contracts.provenance import Fact
from screentest_contracts.reading import ANNOTATIONS, Json, bare, pointer_token
from screentest_contracts.rules import as_json_schema
from screentest_contracts.schema import InputSchema

PREFIX = "x-screentest-"

_HTTP = "[hH][tT][tT][pP]"
_HOST = r"([A-Za-z0-9][A-Za-z0-9.-]*|\[::1\])"
_LOOPBACK = r"(([A-Za-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\])"
_REST = r"(:[0-9]{1,5})?([/?#][!-~]*)?"
URL_PATTERNS = {
    "https": f"{_HTTP}[sS]://{_HOST}{_REST}",
    "http": f"{_HTTP}://{_HOST}{_REST}",
    "http-loopback": f"{_HTTP}://{_LOOPBACK}{_REST}",
    "data": r"data:[-!-+.-~]*,[!-~]*",
    "runflow-asset": r"runflow://assets/[A-Za-z0-9][!-~]*",
    "asset": rf"asset://{_HOST}{_REST}",
}
"""What `urls.scheme_matches` takes, as patterns: a little narrower (only ASCII, no logins), never wider."""

_EXPLAINING = ("default", "title", "description")


class Origins:
    """How a contract knows what it says, by address: "documented: r2v-page; default documented: llms-page"."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._known: dict[str, dict[str, str]] = {}
        for fact in facts:
            said = str(fact.provenance)
            above, _, leaf = fact.at.rpartition("/")
            self._known.setdefault(fact.at, {})[""] = said
            self._known.setdefault(above, {})[leaf] = said
            node, _, keyword = above.rpartition("/")
            while keyword.isdigit():
                node, _, keyword = node.rpartition("/")
            if keyword in OURS or keyword == "oneOf":  # what is inside `media` speaks for its property
                self._known.setdefault(node, {})[f"{keyword}/{leaf}"] = said

    def of(self, at: str) -> dict[str, str]:
        """The provenance of the node at `at`, ready to be merged into it: that of most of its leaves, then the rest."""
        speakers: dict[str, list[str]] = {}
        for leaf, said in self._known.get(at, {}).items():
            speakers.setdefault(said, []).append(leaf)
        if not speakers:
            return {}
        usual, *unusual = sorted(speakers, key=lambda said: len(speakers[said]), reverse=True)
        parts = [usual, *(f"{', '.join(speakers[said])} {said}" for said in unusual)]
        return {PREFIX + "provenance": "; ".join(parts)}


class SchemaWriter:
    """Writes schemas; `at` is always the address of a node in the contract's files."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    def write(self, schema: InputSchema, at: str) -> dict[str, Json]:
        """A whole schema."""
        return self._node(schema.source, at, schema)

    def _node(self, rule: Mapping[str, Json], at: str, owner: InputSchema) -> dict[str, Json]:
        """One node of a schema; `owner` knows which kinds of URL a property takes."""
        schemes = owner.schemes(rule)
        written: dict[str, Json] = {}
        for keyword, value in rule.items():
            if keyword == "properties":
                inside = f"{at}/properties"
                value = {name: self._node(one, f"{inside}/{pointer_token(name)}", owner) for name, one in value.items()}
            elif keyword == "items":
                inherited = {"schemes": dict.fromkeys(schemes)} if schemes else {}
                value = self._node(value | inherited, f"{at}/items", owner)
            elif keyword == "oneOf":
                value = [self._node(one, f"{at}/oneOf/{index}", owner) for index, one in enumerate(value)]
            if keyword not in ANNOTATIONS:
                written[_written_name(rule, keyword)] = bare(value)
        if "rules" in rule and binds(rule, "rules"):
            worded = (as_json_schema(one, owner.properties) for one in owner.rules)
            written |= {"allOf": said} if (said := [one for one in worded if one]) else {}
        if schemes:
            written[PREFIX + "schemes"] = list(schemes)
            if "items" not in rule:
                written["pattern"] = url_pattern(schemes, skippable=rule.get("empty") == "absent")
        return written | explained(rule.get("description", ""), rule.get("note", "")) | self._origins.of(at)


def url_pattern(schemes: Iterable[str], *, skippable: bool = False) -> str:
    """A pattern for the URLs of these kinds; `skippable` takes the empty string too."""
    kinds = ([""] if skippable else []) + [URL_PATTERNS[scheme] for scheme in schemes]
    return f"^({'|'.join(kinds)})$"


def explained(*parts: str) -> dict[str, str]:
    """A description made of what there is to say, ready to be merged into a node."""
    text = "; ".join(part.rstrip(".;") for part in parts if part)
    return {"description": text} if text else {}


def _written_name(rule: Mapping[str, Json], keyword: str) -> str:
    """The keyword's name in the document: plain when it binds, explains, or belongs to answers only."""
    if keyword in _EXPLAINING or keyword not in ENFORCEMENT or (keyword in STANDARD and binds(rule, keyword)):
        return keyword
    return PREFIX + keyword

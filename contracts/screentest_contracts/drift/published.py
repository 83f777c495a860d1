"""Compare a contract with the OpenAPI document that its provider publishes.

The document is one more source: what it says counts, and that it does not list something which the contract has from
the documentation is news. Limits that it does not state are left open: providers state most of them in prose only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct, field, structs

from screentest_contracts.drift.answers import Answers
from screentest_contracts.drift.difference import Difference, judged, ordered
from screentest_contracts.drift.files import ContractFiles
from screentest_contracts.drift.nodes import Node
from screentest_contracts.drift.origins import origin
from screentest_contracts.drift.outcome import Outcome, Unverified
from screentest_contracts.drift.schemas import Requests
from screentest_contracts.drift.surface import Operation, Operations, of_contract, of_openapi
from screentest_contracts.reading import Json


def compare_published(contract: ContractFiles, document: Mapping[str, Json]) -> Outcome:
    """What of a contract the OpenAPI document of its provider contradicts."""
    reader = _Reader(contract)
    ours = of_contract(contract.provider)
    published = of_openapi(document)
    fitting: dict[str, list[Operation]] = {name: [] for name in ours}
    found = []
    for one in published.values():
        name = _meant(one, ours)
        if name is None:
            found.append(Difference(kind="endpoint-changed", pointer="/operations", old=None, new=one.line))
        else:
            fitting[name].append(one)
    for name, operation in ours.items():
        found += reader.compare(operation, fitting[name])
    return Outcome(
        drifts=ordered(judged(one, contract.name, reader.known(one.model, one.pointer)) for one in found),
        unverified=tuple(
            Unverified(provider=contract.name, model=model, pointer=at, fact=reader.known(model, at) or "")
            for model, at in dict.fromkeys(reader.open)
        ),
    )


class _Reader(Struct, frozen=True):
    """Compares operation by operation; `open` collects what the document is silent about, by model and pointer."""

    contract: ContractFiles
    open: list[tuple[str, str]] = field(default_factory=list)

    def known(self, model: str, pointer: str) -> str | None:
        found = origin(self._document(model), pointer)
        return str(found) if found else None

    def compare(self, ours: Operation, published: list[Operation]) -> Iterator[Difference]:
        """What the document says of one of our operations, which it may list once for each model."""
        if not published and self._gone("", ours.at, listed=True):
            yield Difference(kind="endpoint-changed", pointer=ours.at, old=ours.line, new=None)
        for one in published:
            yield from _statuses(ours, one)
            for status in sorted(ours.answers.keys() & one.answers.keys()):
                compare = Answers(self._silence(""), complete=False)
                yield from compare.compare(ours.answers[status], one.answers[status])
            yield from self._request(ours, one.line, one.body)

    def _request(self, ours: Operation, line: str, body: Node) -> Iterator[Difference]:
        """What the document says of a request; where it has one for each model, each is compared with its model."""
        for one in _branches(body):
            model = self._model_of(ours, line, one)
            if not model:
                if one.schema:
                    yield from Requests(self._silence(""), complete=False).compare(ours.body, one)
                continue
            for token in str(ours.facts["input_at"]).split("/")[1:]:
                one = one.opened().properties.get(token, Node({}, ""))
            known = Node(self._document(model).get("input", {}), "/input")
            for found in Requests(self._silence(model), complete=False).compare(known, one):
                yield structs.replace(found, model=model)

    def _model_of(self, ours: Operation, line: str, body: Node) -> str:
        """The model whose request this is, by its path or by the one value of a property; "" for every model's."""
        place, _, name = str(ours.facts.get("model_at") or "").partition(":")
        if "input_at" not in ours.facts:
            return ""
        match = _pattern(ours.line).fullmatch(line)
        written = [match["model"]] if match and place == "path" else []
        if place == "body":
            written = body.opened().properties.get(name, Node({}, "")).opened().schema.get("enum", [])
        models = self.contract.models or {}
        return next((one for one in models if len(written) == 1 and written[0] in (one, one.partition("/")[2])), "")

    def _silence(self, model: str) -> Callable[[str], bool]:
        return lambda at: self._gone(model, at, listed=at.rpartition("/")[0].endswith("/properties"))

    def _gone(self, model: str, pointer: str, *, listed: bool) -> bool:
        """Whether silence means that something went: of what is listed, if it is documented."""
        found = origin(self._document(model), pointer)
        if listed and found is not None and found.how == "documented":
            return True
        self.open.append((model, pointer))
        return False

    def _document(self, model: str) -> Mapping[str, Json]:
        return (self.contract.models or {}).get(model, self.contract.provider)


def _branches(body: Node) -> list[Node]:
    """The alternatives of a request, or the request itself."""
    opened = body.opened()
    several = opened.schema.get("oneOf") or opened.schema.get("anyOf") or []
    return [Node(one, f"{opened.at}/oneOf/{index}", opened.root) for index, one in enumerate(several)] or [body]


def _statuses(ours: Operation, published: Operation) -> Iterator[Difference]:
    """The status of success, where the document has another one."""
    theirs = sorted(status for status in published.answers if status.startswith("2"))
    if theirs and not set(theirs) & set(ours.answers):
        for status in ours.answers:
            at = f"{ours.at}/answers/{status}"
            yield Difference(kind="endpoint-changed", pointer=at, old=status, new=theirs[0])


def _meant(published: Operation, ours: Operations) -> str | None:
    """Our operation that a line of the document is: of several that fit, the one with the most words of its own."""
    fitting = [name for name, one in ours.items() if _pattern(one.line).fullmatch(published.line)]
    return max(fitting, key=lambda name: len(re.sub(r"\{[^}]*\}", "", ours[name].line)), default=None)


def _pattern(line: str) -> re.Pattern[str]:
    """A pattern for request lines that mean ours: ``{model_id...}`` is any path, ``{id}`` one segment."""
    pattern = ""
    for part in re.split(r"(\{[^}]*\})", line):
        if not part.startswith("{"):
            pattern += re.escape(part)
        elif part.endswith("...}"):
            pattern += "(?P<model>.+)"
        else:
            pattern += "[^/]+"
    return re.compile(pattern)

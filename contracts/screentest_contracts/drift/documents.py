"""Compare a contract with what documentation pages say now.

A page is one of several sources of a contract. What it says counts; what it does not say counts only where the
contract has it from this page. The rest is listed as unverified, and so is all of a property that was not read whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec import structs

from screentest_contracts.drift.around import answer, callback, endpoints, files, states
from screentest_contracts.drift.difference import Difference, Drift, judged, ordered
from screentest_contracts.drift.files import ContractFiles
from screentest_contracts.drift.nodes import Node
from screentest_contracts.drift.origins import origin, origins
from screentest_contracts.drift.outcome import Outcome, Unread, Unverified
from screentest_contracts.drift.prices import prices
from screentest_contracts.drift.schemas import Requests
from screentest_contracts.ingest.fragment import Fragment
from screentest_contracts.reading import Json

_UNSTATED = ("/media/kind", "/media/bounds", "/media/approximate")
"""What pages do not state: kinds follow from names, and how strict a limit is nobody says."""
_NOT_IN_PROSE = ("/type", "/enum", "/default")


class Silence:
    """Decides what a page's silence means, and remembers what it left open."""

    def __init__(self, document: Mapping[str, Json], said_by: frozenset[str], fragment: Fragment) -> None:
        self._document = document
        self._said_by = said_by
        self._unread = tuple(remark.at for remark in fragment.unread)
        self.open: list[str] = []

    def gone(self, pointer: str) -> bool:
        """Whether something of the contract that the page does not say, went."""
        if self._is_unread(pointer) or pointer.endswith(_UNSTATED):
            return self._leave(pointer)
        listed = _is_input(pointer)
        known = origins(self._document, pointer) if listed else (origin(self._document, pointer),)
        documented = {one.source for one in known if one is not None and one.how == "documented"}
        if documented & self._said_by or (listed and not documented):
            return True  # the list of inputs is whole, except for what another page has added
        return self._leave(pointer)

    def _leave(self, pointer: str) -> bool:
        self.open.append(pointer)
        return False

    def _is_unread(self, pointer: str) -> bool:
        """Whether the page may say it where we could not read: a description holds limits, but no lists of values."""
        for at in self._unread:
            place = "/".join(at.removesuffix("/description").split("/")[:5])
            inside = bool(at) and f"{pointer}/".startswith(f"{place}/")
            if inside and not (at.endswith("/description") and pointer.endswith(_NOT_IN_PROSE)):
                return True
        return False


def compare_page(contract: ContractFiles, fragment: Fragment) -> Outcome:
    """What of the contract a page contradicts."""
    unread = tuple(Unread(page=fragment.page, at=one.at, text=one.text) for one in fragment.unread)
    model = (contract.models or {}).get(fragment.model_id)
    if model is None:
        new = Difference(kind="model-added", pointer="", old=None, new=fragment.model_id, model=fragment.model_id)
        return Outcome(drifts=(judged(new, contract.name, None),), unread=unread)
    mine = Silence(model, _speaks_for(model, fragment), fragment)
    found = list(_told(_of_model(model, fragment, mine), model, contract.name, fragment.model_id))
    ours = Silence(contract.provider, _pages_of(contract) | frozenset(fragment.speaks_for), fragment)
    found += _told(_of_provider(contract.provider, fragment, ours.gone), contract.provider, contract.name, "")
    open_ones = [
        Unverified(provider=contract.name, model=name, pointer=pointer, fact=str(origin(document, pointer) or ""))
        for silence, document, name in ((mine, model, fragment.model_id), (ours, contract.provider, ""))
        for pointer in dict.fromkeys(silence.open)
    ]
    return Outcome(drifts=ordered(found), unread=unread, unverified=tuple(open_ones))


def _told(
    differences: Iterator[Difference], document: Mapping[str, Json], provider: str, model: str
) -> Iterator[Drift]:
    for one in differences:
        known = origin(document, one.pointer)
        yield judged(structs.replace(one, model=model), provider, str(known) if known else None)


def _of_model(model: Mapping[str, Json], fragment: Fragment, silence: Silence) -> Iterator[Difference]:
    old = Node(model["input"], "/input")
    new = Node(_as_said(fragment, model["input"]), "/input")
    yield from Requests(silence.gone, complete=False).compare(old, new)
    yield from prices(model.get("price"), fragment, silence.gone)


def _of_provider(provider: Mapping[str, Json], fragment: Fragment, gone: Callable[[str], bool]) -> Iterator[Difference]:
    yield from endpoints(provider, fragment)
    yield from answer(provider, fragment, gone)
    yield from callback(provider, fragment)
    yield from files(provider, fragment)
    yield from states(provider, fragment)


def _as_said(fragment: Fragment, known: Mapping[str, Json]) -> dict[str, Json]:
    """The input as the page says it. A kind of file that follows from a name alone is no statement, nor is the sample
    file of a property that the contract has without one."""
    said: dict[str, Json] = {"type": "object", "properties": {}}
    if fragment.required is not None:
        said["required"] = list(fragment.required)
    for name, rule in fragment.properties.items():
        before = known.get("properties", {}).get(name, {})
        aside = {"default"} if "media" in rule and "default" not in before else set()
        media = {key: value for key, value in rule.get("media", {}).items() if key != "kind" or "media" in before}
        kept = {key: value for key, value in rule.items() if key not in {"media", *aside}}
        said["properties"][name] = kept | ({"media": media} if media else {})
    return said


def _speaks_for(model: Mapping[str, Json], fragment: Fragment) -> frozenset[str]:
    """The sources that this page is: those of its kind, else the page that the model's file is written from."""
    if fragment.speaks_for:
        return frozenset(fragment.speaks_for)
    how, _, source = str(model.get("from", "")).partition(":")
    return frozenset({source} if how == "documented" else ())


def _pages_of(contract: ContractFiles) -> frozenset[str]:
    """The model pages of the provider: they all say the same of what is around a model."""
    said = (str(model.get("from", "")).partition(":") for model in (contract.models or {}).values())
    return frozenset(source for how, _, source in said if how == "documented")


def _is_input(pointer: str) -> bool:
    return pointer.startswith("/input/") and pointer.rpartition("/")[0].endswith("/properties")

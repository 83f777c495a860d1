"""Compare a contract with a provider's list of models, as JSON: models that came, models that went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from screentest_contracts.drift.difference import Difference, judged, ordered
from screentest_contracts.drift.files import ContractFiles
from screentest_contracts.drift.origins import origin
from screentest_contracts.drift.outcome import Outcome
from screentest_contracts.reading import Json

_LISTS = ("data", "models", "items", "results")
_ROUTE = "@"
_IDS = ("slug", "model_id", "id", "model_name", "name")


def listed_models(document: Json) -> tuple[str, ...]:
    """The ids that a list of models names; empty for a document that is none."""
    found = []
    for item in _items(document):
        if isinstance(item, dict):
            item = next((item[key] for key in _IDS if isinstance(item.get(key), str)), None)
        if isinstance(item, str) and item:
            found.append(item.partition(_ROUTE)[0])
    return tuple(dict.fromkeys(found))


def rows(document: Json) -> list[Mapping[str, Json]]:
    """The objects of a list of models; the document itself where it is about one."""
    items = _items(document) or [document]
    return [one for one in items if isinstance(one, dict)]


def _items(document: Json) -> list[Json]:
    if isinstance(document, dict):
        document = next((document[key] for key in _LISTS if isinstance(document.get(key), list)), None)
    return document if isinstance(document, list) else []


def compare_catalogue(contract: ContractFiles, listed: Iterable[str]) -> Outcome:
    """Models of the contract that the list does not have, and those of the list that the contract does not know."""
    models = contract.models or {}
    by_name = contract.provider.get("catalogue", {}).get("named_only", ())
    shown = set(listed)
    known = {*models, *by_name}
    drifts = []
    for name in sorted(set(models) - shown):
        if name.partition("/")[2] not in shown:
            gone = Difference(kind="model-removed", pointer="", old=name, new=None, model=name)
            fact = origin(models[name], "/id")
            drifts.append(judged(gone, contract.name, str(fact) if fact else None))
    short = {name.partition("/")[2] for name in known}
    for name in sorted(shown - known - short):
        come = Difference(kind="model-added", pointer="", old=None, new=name, model=name)
        drifts.append(judged(come, contract.name, None))
    return Outcome(drifts=ordered(drifts))

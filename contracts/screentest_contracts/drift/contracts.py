"""Compare a contract with a contract, both complete: models, then everything of the provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import structs

from screentest_contracts.drift.difference import Difference, judged, ordered
from screentest_contracts.drift.files import ContractFiles
from screentest_contracts.drift.leaves import leaves
from screentest_contracts.drift.nodes import Node
from screentest_contracts.drift.origins import origin
from screentest_contracts.drift.outcome import Outcome
from screentest_contracts.drift.schemas import Requests
from screentest_contracts.drift.surface import compare_operations, of_contract
from screentest_contracts.reading import Json, members, pointer_token

_OF_MODEL = {
    "video": "media-rule-changed",
    "image": "media-rule-changed",
    "audio": "media-rule-changed",
    "price": "price-changed",
    "catalogue/price_unit": "price-changed",
}
"""What a difference in a part of a model's file is; in any other part it is wording."""

_OF_PROVIDER = {
    "assets": "media-rule-changed",
    "auth": "endpoint-changed",
    "base_url": "endpoint-changed",
    "callbacks": "callback-changed",
    "failures": "endpoint-changed",
    "file_inputs": "media-rule-changed",
    "hosts": "endpoint-changed",
    "idempotency": "endpoint-changed",
    "ids": "output-field-retyped",
    "key_pattern": "endpoint-changed",
    "lifecycle/cancel": "endpoint-changed",
    "lifecycle": "output-field-retyped",
    "outputs": "media-rule-changed",
}
"""The same for a provider's file."""

_ELSEWHERE = {"operations", "schemas", "queries", "sources", "body_limit", "catalogue"}


def compare_contracts(old: ContractFiles, new: ContractFiles) -> Outcome:
    """Every difference, each with how the old contract knew what changed."""
    found = []
    for one in contract_differences(old, new):
        known = origin((old.models or {}).get(one.model, old.provider), one.pointer)
        added = one.kind == "model-added"
        found.append(judged(one, old.name or new.name, None if added or known is None else str(known)))
    return Outcome(drifts=ordered(found))


def contract_differences(old: ContractFiles, new: ContractFiles) -> tuple[Difference, ...]:
    """Every difference, not judged yet; a provider's file that stands alone says nothing of models."""
    found = list(_of_provider(old.provider, new.provider))
    if old.models is not None and new.models is not None:
        found += _listed(old.models, new.models)
        for name in sorted(old.models.keys() & new.models.keys()):
            found += of_models(old.models[name], new.models[name], name)
    return tuple(found)


def of_models(old: Mapping[str, Json], new: Mapping[str, Json], name: str) -> Iterator[Difference]:
    """What differs between two files of one model."""
    found = list(Requests().compare(Node(old.get("input", {}), "/input"), Node(new.get("input", {}), "/input")))
    for key in dict.fromkeys([*old, *new]):
        if key not in ("input", "from"):
            found += leaves(old.get(key), new.get(key), f"/{key}", _OF_MODEL)
    for one in found:
        yield structs.replace(one, model=name)


def _listed(old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[Difference]:
    """Models that came and went."""
    for name in sorted(old.keys() ^ new.keys()):
        was, now = (name if name in side else None for side in (old, new))
        kind = "model-added" if was is None else "model-removed"
        yield Difference(kind=kind, pointer="", old=was, new=now, model=name)


def _of_provider(old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[Difference]:
    yield from compare_operations(of_contract(old), of_contract(new))
    for key in dict.fromkeys([*old, *new]):
        if key not in _ELSEWHERE and key != "from":
            yield from leaves(old.get(key), new.get(key), f"/{key}", _OF_PROVIDER)
    limits = [{"maximum": side["body_limit"]} if "body_limit" in side else {} for side in (old, new)]
    for one in Requests().compare(Node(limits[0], ""), Node(limits[1], "")):
        yield structs.replace(one, pointer="/body_limit")
    yield from _offered(old.get("catalogue", {}), new.get("catalogue", {}))


def _offered(old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[Difference]:
    """Models known by name, and the rest of the catalogue."""
    was, now = (set(side.get("named_only", ())) for side in (old, new))
    for name in sorted(was ^ now):
        kind = "model-removed" if name in was else "model-added"
        at = f"/catalogue/named_only/{pointer_token(name)}"
        sides = {"old": name if name in was else None, "new": name if name in now else None}
        yield Difference(kind=kind, pointer=at, model=name, **sides)
    rest = [{key: value for key, value in members(side).items() if key != "named_only"} for side in (old, new)]
    yield from leaves(
        rest[0], rest[1], "/catalogue", {"catalogue": "price-changed", "catalogue/routes": "endpoint-changed"}
    )

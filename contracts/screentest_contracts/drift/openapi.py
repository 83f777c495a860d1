"""Compare OpenAPI with OpenAPI, both complete."""

from __future__ import annotations

from collections.abc import Mapping

from screentest_contracts.drift.difference import Difference, judged, ordered
from screentest_contracts.drift.leaves import leaves
from screentest_contracts.drift.outcome import Outcome
from screentest_contracts.drift.surface import Operations, compare_operations, of_openapi
from screentest_contracts.openapi_schema import PREFIX
from screentest_contracts.pointers import tokens
from screentest_contracts.reading import Json


def is_openapi(document: Json) -> bool:
    """Whether a JSON document is an OpenAPI document of the third generation."""
    return isinstance(document, dict) and str(document.get("openapi", "")).startswith("3.")


def compare_openapi(old: Mapping[str, Json], new: Mapping[str, Json], provider: str = "") -> Outcome:
    """Every difference between two OpenAPI documents."""
    found = openapi_differences(old, new)
    return Outcome(drifts=ordered(judged(one, provider, _provenance(old, one.pointer)) for one in found))


def openapi_differences(old: Mapping[str, Json], new: Mapping[str, Json]) -> tuple[Difference, ...]:
    """Every difference, not judged yet. A model whose every operation came or went is told once."""
    was, now = of_openapi(old), of_openapi(new)
    before, after = (frozenset(one.model for one in side.values()) - {""} for side in (was, now))
    found = [
        Difference(
            kind="model-removed" if name in before else "model-added",
            pointer="",
            old=name if name in before else None,
            new=name if name in after else None,
            model=name,
        )
        for name in sorted(before ^ after)
    ]
    known = before & after
    found += compare_operations(_of_models(was, known), _of_models(now, known))
    for key in ("servers", "security", "webhooks"):
        kind = "callback-changed" if key == "webhooks" else "endpoint-changed"
        found += leaves(old.get(key), new.get(key), f"/{key}", {key: kind})
    found += leaves(old.get("info"), new.get("info"), "/info", {})
    return tuple({(one.kind, one.model, one.pointer, str(one.old), str(one.new)): one for one in found}.values())


def _of_models(operations: Operations, models: frozenset[str]) -> Operations:
    return {key: one for key, one in operations.items() if not one.model or one.model in models}


def _provenance(document: Mapping[str, Json], pointer: str) -> str | None:
    """What a document of ours says of how a place is known; other people's documents say nothing."""
    node: Json = document
    said = None
    for token in tokens(pointer):
        node = node.get(token) if isinstance(node, dict) else None
        said = node.get(PREFIX + "provenance", said) if isinstance(node, dict) else said
    return str(said).partition(";")[0] if said else None

"""Lists of models as providers publish them, with one model more or one less."""

from __future__ import annotations

from collections.abc import Iterator

from screentest_contracts.drift.catalogue import compare_catalogue, listed_models
from screentest_contracts.drift.files import shipped
from screentest_contracts.load import PROVIDERS
from screentest_contracts.reading import Json


def catalogue_edits(every: int = 1) -> Iterator[tuple[str, set[tuple[str, str]], set[tuple[str, str]]]]:
    """Name, what has to be found (class and model), and what is; of models that go, each `every`th."""
    for provider in PROVIDERS:
        contract = shipped(provider)
        models = sorted(contract.models or {})
        documents: list[tuple[str, list[str], set[tuple[str, str]]]] = [("as it is", models, set())]
        documents += [
            (f"{gone} goes", [one for one in models if one != gone], {("model-removed", gone)})
            for gone in models[::every]
        ]
        documents.append(("one comes", [*models, "new/model"], {("model-added", "new/model")}))
        for name, ids, expected in documents:
            document: Json = {"data": [{"id": one, "title": "A model"} for one in ids]}
            found = compare_catalogue(contract, listed_models(document)).drifts
            yield f"{provider}: {name}", expected, {(one.kind, one.model) for one in found}

"""What a user names on the command line, as sides to compare: contracts, model files, OpenAPI documents, pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct

from screentest_contracts.drift.catalogue import compare_catalogue, listed_models
from screentest_contracts.drift.contracts import compare_contracts
from screentest_contracts.drift.documents import compare_page
from screentest_contracts.drift.files import ContractFiles, contract_files, read_json, shipped
from screentest_contracts.drift.openapi import compare_openapi, is_openapi
from screentest_contracts.drift.outcome import Outcome, together
from screentest_contracts.drift.pages import compare_pages
from screentest_contracts.drift.published import compare_published
from screentest_contracts.drift.published_prices import compare_prices, published_prices
from screentest_contracts.ingest import Page, PageError, ingest, open_page
from screentest_contracts.load import PROVIDERS, load
from screentest_contracts.reading import ContractError, Json


class Side(Struct, frozen=True):
    """One side of a comparison: which kind of thing it is, and its value."""

    kind: str
    value: Any


_COMPARE: Mapping[str, Callable[[Any, Any], Outcome]] = {
    "a contract": compare_contracts,
    "an OpenAPI document": compare_openapi,
    "a page": compare_pages,
}


def compare_documents(provider: str, paths: Iterable[Path]) -> Outcome:
    """Our contract of `provider` against pages, OpenAPI documents and lists of models; raises `PageError`."""
    contract = shipped(provider)
    return together(_compare_document(contract, path) for path in paths)


def compare_sides(old: str, new: str) -> Outcome:
    """Two sides of one kind, each a path or the name of a provider; raises `PageError` and `ContractError`."""
    sides = [_side(old), _side(new)]
    kinds = [side.kind for side in sides]
    if kinds[0] != kinds[1]:
        raise ContractError(f"{old} is {kinds[0]} and {new} is {kinds[1]}; name two of one kind, or use `drift docs`")
    return _in_form(_COMPARE[kinds[0]], sides[0].value, sides[1].value, f"{old} and {new}")


def _compare_document(contract: ContractFiles, path: Path) -> Outcome:
    document = _openapi_in(path)
    if document is not None:
        return _in_form(compare_published, contract, document, str(path))
    page = open_page(path)
    if page.document is None:
        return compare_page(contract, ingest(page, contract.name))
    if found := _answered(contract, page.document, page.name):
        return found
    raise PageError(f"{page.name}: JSON that is neither an OpenAPI document nor a list of models")


def _answered(contract: ContractFiles, document: Json, page: str) -> Outcome | None:
    """A list of models as the provider's API answers it, with prices where it has any; None for anything else."""
    prices = published_prices(document)
    listed = listed_models(document)
    if not prices and not listed:
        return None
    told = [compare_catalogue(contract, listed)] if listed else []
    chosen = load(contract.name).chosen.get(f"{contract.name}.placeholder-price")
    return together([*told, compare_prices(contract, prices, Decimal(chosen), page)] if chosen else told)


def _in_form(compare: Callable[[Any, Any], Outcome], old: Any, new: Any, names: str) -> Outcome:
    """The comparison; other people's JSON can have any form, and one that means nothing is told as such."""
    try:
        return compare(old, new)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ContractError(f"{names}: not in the form that its kind has: {type(error).__name__}: {error}") from None


def _side(name: str) -> Side:
    path = Path(name)
    if name in PROVIDERS and not path.exists():
        return Side("a contract", shipped(name))
    if path.is_dir():
        return Side("a contract", contract_files(path))
    if path.suffix == ".json":
        document = read_json(path)
        if is_openapi(document):
            return Side("an OpenAPI document", _with_paths(document, path))
        if isinstance(document, dict) and "operations" in document:
            return Side("a contract", contract_files(path))
        if isinstance(document, dict) and "input" in document and "id" in document:
            return Side("a contract", ContractFiles(provider={}, models={str(document["id"]): document}))
        raise ContractError(f"{name}: JSON that is no contract, no model and no OpenAPI document")
    return Side("a page", ingest(_page(path)))


def _page(path: Path) -> Page:
    page = open_page(path)
    if page.document is not None:
        raise PageError(f"{page.name}: JSON without a documentation page around it; name it .json")
    return page


def _openapi_in(path: Path) -> Mapping[str, Json] | None:
    """The OpenAPI document in a JSON file; it may be larger than a page. None for anything else."""
    if path.suffix != ".json" or not path.is_file():
        return None
    document = read_json(path)
    return _with_paths(document, path) if is_openapi(document) else None


def _with_paths(document: Mapping[str, Json], path: Path) -> Mapping[str, Json]:
    """The document; one that describes nothing at all is no side of a comparison."""
    if not (document.get("paths") or document.get("webhooks")):
        raise ContractError(f"{path}: an OpenAPI document without paths; there is nothing to compare")
    return document

"""What a provider publishes about its models, read through a side and compared with the contract: the list of models,
the prices, each model's schema, and the OpenAPI document where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache

from screentest.verify.side import Ask, DeniedError, Side
from screentest_contracts.document import Operation
from screentest_contracts.drift.catalogue import compare_catalogue, listed_models
from screentest_contracts.drift.files import ContractFiles
from screentest_contracts.drift.model_schemas import compare_model
from screentest_contracts.drift.openapi import is_openapi
from screentest_contracts.drift.outcome import Outcome, Unread, together
from screentest_contracts.drift.published import compare_published
from screentest_contracts.drift.published_prices import compare_prices, published_prices
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import Contract
from screentest_contracts.reading import Json

_DOCUMENT = "/v1/openapi.json"
_PAGES = 20

Read = Callable[[str], tuple[list[Json], tuple[Unread, ...]]]
"""From the id of an operation: the pages of its list, and what of it could not be read."""


def published(contract: Contract, files: ContractFiles, side: Side, only: frozenset[str] = frozenset()) -> Outcome:
    """Everything published, against the contract in `files`. `only` names the models to ask about, all when empty."""
    operations = contract.provider.operations
    read = cache(lambda name: _pages(side, operations[name]))  # models and prices may stand in one list
    outcomes = [*_listing(contract, files, read), *_prices(contract, files, read), *_document(files, side)]
    for model_id in files.models or ():
        if not only or model_id in only:
            outcomes += _model(contract, files, side, model_id)
    return together(outcomes)


def _listing(contract: Contract, files: ContractFiles, read: Read) -> Iterator[Outcome]:
    """The list of models, page by page."""
    pages, unread = read("list-models" if "list-models" in contract.provider.operations else "models")
    if unread:  # of a part of a list nobody can tell what is not on it
        yield Outcome(drifts=(), unread=unread)
    else:
        yield compare_catalogue(files, [one for answer in pages for one in listed_models(answer)])


def _prices(contract: Contract, files: ContractFiles, read: Read) -> Iterator[Outcome]:
    """The prices in the price list, else in the list of models, of a provider that publishes any."""
    if (assumption := f"{contract.name}.placeholder-price") not in contract.chosen:
        return
    operations, placeholder = contract.provider.operations, Decimal(contract.assumed(assumption))
    name = "pricing" if "pricing" in operations else "models"
    pages, unread = read(name)
    for answer in pages:
        yield compare_prices(files, published_prices(answer), placeholder, operations[name].path)
    yield Outcome(drifts=(), unread=unread)


def _pages(side: Side, operation: Operation) -> tuple[list[Json], tuple[Unread, ...]]:
    """The pages of a list of models; with what of it could not be read, if anything."""
    query: dict[str, str] | None = {"limit": "100"} if "limit" in operation.query else {}
    pages: list[Json] = []
    seen = 0
    while query is not None and len(pages) < _PAGES:
        answer = _read(side, Ask(method="GET", path=operation.path, query=query))
        if answer is None:
            break
        pages.append(answer)
        more = len(listed_models(answer))
        seen += more
        query = _following(operation, answer, query, seen)
        if not more:
            break
    if query is None and seen:
        return pages, ()
    text = f"the list breaks off after page {len(pages)}, with {seen} models" if seen else "no list of models"
    return pages, (Unread(page=operation.path, at="", text=text),)


def _following(operation: Operation, answer: Json, query: dict[str, str], seen: int) -> dict[str, str] | None:
    """The query for the next page; None where there is none. `seen` models were on the pages until here."""
    following = answer.get("next") if isinstance(answer, dict) else None
    if "offset" in operation.query and seen < _total(answer):
        return {**query, "offset": str(seen)}
    return {"pq": following} if isinstance(following, str) and "pq" in operation.query else None


def _model(contract: Contract, files: ContractFiles, side: Side, model_id: str) -> Iterator[Outcome]:
    """The schema of one model."""
    operations = contract.provider.operations
    if "model-content" in operations:
        ask = Ask(method="GET", path=operations["model-content"].path, query={"name": model_id})
    else:
        one = operations.get("list-model-inputs") or operations["model"]
        ask = Ask(method="GET", path=one.path.replace("{model_id...}", model_id))
        if "limit" in one.query:
            ask = Ask(method="GET", path=ask.path, query={"limit": "100"})
    answer = _read(side, ask)
    if answer is not None:
        yield compare_model(files, model_id, answer)


def _document(files: ContractFiles, side: Side) -> Iterator[Outcome]:
    """The OpenAPI document, where one is served."""
    document = _read(side, Ask(method="GET", path=_DOCUMENT))
    if is_openapi(document) and not document.get("paths"):
        yield Outcome(drifts=(), unread=(Unread(page=_DOCUMENT, at="", text="an OpenAPI document without paths"),))
    elif is_openapi(document):
        yield compare_published(files, document)


def _read(side: Side, ask: Ask) -> Json:
    """The JSON of an answer of success; None for anything else."""
    try:
        exchange: Exchange = side.send(ask)
    except DeniedError:
        return None
    return exchange.answer if exchange.status == 200 and isinstance(exchange.answer, dict | list) else None


def _total(answer: Json) -> int:
    total = answer.get("total") if isinstance(answer, dict) else 0
    return total if isinstance(total, int) else 0

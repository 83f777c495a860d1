"""Requests that the contract accepts and the mutant refuses."""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from mutants.asking import REFUSALS, answered, headed, refused
from mutants.editing import put
from mutants.loose import HI_FIRST, HI_LIST, HI_RULES, PROPERTIES, RC_LONG, RC_SHORT, RF_MODEL, ruled
from mutants.planting import Mutant, Planting, table
from mutants.wire import asked
from screentest_contracts.exchange import Exchange, NotJson


def _without(choice: Any) -> Any:
    return lambda choices: [one for one in choices if one != choice]


def _and(name: str) -> Any:
    return lambda required: [*required, name]


def _text(body: Any) -> str:
    return "" if isinstance(body, NotJson) else json.dumps(body, ensure_ascii=False)


def _has_foreign_letters(body: Any) -> bool:
    return not _text(body).isascii()


def _has_whole_float(body: Any) -> bool:
    return any(isinstance(one, float) and one.is_integer() for one in _values(body))


def _has_empty_text(body: Any) -> bool:
    return '": ""' in _text(body)


def _values(node: Any) -> list[Any]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [node, *(value for child in children for value in _values(child))]


def _plain_only(said: str) -> str:
    return said if said in ("", "application/json") else "text/plain"


def _largest_page(provider: str, operation: str, name: str, most: int) -> Planting:
    def rewrite(exchange: Exchange) -> Exchange:
        return answered(exchange, *REFUSALS[provider]) if exchange.query.get(name) == str(most) else exchange

    return Planting(tap=asked(operation, rewrite))


def _hidden(provider: str, operations: str, model: str) -> Planting:
    """A model that there is, is not."""

    def rewrite(exchange: Exchange) -> Exchange:
        raw = exchange.request_body.replace(f'"{model}"'.encode(), b'"no/such"')
        return replace(exchange, url=exchange.url.replace(model, "no/such"), request_body=raw)

    return Planting(tap=asked(operations, rewrite))


ROWS: list[list[Mutant]] = [
    table(
        "too strict",
        "S01",
        "the maximum itself is refused",
        runcomfy=ruled(RC_SHORT, put(f"{PROPERTIES}/seed/maximum", 2147483646)),
        runflow=ruled(RF_MODEL, put(f"{PROPERTIES}/duration/maximum", 14)),
        hiapi=ruled(HI_FIRST, put(f"{PROPERTIES}/duration/maximum", 14)),
    ),
    table(
        "too strict",
        "S02",
        "a choice is gone",
        runcomfy=ruled(RC_SHORT, put(f"{PROPERTIES}/duration/enum", _without(15))),
        runflow=ruled(RF_MODEL, put(f"{PROPERTIES}/resolution/enum", _without("720p"))),
        hiapi=ruled(HI_FIRST, put(f"{PROPERTIES}/aspect_ratio/enum", _without("9:16"))),
    ),
    table(
        "too strict",
        "S03",
        "what was optional is required",
        runcomfy=ruled(RC_SHORT, put("/input/required", _and("resolution"))),
        runflow=ruled(RF_MODEL, put("/input/required", _and("resolution"))),
        hiapi=ruled(HI_FIRST, put("/input/required", _and("duration"))),
    ),
    table(
        "too strict",
        "S04",
        "letters beyond ASCII are refused",
        runcomfy=refused("runcomfy", _has_foreign_letters),
        runflow=refused("runflow", _has_foreign_letters),
        hiapi=refused("hiapi", _has_foreign_letters),
    ),
    table(
        "too strict",
        "S05",
        "the longest prompt is refused",
        runcomfy=ruled(RC_LONG, put(f"{PROPERTIES}/prompt/maxLength", 4999)),
        runflow=ruled(RF_MODEL, put(f"{PROPERTIES}/prompt/maxLength", 2499)),
        hiapi=ruled(HI_RULES, put(f"{PROPERTIES}/prompt/maxLength", 19999)),
    ),
    table(
        "too strict",
        "S06",
        "the shortest list, or a field left empty, is refused",
        runcomfy=refused("runcomfy", _has_empty_text),
        runflow=ruled(RF_MODEL, put(f"{PROPERTIES}/image_urls/minItems", 2)),
        hiapi=ruled(HI_LIST, put(f"{PROPERTIES}/reference_image/minItems", 2)),
    ),
    table(
        "too strict",
        "S07",
        "5.0 is no whole number",
        runcomfy=refused("runcomfy", _has_whole_float),
        runflow=refused("runflow", _has_whole_float),
        hiapi=refused("hiapi", _has_whole_float),
    ),
    table(
        "too strict",
        "S08",
        "a property that nobody knows is refused",
        runcomfy=ruled(RC_SHORT, put("/input/additionalProperties", False)),
        runflow=ruled(RF_MODEL, put("/input/additionalProperties", False)),
    ),
    table(
        "too strict",
        "S09",
        "JSON with a character set in its content type is refused",
        runcomfy=headed("submit", "content-type", _plain_only),
        runflow=headed("create-run", "content-type", _plain_only),
        hiapi=headed("create", "content-type", _plain_only),
    ),
    table(
        "too strict",
        "S10",
        "a model that there is, is not",
        runcomfy=_hidden("runcomfy", "submit", RC_LONG),
        runflow=_hidden("runflow", "create-run", RF_MODEL),
        hiapi=_hidden("hiapi", "create", HI_LIST),
    ),
    table(
        "too strict",
        "S11",
        "the largest page is refused",
        runcomfy=_largest_page("runcomfy", "models", "limit", 500),
        runflow=_largest_page("runflow", "list-runs", "limit", 500),
    ),
    table(
        "too strict",
        "S12",
        "the longest idempotency key is refused",
        runflow=Planting(edits={"": put("/idempotency/most_bytes", 254)}),
        hiapi=Planting(edits={"": put("/idempotency/most_bytes", 254)}),
    ),
    table(
        "too strict",
        "S13",
        "a switch can only be on",
        runcomfy=ruled(RC_SHORT, put(f"{PROPERTIES}/watermark/enum", [True])),
        runflow=ruled(RF_MODEL, put(f"{PROPERTIES}/enable_safety_checker/enum", [True])),
        hiapi=ruled(HI_RULES, put(f"{PROPERTIES}/return_last_frame/enum", [True])),
    ),
    table(
        "too strict",
        "S14",
        "the seed 0 is refused",
        runcomfy=ruled(RC_SHORT, put(f"{PROPERTIES}/seed/minimum", 1)),
        runflow=ruled(RF_MODEL, put(f"{PROPERTIES}/seed/minimum", 1)),
        hiapi=ruled(HI_FIRST, put(f"{PROPERTIES}/seed/minimum", 1)),
    ),
]

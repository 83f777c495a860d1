"""Prices that a provider's API publishes, against the contract's."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from screentest.in_process import in_process
from screentest.verify.published import published
from screentest.verify.side import Ask
from screentest_contracts.drift.files import shipped
from screentest_contracts.drift.published_prices import compare_prices, published_prices
from screentest_contracts.drift.sides import compare_documents
from screentest_contracts.load import load

LISTS = {"runcomfy": "/v1/models", "hiapi": "/api/pricing"}
PRICED = "bytedance/seedream-5.0-pro/text-to-image"
EACH = pytest.mark.parametrize("provider", LISTS)


def answered(provider: str) -> Any:
    """What the emulator publishes."""
    query = {"limit": "500"} if provider == "runcomfy" else {}
    return in_process(provider).send(Ask(method="GET", path=LISTS[provider], query=query)).answer


def rows(document: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document.get("models") or document["data"]
    return found


def saved(tmp_path: Path, document: Any) -> Path:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@EACH
def test_what_the_emulator_publishes_is_the_contract(provider: str, tmp_path: Path) -> None:
    """As an answer and as a saved document: placeholders are the assumption, and no drift."""
    document = answered(provider)

    assert len(published_prices(document)) > 5
    assert compare_documents(provider, [saved(tmp_path, document)]).drifts == ()
    assert published(load(provider), shipped(provider), in_process(provider)).drifts == ()


@EACH
def test_a_price_that_becomes_known_answers_the_assumption(provider: str, tmp_path: Path) -> None:
    """Where the contract has no price, the placeholder is contradicted."""
    document = answered(provider)
    row = next(one for one in rows(document) if one.get("model_id") != PRICED)
    row["base_price_usd" if provider == "runcomfy" else "base_usd_value"] = 0.35
    (drift,) = compare_documents(provider, [saved(tmp_path, document)]).drifts

    assert (drift.kind, drift.pointer, drift.client) == ("price-changed", "/price", "risky")
    assert drift.meaning == f"answers the assumption {provider}.placeholder-price"


def test_a_known_price_that_changes_is_told_with_its_tier() -> None:
    """The number that is published is the lowest rate."""
    document = answered("runcomfy")
    row = next(one for one in rows(document) if one["model_id"] == PRICED)
    row |= {"base_price_usd": 0.06}
    (drift,) = compare_prices(shipped("runcomfy"), published_prices(document), Decimal("0.1")).drifts

    assert (drift.pointer, drift.old, drift.new) == ("/price/usd_per_output/1K", "0.04/output", "0.06/output")


@pytest.mark.parametrize(
    ("row", "drifts"),
    [
        ({"base_price_usd": 0.04}, []),
        ({"base_price_usd": "0.040"}, []),
        ({"base_price_usd": "0.04", "price_unit": "output"}, []),
        ({"base_price_usd": "0.05"}, [("0.04/output", "0.05/output")]),
        ({"base_price_usd": 0.04, "price_unit": "duration"}, [("0.04/output", "0.04/second")]),
    ],
    ids=["no unit", "text", "text with a unit", "another price without a unit", "another unit"],
)
def test_a_price_may_be_text_and_have_no_unit(row: dict[str, Any], drifts: list[tuple[str, str]]) -> None:
    """Without a unit it is meant as the contract has it."""
    found = compare_prices(
        shipped("runcomfy"), published_prices({"models": [{"model_id": PRICED, **row}]}), Decimal("0.1")
    )

    assert [(one.old, one.new) for one in found.drifts] == drifts
    assert found.unread == ()


@pytest.mark.parametrize("said", ["free", "NaN", "Infinity", "1e999", -1, True, [], {"usd": 1}], ids=str)
def test_what_is_no_price_is_unread(said: Any, tmp_path: Path) -> None:
    """It is neither the contract's price nor another one; of models that the contract does not know nothing is said."""
    rows = [{"model_id": one, "base_price_usd": said, "price_unit": "output"} for one in (PRICED, "no/such")]
    found = compare_prices(shipped("runcomfy"), published_prices({"models": rows}), Decimal("0.1"), "/v1/models")
    (saved_one,) = compare_documents("runcomfy", [saved(tmp_path, rows[0])]).unread

    assert found.drifts == ()
    (unread,) = found.unread
    assert (unread.page, unread.at) == ("/v1/models", f"{PRICED} /price")
    assert unread.text.endswith(" is no price")
    assert (saved_one.page, saved_one.text) == (str(tmp_path / "prices.json"), unread.text)


@pytest.mark.parametrize("row", [{}, {"model_id": "x"}, {"model_id": "x", "base_price_usd": None}, 5, None])
def test_rows_without_a_price(row: Any) -> None:
    """Say nothing of prices."""
    assert published_prices({"models": [row]}) == ()

"""Prices that a page prints: ``$0.14/second``, ``720p: $0.14 per second``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from screentest_contracts.ingest.fragment import Findings, Rate

_PRICE = re.compile(
    r"\$\s?(?P<usd>\d+(?:\.\d+)?)\s*(?:/|per\s+)\s*(?P<per>s|sec|second|image|video|clip|output|run|request|generation)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(r"[$€£¥]\s?\d|\d\s?[$€£¥]|\bUSD\s?\d|\d\s?USD\b")
_DATE = re.compile(r"\b(20\d\d-[01]\d-[0-3]\d)\b")
_SECONDS = ("s", "sec", "second")


def rates(text: str, tiers: Collection[str], findings: Findings) -> tuple[Rate, ...]:
    """Every price of `text`; one that stands behind or before a value of `tiers` on its line is the price of it.

    Where no price can be read, a line with an amount of money may be one.
    """
    found = tuple(_rates(text, tiers))
    for line in () if found else text.splitlines():
        if _MONEY.search(line):
            findings.unread("/price", line.strip())
    return found


def _rates(text: str, tiers: Collection[str]) -> Iterator[Rate]:
    for line in text.splitlines():
        found = list(_PRICE.finditer(line))
        named = [tier for tier in tiers if re.search(rf"(?<![\w.]){re.escape(tier)}(?![\w.])", line)]
        for number, price in enumerate(found):
            per = "second" if price["per"].lower() in _SECONDS else "output"
            tier = named[number] if len(named) == len(found) else ""
            yield Rate(usd=price["usd"], per=per, tier=tier)


def dated(text: str) -> str:
    """The date that stands on a line with a price, or on the line after it; "" if there is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if _PRICE.search(line) and (found := _DATE.search(line) or _DATE.fullmatch(following.strip())):
            return found[1]
    return ""

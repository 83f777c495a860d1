"""What a live run may do, by its tier, as rules about one request at a time. Pure.

public   no key: reads, and requests whose refusal for the missing key is the answer
free     a key, and nothing billable; everything, once the account is known to have no balance
paid     at most so many jobs, each no dearer than the cheapest, and within a budget
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from screentest.verify.budget import Budget
from screentest.verify.exposure import Exposure
from screentest_contracts.conformance.operations import Found, Strange
from screentest_contracts.exchange import INVALID, NOBODY, Exchange
from screentest_contracts.load import Contract
from screentest_contracts.urls import is_loopback

Tier = Literal["public", "free", "paid"]
TIERS: tuple[Tier, ...] = ("public", "free", "paid")
MOST_JOBS = 3

_SAFE = ("GET", "HEAD", "OPTIONS")


class Terms(Struct, frozen=True, kw_only=True):
    """`hosts` may be spoken to, over https unless they are this machine. `empty`: the account is known to have no
    balance. `dearest` is the most that one job may cost, None where no price is known."""

    tier: Tier
    hosts: frozenset[str]
    empty: bool = False
    dearest: Decimal | None = None


def why_not_there(terms: Terms, url: str) -> str:
    """Why nothing may be sent to this URL; "" when it may."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "the URL cannot be read"
    if host not in terms.hosts:
        return f"the host {host!r} is not on the list (--allow-host)"
    if parts.scheme != "https" and not is_loopback(host):
        return f"{parts.scheme or 'no scheme'} to {host}: only https leaves this machine"
    return ""


def why_not_change(contract: Contract, found: Found | Strange | None, exchange: Exchange, jobs: Collection[str]) -> str:
    """Why this request, which submits nothing, may not be sent; "" when it may.

    Only jobs made in this run (`jobs`) are cancelled or sent again, whoever asks; an id that cannot be one changes
    nothing. Anything else that changes an account is sent only without a good key, and never about a certain thing;
    what is about a model never, as a batch of jobs is.
    """
    if exchange.method in _SAFE:
        return ""
    if not isinstance(found, Found):
        return "" if is_harmless(exchange) else "a request that changes something, where the contract has no operation"
    if "...}" in found.operation.path:
        return f"{found.operation.id} of a model could make jobs that nobody can price"
    if found.job is not None:
        named = found.job in jobs or not _could_be(contract, found.job)
        return "" if named else f"{found.operation.id} of a job that was not made in this run"
    if found.operation.parameters:
        return f"{found.operation.id} of a thing that was not made in this run"
    return "" if is_harmless(exchange) else f"{found.operation.id} changes the account"


def why_not_submit(terms: Terms, budget: Budget, risk: Exposure, exchange: Exchange, *, valid: bool) -> str:
    """Why this submit may not be sent; "" when it may. `valid`: the contract does not refuse it."""
    if terms.tier == "public":
        return "billable, in tier public"
    if terms.tier == "free" and not terms.empty:
        return "billable, in tier free, with an account that is not known to be empty"
    if risk.beyond:
        return f"{risk.beyond} scales the price and is more than one beyond its limit"
    if terms.tier == "free" or is_harmless(exchange):
        return ""
    if risk.usd is None:
        return "billable at a price that nobody knows"
    if valid and terms.dearest is not None and risk.usd > terms.dearest:
        return f"dearer than the cheapest job (${terms.dearest:f})"
    return "" if budget.allows(risk.usd) else "more than what is left of the budget"


def is_harmless(exchange: Exchange) -> bool:
    """Whether it carries no good key."""
    return exchange.who == NOBODY or exchange.account == INVALID


def _could_be(contract: Contract, job: str) -> bool:
    """Whether it has the form of the provider's ids."""
    return re.search(contract.provider.ids.pattern, job) is not None

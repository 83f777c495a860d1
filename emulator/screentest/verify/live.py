"""A run against a live provider: what has to be given, what is checked first, and what the account says afterwards."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from screentest.errors import SetupError
from screentest.verify.budget import Budget
from screentest.verify.charging import balance, balance_operation
from screentest.verify.cheapest import cheapest
from screentest.verify.guard import Guard, TrippedError
from screentest.verify.side import ONE, DeniedError, Side, UnreachableError
from screentest.verify.tiers import MOST_JOBS, Terms, Tier
from screentest_contracts.conformance import Judge
from screentest_contracts.load import Contract
from screentest_contracts.urls import is_loopback

STOP = "SCREENTEST_STOP"
"""The kill switch: this variable, or a file of this name in the current folder."""


class Wish(Struct, frozen=True, kw_only=True):
    """What the user allows. `keys` are API keys by WHO; `most_usd` and `most_jobs` bound what tier paid may make."""

    base_url: str
    keys: Mapping[str, str]
    tier: Tier
    live: bool = False
    allow_hosts: tuple[str, ...] = ()
    most_usd: Decimal = Decimal(0)
    most_jobs: int = MOST_JOBS
    account_is_empty: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""


def is_live(wish: Wish) -> bool:
    """Whether the guard is needed: beyond this machine, or when asked for."""
    return wish.live or not is_loopback(wish.host)


def check(contract: Contract, wish: Wish) -> None:
    """SetupError when the URL, or what is given for it, is not what a live run needs."""
    try:
        parts = urlsplit(wish.base_url)
        right = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        right = False
    if not right or parts.query or parts.fragment or "@" in parts.netloc:
        raise SetupError(
            f"--base-url {_without_user(wish.base_url)}: expected a URL such as {contract.provider.base_url}"
        )
    if wish.tier != "public" and is_live(wish) and ONE not in wish.keys:
        name = f"{contract.name.upper()}_API_KEY"
        raise SetupError(f"tier {wish.tier} needs a key: pass --key, set {name}, or use --tier public")
    if is_loopback(wish.host):
        return
    if not wish.live:
        raise SetupError(
            f"{wish.host} is not this machine: pass --live to send requests to it, after reading docs/verify.md"
        )
    if parts.scheme != "https":
        raise SetupError(f"--base-url {wish.base_url}: only https leaves this machine")
    if wish.host not in (*contract.provider.hosts, *wish.allow_hosts):
        own = ", ".join(contract.provider.hosts)
        raise SetupError(
            f"{wish.host} is none of {contract.provider.title}'s hosts ({own}): pass --allow-host {wish.host}"
        )


def guarded(side: Side, contract: Contract, wish: Wish, stopped: Callable[[], bool] | None = None) -> Guard:
    """The side with a guard around it, on the terms of the wish."""
    paid = wish.tier == "paid"
    terms = Terms(
        tier=wish.tier,
        hosts=frozenset({wish.host, *wish.allow_hosts}),
        dearest=cheapest(contract).usd if paid else None,
    )
    budget = Budget(jobs=min(wish.most_jobs, MOST_JOBS), usd=wish.most_usd) if paid else Budget()
    return Guard(side, contract, terms, budget, stopped or switched_off)


def switched_off() -> bool:
    """Whether somebody has used the kill switch."""
    return os.environ.get(STOP) == "1" or Path(STOP).exists()


@contextlib.contextmanager
def tidied(guard: Guard | None, tell: Callable[[str], None]) -> Iterator[list[str]]:
    """Around a run: its jobs that have not ended are cancelled after it, however it ends.

    What became of each is in the list afterwards. Where the run breaks off there is nobody to read the list, so that it
    is told at once, a line each.
    """
    left: list[str] = []
    try:
        yield left
    except BaseException:
        for line in guard.clean_up() if guard else ():
            tell(line)
        raise
    left += guard.clean_up() if guard else ()


class Account:
    """What the provider says of the account's balance, before and after the run."""

    def __init__(self, guard: Guard, contract: Contract) -> None:
        self._guard = guard
        self._contract = contract
        self._operation = balance_operation(contract)
        self._before: Decimal | None = None
        self.remarks: list[str] = []

    def before(self, wish: Wish) -> None:
        """Read the balance; in tier free, learn whether the account is empty. A job made on the way trips the guard."""
        if ONE not in wish.keys or wish.tier == "public":
            return
        self._before = self._read()
        if wish.tier != "free":
            return
        if self._before is not None:
            self._known_by_balance(self._before)
        elif wish.account_is_empty:
            self._known_by_refusal()
        else:
            self.remarks.append(
                "nothing billable was sent: the provider tells no balance, and --account-is-empty was not given"
            )

    def after(self) -> None:
        """Read the balance again. More gone than the budget says opens the breaker; so does a balance that nobody tells
        any more."""
        if self._before is None or self._guard.trip:
            return
        try:
            after = self._read()
        except TrippedError:
            return
        except UnreachableError:
            after = None
        if after is None:
            self._guard.stop("the balance could be read before the run, and not after it")
            return
        gone, allowed = self._before - after, self._guard.budget.usd_gone
        self.remarks.append(f"balance {self._before} before, {after} after")
        if gone > allowed or (gone < 0 and not allowed):
            self._guard.stop(f"the balance changed by {-gone}, and the run had paid for {allowed}")

    def _known_by_balance(self, balance: Decimal) -> None:
        if balance <= 0:
            self._guard.account_is_empty()
        else:
            self.remarks.append(
                f"nothing billable was sent: the account has a balance ({balance}), and tier free needs none"
            )

    def _known_by_refusal(self) -> None:
        """Submit the cheapest job, which has to be refused for want of money."""
        one = cheapest(self._contract)
        answer = self._guard.submit_once(one.ask)
        judge = Judge(self._contract, self._guard.base)
        names = {failure.name for failure in judge.failures(one.operation, answer)}
        if self._guard.trip:
            return
        if "no-balance" not in names:
            raise SetupError(
                f"--account-is-empty: {one.operation.id} of {one.model.id} was answered with HTTP {answer.status}, "
                "not with the refusal of an account that cannot pay; nothing billable will be sent to it"
            )
        self._guard.account_is_empty()

    def _read(self) -> Decimal | None:
        """The balance; None where it cannot be read."""
        try:
            return balance(self._operation, self._guard.send)
        except DeniedError:
            return None


def _without_user(url: str) -> str:
    """A URL that may be shown: without name and password."""
    scheme, mark, rest = url.partition("://")
    return scheme + mark + rest.rpartition("@")[2]

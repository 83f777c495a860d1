"""The side that `verify` asks: the emulator in this process, a server at a URL, or a live provider behind a guard."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from screentest.in_process import in_process
from screentest.settings import Settings
from screentest.system_clock import SystemClock
from screentest.verify.around import Keyed
from screentest.verify.guard import Guard
from screentest.verify.live import Wish, check, guarded, is_live
from screentest.verify.over_http import OverHttp
from screentest.verify.pace import Paced
from screentest.verify.record import Recorder
from screentest.verify.side import ONE, TRUNCATED, TWO, Side
from screentest_contracts.exchange import INVALID
from screentest_contracts.load import Contract
from screentest_contracts.urls import is_loopback

_SHORTEST = 8  # of what is left of a key that misses its end, to be hidden too


class Target(Struct, frozen=True):
    """What is asked, with the guard and the recorder where there is one."""

    side: Side
    guard: Guard | None = None
    recorder: Recorder | None = None

    @property
    def where(self) -> str:
        return self.side.base


def given_keys(provider: str, key: str | None, second: str | None) -> dict[str, str]:
    """API keys by WHO: as given, else out of the environment."""
    name = provider.upper()
    found = {
        ONE: key or os.environ.get(f"{name}_API_KEY"),
        TWO: second or os.environ.get(f"{name}_SECOND_API_KEY"),
    }
    return {who: one for who, one in found.items() if one}


def hidden(keys: Mapping[str, str], *more: str | None) -> tuple[str, ...]:
    """Every text that may be seen nowhere: keys, those that probes cut short, and other secrets."""
    cut = [key[:-1] for key in keys.values() if len(key) > _SHORTEST]
    return tuple(one for one in (*keys.values(), *cut, *more) if one)


def emulated(contract: Contract, record: Path | None) -> Target:
    """The emulator in this process, under the contract's choices."""
    side: Side = in_process(contract.name, Settings(switches=contract.chosen))
    recorder = Recorder(side, contract.name, record) if record else None
    return Target(recorder or side, recorder=recorder)


def at_url(contract: Contract, wish: Wish, record: Path | None, control_token: str | None) -> Target:
    """A server at a URL. SetupError when it may not be asked, UnreachableError when it does not answer."""
    check(contract, wish)
    live = is_live(wish)
    keys = dict(wish.keys) if wish.tier != "public" or not live else {}
    if not live:
        keys = {who: f"verify-{secrets.token_hex(8)}" for who in (ONE, TWO)} | keys if ONE not in keys else keys
    side: Side = OverHttp(
        wish.base_url,
        contract.name,
        keys,
        callbacks=contract.provider.callbacks is not None,
        sleep=time.sleep,  # noqa: TID251 - a live provider's time cannot be moved
        clock=SystemClock().now,
        control=not live,
        control_token=control_token,
    )
    recorder = Recorder(side, contract.name, record, hidden(keys, control_token)) if record else None
    side = recorder or side
    if side.controlled:
        return Target(side, recorder=recorder)
    # On this machine there may be an emulator, to which any key is a good one.
    whose = [*keys, INVALID, *([TRUNCATED] if ONE in keys and not is_loopback(wish.host) else [])]
    if not live:
        return Target(Keyed(side, whose), recorder=recorder)
    guard = guarded(Keyed(Paced(side, contract), whose), contract, wish)
    return Target(guard, guard, recorder)

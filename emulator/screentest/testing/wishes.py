"""What a test asks for with ``@pytest.mark.screentest(...)``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

_MARKER = "@pytest.mark.screentest"
ARGUMENTS = {
    "clock": '"real", "frozen", or a number: account seconds a real second',
    "scenario": 'how the jobs go, such as "slow: 90s"',
    "env": "True sets the environment variables of the providers' clients",
    "balance": "US dollars that the account can spend",
    "key_state": "good, bad or empty",
    "requests_per_minute": "how many requests a provider takes in a minute",
    "callback_secret": "a string that signs the account's callbacks",
}
_SETTINGS = ("balance", "key_state", "requests_per_minute", "callback_secret")
_OF_THE_SERVER = {
    "pace": '--screentest-pace sets it for all tests, and scenario="slow: 90s" the time of one test\'s jobs',
    "assume": "override the fixture screentest_settings to switch assumptions for all tests",
}


class BadMarkerError(ValueError):
    """A marker that means nothing; the message is one sentence."""


class Wishes(Struct, frozen=True):
    """`rate` of the account's clock (None leaves the server's), `scenario` of its jobs ("" the usual), its `settings`.

    `env`: whether to set the environment variables of the providers' clients.
    """

    rate: float | None = None
    scenario: str = ""
    env: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


def read_wishes(args: tuple[Any, ...], named: Mapping[str, Any]) -> Wishes:
    """The arguments of the marker. BadMarkerError says which one is wrong, and what there is."""
    if args:
        raise BadMarkerError(f"{_MARKER} takes arguments by name only; there are {', '.join(ARGUMENTS)}")
    for name in named:
        if name in _OF_THE_SERVER:
            raise BadMarkerError(f"{_MARKER} takes no {name!r}, the whole server has one: {_OF_THE_SERVER[name]}")
        if name not in ARGUMENTS:
            raise BadMarkerError(f"{_MARKER} has no argument {name!r}; there are {', '.join(ARGUMENTS)}")
    return Wishes(
        rate=_rate(named["clock"]) if "clock" in named else None,
        scenario=str(named.get("scenario", "")),
        env=bool(named.get("env", False)),
        settings={name: named[name] for name in _SETTINGS if name in named},
    )


def _rate(clock: Any) -> float:
    match clock:
        case "real":
            return 1.0
        case "frozen":
            return 0.0
        case int() | float() if not isinstance(clock, bool) and clock >= 0:
            return float(clock)
    raise BadMarkerError(f"{_MARKER}: clock is {ARGUMENTS['clock']}, not {clock!r}")

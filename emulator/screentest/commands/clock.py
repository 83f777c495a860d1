"""`screentest advance` and `screentest clock`: move an account's time."""

from __future__ import annotations

from typing import Any

import click

from screentest.commands.happenings import happened
from screentest.commands.options import DefaultGroup, as_json, with_remote
from screentest.commands.printing import moment, print_json, say
from screentest.commands.remote import Remote
from screentest.durations import seconds

_WHY = "an account has a clock of its own"
_NEXT = "next"
_TO_NEXT = {"advance_to": _NEXT}


class _Ahead(click.ParamType[dict[str, Any]]):
    """How far to go: a length of time, or to what happens next. Becomes the wish that the server understands."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        if value == _NEXT:
            return _TO_NEXT
        try:
            return {"advance": seconds(value)}
        except ValueError as error:
            self.fail(f"expected {_NEXT}, or {error}", param, ctx)


@click.command()
@click.argument("ahead", metavar=f"TIME|{_NEXT}", type=_Ahead())
@with_remote
@as_json
def advance(remote: Remote, ahead: dict[str, Any], as_json: bool) -> None:
    """Move an account's clock on, by 90, 90s, 2m or 1h, or to what happens next, and print what happened on the way."""
    _told(remote, as_json, ahead)


@click.group(cls=DefaultGroup, default="show")
def clock() -> None:
    """Show or set how an account's clock runs; without a command, show it."""


@clock.command()
@with_remote
@as_json
def show(remote: Remote, as_json: bool) -> None:
    """Print the account's time and rate."""
    _told(remote, as_json)


@clock.command()
@with_remote
@as_json
def freeze(remote: Remote, as_json: bool) -> None:
    """Stop the clock; `rate 1` lets it go on."""
    _told(remote, as_json, {"freeze": True})


@clock.command()
@click.argument("rate", type=float)
@with_remote
@as_json
def rate(remote: Remote, rate: float, as_json: bool) -> None:
    """Set how fast the clock runs: 1 is real time, 60 a minute a second, 0 frozen."""
    _told(remote, as_json, {"rate": rate})


def _told(remote: Remote, as_json: bool, wish: dict[str, Any] | None = None) -> None:
    """Print what the clock shows, after it was moved if there is a wish, and what happened on the way."""
    remote.one_account(_WHY)
    told = remote.post("clock", body=wish, patient=True) if wish else remote.get("clock")
    if as_json:
        print_json(told)
        return
    for event in told["events"]:
        say(happened(event["kind"], event))
    if wish == _TO_NEXT and not told["events"]:
        say("nothing is ahead")
    say(f"now {moment(told['now'])}, " + ("frozen" if told["frozen"] else f"rate {told['rate']:g}"))

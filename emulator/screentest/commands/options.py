"""What commands share: options, and groups that mean one of their commands when none is named."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from screentest.commands.remote import Remote
from screentest.environment import read_origin
from screentest.settings import HOST, PORT
from screentest_contracts.load import PROVIDERS

_Command = TypeVar("_Command", bound=Callable[..., Any])

_LONGEST_SENTENCE = 200
_MOST_LISTED = 1000


class Group(click.Group):
    """A group that lists its commands with their whole first sentences."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        found = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        rows = [(name, one.get_short_help_str(_LONGEST_SENTENCE)) for name, one in found.items() if one]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class DefaultGroup(Group):
    """A group that means its command `default` when none is named."""

    def __init__(self, *args: Any, default: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        if not args or (args[0].startswith("-") and args[0] not in own):
            args = [self.default, *args]
        return super().parse_args(ctx, args)


def option(name: str, **kwargs: Any) -> Callable[[_Command], _Command]:
    """A click option that also reads SCREENTEST_<NAME>."""
    return click.option(name, envvar="SCREENTEST_" + name.strip("-").replace("-", "_").upper(), **kwargs)


assume = option("--assume", multiple=True, metavar="ID=CHOICE", help="Switch an assumption; see `assumptions`.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
provider = click.option("--provider", default=None, type=click.Choice(PROVIDERS))
limit = click.option(
    "--limit", default=None, type=click.IntRange(1, _MOST_LISTED), help="How many at most.  [default: the newest 100]"
)


def switches(pairs: Iterable[str]) -> dict[str, str]:
    """``id=choice`` words as a mapping, checked."""
    from screentest_contracts.load import choose

    found = {}
    for pair in pairs:
        name, equals, choice = pair.partition("=")
        if not equals:
            raise click.UsageError(f"--assume takes ID=CHOICE, got {pair!r}; `screentest assumptions` lists them")
        found[name.strip()] = choice.strip()
    choose(found)
    return found


def with_options(*options: Callable[[_Command], _Command]) -> Callable[[_Command], _Command]:
    """Give a command several options, in this order in its help."""

    def give(command: _Command) -> _Command:
        for one in reversed(options):
            command = one(command)
        return command

    return give


def with_remote(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which server and which account, and first of all the Remote they make."""

    @functools.wraps(command)
    def called(*args: Any, url: str, key: str | None, control_token: str | None, **kwargs: Any) -> None:
        command(Remote(url, key, control_token), *args, **kwargs)

    return with_options(
        option("--url", default=f"http://{HOST}:{PORT}", show_default=True, callback=_origin, help="The server."),
        option("--key", default=None, callback=printable, help="The API key of an account.  [default: all accounts]"),
        option("--control-token", default=None, callback=printable, help="The server's, where it asks for one."),
    )(called)


def _origin(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """The URL without a slash at its end; a BadParameter unless it is an origin."""
    found = read_origin(value)
    if not found:
        raise click.BadParameter(f"expected scheme, host and port, such as http://{HOST}:{PORT}, got {value!r}", ctx)
    return found


def printable(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A value that a header can carry. An empty one, as of an empty variable, is none."""
    if value and not re.fullmatch("[!-~]+", value):
        raise click.BadParameter("expected printable ASCII characters without spaces", ctx)
    return value or None

"""`screentest scenario` and `screentest fault`: arm and disarm rules, for an account or without a key for everybody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from screentest.commands.options import DefaultGroup, as_json, provider, with_options, with_remote
from screentest.commands.printing import plain, print_json, print_listing
from screentest.commands.remote import Remote

_WIDE: Mapping[str, Any] = {"provider": "", "operation": "", "model": "", "input": {}, "times": None, "chance": 1.0}
"""What a rule has where it is not narrowed down."""
_COLUMNS = ("id", "for", "rule", "only")


def _named(ctx: click.Context, parameter: click.Parameter, pairs: Sequence[str]) -> dict[str, Any]:
    """NAME=VALUE words as a mapping; a value that is JSON is that value, any other is text."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"expected NAME=VALUE, got {pair!r}", ctx, parameter)
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


_times = click.option("--times", default=None, type=click.IntRange(1), help="How often at most.  [default: for ever]")
_chance = click.option(
    "--chance", default=None, type=click.FloatRange(0, 1, min_open=True), help="How often of those that fit."
)
_operation = click.option("--operation", default=None, help="Only this operation, such as `create`, or `media`.")
_model = click.option("--model", default=None, help="Only this model; may hold the wildcards * and ?.")
_input = click.option(
    "--input", multiple=True, metavar="NAME=VALUE", callback=_named, help="Only with this input; repeatable."
)


def _rules(kind: str, about: str, example: str, *narrowing: Any) -> click.Group:
    """The commands for one kind of rule; `narrowing` are the options of `arm` that only this kind has."""
    group = DefaultGroup(
        kind,
        default="list",
        help=f"{about}\n\nWithout a command, list what is armed: the account's, or without --key everybody's.",
    )
    group.add_command(_listing(kind))
    group.add_command(_knowing(kind))
    group.add_command(_arming(kind, example, narrowing))
    group.add_command(_disarming(kind))
    return group


def _listing(kind: str) -> click.Command:
    @click.command("list", help=f"List the {kind}s that are armed, the newest first.")
    @with_remote
    @as_json
    def listing(remote: Remote, as_json: bool) -> None:
        from screentest.listings import Listing

        rows = remote.get(f"{kind}s")[f"{kind}s"]
        none = f"no {kind} is armed; `screentest {kind} known` lists what there is"
        print_listing(Listing(rows, _COLUMNS, lambda row: _cells(kind, row)), as_json, none)

    return listing


def _knowing(kind: str) -> click.Command:
    @click.command("known", help=f"List the {kind}s that there are.")
    @with_remote
    @as_json
    def knowing(remote: Remote, as_json: bool) -> None:
        from screentest.listings import Listing

        rows = [{"name": name, **facts} for name, facts in remote.get(f"{kind}s")["known"].items()]
        print_listing(Listing(rows, ("usage", "about"), _usage), as_json)

    return knowing


def _arming(kind: str, example: str, narrowing: Sequence[Any]) -> click.Command:
    @click.command("arm", help=f"Arm a {kind}, such as {example}.")
    @click.argument("wish", metavar=kind.upper(), nargs=-1, required=True)
    @with_options(provider, *narrowing, _times, _chance)
    @with_remote
    @as_json
    def arming(remote: Remote, wish: Sequence[str], as_json: bool, **only: Any) -> None:
        sent = {kind: " ".join(wish)} | {name: value for name, value in only.items() if value not in (None, {})}
        told = remote.post(f"{kind}s", body=sent)
        armed = next(row for row in told[f"{kind}s"] if row["id"] == told["armed"])
        if as_json:
            print_json(armed)
        else:
            cells = _cells(kind, armed)
            only_for = f" ({cells['only']})" if cells["only"] else ""
            click.echo(f"armed {cells['id']} for {cells['for']}: {cells['rule']}{only_for}")

    return arming


def _disarming(kind: str) -> click.Command:
    @click.command("disarm", help=f"Disarm the {kind} with this ID, or --all.")
    @click.argument("rule", metavar="ID", required=False)
    @click.option("--all", "everything", is_flag=True, help="All of the account, or without --key all of everybody.")
    @with_remote
    @as_json
    def disarming(remote: Remote, rule: str | None, everything: bool, as_json: bool) -> None:
        if everything == bool(rule):
            raise click.UsageError(f"name the {kind} by its ID, or say --all", click.get_current_context())
        told = remote.delete(f"{kind}s", *([rule] if rule else []))
        if as_json:
            print_json({"disarmed": told["disarmed"]})
        else:
            click.echo(f"disarmed {told['disarmed']}")

    return disarming


def _cells(kind: str, row: Mapping[str, Any]) -> dict[str, str]:
    """A rule, with what narrows it down in one cell."""
    only = {name: row[name] for name, wide in _WIDE.items() if row[name] != wide}
    told = (f"{name} {value if isinstance(value, str) else json.dumps(value)}" for name, value in only.items())
    return {"id": row["id"], "for": row["for"], "rule": plain(row[kind]), "only": plain(", ".join(told))}


def _usage(row: Mapping[str, Any]) -> dict[str, str]:
    """How what there is is written, and what it does."""
    usage = row.get("usage") or row["name"] + (f": {row['argument'].upper()}" if row["argument"] else "")
    return {"usage": usage, "about": row["about"]}


scenario = _rules("scenario", "Have jobs go otherwise than usual.", "'slow: 90s'", _input, _model)
fault = _rules("fault", "Have requests answered otherwise than usual.", "'status: 503'", _operation)

"""`screentest spend` and `screentest reset`: what was not spent, and a fresh start."""

from __future__ import annotations

import click

from screentest.commands.options import as_json, with_remote
from screentest.commands.printing import print_json
from screentest.commands.remote import Remote


@click.command()
@with_remote
@as_json
def spend(remote: Remote, as_json: bool) -> None:
    """Print what the jobs would have cost, model by model."""
    told = remote.get("spend")
    if as_json:
        print_json(told)
        return
    from screentest.listings import not_spent
    from screentest.store import Spend

    click.echo(not_spent([Spend(account="", **row) for row in told["models"]]) or "no jobs\n", nl=False)


@click.command()
@click.option("--only", multiple=True, metavar="PART", help="Only jobs, scenarios, faults or journal; repeatable.")
@click.option("--yes", is_flag=True, help="Do not ask before forgetting every account.")
@with_remote
@as_json
def reset(remote: Remote, only: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Forget the account, or without --key all of them, with jobs, callbacks, rules, settings and clock."""
    whose = "the account" if remote.key else "every account"
    if not remote.key and not yes:
        _sure(f"Forget {', '.join(only) or 'everything'} of {whose} at {remote.url}?")
    told = remote.post("reset", body={"only": list(only)} if only else {})
    if as_json:
        print_json(told)
    else:
        click.echo(f"forgotten of {whose}: {', '.join(told['forgotten'])}")


def _sure(question: str) -> None:
    """ClickException unless the person says yes."""
    try:
        sure = click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        sure = False
    if not sure:
        raise click.ClickException("nothing was forgotten: say yes, or pass --yes, or --key for one account")

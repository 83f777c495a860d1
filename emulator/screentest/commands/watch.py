"""`screentest watch`: what happens on a server, line by line."""

from __future__ import annotations

import json

import click

from screentest.commands.happenings import happened
from screentest.commands.options import as_json, with_remote
from screentest.commands.printing import say
from screentest.commands.remote import LostServerError, Remote


@click.command()
@with_remote
@as_json
def watch(remote: Remote, as_json: bool) -> None:
    """Print what happens as it happens, until Ctrl-C: requests, changes of status, callbacks."""
    try:
        with remote.following() as events:
            click.echo(f"watching {remote.url}, Ctrl-C stops", err=True)
            for kind, data in events:
                if as_json:
                    click.echo(json.dumps({"kind": kind, **data}))
                else:
                    say(happened(kind, data, data["account"] or "-"))
    except LostServerError:
        pass
    click.echo(f"the server at {remote.url} went away", err=True)

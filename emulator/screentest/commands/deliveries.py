"""`screentest deliveries`, `resend` and `trigger`: the callbacks that were made, the same again, one of your own."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from screentest.commands.options import as_json, limit, provider, with_remote
from screentest.commands.printing import moment, plain, print_json, print_listing
from screentest.commands.remote import Remote
from screentest_contracts.load import PROVIDERS

if TYPE_CHECKING:
    from screentest.listings import Listing


class _Body(click.ParamType[Any]):
    """JSON, as it is, in a file as @FILE, or on standard input as -."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            if value == "-":
                value = sys.stdin.buffer.read()
            elif value.startswith("@"):
                value = Path(value[1:]).read_bytes()
            return json.loads(value)
        except OSError as error:
            self.fail(f"{value[1:]}: {error.strerror}", param, ctx)
        except (ValueError, RecursionError) as error:
            self.fail(f"not JSON: {error}", param, ctx)


@click.command()
@click.argument("delivery", required=False)
@provider
@click.option("--job", default=None, help="The id of a job.")
@click.option("--state", default=None, type=click.Choice(("pending", "delivered", "given-up")))
@limit
@with_remote
@as_json
def deliveries(remote: Remote, delivery: str | None, as_json: bool, **filters: Any) -> None:
    """List the callbacks owed and made, oldest first, or tell all about the one with the id DELIVERY."""
    if delivery is None:
        print_listing(listed(remote.get("deliveries", **filters)["deliveries"]), as_json, "no deliveries")
    else:
        _print(remote.get("deliveries", delivery), as_json)


@click.command()
@click.argument("delivery")
@with_remote
@as_json
def resend(remote: Remote, delivery: str, as_json: bool) -> None:
    """Make the same callback once more, now, to the same receiver."""
    _print(remote.post("deliveries", delivery, "resend"), as_json)


@click.command()
@click.argument("provider", type=click.Choice(PROVIDERS))
@click.argument("receiver", metavar="URL")
@click.option("--body", required=True, type=_Body(), metavar="JSON|@FILE|-", help="What to send; - is standard input.")
@click.option("--job", default=None, help="The id of the job that the callback is about.")
@with_remote
@as_json
def trigger(remote: Remote, provider: str, receiver: str, body: Any, job: str | None, as_json: bool) -> None:
    """Make a callback with data of your own to URL, signed and repeated as PROVIDER does."""
    remote.one_account("a callback is signed for an account")
    wish = {"provider": provider, "url": receiver, "body": body} | ({"job": job} if job else {})
    _print(remote.post("deliveries", body=wish), as_json)


def listed(rows: Sequence[Mapping[str, Any]]) -> Listing:
    """Deliveries as the control API gives them, as a table."""
    from screentest.listings import Listing

    return Listing(rows, ("delivery", "provider", "job", "state", "due", "attempts", "url", "last"), _cells)


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    attempts = row["attempts"]
    return {
        "delivery": row["id"],
        "provider": row["provider"],
        "job": plain(row["job"]),
        "state": row["state"],
        "due": moment(row["due"]),
        "attempts": len(attempts),
        "url": plain(row["url"]),
        "last": _outcome(attempts[-1]) if attempts else "",
    }


def _print(delivery: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(delivery)
        return
    of = f" about job {delivery['job']}" if delivery["job"] else ""
    lines = [f"delivery {delivery['id']} of {delivery['provider']}{of}: {delivery['state']}", f"  to {delivery['url']}"]
    lines += [f"  {moment(one['at'])}  {_outcome(one)} in {one['milliseconds']} ms" for one in delivery["attempts"]]
    lines += [f"  {moment(delivery['due'])}  next attempt"] if delivery["due"] is not None else []
    lines += [f"  body {delivery['body']}"] if delivery["body"] is not None else []
    click.echo("\n".join(map(plain, lines)))


def _outcome(attempt: Mapping[str, Any]) -> str:
    return str(attempt["status"]) if attempt["status"] is not None else plain(attempt["error"])

"""`screentest requests` and `screentest explain`: what was asked, what was answered, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from screentest.commands.happenings import answer, notes
from screentest.commands.options import as_json, limit, provider, with_remote
from screentest.commands.printing import moment, plain, print_json, print_listing, shortened
from screentest.commands.remote import Remote

if TYPE_CHECKING:
    from screentest.listings import Listing

_LONGEST_TARGET = 70
_LONGEST_BODY = 2000


@click.command()
@provider
@click.option("--operation", default=None, help="The contract's name for it, such as `create`.")
@click.option("--status", default=None, type=click.IntRange(0, 599), help="0: the connection was broken on purpose.")
@click.option("--job", default=None, help="The id of a job.")
@limit
@with_remote
@as_json
def requests(remote: Remote, as_json: bool, **filters: Any) -> None:
    """List the requests that came, oldest first; `explain NUMBER` tells all about one."""
    print_listing(listed(remote.get("requests", **filters)["requests"]), as_json, "no requests")


@click.command()
@click.argument("number", type=click.IntRange(1))
@with_remote
@as_json
def explain(remote: Remote, number: int, as_json: bool) -> None:
    """Tell why a request was refused: the rules that it broke, and how they are known."""
    told = remote.get("requests", str(number))
    if as_json:
        print_json(told)
    else:
        click.echo("\n".join(map(plain, _story(told))))


def listed(rows: Sequence[Mapping[str, Any]]) -> Listing:
    """Requests as the control API gives them, as a table."""
    from screentest.listings import Listing

    return Listing(rows, ("number", "at", "account", "request", "answer", "job", "notes"), _cells)


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": row["number"],
        "at": moment(row["at"] or row["wall"]),
        "account": plain(row["account"]),
        "request": shortened(plain(f"{row['method']} {row['target']}"), _LONGEST_TARGET),
        "answer": answer(row),
        "job": plain(row["job"]),
        "notes": notes(row),
    }


def _story(told: Mapping[str, Any]) -> Iterator[str]:
    """The lines about one request."""
    yield f"request {told['number']} of {told['account'] or 'nobody'}, {moment(told['at'] or told['wall'])}"
    yield f"  {told['method']} {told['target']} ({told['provider']}, {told['operation'] or 'no operation'})"
    yield from (f"  {name} {told[name]}" for name in ("model", "job", "scenario", "faults") if told[name])
    yield from _body("sent", told["body"])
    yield f"answered {answer(told)} in {told['milliseconds']:.1f} ms"
    yield from _body("body", told["answer"])
    if told["explain"]:
        yield from _why(told["explain"])
    else:
        yield "not refused" + (", but a fault was in the way" if told["faults"] else "")


def _body(name: str, value: Any) -> Iterator[str]:
    if value is not None:
        yield f"  {name} {shortened(json.dumps(value, ensure_ascii=False), _LONGEST_BODY)}"


def _why(why: Mapping[str, Any]) -> Iterator[str]:
    asked = ", because it was asked for" if why["asked"] else ""
    yield f"refused as {why['failure']}{asked}: {why['meaning']}" + (f"; {why['detail']}" if why["detail"] else "")
    yield from _fact(why["answered"])
    for rule in why["rules"]:
        yield f"  {rule['field'] or 'the body'}: {rule['rule']} {rule['want']}, got {rule['got'] or 'nothing'}"
        yield from _fact(rule["fact"])


def _fact(fact: Mapping[str, Any] | None) -> Iterator[str]:
    """The fact behind something, and how it is known."""
    if fact is not None:
        source = " ".join(fact[name] for name in ("title", "url") if fact.get(name)) or fact["source"]
        yield f"    {fact['how']}: {source}"
        yield f"    {fact['at']}"

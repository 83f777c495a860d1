"""`screentest jobs`: the jobs of a server, and one of them in full."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from screentest.commands import deliveries, requests
from screentest.commands.options import as_json, limit, provider, with_remote
from screentest.commands.printing import dollars, moment, plain, print_json, print_listing, shortened
from screentest.commands.remote import Remote

_COLUMNS = ("job", "provider", "model", "state", "submitted", "ends", "account", "cost", "prompt")
_LONGEST_PROMPT = 40


@click.command()
@click.argument("job", required=False)
@provider
@click.option("--state", default=None, help="The provider's word for it, or queue, run or end.")
@click.option("--model", default=None)
@click.option("--text", default=None, help="What the model's name, the id or the prompt contains.")
@limit
@with_remote
@as_json
def jobs(remote: Remote, job: str | None, as_json: bool, **filters: Any) -> None:
    """List the jobs, newest first, or tell all about the one with the id JOB."""
    from screentest.listings import Listing

    if job is None:
        print_listing(Listing(remote.get("jobs", **filters)["jobs"], _COLUMNS, _cells), as_json, "no jobs")
    elif any(value is not None for value in filters.values()):
        raise click.UsageError("JOB names one job; leave out the other options", click.get_current_context())
    elif as_json:
        print_json(remote.get("jobs", job))
    else:
        click.echo("\n".join(map(plain, _page(remote.get("jobs", job)))))


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    ends = row["ends"]
    return {
        "job": row["id"],
        "provider": row["provider"],
        "model": row["model"],
        "state": row["state"],
        "submitted": moment(row["submitted"]),
        "ends": "" if row["outcome"] else "not known" if ends is None else f"in {ends - row['now']:.1f} s",
        "account": plain(row["account"]),
        "cost": dollars(row["cost"]),
        "prompt": shortened(plain(row["prompt"]), _LONGEST_PROMPT),
    }


def _page(job: Mapping[str, Any]) -> Iterator[str]:
    """The lines about one job."""
    yield f"job {job['id']} of {job['account']}"
    yield f"  {job['provider']} {job['model']}"
    yield f"  {job['outcome'] or job['state']}, submitted {moment(job['submitted'])}, cost {dollars(job['cost'])}"
    yield f"  input {json.dumps(job['input'], ensure_ascii=False)}"
    yield ""
    yield from _timeline(job)
    for amendment in job["amendments"]:
        data = json.dumps(amendment["data"], ensure_ascii=False)
        yield f"  {moment(amendment['at'])}  {amendment['kind']} {data}"
    for output in job["outputs"]:
        yield f"  {output['type']} {output['url']}"
    for listing in (deliveries.listed(job["deliveries"]), requests.listed(job["requests"])):
        if listing.rows:
            yield ""
            yield from listing.text().splitlines()


def _timeline(job: Mapping[str, Any]) -> Iterator[str]:
    """Each state with the seconds from the submit to its begin, and where now is among them."""
    now = {"at": job["now"], "state": "now", "mark": ">"}
    for step in sorted((*job["timeline"], now), key=lambda step: float(step["at"])):
        yield f"{step.get('mark', ''):>3} {step['at'] - job['submitted']:+10.1f} s  {step['state']}"

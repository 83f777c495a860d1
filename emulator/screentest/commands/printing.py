"""How commands print: listings, JSON, moments of an account's time, and other people's text."""

from __future__ import annotations

import json
import math
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from screentest.listings import Listing


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_listing(listing: Listing, as_json: bool, none: str = "") -> None:
    """A table for people, or the line `none` when it would be empty; JSON for programs."""
    if as_json:
        print_json(listing.rows)
    elif listing.rows or not none:
        click.echo(listing.text(), nl=False)
    else:
        click.echo(none)


def say(line: str) -> None:
    """Print a line that may be styled; a file, a pipe and people who set NO_COLOR get it plain."""
    click.echo(line, color=False if os.environ.get("NO_COLOR") else None)


def moment(at: float | None) -> str:
    """Unix seconds as date and time, UTC, to the millisecond: 2026-11-21 16:30:22.291; "" for None."""
    if at is None:
        return ""
    whole = math.floor(at * 1000)
    return f"{datetime.fromtimestamp(whole // 1000, UTC):%Y-%m-%d %H:%M:%S}.{whole % 1000:03}"


def plain(text: str) -> str:
    """Text that a caller of the server wrote, without what would break a line or steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def dollars(amount: str | float | None) -> str:
    """A price in US dollars, as text or number; None is not known."""
    return "unknown" if amount is None else f"${float(amount):.2f}"

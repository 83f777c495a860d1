"""Reports that commands write beside what they print: ``--report FORMAT=PATH``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

import click

from screentest.errors import SetupError

FORMATS = ("text", "json", "junit", "sarif", "markdown", "github")
"""What can be asked for. Every command's reports have all of them; naming them here spares loading those."""
_STDOUT = "-"
_UNWRITTEN = 2

Reports = tuple[tuple[str, str], ...]
"""Formats with the paths that they go to; "-" is standard output."""


def _read(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> Reports:
    found = []
    for one in value:
        form, equals, path = one.partition("=")
        if form not in FORMATS or not equals or not path:
            raise click.BadParameter(f"expected FORMAT=PATH with one of {', '.join(FORMATS)}, got {one!r}", ctx)
        found.append((form, path))
    return tuple(found)


report_option = click.option(
    "--report",
    "reports",
    multiple=True,
    callback=_read,
    metavar="FORMAT=PATH",
    help=f"Also write a report: {', '.join(FORMATS)}; PATH may be -; repeatable.",
)


def publish(printed: str, reports: Reports, render: Callable[[str], str]) -> list[str]:
    """Print, and write the reports that were asked for; what goes to standard output has it for itself. What could not
    be written, a line each."""
    click.echo(printed, nl=False, err=any(path == _STDOUT for _, path in reports))
    problems: list[str] = []
    for form, path in reports:
        if path == _STDOUT:
            click.echo(render(form), nl=False)
        else:
            problems += tried(save_text, Path(path), render(form), f"--report {form}={path}")
    return problems


def tried(write: Callable[..., object], *args: object) -> list[str]:
    """Write something; why that cannot be done, if so. What a run has found is not lost for one file."""
    try:
        write(*args)
    except SetupError as error:
        return [str(error)]
    return []


def end(code: int, problems: Iterable[str]) -> NoReturn:
    """End the command. What could not be written is told on standard error, a line each, and is exit code 2 where the
    command would have ended well: what it found is worse."""
    told = list(problems)
    for line in told:
        click.echo(f"screentest: {line}", err=True)
    sys.exit(code or (_UNWRITTEN if told else 0))


def save_text(path: Path, text: str, said: str = "") -> None:
    """Write a file, and the folders around it. SetupError where that cannot be done; `said` is what the user calls the
    file, its path when empty."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{said or path}: cannot be written: {error.strerror}") from None

"""The commands `ingest` and `drift`: pages to contracts, and what has changed since."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from screentest.errors import SetupError
from screentest_contracts.load import PROVIDERS

if TYPE_CHECKING:
    from screentest_contracts.drift.outcome import Outcome

_PAGE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("page", type=_PAGE)
@click.option(
    "--provider", default=None, type=click.Choice(PROVIDERS), help="Whose page it is.  [default: as it looks]"
)
@click.option("--source", default=None, metavar="ID", help="Id of the page among the provider's sources.")
@click.option(
    "--out", default=None, type=click.Path(file_okay=False, path_type=Path), help="A folder to write the file to."
)
def ingest(page: Path, provider: str | None, source: str | None, out: Path | None) -> None:
    """Turn a saved documentation page into a model's contract file, for review.

    Prints the file; what could not be read, and what to look at before committing, goes to stderr.
    """
    import json

    from screentest_contracts.ingest import PageError, open_page
    from screentest_contracts.ingest import ingest as read
    from screentest_contracts.ingest.model_file import model_file

    try:
        fragment = read(open_page(page), provider)
    except PageError as error:
        raise SetupError(str(error)) from None
    made = model_file(fragment, source)
    text = json.dumps(made.document, indent=2, ensure_ascii=False)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / made.name).write_text(text + "\n", encoding="utf-8")
        click.echo(str(out / made.name))
    else:
        click.echo(text)
    for remark in fragment.unread:
        click.echo(f"unread: {remark}", err=True)
    for remark in made.review:
        click.echo(f"review: {remark}", err=True)
    click.echo(f"source: {json.dumps(made.source, ensure_ascii=False)}", err=True)


@click.group()
def drift() -> None:
    """Compare what we know of a provider with what is said now."""


def reporting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that every comparison has."""
    from screentest_contracts.drift.classes import LEVELS
    from screentest_contracts.drift.report import FORMATS

    command = click.option(
        "--fail-on", default="risky", show_default=True, type=click.Choice(LEVELS), help="Exit 1 from this severity on."
    )(command)
    return click.option("--format", "form", default="text", show_default=True, type=click.Choice(FORMATS))(command)


@drift.command("docs")
@click.argument("provider", metavar="PROVIDER", type=click.Choice(PROVIDERS))
@click.argument("pages", metavar="PAGE...", nargs=-1, required=True, type=_PAGE)
@reporting
def drift_docs(provider: str, pages: tuple[Path, ...], form: str, fail_on: str) -> None:
    """Compare our contract with saved pages, OpenAPI documents or lists of models of its provider."""
    from screentest_contracts.drift.sides import compare_documents

    _finish(lambda: compare_documents(provider, pages), form, fail_on)


@drift.command("diff")
@click.argument("old")
@click.argument("new")
@reporting
def drift_diff(old: str, new: str, form: str, fail_on: str) -> None:
    """Compare two contracts (folders, files, a provider's name for ours), two OpenAPI documents, or two pages."""
    from screentest_contracts.drift.sides import compare_sides

    _finish(lambda: compare_sides(old, new), form, fail_on)


def _finish(compare: Callable[[], Outcome], form: str, fail_on: str) -> None:
    """Prints the report and ends: 0 no drift that matters, 1 drift, 2 something that cannot be read."""
    from screentest_contracts.drift.report import report
    from screentest_contracts.ingest import PageError

    try:
        outcome = compare()
    except PageError as error:
        raise SetupError(str(error)) from None
    click.echo(report(outcome, form), nl=False)
    sys.exit(1 if outcome.fails(fail_on) else 0)

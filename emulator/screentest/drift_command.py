"""The commands `ingest` and `drift`: pages to contracts, and what has changed since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from screentest.commands.options import Group, with_options
from screentest.commands.reports import FORMATS, Reports, end, publish, report_option, save_text, tried
from screentest.errors import SetupError
from screentest_contracts.drift.classes import LEVELS
from screentest_contracts.load import PROVIDERS, load
from screentest_contracts.plain_text import printable

if TYPE_CHECKING:
    from screentest_contracts.drift.outcome import Outcome
    from screentest_contracts.drift.propose import Proposal

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
@click.option("--overwrite", is_flag=True, help="Replace a file that is there; what was reviewed in it is lost.")
def ingest(page: Path, provider: str | None, source: str | None, out: Path | None, overwrite: bool) -> None:
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
        if (out / made.name).exists() and not overwrite:
            raise SetupError(f"--out {out}: there is a {made.name}; compare with it (drift docs), or pass --overwrite")
        save_text(out / made.name, text + "\n")
        click.echo(str(out / made.name))
    else:
        click.echo(text)
    for remark in fragment.unread:
        click.echo(f"unread: {remark}", err=True)
    for remark in made.review:
        click.echo(f"review: {remark}", err=True)
    click.echo(f"source: {json.dumps(made.source, ensure_ascii=False)}", err=True)


@click.group(cls=Group)
def drift() -> None:
    """Compare what we know of a provider with what is said now."""


reporting = with_options(
    click.option("--format", "form", default="text", show_default=True, type=click.Choice(FORMATS)),
    report_option,
    click.option(
        "--fail-on", default="risky", show_default=True, type=click.Choice(LEVELS), help="Exit 1 from this severity on."
    ),
)
"""The options that every comparison has."""

propose_option = click.option(
    "--propose",
    default=None,
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the contract's files as they would have to be, for review.",
)


@drift.command("docs")
@click.argument("provider", metavar="PROVIDER", type=click.Choice(PROVIDERS))
@click.argument("pages", metavar="PAGE...", nargs=-1, required=True, type=_PAGE)
@reporting
@propose_option
def drift_docs(provider: str, pages: tuple[Path, ...], propose: Path | None, **options: Any) -> None:
    """Compare our contract with saved pages, OpenAPI documents or lists of models of its provider.

    Exit codes: 0 no drift, 1 drift, 2 wrong use or unreadable.
    """
    from screentest_contracts.drift.sides import compare_documents

    outcome = _compared(lambda: compare_documents(provider, pages))
    more = (lambda: _propose(provider, outcome, pages, propose)) if propose else list
    _finish(f"screentest drift docs {provider}", outcome, more, **options)


@drift.command("diff")
@click.argument("old")
@click.argument("new")
@reporting
def drift_diff(old: str, new: str, **options: Any) -> None:
    """Compare two contracts (folders, files, a provider's name for ours), two OpenAPI documents, or two pages.

    Exit codes: 0 no drift, 1 drift, 2 wrong use or unreadable.
    """
    from screentest_contracts.drift.sides import compare_sides

    _finish("screentest drift diff", _compared(lambda: compare_sides(old, new)), list, file=_uri(Path(new)), **options)


def _uri(path: Path) -> str:
    """The URI of a file: relative to the current folder where it is in there."""
    if path.is_absolute() and not path.is_relative_to(Path.cwd()):
        return path.as_uri()
    return quote((path.relative_to(Path.cwd()) if path.is_absolute() else path).as_posix())


def _compared(compare: Callable[[], Outcome]) -> Outcome:
    """SetupError where a side cannot be read."""
    from screentest_contracts.ingest import PageError

    try:
        return compare()
    except PageError as error:
        raise SetupError(str(error)) from None


def _propose(provider: str, outcome: Outcome, pages: tuple[Path, ...], folder: Path) -> list[str]:
    """The contract as the pages have it, said to be documented today. What could not be written, a line each."""
    from screentest_contracts.drift.propose import Origin, Seen, propose

    title = f"Saved pages: {', '.join(sorted(page.name for page in pages))}"
    origin = Origin(how="documented", title=title, url="", date=datetime.now(UTC).date().isoformat())
    return save_proposal(propose(load(provider), [Seen(drift=one) for one in outcome.drifts], origin), folder)


def save_proposal(made: Proposal, folder: Path) -> list[str]:
    """Write the files of a proposal; what is in them, and what is not, goes to standard error. What could not be
    written, a line each."""
    problems: list[str] = []
    for name, text in made.files.items():
        problems += tried(save_text, folder / name, text, f"--propose {folder / name}")
    for remark in () if problems else made.review or ("nothing drifted, and nothing is proposed",):
        click.echo(printable(f"review: {remark}"), err=True)
    return problems


def _finish(
    title: str,
    outcome: Outcome,
    more: Callable[[], list[str]],
    form: str,
    reports: Reports,
    fail_on: str,
    file: str = "",
) -> None:
    """Prints the report, does what there is more to do, and ends: 0 no drift that matters, 1 drift. `file` is the URI
    of what was compared, where it is no contract of ours."""
    from screentest.verify.reports.of_drift import FORMATS as MACHINES
    from screentest.verify.reports.of_drift import Telling
    from screentest_contracts.drift.meanings import OF_DOCUMENTS
    from screentest_contracts.drift.report import report

    code = 1 if outcome.fails(fail_on) else 0
    telling = Telling(title=title, outcome=outcome, classes=tuple(OF_DOCUMENTS), bar=fail_on, exit_code=code, file=file)

    def render(name: str) -> str:
        return MACHINES[name](telling) if name in MACHINES else report(outcome, name)

    end(code, [*publish(render(form), reports, render), *more()])

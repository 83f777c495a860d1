"""The generated parts of the docs. ``python tests/docs/tables.py`` writes them; a test fails when they are stale."""

from __future__ import annotations

import re
from pathlib import Path

import click

from screentest.cli import main
from screentest.control import ROUTES
from screentest.faults import FAULTS
from screentest.scenario import shipped
from screentest_contracts.load import PROVIDERS, assumptions, load
from screentest_contracts.provenance import HOW

DOCS = Path(__file__).parents[2] / "docs"


def endpoints() -> str:
    """Provider, endpoint, status and how we know it; then the facts of each contract, counted by how they are known."""
    lines = ["| provider | endpoint | what | status | known as |", "| --- | --- | --- | --- | --- |"]
    for name in PROVIDERS:
        contract = load(name)
        known = {fact.at: fact.provenance.how for fact in contract.facts()}
        for number, operation in enumerate(contract.provider.operations.values()):
            how = known[f"{name}/provider.json#/operations/{number}/path"]
            endpoint = f"`{operation.method} {operation.path}`"
            lines.append(f"| {name} | {endpoint} | {operation.summary} | emulated | {how} |")
        for absence in contract.provider.absent:
            lines.append(f"| {name} | `{absence.endpoint}` | {absence.why} | {absence.status} | |")
    lines += ["", f"| provider | {' | '.join(HOW)} |", "| --- |" + " ---: |" * len(HOW)]
    for name in PROVIDERS:
        counted = [fact.provenance.how for fact in load(name).facts()]
        lines.append(f"| {name} | {' | '.join(str(counted.count(how)) for how in HOW)} |")
    counts = [f"{len(load(name).model_ids)} of {load(name).provider.title}" for name in PROVIDERS]
    lines += ["", "The second table counts the facts of each contract by how they are known."]
    return "\n".join([*lines, f"Models with a known schema: {', '.join(counts)}."])


def serve_options() -> str:
    """Every option of `serve` with its variable."""
    lines = ["| option | variable | default | meaning |", "| --- | --- | --- | --- |"]
    for option in main.commands["serve"].params:
        assert isinstance(option, click.Option)
        default = option.default if isinstance(option.default, str | int | float) else ""
        lines.append(f"| `{option.opts[0]}` | `{option.envvar}` | {default} | {option.help or ''} |")
    return "\n".join(lines)


def scenarios() -> str:
    """Every shipped scenario with its argument."""
    lines = ["| name | argument | what happens |", "| --- | --- | --- |"]
    lines += [
        f"| `{one.name}` | {f'`{one.argument}`' if one.argument else ''} | {one.about} |" for one in shipped().values()
    ]
    return "\n".join(lines)


def faults() -> str:
    """Every fault as it is written."""
    lines = ["| fault | what happens |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| `{kind.usage}` | {_sentence(kind)} |" for kind in FAULTS.values())])


def control_routes() -> str:
    """Every route below /_control with its methods."""
    lines = ["| methods | route | what it does |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {methods} | `{path}` | {_sentence(what)} |" for methods, path, what in ROUTES)])


def _sentence(thing: object) -> str:
    """A docstring's first paragraph on one line."""
    return " ".join((thing.__doc__ or "").partition("\n\n")[0].split())


def assumptions_page() -> str:
    """docs/assumptions.md, whole."""
    parts = [
        "# Assumptions",
        "",
        "Where the providers' pages are silent or contradict each other, the emulator does what stands under",
        "*default*.",
        "Each is a switch: `screentest serve --assume ID=CHOICE`, or `assume = [...]` in `screentest.toml`.",
        "This page is generated.",
    ]
    for assumption in assumptions().values():
        choices = ", ".join(f"`{choice}`" for choice in assumption.alternatives) or "none"
        parts += [
            "",
            f"## {assumption.id}",
            "",
            assumption.question,
            "",
            f"- default: `{assumption.default}`; alternatives: {choices}",
            f"- evidence: {assumption.evidence}",
        ]
        if assumption.pending:
            parts.append(f"- no effect yet: {assumption.pending}")
    return "\n".join(parts) + "\n"


def rewritten(page: str, name: str, table: str) -> str:
    """`page` with the generated part `name` replaced by `table`."""
    pattern = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    assert pattern.search(page), f"no generated part {name!r}"
    return pattern.sub(lambda found: f"{found[1]}{table}\n{found[2]}", page)


def pages() -> dict[Path, str]:
    """Every page with generated parts, as it should be."""
    parts = {
        "providers.md": ("endpoints", endpoints()),
        "serve.md": ("serve options", serve_options()),
        "scenarios.md": ("scenarios", scenarios()),
        "faults.md": ("faults", faults()),
        "control.md": ("routes", control_routes()),
    }
    found = {DOCS / page: rewritten((DOCS / page).read_text("utf-8"), *part) for page, part in parts.items()}
    return found | {DOCS / "assumptions.md": assumptions_page()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")

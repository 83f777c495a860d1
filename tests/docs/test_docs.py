"""The docs are true: examples run, generated parts are fresh, everything that exists is mentioned."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.routing import Route

from docs.tables import DOCS, pages
from driving import Emulator
from screentest.cli import main
from screentest.paces import PACES
from screentest.scenario import shipped
from screentest.scenario.value import KEYS
from screentest.server import Running
from screentest_contracts.load import PROVIDERS, load

ROOT = DOCS.parent
TEXTS = {path: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted(DOCS.glob("*.md")))}
SNIPPETS = [
    pytest.param(code, id=f"{path.stem}-{number}")
    for path, text in TEXTS.items()
    for number, code in enumerate(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
]
EVERYTHING = "\n".join(TEXTS.values())


@pytest.mark.slow
@pytest.mark.parametrize("code", SNIPPETS)
def test_python_examples_run(code: str, tmp_path: Path) -> None:
    """Each Python block of README and docs runs by itself, in an empty folder."""
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=tmp_path, check=True, timeout=60)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_javascript_example_runs(server: Running, tmp_path: Path) -> None:
    """The block on the JavaScript page prints success and a link."""
    (code,) = re.findall(r"```js\n(.*?)```", TEXTS[DOCS / "javascript.md"], re.DOTALL)
    (tmp_path / "example.mjs").write_text(code)
    environment = {"HIAPI_BASE_URL": server.base_url("hiapi"), "PATH": str(Path(shutil.which("node") or "").parent)}

    printed = subprocess.run(
        ["node", "example.mjs"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=60
    ).stdout

    assert printed.startswith("success http://127.0.0.1:")


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_generated_parts_are_fresh(path: Path) -> None:
    """`python tests/docs/tables.py` would change nothing."""
    assert path.read_text(encoding="utf-8") == pages()[path]


def test_every_command_is_documented() -> None:
    """README and docs mention each command of `screentest`."""
    assert [name for name in main.commands if f"screentest {name}" not in EVERYTHING] == []


def test_every_scenario_is_documented() -> None:
    """The page on scenarios has each that ships, each key of a file, and each pace."""
    page = TEXTS[DOCS / "scenarios.md"]
    assert [name for name in (*shipped(), *KEYS, *PACES) if f"`{name}`" not in page] == []


def test_every_control_route_is_documented() -> None:
    """README and docs mention each route below /_control."""
    routes = [route.path for route in Emulator().app.routes if isinstance(route, Route)]
    control = {path for path in routes if path.startswith("/_control")}

    assert control
    assert sorted(path for path in control if path not in EVERYTHING) == []


def test_the_readme_counts_the_models() -> None:
    """The README says how many models there are, in all and for each provider."""
    runcomfy, runflow, hiapi = (len(load(name).model_ids) for name in PROVIDERS)

    said = f"{runcomfy + runflow + hiapi} models with a known schema are served:"
    assert f"{said} {runcomfy} of RunComfy, {runflow} of Runflow, {hiapi} of HiAPI" in TEXTS[ROOT / "README.md"]


def test_links_between_pages_arrive() -> None:
    """Each relative link in README and docs names a file that exists."""
    for path, text in TEXTS.items():
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (path.parent / target).exists(), f"{path.name}: {target}"

"""Reports of drift in the formats of `verify`, by the same writers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from screentest.cli import main
from screentest.commands.reports import FORMATS
from screentest.verify.drifting import Live, rendered
from screentest.verify.reports import FORMATS as VERDICTS
from screentest.verify.reports.of_drift import FORMATS as MACHINES
from screentest.verify.reports.of_drift import Telling
from screentest_contracts.drift.behaviour_classes import BEHAVIOUR, UNOBSERVED
from screentest_contracts.drift.classes import SEVERITY
from screentest_contracts.drift.difference import Difference, judged
from screentest_contracts.drift.meanings import MEANINGS, OF_BEHAVIOUR, OF_DOCUMENTS
from screentest_contracts.drift.outcome import Outcome, Unread
from screentest_contracts.drift.report import FORMATS as PEOPLE
from screentest_contracts.load import PROVIDERS
from screentest_contracts.plain_text import cell

PAGE = Path(__file__).parents[2] / "fixtures" / "pages" / "hiapi-happyhorse-1.1-reference-to-video.txt"
CHANGES = {"3-15": "3-10", "enum: 720p1080p": "enum: 720p1080p4k", "Seconds": "In seconds"}


def call(*args: str | Path) -> Result:
    return CliRunner().invoke(main, ["drift", *(str(arg) for arg in args)])


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """HiAPI's page with a smaller limit and a value more."""
    text = PAGE.read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        text = text.replace(old, new)
    made = tmp_path / "page.txt"
    made.write_text(text, encoding="utf-8")
    return made


def telling(*pointers: str, provider: str = "hiapi", **more: object) -> Telling:
    drifts = [
        judged(Difference(kind="default-changed", pointer=one, old=1, new="<\x1b|`"), provider, None)
        for one in pointers
    ]
    outcome = Outcome(drifts=tuple(drifts))
    known = {
        "outcome": outcome,
        "title": "screentest drift docs hiapi",
        "classes": tuple(OF_DOCUMENTS),
        "bar": "risky",
        "exit_code": 1,
    }
    return Telling(**{**known, **more})  # type: ignore[arg-type]


def test_junit_has_a_case_for_each_class(page: Path) -> None:
    """Those that drifted at or above the bar fail; the counts are those of the elements."""
    suite = ElementTree.fromstring(call("docs", "hiapi", page, "--format", "junit", "--fail-on", "breaking").stdout)[0]
    failed = {case.attrib["name"] for case in suite.findall("testcase") if case.find("failure") is not None}

    assert failed == {"bound-tightened"}
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase")) == len(OF_DOCUMENTS)
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase[failure]")) == 1
    assert {case.attrib["classname"] for case in suite} == {"screentest.drift.docs.hiapi"}


def test_sarif_has_what_its_schema_requires(page: Path) -> None:
    """Rules that are known, levels, places in our contract, fingerprints, and the exit code."""
    told = call("docs", "hiapi", page, "--format", "sarif")
    log = json.loads(told.stdout)
    (run,) = log["runs"]
    rules = {rule["id"]: rule["shortDescription"]["text"] for rule in run["tool"]["driver"]["rules"]}

    assert log["version"] == "2.1.0"
    assert run["invocations"][0]["exitCode"] == told.exit_code == 1
    assert {one["ruleId"]: one["level"] for one in run["results"]} == {
        "bound-tightened": "error",
        "enum-value-added": "warning",
    }
    for result in run["results"]:
        assert rules[result["ruleId"]] == MEANINGS[result["ruleId"]]
        assert result["message"]["text"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri == "screentest_contracts/data/hiapi/models/happyhorse-1.1--reference-to-video.json"
        assert result["partialFingerprints"]["screentest/v1"] == result["properties"]["fingerprint"]


def test_github_annotations_are_one_line_each(page: Path) -> None:
    """With a level, a title, and line breaks escaped."""
    lines = call("docs", "hiapi", page, "--format", "github").stdout.splitlines()

    assert [line.partition(" title=")[0] for line in lines] == ["::error", "::warning"]
    assert all("%0A" in line for line in lines)


def test_reports_are_written_beside_what_is_printed(page: Path, tmp_path: Path) -> None:
    """As `verify` does: FORMAT=PATH, repeatable, folders are made, and `-` has standard output for itself."""
    files = {form: tmp_path / "made" / f"report.{form}" for form in FORMATS}
    told = call(
        "docs", "hiapi", page, *(f"--report={form}={path}" for form, path in files.items()), "--report", "json=-"
    )

    assert told.exit_code == 1
    assert len(json.loads(told.stdout)["drifts"]) == 2
    assert "2 drifts" in told.stderr
    assert all(path.read_text(encoding="utf-8") for path in files.values())


def test_what_cannot_be_written_is_told_after_the_drift(page: Path, tmp_path: Path) -> None:
    """A line each; what was found decides the exit code, and is printed before anything is written."""
    (tmp_path / "file").write_text("")
    args = [f"--report=json={tmp_path / 'file' / 'a'}", f"--report=text={tmp_path / 'b'}"]

    drifted = call("docs", "hiapi", page, *args, "--propose", tmp_path / "file" / "c")
    same = call("docs", "hiapi", PAGE, *args)

    assert (drifted.exit_code, same.exit_code) == (1, 2)
    assert "2 drifts" in drifted.stdout
    assert [line.partition(":")[0] for line in drifted.stderr.splitlines()] == ["screentest"] * 3
    assert "no drift" in (tmp_path / "b").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMATS)
def test_what_a_server_says_cannot_steer_a_report(form: str) -> None:
    """Control characters reach no report of a live run, and a cell of a table stays a cell."""
    live = Live(outcome=telling("/a|b\x1b[2J\n").outcome, where="x", remarks=("\x1b",), stopped="\x1bno")
    text = rendered(live, form, "risky", "hiapi")

    assert "\x1b" not in text
    assert form != "markdown" or "a\\|b" in text


@pytest.mark.parametrize(
    "name",
    ["a`[x](http://e.vil)", "``", "`", "a\\|[x](http://e.vil)", "\\\\|b", "|", "a\n\n[x](http://e.vil)"],
    ids=repr,
)
def test_a_name_cannot_leave_its_code_span(name: str) -> None:
    """Neither with backticks, nor with pipes that end a cell, nor with lines; and a backslash is one backslash."""
    outcome = replace(telling(f"/{name}").outcome, unread=(Unread(page="p", at=name, text="x"),))
    live = Live(outcome=outcome, where="x", remarks=(name,), stopped=name)
    told = rendered(live, "markdown", "risky", "hiapi")
    (row,) = [line for line in told.splitlines() if line.startswith("| default-changed")]
    cells = [one.replace("\\|", "|") for one in re.split(r"(?<!\\)(?:\\\\)*\|", row)[1:-1]]
    lines = [line.removeprefix("- ") for line in told.splitlines() if line.startswith("- ")]

    assert len(cells) == 6
    shown = [in_span(one.strip()) for one in (cells[1], cells[2], *lines)]
    assert shown[0].replace("\\ |", "\\|") == f"hiapi /{name}".replace("\n", " ")
    assert len(lines) == 4
    assert any(one.endswith(f": {name}".replace("\n", " ")) for one in shown[2:])


def in_span(text: str) -> str:
    """What a text that is one code span shows."""
    match = re.fullmatch(r"(?P<fence>`+)(?P<shown>[^`](.*[^`])?)(?P=fence)", text)
    assert match is not None, text
    shown = match["shown"]
    assert match["fence"] not in re.findall("`+", shown), text
    padded = shown.startswith(" ") and shown.endswith(" ") and shown.strip()
    return shown[1:-1] if padded else shown


def test_a_cell_is_no_code_and_no_link() -> None:
    """What stands in a table as text is shown as it is."""
    assert cell("a`b` [x](y) <b> | \\") == "a\\`b\\` \\[x\\](y) &lt;b> \\| \\\\"


def test_every_command_has_every_format() -> None:
    """The names that can be asked for are those that there are reports for."""
    assert set(FORMATS) == {*PEOPLE, *MACHINES} == set(VERDICTS)


@pytest.mark.parametrize("form", MACHINES)
def test_a_stopped_run_and_what_was_not_read_are_told(form: str) -> None:
    """The guard's reason is an error, an unread place is mentioned."""
    unread = Outcome(drifts=(), unread=(Unread(page="p.html", at="/input", text="a number"),))
    text = MACHINES[form](telling(outcome=unread, stopped="a job was accepted", exit_code=3))

    assert "a job was accepted" in text
    assert "a number" in text


def test_documents_that_are_nobodys_have_no_file() -> None:
    """Two OpenAPI documents of somebody else: a logical place only."""
    (result,) = json.loads(MACHINES["sarif"](telling("/paths", provider="")))["runs"][0]["results"]

    assert list(result["locations"][0]) == ["logicalLocations"]


@pytest.mark.parametrize("absolute", [False, True])
def test_documents_that_are_nobodys_are_named(absolute: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code scanning shows nothing without a file: the new one, from the current folder on."""
    monkeypatch.chdir(tmp_path)
    sides = [tmp_path / "a.json", tmp_path / "b c.json"] if absolute else [Path("a.json"), Path("b c.json")]
    for side, path in zip(sides, ("/x", "/y"), strict=True):
        side.write_text(json.dumps({"openapi": "3.1.0", "paths": {path: {"get": {"responses": {}}}}}))
    results = json.loads(call("diff", *sides, "--format", "sarif").stdout)["runs"][0]["results"]

    assert results
    for result in results:
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "b%20c.json"


@pytest.mark.parametrize(
    ("run", "kind", "skipped"),
    [
        ({}, "semantics", "not one request was made"),
        ({"requests": 9, "stopped": "no"}, "semantics", "the run was not finished"),
        ({"requests": 9, "unfinished": "no"}, "model-removed", "the run was not finished"),
        ({"requests": 9}, "callback.schema", "no job was made"),
        ({"requests": 9}, "semantics", ""),
        ({"requests": 9, "jobs": 1, "heard": False}, "callback.schema", "callbacks cannot be heard from this service"),
        ({"requests": 9, "jobs": 1}, "callback.schema", ""),
        ({"stopped": "no"}, "default-changed", ""),
    ],
)
def test_a_class_that_could_not_be_seen_is_skipped(run: dict[str, Any], kind: str, skipped: str) -> None:
    """It is not green; one that was seen to drift is told all the same."""
    live = Live(outcome=telling("/x").outcome, where="x", **run)
    suite = ElementTree.fromstring(rendered(live, "junit", "risky", "hiapi"))[0]
    (case,) = [one for one in suite.findall("testcase") if one.attrib["name"] == kind]
    said = case.find("skipped")

    assert ("" if said is None else said.attrib["message"]) == skipped
    assert (case.find("failure") is not None) == (kind == "default-changed")


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_run_without_an_end_does_not_begin_with_no_drift(form: str) -> None:
    """Why it has none comes first."""
    sound = Live(outcome=Outcome(drifts=()), where="x")
    for live in (replace(sound, stopped="enough"), replace(sound, unfinished="enough")):
        text = rendered(live, form, "risky", "hiapi")
        assert "enough" in text.splitlines()[0]
        assert "no drift in what was looked at; " in text
    assert rendered(sound, form, "risky", "hiapi").startswith("no drift; ")


def test_every_class_has_a_meaning() -> None:
    """One sentence for each class that can be reported, of documents and of behaviour."""
    assert set(OF_DOCUMENTS) == set(SEVERITY)
    assert set(OF_BEHAVIOUR) == set(BEHAVIOUR) - UNOBSERVED
    assert len(MEANINGS) == len(OF_DOCUMENTS) + len(OF_BEHAVIOUR)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_proposals_of_pages_say_so(provider: str, page: Path, tmp_path: Path) -> None:
    """`drift docs --propose` writes what the pages say, documented today; without a drift it writes nothing."""
    fixtures = PAGE.parent.glob(f"{provider}-*.txt")
    told = call("docs", provider, *([page] if provider == "hiapi" else fixtures), "--propose", tmp_path / "made")
    written = sorted((tmp_path / "made").rglob("*.json"))

    if provider == "hiapi":
        assert '"maximum": "documented:pages-' in written[0].read_text(encoding="utf-8")
        assert "review: written: hiapi/models/" in told.stderr
    else:
        assert written == []
        assert "nothing is proposed" in told.stderr

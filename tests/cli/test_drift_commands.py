"""`screentest ingest` and `screentest drift`: what they print, how they end, one line for every mistake."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from screentest.cli import main
from screentest_contracts.drift import files
from screentest_contracts.load import load
from screentest_contracts.openapi import to_openapi

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "fixtures" / "pages"
DATA = ROOT / "contracts" / "screentest_contracts" / "data"
HIAPI = PAGES / "hiapi-happyhorse-1.1-reference-to-video.txt"


def call(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def edited(tmp_path: Path, old: str, new: str) -> Path:
    """HiAPI's page with one thing changed."""
    text = HIAPI.read_text(encoding="utf-8")
    assert old in text
    page = tmp_path / "page.txt"
    page.write_text(text.replace(old, new), encoding="utf-8")
    return page


def test_ingest_prints_a_model() -> None:
    """The file on stdout and nothing else there; what to look at on stderr."""
    made = call("ingest", HIAPI)

    assert made.exit_code == 0
    assert json.loads(made.stdout)["id"] == "happyhorse-1.1/reference-to-video"
    assert "review: /example" in made.stderr
    assert '"seen": "YYYY-MM-DD"' in made.stderr
    assert "unread" not in made.stderr


def test_ingest_writes_a_model(tmp_path: Path) -> None:
    """Into a folder under the name that a contract gives it."""
    made = call("ingest", HIAPI, "--provider", "hiapi", "--source", "r2v-page", "--out", tmp_path / "models")

    written = tmp_path / "models" / "happyhorse-1.1--reference-to-video.json"
    assert made.stdout.strip() == str(written)
    assert json.loads(written.read_text(encoding="utf-8"))["from"] == "documented:r2v-page"


def test_ingest_replaces_no_file_unless_it_is_told_to(tmp_path: Path) -> None:
    """What is there was reviewed: one line, and the file as it was."""
    written = tmp_path / "happyhorse-1.1--reference-to-video.json"
    written.write_text("reviewed")

    refused = call("ingest", HIAPI, "--out", tmp_path)
    assert (refused.exit_code, refused.stderr.count("\n"), written.read_text()) == (2, 1, "reviewed")
    assert f"--out {tmp_path}: there is a {written.name}" in refused.stderr

    assert call("ingest", HIAPI, "--out", tmp_path, "--overwrite").exit_code == 0
    assert json.loads(written.read_text(encoding="utf-8"))["id"]


def test_an_openapi_document_without_paths_is_one_line(tmp_path: Path) -> None:
    """It is no service whose every endpoint went."""
    empty, whole = tmp_path / "empty.json", tmp_path / "whole.json"
    empty.write_text('{"openapi":"3.1.0"}')
    whole.write_text(json.dumps(to_openapi(load("hiapi"))))

    sides: list[list[str | Path]] = [["docs", "hiapi", empty], ["diff", whole, empty], ["diff", empty, whole]]
    for args in sides:
        told = call("drift", *args)
        assert (told.exit_code, told.stdout, told.stderr.count("\n")) == (2, "", 1)
        assert f"{empty}: an OpenAPI document without paths" in told.stderr


def test_ingest_tells_what_it_cannot_read(tmp_path: Path) -> None:
    """On stderr, with its place."""
    made = call("ingest", edited(tmp_path, "enum: 720p1080p", "enum: hqhd"))

    assert "unread: /input/properties/resolution/enum: where the values of 'hqhd' begin and end" in made.stderr


@pytest.mark.parametrize("provider", ["runcomfy", "runflow", "hiapi"])
def test_no_drift(provider: str) -> None:
    """The pages of the fixtures say what the contract says: exit 0."""
    told = call("drift", "docs", provider, *sorted(PAGES.glob(f"{provider}-*.txt")))

    assert (told.exit_code, told.stdout.partition(";")[0]) == (0, "no drift")


def test_the_json_report(tmp_path: Path) -> None:
    """The keys of a drift, and a fingerprint that repeats."""
    page = edited(tmp_path, "default 5\n", "default 8\n")
    told = [call("drift", "docs", "hiapi", page, "--format", "json") for _ in range(2)]

    report = json.loads(told[0].stdout)
    assert set(report) == {"drifts", "unread", "unverified"}
    (drift,) = report["drifts"]
    assert len(drift.pop("fingerprint")) == 16
    assert drift == {
        "class": "default-changed",
        "provider": "hiapi",
        "model": "happyhorse-1.1/reference-to-video",
        "pointer": "/input/properties/duration/default",
        "old": 5,
        "new": 8,
        "client": "risky",
        "emulator": "risky",
        "fact": "documented: r2v-page",
    }
    assert told[0].stdout == told[1].stdout
    assert told[0].exit_code == 1


@pytest.mark.parametrize(("bar", "code"), [("silent", 1), ("note", 1), ("risky", 1), ("breaking", 0)])
def test_fail_on(tmp_path: Path, bar: str, code: int) -> None:
    """Exit 1 from a severity on, for the client or for the emulator."""
    assert call("drift", "docs", "hiapi", edited(tmp_path, "5\n", "8\n"), "--fail-on", bar).exit_code == code


@pytest.mark.parametrize(("form", "said"), [("text", "news: we knew it"), ("markdown", "| class | where |")])
def test_reports_for_people(tmp_path: Path, form: str, said: str) -> None:
    """Text, and a table for an issue."""
    told = call("drift", "docs", "hiapi", edited(tmp_path, "<= 20MB", "<= 30MB"), "--format", form)

    assert said in told.stdout
    assert "20 → 30" in told.stdout


def test_a_published_document_and_a_list_are_documents_too(tmp_path: Path) -> None:
    """OpenAPI and lists of models, as JSON."""
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(to_openapi(load("runflow"))))
    models = tmp_path / "models.json"
    models.write_text(json.dumps([{"slug": name} for name in load("runflow").model_ids[1:]]))

    assert call("drift", "docs", "runflow", document).exit_code == 0
    told = json.loads(call("drift", "docs", "runflow", models, "--format", "json").stdout)
    assert [one["class"] for one in told["drifts"]] == ["model-removed"]


def test_diff_of_contracts(tmp_path: Path) -> None:
    """Folders, files and providers' names are sides."""
    shutil.copytree(DATA / "hiapi", tmp_path / "new")
    assert call("drift", "diff", "hiapi", tmp_path / "new").exit_code == 0
    assert call("drift", "diff", DATA / "hiapi" / "provider.json", tmp_path / "new" / "provider.json").exit_code == 0

    model = tmp_path / "new" / "models" / "happyhorse-1.1--reference-to-video.json"
    model.write_text(model.read_text(encoding="utf-8").replace('"maximum": 15', '"maximum": 10'), encoding="utf-8")
    told = call("drift", "diff", "hiapi", tmp_path / "new")
    assert told.exit_code == 1
    assert "bound-tightened" in told.stdout
    one = DATA / "hiapi" / "models" / model.name
    assert json.loads(call("drift", "diff", one, model, "--format", "json").stdout)["drifts"][0]["new"] == 10


def test_diff_of_pages_and_of_documents(tmp_path: Path) -> None:
    """A page as it was against the page as it is; OpenAPI against OpenAPI."""
    page = edited(tmp_path, "Seconds (3-15).", "How long it runs (3-15).")
    told = call("drift", "diff", HIAPI, page, "--format", "json")
    assert [one["class"] for one in json.loads(told.stdout)["drifts"]] == ["wording-only"]
    assert told.exit_code == 0

    for name, provider in (("old", "hiapi"), ("new", "runflow")):
        (tmp_path / f"{name}.json").write_text(json.dumps(to_openapi(load(provider))))
    assert call("drift", "diff", tmp_path / "old.json", tmp_path / "new.json").exit_code == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["ingest", "missing.txt"], "missing.txt: cannot be read: No such file or directory"),
        (["ingest", str(ROOT / "LICENSE")], "looks like a page of nobody; name the provider"),
        (["drift", "docs", "hiapi"], "Missing argument"),
        (["drift", "docs", "nobody", "page.txt"], "'nobody' is not one of"),
        (["drift", "docs", "hiapi", str(ROOT / "LICENSE")], "no parameter list"),
        (["drift", "docs", "hiapi", "missing.txt"], "missing.txt: cannot be read"),
        (["drift", "diff", "hiapi", str(HIAPI)], "is a page; name two of one kind"),
        (["drift", "diff", "hiapi", str(PAGES)], "provider.json: cannot be read"),
        (["drift", "diff", "hiapi", "missing.json"], "missing.json: cannot be read"),
    ],
)
def test_mistakes_are_one_line(args: list[str], said: str) -> None:
    """Exit 2, with what is wrong and where."""
    told = call(*args)

    assert told.exit_code == 2
    assert said in told.stderr
    assert told.stderr.count("\n") == 1


def test_files_are_what_is_shipped() -> None:
    """The folder of the data and the shipped contract are the same contract."""
    assert files.contract_files(DATA / "runflow") == files.shipped("runflow")

"""Reports of one verdict in every format, waivers, and what is remembered between runs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from screentest.errors import SetupError
from screentest.verify import history, waivers
from screentest.verify.concluding import Memory, conclude
from screentest.verify.findings import Findings
from screentest.verify.reports import FORMATS
from screentest.verify.reports.github import command
from screentest.verify.reports.junit import Case, Failure, suite
from screentest.verify.reports.sarif import log
from screentest.verify.reports.terminal import terminal
from screentest.verify.runner import Outcome
from screentest.verify.verdict import BROKEN, KEPT, STOPPED, UNREACHABLE, Verdict
from screentest_contracts.conformance import Judge
from screentest_contracts.conformance.coverage import Coverage
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import load

KEY = "sk-very-secret-123456"
NOW = datetime(2027, 1, 15, 12, 0, tzinfo=UTC)
URL = "http://127.0.0.1:8790/hiapi"
EACH_FORMAT = pytest.mark.parametrize("form", FORMATS)


def bad(path: str = "/v1/tasks", body: Any = None, status: int = 200) -> Exchange:
    """An answer that breaks the contract, and repeats the key in several places."""
    said = {"code": 200, "message": f"hello {KEY}", "data": KEY} if body is None else body
    return Exchange(
        method="GET",
        url=URL + path,
        request_headers={"authorization": f"Bearer {KEY}", "x-note": KEY},
        status=status,
        headers={"content-type": "application/json"},
        body=json.dumps(said).encode(),
        who="one",
    )


def outcome(*exchanges: Exchange, **more: Any) -> Outcome:
    """What a run of these exchanges finds."""
    contract = load("hiapi")
    judge, findings = Judge(contract, URL), Findings()
    coverage = Coverage(contract, judge)
    for exchange in exchanges:
        coverage.see(exchange)
        findings.add(judge.judge(exchange), "probes")
    return Outcome(
        findings=findings,
        coverage=coverage.shares(),
        requests=len(exchanges),
        accepted=0,
        seconds={"probes": 0.5},
        **more,
    )


def verdict(*exchanges: Exchange, memory: Memory | None = None, **more: Any) -> Verdict:
    memory = memory or Memory(now=NOW, keys=(KEY,))
    return conclude(load("hiapi"), outcome(*exchanges), memory, where=URL, **more)[0]


BROKE = (bad(), bad(), bad("/v1/tasks/tk-hiapi-01M7ZG26VC4BV6B8TTSMS21DFD", status=418))


@EACH_FORMAT
def test_no_report_shows_a_key(form: str) -> None:
    """Wherever the server repeats it, and wherever it came from."""
    text = FORMATS[form](verdict(*BROKE, remarks=(f"about {KEY}",), stopped=f"because of {KEY}"))

    assert KEY not in text
    assert "redacted" in text or form == "github"


@EACH_FORMAT
def test_every_report_tells_each_contradiction(form: str) -> None:
    """Kind, operation, and the fact with how it is known; nothing of it in a report of a contract that is kept."""
    found = verdict(*BROKE)
    text, sound = FORMATS[form](found), FORMATS[form](verdict())

    for entry in found.broken:
        assert entry.kind in text
        assert entry.operation in text
        assert entry.fingerprint in text
        assert entry.fact.partition("#")[2] in text.replace("\\", "")
        assert entry.fingerprint not in sound


@pytest.mark.parametrize("form", ["json", "junit", "markdown"])
def test_reports_that_are_kept_have_the_answer(form: str) -> None:
    """What the server said, as far as it can be shown."""
    assert "hello redacted" in FORMATS[form](verdict(*BROKE))


def test_the_terminal_groups_by_operation_and_kind_and_says_what_was_not_exercised() -> None:
    """A group is one heading; with --verbose each contradiction has its curl script."""
    found = verdict(*BROKE)
    text, whole = terminal(found), terminal(found, verbose=True)

    headings = [line for line in text.splitlines() if line.startswith("✗")]
    assert len(headings) == len({(one.operation, one.kind) for one in found.broken})
    assert "operations NOT exercised: create" in text
    assert text.splitlines()[-1].startswith(f"hiapi at {URL}: broken: ")
    assert "curl -sS -i" in whole
    assert "curl -sS -i" not in text


STEERING = "\x1b[2J\x00\x9b2J\ud800\r"
"""Clears a terminal, breaks XML, and cannot be written as UTF-8."""


@EACH_FORMAT
def test_what_the_server_says_cannot_steer_the_terminal(form: str) -> None:
    """Control characters do not reach a report: in values, in names of fields, in what the guard and the run say."""
    spoiled = bad(body={"code": 200, "message": "ok", "data": STEERING, STEERING: 1}, status=418)
    gone = outcome(spoiled, bad(body={STEERING: 1}), unreachable=STEERING)
    said: dict[str, Any] = {"remarks": (STEERING,), "denied": {STEERING: 1}, "where": URL}

    for stopped in ("", f"answered {STEERING}"):
        found, _ = conclude(load("hiapi"), gone, Memory(now=NOW), stopped=stopped, **said)
        text = FORMATS[form](found)
        assert [one for one in text if one != "\n" and not one.isprintable()] == []
        if form == "junit":
            assert ElementTree.fromstring(text)[0].find("testcase/failure") is not None


def test_the_writers_of_machines_formats_leave_control_characters_out() -> None:
    """Whoever uses them: of drift, too, a server has the words."""
    failure = Failure(kind="x", message=STEERING, details=f"{STEERING}\nmore")
    cases = [Case(name=STEERING, failures=(failure,)), Case(name="a", skipped=STEERING), Case(name="b", error=STEERING)]
    written = (
        suite("screentest x", cases, 0.0),
        log("x", {}, [{"message": {"text": STEERING}}], exit_code=1, said=[("error", STEERING)]),
        command("error", STEERING, f"{STEERING}\nmore"),
    )

    for text in written:
        assert [one for one in text if one != "\n" and not one.isprintable()] == []
    assert ElementTree.fromstring(written[0])[0].find("testcase/failure") is not None
    assert written[2].endswith("%0Amore")


def test_json_has_the_verdict_and_its_exit_code() -> None:
    document = json.loads(FORMATS["json"](verdict(*BROKE, denied={"why": 3})))

    assert document["exit_code"] == BROKEN
    assert document["denied"] == {"why": 3}
    assert document["coverage"]["operations"]["seen"]
    assert {one["breaks"] for one in document["entries"]} <= {True, False}


def test_junit_counts_what_it_has() -> None:
    """A case for each operation: failed, skipped where it was not exercised, or passed."""
    root = ElementTree.fromstring(FORMATS["junit"](verdict(*BROKE, stopped="enough")))
    suite = root[0]

    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
    assert 0 < int(suite.attrib["failures"]) == len(suite.findall("testcase[failure]"))
    assert int(suite.attrib["failures"]) < len(suite.findall("testcase/failure"))  # one case may fail in several ways
    assert int(suite.attrib["errors"]) == len(suite.findall("testcase/error")) == 1
    assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped")) > 0
    assert all({"classname", "name"} <= set(case.attrib) for case in suite.findall("testcase"))


def test_sarif_has_what_its_schema_requires() -> None:
    """Version, tool, invocation; each result has a known rule, a level, a message, a place and a fingerprint."""
    memory = Memory(now=NOW, keys=(KEY,), waivers=(waiver(kind="*"),))
    for found in (verdict(*BROKE), verdict(*BROKE, memory=memory), verdict()):
        log = json.loads(FORMATS["sarif"](found))
        assert log["version"] == "2.1.0"
        (run,) = log["runs"]
        driver = run["tool"]["driver"]
        rules = {rule["id"] for rule in driver["rules"]}
        assert driver["name"]
        assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
        assert run["invocations"][0]["executionSuccessful"] is True
        assert len(run["results"]) == len(found.entries)
        for result in run["results"]:
            assert result["ruleId"] in rules
            assert result["level"] in ("none", "note", "warning", "error")
            assert result["message"]["text"]
            assert not result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("/")
            assert all(isinstance(one, str) for one in result["partialFingerprints"].values())
            assert all(one["kind"] == "external" for one in result.get("suppressions", ()))


def test_sarif_names_a_place_with_a_separator() -> None:
    """Whether what is wrong is in the body, in a header, or the whole answer."""
    said = replace(bad(), headers={"content-type": "text/html"})
    results = json.loads(FORMATS["sarif"](verdict(said, bad(status=418))))["runs"][0]["results"]
    names = {one["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for one in results}

    assert {"hiapi/list", "hiapi/list/header:content-type", "hiapi/list/data"} <= names


def test_github_annotations_are_one_line_each() -> None:
    """With level and title, and with line breaks escaped."""
    lines = FORMATS["github"](verdict(*BROKE)).splitlines()

    assert len(lines) == len(verdict(*BROKE).entries)
    assert all(line.startswith(("::error title=", "::warning title=", "::notice title=")) for line in lines)
    assert all("%0A" in line for line in lines)


def test_markdown_cells_hold_what_the_server_says() -> None:
    """A bar or a tag in a message stays inside its cell."""
    found = verdict(*BROKE)
    entry = replace(found.entries[0], message="a | b <script>")
    text = FORMATS["markdown"](replace(found, entries=(entry,)))

    assert "a \\| b &lt;script>" in text


@pytest.mark.parametrize(
    ("more", "code"),
    [({}, BROKEN), ({"stopped": "x"}, STOPPED)],
    ids=["broken", "stopped"],
)
def test_the_exit_code_of_a_broken_contract(more: dict[str, Any], code: int) -> None:
    assert verdict(*BROKE, **more).exit_code == code


def test_the_exit_code_without_contradictions() -> None:
    """Kept, unless the server went away."""
    assert verdict().exit_code == KEPT
    gone = conclude(load("hiapi"), outcome(unreachable="gone"), Memory(now=NOW), where=URL)[0]
    assert (gone.exit_code, gone.summary) == (UNREACHABLE, "not finished: gone")


def waiver(**fields: Any) -> waivers.Waiver:
    return waivers.Waiver(**{"reason": "known", "expires": date(2027, 1, 15), **fields})


@pytest.mark.parametrize(
    ("fields", "waived"),
    [
        ({"kind": "*"}, True),
        ({"operation": "list", "kind": "field.*"}, False),
        ({"operation": "no-such"}, False),
        ({"kind": "*", "expires": date(2027, 1, 14)}, False),
    ],
    ids=["all", "some", "none", "expired"],
)
def test_waivers(fields: dict[str, Any], waived: bool) -> None:
    """A waiver holds up to its day; then the run fails with a line, and one that fits nothing is mentioned."""
    one = waiver(**fields)
    found = verdict(*BROKE, memory=Memory(now=NOW, waivers=(one,)))
    text = terminal(found)

    assert (found.exit_code == KEPT) is waived
    assert ("waiver expired" in text) is (one.expires < NOW.date())
    assert ("waiver fits nothing" in text) is (fields.get("operation") == "no-such")
    assert ("waived: known" in text) is any(entry.waived for entry in found.entries)


def test_an_expired_waiver_fails_a_run_that_has_nothing_else() -> None:
    found = verdict(memory=Memory(now=NOW, waivers=(waiver(kind="x", expires=date(2026, 1, 1)),)))

    assert (found.exit_code, found.summary) == (BROKEN, "broken: 1 waiver expired")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[waiver]]\nkind = "x"\nexpires = 2027-01-01', "reason is missing"),
        ('[[waiver]]\nkind = "x"\nreason = "r"', "expires has to be a date"),
        ('[[waiver]]\nkind = "x"\nreason = "r"\nexpires = "2027-01-01"', "expires has to be a date"),
        ('[[waiver]]\nkind = "x"\nreason = " "\nexpires = 2027-01-01', "reason has to be a text"),
        ('[[waiver]]\nreason = "r"\nexpires = 2027-01-01', "at least one of"),
        ('[[waiver]]\nkinds = "x"\nreason = "r"\nexpires = 2027-01-01', "no key 'kinds'"),
        ('kind = "x"', "nothing but [[waiver]]"),
        ("waiver = 5", "nothing but [[waiver]] tables, got waiver"),
        ("[[", "not TOML"),
        ('[waiver]\nkind = "x"', "[waiver] is one table; write [[waiver]]"),
        ("waiver = []\nother = 5", "got other"),
    ],
    ids=["reason", "expires", "text-date", "blank", "all", "unknown", "top", "number", "syntax", "table", "other"],
)
def test_a_waiver_file_that_means_nothing_is_refused(text: str, why: str, tmp_path: Path) -> None:
    """With the file, the waiver's number and what to do."""
    path = tmp_path / "waivers.toml"
    path.write_text(text)

    with pytest.raises(SetupError) as caught:
        waivers.read(path)

    assert why in str(caught.value)
    assert str(path) in str(caught.value)


def test_first_and_last_seen_are_kept_between_runs(tmp_path: Path) -> None:
    """What a later run does not see stays, and is said to be not observed, never fixed."""
    path, contract = tmp_path / "state.json", load("hiapi")
    assert history.load(path) == {}
    first, seen = conclude(contract, outcome(*BROKE), Memory(now=NOW), where=URL)
    history.save(path, seen)

    later = NOW.replace(day=16)
    second, seen = conclude(contract, outcome(BROKE[0]), Memory(now=later, history=history.load(path)), where=URL)
    history.save(path, seen)

    assert {one.first_seen for one in first.entries} == {"2027-01-15T12:00:00Z"}
    assert {(one.first_seen, one.last_seen) for one in second.entries} == {
        ("2027-01-15T12:00:00Z", "2027-01-16T12:00:00Z")
    }
    assert second.not_observed.keys() == {one.fingerprint for one in first.entries} - {
        one.fingerprint for one in second.entries
    }
    assert len(history.load(path)["hiapi"]) == len(first.entries)
    assert "not observed (not: fixed)" in terminal(second)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"screentest-verify-state": 2}', '{"screentest-verify-state": 1}x'])
def test_a_state_file_that_is_something_else_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)

    with pytest.raises(SetupError, match="state file") as caught:
        history.load(path)

    assert str(caught.value).count("--state") == 1

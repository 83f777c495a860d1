"""A verdict as JUnit XML: a test case for each operation of the contract, and one for each other place that failed."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from screentest.verify.verdict import Entry, Verdict


def junit(verdict: Verdict) -> str:
    """The document. Operations that were not exercised are skipped; waived contradictions and notes do not fail."""
    operations = verdict.coverage.get("operations")
    seen, unseen = (operations.seen, operations.unseen) if operations else ((), ())
    failing: dict[str, list[Entry]] = {}
    for entry in verdict.broken:
        failing.setdefault(entry.operation, []).append(entry)
    suite = Xml.Element("testsuite", name=f"screentest verify {verdict.provider}")
    for name in dict.fromkeys((*seen, *unseen, *failing)):
        case = _case(suite, verdict, name)
        for entry in failing.get(name, ()):
            _fail(case, entry.kind, f"{entry.pointer} {entry.message}".strip(), _details(entry))
        if name in unseen and name not in failing:
            Xml.SubElement(case, "skipped", message="not exercised")
    for line in verdict.expired:
        _fail(_case(suite, verdict, f"waiver {line}"), "waiver.expired", "the waiver has expired", line)
    if problem := verdict.stopped or verdict.unreachable:
        error = Xml.SubElement(_case(suite, verdict, "the run"), "error", message=problem)
        error.text = problem
    for tag, count in (
        ("tests", "testcase"),
        ("failures", "*/failure"),
        ("errors", "*/error"),
        ("skipped", "*/skipped"),
    ):
        suite.set(tag, str(len(suite.findall(count))))
    suite.set("time", f"{sum(verdict.seconds.values()):.3f}")
    root = Xml.Element("testsuites")
    root.append(suite)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _case(suite: Xml.Element, verdict: Verdict, name: str) -> Xml.Element:
    return Xml.SubElement(suite, "testcase", classname=f"screentest.verify.{verdict.provider}", name=name)


def _fail(case: Xml.Element, kind: str, message: str, details: str) -> None:
    failure = Xml.SubElement(case, "failure", type=kind, message=message)
    failure.text = details


def _details(entry: Entry) -> str:
    """The fact, and the script that shows it."""
    return f"{entry.weight}: {entry.fact} ({entry.provenance})\n{entry.fingerprint}\n\n{entry.curl}"

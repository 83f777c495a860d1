"""Results as JUnit XML. Of a verdict: a test case for each operation, and one for each other place that failed."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as Xml

from msgspec import Struct

from screentest.verify.verdict import Entry, Verdict
from screentest_contracts.plain_text import printable


class Failure(Struct, frozen=True, kw_only=True):
    """What failed: its kind, one line, and everything else."""

    kind: str
    message: str
    details: str


class Case(Struct, frozen=True, kw_only=True):
    """One test. `skipped` is why it was not made, `error` why it could not be; "" for neither."""

    name: str
    failures: tuple[Failure, ...] = ()
    skipped: str = ""
    error: str = ""


def junit(verdict: Verdict) -> str:
    """The document. Operations that were not exercised are skipped; waived contradictions and notes do not fail."""
    operations = verdict.coverage.get("operations")
    seen, unseen = (operations.seen, operations.unseen) if operations else ((), ())
    failing: dict[str, list[Failure]] = {}
    for entry in verdict.broken:
        failing.setdefault(entry.operation, []).append(_failure(entry))
    cases = [
        Case(
            name=name,
            failures=tuple(failing.get(name, ())),
            skipped="not exercised" if name in unseen and name not in failing else "",
        )
        for name in dict.fromkeys((*seen, *unseen, *failing))
    ]
    for line in verdict.expired:
        expired = Failure(kind="waiver.expired", message="the waiver has expired", details=line)
        cases.append(Case(name=f"waiver {line}", failures=(expired,)))
    if problem := verdict.stopped or verdict.unreachable:
        cases.append(Case(name="the run", error=problem))
    return suite(f"screentest verify {verdict.provider}", cases, sum(verdict.seconds.values()))


def suite(title: str, cases: Iterable[Case], seconds: float) -> str:
    """A document with one suite, which is called as its command is. What XML cannot hold is left out of its texts."""
    made = Xml.Element("testsuite", name=title)
    for case in cases:
        _add(made, title.replace(" ", "."), case)
    for tag, count in (
        ("tests", "testcase"),
        ("failures", "testcase[failure]"),  # a case with two failures is one that failed
        ("errors", "testcase[error]"),
        ("skipped", "testcase[skipped]"),
    ):
        made.set(tag, str(len(made.findall(count))))
    made.set("time", f"{seconds:.3f}")
    root = Xml.Element("testsuites")
    root.append(made)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _add(made: Xml.Element, classname: str, case: Case) -> None:
    element = Xml.SubElement(made, "testcase", classname=classname, name=printable(case.name))
    for one in case.failures:
        failure = Xml.SubElement(element, "failure", type=one.kind, message=printable(one.message))
        failure.text = printable(one.details, keep="\n")
    if case.skipped:
        Xml.SubElement(element, "skipped", message=printable(case.skipped))
    if case.error:
        Xml.SubElement(element, "error", message=printable(case.error)).text = printable(case.error)


def _failure(entry: Entry) -> Failure:
    return Failure(kind=entry.kind, message=f"{entry.pointer} {entry.message}".strip(), details=_details(entry))


def _details(entry: Entry) -> str:
    """The fact, the script that shows it, and the answer."""
    fact = f"{entry.weight}: {entry.fact} ({entry.provenance})\n{entry.fingerprint}"
    return f"{fact}\n\n{entry.curl}\nanswered: {entry.answer}\n"

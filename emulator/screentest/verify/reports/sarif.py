"""A verdict as SARIF 2.1.0, for code scanning. What broke is a place in a contract, not in a file of the caller's."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version

from screentest.verify.verdict import Entry, Verdict
from screentest_contracts.conformance import KINDS
from screentest_contracts.reading import Json

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(verdict: Verdict) -> str:
    """The log: one run, a rule for each kind that was found, a result for each contradiction."""
    rules = [
        {"id": kind, "shortDescription": {"text": KINDS[kind]}}
        for kind in dict.fromkeys(one.kind for one in verdict.entries)
    ]
    driver = {"name": "screentest verify", "version": _version(), "rules": rules}
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(verdict)],
        "results": [_result(verdict, one) for one in verdict.entries],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _invocation(verdict: Verdict) -> dict[str, Json]:
    problems = [one for one in (verdict.stopped, verdict.unreachable) if one]
    problems += [f"waiver expired: {one}" for one in verdict.expired]
    return {
        "executionSuccessful": not (verdict.stopped or verdict.unreachable),
        "exitCode": verdict.exit_code,
        "toolExecutionNotifications": [{"level": "error", "message": {"text": one}} for one in problems],
    }


def _result(verdict: Verdict, entry: Entry) -> dict[str, Json]:
    file, _, pointer = entry.fact.partition("#")
    where = f"{entry.operation}{entry.pointer}"
    result: dict[str, Json] = {
        "ruleId": entry.kind,
        "level": _level(entry),
        "message": {"text": f"{entry.operation} {entry.pointer}: {entry.message} ({entry.provenance})"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": f"screentest_contracts/data/{file}"}},
                "logicalLocations": [{"fullyQualifiedName": f"{verdict.provider}/{where}", "name": pointer or "/"}],
            }
        ],
        "partialFingerprints": {"screentest/v1": entry.fingerprint},
        "occurrenceCount": entry.seen,
        "properties": {"curl": entry.curl, "weight": entry.weight, "engine": entry.engine},
    }
    if entry.waived:
        result["suppressions"] = [{"kind": "external", "justification": entry.waived}]
    return result


def _level(entry: Entry) -> str:
    if entry.note:
        return "note"
    return "warning" if entry.weight == "answers an assumption" else "error"


def _version() -> str:
    try:
        return version("screentest")
    except PackageNotFoundError:
        return "0"

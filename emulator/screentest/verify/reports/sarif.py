"""Results as SARIF 2.1.0, for code scanning. What broke is a place in a contract, not in a file of the
caller's, unless two of those were compared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from screentest.verify.verdict import Entry, Verdict
from screentest_contracts.conformance import KINDS
from screentest_contracts.plain_text import printable
from screentest_contracts.reading import Json

DATA = "screentest_contracts/data"
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(verdict: Verdict) -> str:
    """The log: one run, a rule for each kind that was found, a result for each contradiction."""
    problems = [one for one in (verdict.stopped, verdict.unreachable) if one]
    problems += [f"waiver expired: {one}" for one in verdict.expired]
    return log(
        "screentest verify",
        {kind: KINDS[kind] for kind in dict.fromkeys(one.kind for one in verdict.entries)},
        [_result(verdict, one) for one in verdict.entries],
        exit_code=verdict.exit_code,
        finished=not (verdict.stopped or verdict.unreachable),
        said=[("error", one) for one in problems],
    )


def log(
    tool: str,
    meanings: Mapping[str, str],
    results: Sequence[Json],
    *,
    exit_code: int,
    finished: bool = True,
    said: Sequence[tuple[str, str]] = (),
) -> str:
    """A log with one run. `meanings` are the rules' by id, `said` what there is to tell beside the results, each with
    its SARIF level; `finished` is whether the run came to its end."""
    rules = [{"id": kind, "shortDescription": {"text": meaning}} for kind, meaning in meanings.items()]
    invocation = {
        "executionSuccessful": finished,
        "exitCode": exit_code,
        "toolExecutionNotifications": [{"level": level, "message": {"text": text}} for level, text in said],
    }
    run = {
        "tool": {"driver": {"name": tool, "version": _version(), "rules": rules}},
        "invocations": [invocation],
        "results": list(results),
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return printable(json.dumps(document, indent=2, ensure_ascii=False), keep="\n") + "\n"


def place(file: str, where: str, pointer: str) -> dict[str, Json]:
    """A location: a place in a file, by its URI, and what it is called in words. `file` may be ""."""
    physical = {"artifactLocation": {"uri": file}}
    return {
        **({"physicalLocation": physical} if file else {}),
        "logicalLocations": [{"fullyQualifiedName": where, "name": pointer or "/"}],
    }


def _result(verdict: Verdict, entry: Entry) -> dict[str, Json]:
    file, _, pointer = entry.fact.partition("#")
    # A pointer begins with a slash of its own; a header or a parameter of the query does not.
    inside = entry.pointer if entry.pointer.startswith("/") else f"/{entry.pointer}" if entry.pointer else ""
    result: dict[str, Json] = {
        "ruleId": entry.kind,
        "level": _level(entry),
        "message": {"text": f"{f'{entry.operation} {entry.pointer}'.strip()}: {entry.message} ({entry.provenance})"},
        "locations": [
            place(f"{DATA}/{file}" if file else "", f"{verdict.provider}/{entry.operation}{inside}", pointer)
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

"""When each contradiction was first and last seen, kept in a file between runs.

What a run does not observe is not fixed: it is only not observed, and stays in the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct, structs

from screentest.errors import SetupError
from screentest.verify.findings import Finding
from screentest_contracts.reading import ContractError, Json, Reader

_MARK = "screentest-verify-state"
_VERSION = 1


class Known(Struct, frozen=True, kw_only=True):
    """One contradiction as remembered. Times are ISO 8601 in UTC."""

    kind: str
    operation: str
    first_seen: str
    last_seen: str


History = Mapping[str, Mapping[str, Known]]
"""By provider, then by fingerprint."""


def seen(history: History, provider: str, findings: Iterable[Finding], at: str) -> History:
    """The history after a run at the moment `at` that found these."""
    known = dict(history.get(provider, {}))
    for finding in findings:
        old = known.get(finding.fingerprint)
        violation = finding.violation
        new = Known(kind=violation.kind, operation=violation.operation, first_seen=at, last_seen=at)
        known[finding.fingerprint] = structs.replace(old, last_seen=at) if old else new
    return {**history, provider: known}


def not_observed(history: History, provider: str, findings: Iterable[Finding]) -> dict[str, Known]:
    """What is remembered and was not seen in this run."""
    now = {finding.fingerprint for finding in findings}
    return {name: one for name, one in history.get(provider, {}).items() if name not in now}


def load(path: Path) -> History:
    """The history in a file; empty when there is no file yet. SetupError when it is something else."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"--state {path}: cannot be read: {error}") from None
    try:
        root = Reader(json.loads(text), f"--state {path}")
        if root.value.get(_MARK) != _VERSION:
            raise SetupError(f"--state {path}: not a state file of version {_VERSION}; name another file")
        return {name: _providers(node) for name, node in root.children("providers", {})}
    except ContractError as error:  # says itself where it is
        raise SetupError(f"{error}; not a state file") from None
    except (ValueError, RecursionError) as error:
        raise SetupError(f"--state {path}: not a state file: {error}") from None


def prepare(path: Path) -> None:
    """See that the file can be written, before anything is asked. SetupError when it cannot."""
    draft = _draft(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.touch()
        draft.unlink()
    except OSError as error:
        raise _unwritable(path, error) from None


def save(path: Path, history: History) -> None:
    """Write a history, whole or not at all."""
    providers = {
        provider: {name: structs.asdict(one) for name, one in sorted(known.items())}
        for provider, known in history.items()
    }
    document: dict[str, Json] = {_MARK: _VERSION, "providers": providers}
    draft = _draft(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from None


def _draft(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _unwritable(path: Path, error: OSError) -> SetupError:
    return SetupError(f"--state {path}: cannot be written: {error.strerror}")


def _providers(node: Reader) -> dict[str, Known]:
    return {
        name: Known(**{field: one.take(field, str) for field in Known.__struct_fields__})
        for name, one in ((name, node.needed(name)) for name in node.value)
    }

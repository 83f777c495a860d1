"""Known contradictions that do not fail a run: each with its reason, and for a time only.

[[waiver]]
fingerprint = "0123456789ab"
reason = "ticket 12: reported to the provider"
expires = 2027-01-31

[[waiver]]
kind = "field.*"
operation = "create"
reason = "we do not read these"
expires = 2027-01-31
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from msgspec import Struct

from screentest.errors import SetupError
from screentest.verify.findings import Finding

_PATTERNS = ("fingerprint", "kind", "operation")
_KEYS = (*_PATTERNS, "reason", "expires")


class Waiver(Struct, frozen=True, kw_only=True):
    """Waives findings of this fingerprint, kind and operation, up to and including the day `expires`. Kind and
    operation may have ``*`` and ``?``; a pattern that is not given fits everything."""

    fingerprint: str = "*"
    kind: str = "*"
    operation: str = "*"
    reason: str
    expires: date

    def fits(self, finding: Finding) -> bool:
        violation = finding.violation
        said = (finding.fingerprint, violation.kind, violation.operation)
        return all(fnmatchcase(one, getattr(self, name)) for one, name in zip(said, _PATTERNS, strict=True))

    def __str__(self) -> str:
        named = [f"{name} {getattr(self, name)}" for name in _PATTERNS if getattr(self, name) != "*"]
        return f"{', '.join(named)} ({self.reason})"


class Waived(Struct, frozen=True):
    """What waivers did: who waives which finding, those that have expired, and those that fit nothing."""

    by: dict[str, Waiver]
    expired: tuple[Waiver, ...] = ()
    unused: tuple[Waiver, ...] = ()


def apply(waivers: Iterable[Waiver], findings: Iterable[Finding], today: date) -> Waived:
    """Which findings are waived today, by fingerprint. A waiver that has expired waives nothing."""
    waivers, findings = tuple(waivers), tuple(findings)
    valid = [one for one in waivers if one.expires >= today]
    by: dict[str, Waiver] = {}
    used: list[Waiver] = []
    for finding in findings:
        fitting = [one for one in valid if one.fits(finding)]
        used += fitting
        if fitting:
            by[finding.fingerprint] = fitting[0]
    return Waived(
        by,
        tuple(one for one in waivers if one.expires < today),
        tuple(one for one in valid if one not in used),
    )


def read(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file. SetupError with the place of what is wrong with it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"--waivers {path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"--waivers {path}: not TOML: {error}") from None
    rows = document.pop("waiver", [])
    if isinstance(rows, dict):
        raise SetupError(f"--waivers {path}: [waiver] is one table; write [[waiver]], as there may be several")
    if document or not isinstance(rows, list):
        document = document or {"waiver": rows}
        raise SetupError(f"--waivers {path}: expected nothing but [[waiver]] tables, got {', '.join(document)}")
    return tuple(_waiver(row, f"--waivers {path}: waiver {number}") for number, row in enumerate(rows, 1))


def _waiver(row: Any, at: str) -> Waiver:
    if not isinstance(row, dict):
        raise SetupError(f"{at}: expected a table")
    for name in row:
        if name not in _KEYS:
            raise SetupError(f"{at}: no key {name!r}; there are {', '.join(_KEYS)}")
    for name in (*_PATTERNS, "reason"):
        if name in row and not (isinstance(row[name], str) and row[name].strip()):
            raise SetupError(f"{at}: {name} has to be a text")
    if not any(name in row for name in _PATTERNS):
        raise SetupError(f"{at}: give at least one of {', '.join(_PATTERNS)}")
    if "reason" not in row:
        raise SetupError(f"{at}: reason is missing; say why this is acceptable")
    expires = row.get("expires")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise SetupError(f"{at}: expires has to be a date such as 2027-01-31")
    return Waiver(**row)

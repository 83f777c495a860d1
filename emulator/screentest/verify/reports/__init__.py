"""A verdict for people and for machines: FORMATS has a function from a Verdict to text for each format."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from screentest.verify.reports.as_json import as_json
from screentest.verify.reports.github import github
from screentest.verify.reports.junit import junit
from screentest.verify.reports.markdown import markdown
from screentest.verify.reports.sarif import sarif
from screentest.verify.reports.terminal import terminal
from screentest.verify.verdict import Verdict

FORMATS: Mapping[str, Callable[[Verdict], str]] = {
    "text": terminal,
    "json": as_json,
    "junit": junit,
    "sarif": sarif,
    "markdown": markdown,
    "github": github,
}

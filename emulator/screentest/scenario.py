"""How a caller asks for a bad day: the header ``Screentest-Scenario``, or a directive ``[[name]]`` in the prompt.

`fail` ends the job as failed, with an optional failure code: ``[[fail]]``, ``[[fail: nsfw]]``,
``Screentest-Scenario: fail``. The names in REFUSALS have the request itself refused, where the operation knows that
answer: ``Screentest-Scenario: rate-limited: 7``. The header wins over the prompt, and the last directive over earlier
ones. A known directive is kept out of the picture; an unknown one stays text and is reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HEADER = "screentest-scenario"
WARNING = "screentest-warning"
NAMES = ("fail",)
REFUSALS = (
    *("not-allowed", "rate-limited", "key-in-flight", "unavailable", "model-unavailable"),
    *("upstream-refused", "upstream-timeout", "storage-unavailable"),
)
"""Failures that no request brings about by itself; an argument is the failure's detail."""

_LONGEST_SHOWN = 100
# Every part is bounded: a prompt of megabytes must not make the search slow, nor the warning long.
_DIRECTIVE = re.compile(r"\[\[\s{0,9}([a-z][a-z-]{0,39})\s{0,9}(?::([^\[\]]{0,99}))?\]\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What was asked for: `name` is "" for a usual day. `prompt` is the prompt as the picture shows it."""

    name: str = ""
    argument: str = ""
    prompt: str = ""
    warning: str = ""


def choose(header: str | None, prompt: object, names: tuple[str, ...] = NAMES) -> Scenario:
    """The scenario that a request asks for, out of `names`."""
    text = prompt if isinstance(prompt, str) else ""
    name, argument, unknown = "", "", []
    for found in _DIRECTIVE.finditer(text):
        if found[1] in names:
            name, argument = found[1], (found[2] or "").strip()
        else:
            unknown.append(found[0])
    shown = _DIRECTIVE.sub(lambda found: "" if found[1] in names else found[0], text).strip()
    if header is not None:
        wish, rest = _wish(header)
        if wish in names:
            name, argument = wish, rest
        else:
            unknown.append(header)
    warning = f"no scenario {unknown[-1][:_LONGEST_SHOWN]!r}; there is {', '.join(names)}" if unknown else ""
    return Scenario(name=name, argument=argument, prompt=shown, warning=_header_safe(warning))


def demanded(header: str | None) -> tuple[str, str]:
    """The refusal that a header asks for, and its argument; both empty when it asks for none."""
    name, argument = _wish(header or "")
    return (name, argument) if name in REFUSALS else ("", "")


def _wish(header: str) -> tuple[str, str]:
    name, _, argument = header.partition(":")
    return name.strip().lower(), argument.strip()


def _header_safe(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode().replace("\r", "").replace("\n", " ")

"""How a caller asks for a bad day: the header ``Screentest-Scenario``, or a directive ``[[name]]`` in the prompt.

Known so far is `fail`, with an optional failure code: ``[[fail]]``, ``[[fail: nsfw]]``, ``Screentest-Scenario: fail``.
The header wins over the prompt, and the last directive over earlier ones. A known directive is kept out of the
picture; an unknown one stays text and is reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HEADER = "screentest-scenario"
WARNING = "screentest-warning"
NAMES = ("fail",)

_DIRECTIVE = re.compile(r"\[\[\s*([a-z][a-z-]*)\s*(?::\s*([^\[\]]{1,80}?)\s*)?\]\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What was asked for: `name` is "" for a usual day. `prompt` is the prompt as the picture shows it."""

    name: str = ""
    argument: str = ""
    prompt: str = ""
    warning: str = ""


def choose(header: str | None, prompt: object) -> Scenario:
    """The scenario that a request asks for."""
    text = prompt if isinstance(prompt, str) else ""
    name, argument, unknown = "", "", []
    for found in _DIRECTIVE.finditer(text):
        if found[1] in NAMES:
            name, argument = found[1], found[2] or ""
        else:
            unknown.append(found[0])
    shown = _DIRECTIVE.sub(lambda found: "" if found[1] in NAMES else found[0], text).strip()
    if header is not None:
        wish, _, rest = header.partition(":")
        if wish.strip().lower() in NAMES:
            name, argument = wish.strip().lower(), rest.strip()
        else:
            unknown.append(header)
    warning = f"no scenario {unknown[-1]!r}; there is {', '.join(NAMES)}" if unknown else ""
    return Scenario(name=name, argument=argument, prompt=shown, warning=_header_safe(warning))


def _header_safe(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode().replace("\r", "").replace("\n", " ")

"""One line for each answered request, as text or as JSON. Keys are not in it: the journal has left them out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

from screentest.journal import Entry

KINDS = ("auto", "text", "json", "none")
AUTO, TEXT, JSON, NONE = KINDS

Line = Callable[[Entry], str]


def chosen(kind: str, stream: TextIO) -> str:
    """The kind of log that "auto" means: text for somebody who watches, none for a file or a pipe."""
    if kind != AUTO:
        return kind
    return TEXT if stream.isatty() else NONE


class Log:
    """Writes each entry of a journal to a stream; `kind` is text or json. A stream that is gone is let go."""

    def __init__(self, kind: str, stream: TextIO) -> None:
        self._line: Line = {TEXT: as_text, JSON: as_json}[kind]
        self._stream: TextIO | None = stream

    def __call__(self, entry: Entry) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(self._line(entry) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            self._stream = None  # nobody reads it any more, which is no reason to stop serving


def facts(entry: Entry) -> dict[str, Any]:
    """What is told of a request. `time` is the machine's; `status` is 0 for a connection broken on purpose."""
    seen = entry.seen
    told = {
        "time": datetime.fromtimestamp(entry.wall, UTC).isoformat(timespec="milliseconds"),
        "account": seen.label,
        "provider": seen.provider,
        "operation": seen.operation,
        "method": entry.method,
        "path": entry.target,
        "status": entry.status,
        "ms": round(entry.milliseconds, 2),
    }
    more = {"job": seen.job, "scenario": seen.scenario, "faults": seen.faults}
    refusal = {"refusal": seen.refusal.failure} if seen.refusal else {}
    return told | {name: text for name, text in more.items() if text} | refusal


def as_json(entry: Entry) -> str:
    """The facts as one JSON object."""
    return json.dumps(facts(entry))


def as_text(entry: Entry) -> str:
    """The facts for the eye: time, status, milliseconds, request, then whatever else there is."""
    told = facts(entry)
    head = f"{told.pop('time')[11:23]} {told.pop('status'):>3} {told.pop('ms'):>8.2f} ms"
    request = f"{told.pop('method')} {told.pop('path')}"
    return _one_line(" ".join([head, request, *(f"{name}={text}" for name, text in told.items() if text)]))


def _one_line(text: str) -> str:
    """The text without anything that a terminal would act on."""
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")

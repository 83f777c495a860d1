"""An outcome for people: as text, and as Markdown for an issue or a pull request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from screentest_contracts.drift.difference import Drift
from screentest_contracts.drift.outcome import Outcome
from screentest_contracts.plain_text import code, code_cell, printable
from screentest_contracts.reading import Json

_LONGEST = 60


def report(outcome: Outcome, form: str) -> str:
    """The outcome in one of `FORMATS`, with a newline at the end."""
    made = FORMATS[form](outcome) + "\n"
    return made if form == "json" else printable(made, keep="\n")


def _json(outcome: Outcome) -> str:
    return json.dumps(outcome.as_json(), indent=2, ensure_ascii=False)


def _text(outcome: Outcome) -> str:
    return "\n".join(_text_lines(outcome))


def _text_lines(outcome: Outcome) -> Iterator[str]:
    for drift in outcome.drifts:
        yield f"{drift.worst:<8} {drift.kind}  {drift.where}"
        yield f"         {change(drift)}; client {drift.client}, emulator {drift.emulator}"
        if drift.meaning:
            yield f"         {drift.meaning}"
    for one in outcome.unread:
        yield f"unread   {one.page} {one.at} {one.text}"
    yield _summary(outcome)


def _markdown(outcome: Outcome) -> str:
    return "\n".join(_markdown_lines(outcome))


def _markdown_lines(outcome: Outcome) -> Iterator[str]:
    yield _summary(outcome)
    if outcome.drifts:
        yield ""
        yield "| class | where | change | client | emulator | we knew it as |"
        yield "| --- | --- | --- | --- | --- | --- |"
    for drift in outcome.drifts:
        cells = (code_cell(drift.where), code_cell(change(drift)), drift.client, drift.emulator)
        yield f"| {drift.kind} | {' | '.join(cells)} | {code_cell(drift.fact or '')} |"
    if outcome.unread:
        yield ""
        yield "Not read:"
        yield ""
        yield from (f"- {code(f'{one.page} {one.at}: {one.text}')}" for one in outcome.unread)


def _summary(outcome: Outcome) -> str:
    drifts = len(outcome.drifts)
    said = f"{drifts} drift{'' if drifts == 1 else 's'}" if drifts else "no drift"
    silent = len(outcome.unverified)
    facts = "fact" if silent == 1 else "facts"
    return f"{said}; {len(outcome.unread)} unread, {silent} {facts} that the other side does not mention"


def change(drift: Drift) -> str:
    """What changed, from which value to which."""
    if drift.old is None:
        return f"came: {_shown(drift.new)}"
    if drift.new is None:
        return f"went: {_shown(drift.old)}"
    return f"{_shown(drift.old)} → {_shown(drift.new)}"


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


FORMATS: Mapping[str, Callable[[Outcome], str]] = {"text": _text, "json": _json, "markdown": _markdown}

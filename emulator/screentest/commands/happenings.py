"""What happened, as one line: a change of status, a callback, a look at input files, a request. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from screentest.commands.printing import moment, plain

_REQUEST, _STATUS = "request", "status"
_ENDS = {"4": "yellow", "5": "red", "0": "red"}


def happened(kind: str, data: Mapping[str, Any], account: str = "") -> str:
    """A styled line for an event of ``/_control/events`` or of the clock's answer.

    `account` is the label to show, if any.
    """
    what = _answered(data) if kind == _REQUEST else _changed(kind, data)
    at = moment(data["at"] or data.get("wall"))
    known = [f"{plain(account):<14}"] if account else []
    return "  ".join([click.style(at, dim=True), *known, f"{data['provider']:<8}", plain(data["job"]) or "-", what])


def answer(request: Mapping[str, Any]) -> str:
    """The status of a request's answer; without one, the connection was broken on purpose."""
    return str(request["status"] or "broken")


def notes(request: Mapping[str, Any]) -> str:
    """What made a request other than usual: its refusal, faults and scenario."""
    faults = request["faults"] and f"fault {request['faults']}"
    scenario = request["scenario"] and f"scenario {request['scenario']}"
    return plain(", ".join(filter(None, (request["refusal"], faults, scenario))))


def _changed(kind: str, data: Mapping[str, Any]) -> str:
    before, after = plain(data["from"]), plain(data["to"])
    return f"{before} -> {click.style(after, bold=True)}" if kind == _STATUS else f"{kind} {before}: {after}"


def _answered(data: Mapping[str, Any]) -> str:
    status = click.style(answer(data), fg=_ENDS.get(str(data["status"])[0]))
    said = notes(data)
    return f"{data['method']} {plain(data['target'])} {status}" + (f" ({said})" if said else "")

"""A sequence of requests as a shell script that anybody can run: curl, the key in $KEY, ids taken from the answers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from screentest_contracts.exchange import NOBODY, Exchange, NotJson, redacted
from screentest_contracts.reading import Json

_LEFT_OUT = frozenset({"authorization", "host", "content-length", "connection", "accept-encoding", "user-agent"})
_SHORTEST_ID = 8
_LONGEST_WAIT = 3600


def curl_script(exchanges: Sequence[Exchange]) -> str:
    """The script. The first account's key is $KEY, the next ones' $KEY_2 ...; a wait between two requests is a sleep,
    and what an answer says and a later request uses is a variable, so that the script works on any server."""
    shown = [one for one in (redacted(each) for each in exchanges) if isinstance(one, Exchange)]
    keys = {who: f"KEY_{number}" for number, who in enumerate(dict.fromkeys(one.who for one in shown if one.who), 1)}
    keys = {who: "KEY" if name == "KEY_1" else name for who, name in keys.items()}
    lines = ["#!/bin/sh", *(f': "${{{name}:?set it to an API key}}"  # {who}' for who, name in keys.items())]
    known: dict[str, str] = {}
    for index, exchange in enumerate(shown):
        waited = round(exchange.at - shown[index - 1].at) if index else 0
        if waited > 0:
            lines.append(f"sleep {min(waited, _LONGEST_WAIT)}")
        lines += _call(exchange, keys.get(exchange.who, ""), known, shown[index + 1 :])
    return "\n".join(lines) + "\n"


def _call(exchange: Exchange, key: str, known: dict[str, str], later: Sequence[Exchange]) -> Iterator[str]:
    """One request; afterwards `known` also has what later requests take from its answer."""
    said = "curl -sS -i" if exchange.method == "GET" else f"curl -sS -i -X {shlex.quote(exchange.method)}"
    parts = [said, _quoted(exchange.url, known)]
    if exchange.who != NOBODY:
        parts.append(f'-H "Authorization: Bearer ${key}"')
    parts += [
        "-H " + shlex.quote(f"{name}: {value}")
        for name, value in exchange.request_headers.items()
        if name not in _LEFT_OUT
    ]
    if exchange.request_body:
        parts.append("--data-binary " + _quoted(exchange.request_body.decode("utf-8", "replace"), known))
    command = " ".join(parts)
    used = {name: value for name, value in _ids(exchange.answer) if value not in known and _used(value, later)}
    if not used:
        yield f"{command}  # {exchange.status}"
        return
    yield f"ANSWER=$({command})  # {exchange.status}"
    yield "printf '%s\\n' \"$ANSWER\""
    for name, value in used.items():
        known[value] = f"ID_{len(known) + 1}"
        pattern = rf's/.*"{name}" *: *"\([^"]*\)".*/\1/p'
        yield f"{known[value]}=$(printf '%s' \"$ANSWER\" | sed -n {shlex.quote(pattern)})"


def _used(value: str, later: Sequence[Exchange]) -> bool:
    return any(value in one.url or value.encode() in one.request_body for one in later)


def _ids(value: Json | NotJson) -> Iterator[tuple[str, str]]:
    """Name and text of every member that could be an id."""
    if isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, str) and len(one) >= _SHORTEST_ID and re.fullmatch(r"[A-Za-z0-9_-]+", one):
                yield name, one
            yield from _ids(one)
    elif isinstance(value, list):
        for one in value:
            yield from _ids(one)


def _quoted(text: str, known: dict[str, str]) -> str:
    """`text` for the shell, with the variables in the place of what they hold."""
    if not any(value in text for value in known):
        return shlex.quote(text)
    pieces = re.split("(" + "|".join(re.escape(value) for value in known) + ")", text)
    return "".join(f'"${known[piece]}"' if piece in known else shlex.quote(piece) for piece in pieces if piece)
